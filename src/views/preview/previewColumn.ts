import * as vscode from 'vscode';
import { PREVIEW_TYPE } from '../../constants';

/**
 * Where the next preview opens: where a preview is already, else beside the text that the user works on, so that both
 * are seen. Only a window with a single column gets a second one: VS Code puts it where
 * `workbench.editor.openSideBySideDirection` says.
 */
export function getPreviewColumn(): vscode.ViewColumn {
  const { all, activeTabGroup } = vscode.window.tabGroups;
  const isTextActive = activeTabGroup.activeTab !== undefined && isText(activeTabGroup.activeTab);
  // Not in front of that text.
  const columns = all.filter((group) => !isTextActive || group.viewColumn !== activeTabGroup.viewColumn);
  const withPreview =
    columns.find(({ activeTab }) => activeTab && isPreview(activeTab)) ??
    columns.find(({ tabs }) => tabs.some(isPreview));
  if (withPreview) {
    return withPreview.viewColumn;
  }
  if (!isTextActive) {
    return vscode.ViewColumn.Active;
  }
  const next = columns.find(({ viewColumn }) => viewColumn > activeTabGroup.viewColumn) ?? columns.at(-1);
  return next?.viewColumn ?? vscode.ViewColumn.Beside;
}

/** Where a hidden preview appears again: where it is, unless the text that the user works on is in front of it. */
export function getColumnToReveal(column: vscode.ViewColumn | undefined): vscode.ViewColumn | undefined {
  const { activeTabGroup } = vscode.window.tabGroups;
  const isBehindText =
    column === activeTabGroup.viewColumn && activeTabGroup.activeTab !== undefined && isText(activeTabGroup.activeTab);
  return isBehindText ? getPreviewColumn() : undefined;
}

/** Tabs of panels that VS Code has not restored yet count as well. It puts a prefix of its own before the type. */
function isPreview({ input }: vscode.Tab): boolean {
  return (
    input instanceof vscode.TabInputWebview &&
    (input.viewType === PREVIEW_TYPE || input.viewType.endsWith(`-${PREVIEW_TYPE}`))
  );
}

export function isText({ input }: vscode.Tab): boolean {
  return (
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputTextDiff ||
    input instanceof vscode.TabInputNotebook ||
    input instanceof vscode.TabInputNotebookDiff
  );
}
