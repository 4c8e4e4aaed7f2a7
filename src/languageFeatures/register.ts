import * as vscode from 'vscode';
import type { ExtensionServices } from '../container';
import { isStoryboard } from '../platform/storyboardSelector';

/** Offers what an editor can do for storyboards, once there is one. Until then nothing of it is loaded. */
export function registerLanguageFeatures(getServices: () => ExtensionServices): vscode.Disposable {
  let isDisposed = false;
  let features: vscode.Disposable | undefined;
  let opened: vscode.Disposable | undefined;
  const look = (document: vscode.TextDocument) => {
    if (opened && isStoryboard(document)) {
      opened.dispose();
      opened = undefined;
      // Ticks the step of the walkthrough.
      void vscode.commands.executeCommand('setContext', 'seedance.hasStoryboard', true);
      void start();
    }
  };
  const start = async () => {
    const services = getServices();
    try {
      const { startLanguageFeatures } = await import('./storyboardFeatures');
      features = isDisposed ? undefined : startLanguageFeatures(services);
    } catch (error) {
      services.log.error('storyboards cannot be edited with help', error);
    }
  };
  opened = vscode.workspace.onDidOpenTextDocument(look);
  vscode.workspace.textDocuments.forEach(look);
  return new vscode.Disposable(() => {
    isDisposed = true;
    opened?.dispose();
    features?.dispose();
  });
}
