import * as vscode from 'vscode';

interface GitExtension {
  getAPI(version: 1): { git: { path: string } };
}

/** Where VS Code has found git; its plain name, where its own git support is switched off. */
export function getGitPath(): string {
  try {
    const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
    return (extension?.isActive && extension.exports.getAPI(1).git.path) || 'git';
  } catch {
    return 'git';
  }
}
