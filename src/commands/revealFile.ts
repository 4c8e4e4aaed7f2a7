import * as vscode from 'vscode';

/** In the system's file manager where there is one on the same machine, else in VS Code's explorer. */
export async function revealFile(uri: vscode.Uri): Promise<void> {
  const sameMachine =
    uri.scheme === 'file' && vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop;
  await vscode.commands.executeCommand(sameMachine ? 'revealFileInOS' : 'revealInExplorer', uri);
}
