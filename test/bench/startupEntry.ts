// Runs in the extension host: activates what is compared, and prints VS Code's own table of times.
import * as vscode from 'vscode';

const COMPARED = [
  'vscode.git',
  'vscode.github-authentication',
  'vscode.media-preview',
  'vscode.emmet',
  'seedance-vscode.seedance',
];
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function run(): Promise<void> {
  for (const id of COMPARED) await vscode.extensions.getExtension(id)?.activate();
  await sleep(500);
  await vscode.commands.executeCommand('perfview.show');
  for (let look = 0; look < 50; look++) {
    await sleep(200);
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    if (text.includes('Activation Stats')) {
      // Short: a long line of the console does not arrive.
      const lines = text.split('\n').filter((line) => COMPARED.some((id) => line.includes(id)));
      console.log(['Activation Stats', ...lines].join('\n'));
      await sleep(500);
      return;
    }
  }
  throw new Error(`no table: ${vscode.window.activeTextEditor?.document.uri.toString() ?? 'no editor'}`);
}
