import * as vscode from 'vscode';
import { PROMPT_SCHEME } from '../constants';
import type { ExtensionServices } from '../container';

/**
 * Registers the editor for prompts: documents of a scheme of our own, whose text is a draft. VS Code asks for them when
 * it brings a window back, so this is part of activation. What is done with them is loaded with the first one.
 */
export function registerPromptEditor(getServices: () => ExtensionServices): vscode.Disposable {
  const load = async () => (await import('./commandTable')).promptDocuments;
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const refuse = (uri: vscode.Uri): never => {
    throw vscode.FileSystemError.NoPermissions(uri);
  };
  const provider: vscode.FileSystemProvider = {
    onDidChangeFile: changed.event,
    watch: () => new vscode.Disposable(() => undefined),
    stat: async (uri) => (await load()).statPrompt(getServices(), uri),
    readFile: async (uri) => (await load()).readPrompt(getServices(), uri),
    writeFile: async (uri, content) => (await load()).writePrompt(getServices(), uri, content),
    readDirectory: () => [],
    createDirectory: refuse,
    delete: refuse,
    rename: refuse,
  };
  return vscode.Disposable.from(
    changed,
    vscode.workspace.registerFileSystemProvider(PROMPT_SCHEME, provider, { isCaseSensitive: true }),
    vscode.languages.registerCodeLensProvider(
      { scheme: PROMPT_SCHEME },
      { provideCodeLenses: async (document) => (await load()).describePrompt(document) },
    ),
  );
}
