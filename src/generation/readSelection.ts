import * as vscode from 'vscode';
import { MAX_READ_CHARS } from '../tasks/model/prompt';

/**
 * The text of a selection, read line by line and only as far as it could be sent: the text of a whole document of tens
 * of megabytes takes seconds and gigabytes.
 *
 * @returns the beginning of a longer one, which is too long to be sent as well
 */
export function readSelection(document: Pick<vscode.TextDocument, 'lineAt'>, { start, end }: vscode.Range): string {
  const lines: string[] = [];
  let chars = 0;
  for (let line = start.line; line <= end.line && chars <= MAX_READ_CHARS + 1; line++) {
    const text = document
      .lineAt(line)
      .text.slice(line === start.line ? start.character : 0, line === end.line ? end.character : undefined)
      .slice(0, MAX_READ_CHARS + 1);
    lines.push(text);
    chars += text.length + 1;
  }
  return lines.join('\n');
}

/** VS Code hands out neither editor nor text of a file of more than 50 MB to extensions. */
export function isTextHeldBack(): boolean {
  return (
    vscode.window.activeTextEditor === undefined &&
    vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputText
  );
}
