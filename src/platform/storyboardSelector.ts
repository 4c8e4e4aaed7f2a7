import type * as vscode from 'vscode';

/** The files that all of this is for. */
export const STORYBOARDS: vscode.DocumentFilter = { language: 'markdown', pattern: '**/*.storyboard.md' };

/** Whether a document is a storyboard: cheap enough to ask of each one that is opened. */
export function isStoryboard({ languageId, uri }: vscode.TextDocument): boolean {
  return languageId === 'markdown' && uri.path.endsWith('.storyboard.md');
}
