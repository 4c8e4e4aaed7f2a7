import * as vscode from 'vscode';
import { isText } from '../preview/previewColumn';

/**
 * Where the page that draws a frame opens for a moment: never in front of the editor that the user works in. Another
 * column shows it in front of what it has, a text last, and shows that again afterwards. Only a window with a single
 * column gets a second one for that time.
 */
export function getFrameColumn(): vscode.ViewColumn {
  const { all, activeTabGroup } = vscode.window.tabGroups;
  if (!activeTabGroup.activeTab) {
    return vscode.ViewColumn.Active;
  }
  const others = all.filter(({ viewColumn }) => viewColumn !== activeTabGroup.viewColumn);
  const other =
    others.find(({ activeTab }) => !activeTab) ??
    others.find(({ activeTab }) => activeTab && !isText(activeTab)) ??
    others[0];
  return other?.viewColumn ?? vscode.ViewColumn.Beside;
}
