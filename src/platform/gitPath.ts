import * as vscode from 'vscode';

interface GitExtension {
  getAPI(version: 1): { git: { path: string } };
}

/** Returns the path of git that VS Code has found, or `git` if its git extension is disabled. */
export function getGitPath(): string {
  try {
    const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
    return (extension?.isActive && extension.exports.getAPI(1).git.path) || 'git';
  } catch {
    return 'git';
  }
}
