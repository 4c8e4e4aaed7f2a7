import * as vscode from 'vscode';
import type { FrameOrigin } from '../tasks/model/taskRecord';

/** `Last frame of “A red fox”`, `0:03.2 of “A red fox”` */
export function getFrameLabel(taskLabel: string, frame: Omit<FrameOrigin, 'task'>): string {
  return frame.isLast
    ? vscode.l10n.t('Last frame of “{0}”', taskLabel)
    : vscode.l10n.t('{0} of “{1}”', formatPosition(frame.seconds), taskLabel);
}

/** Formats a position as the player does: whole tenths that have passed. */
function formatPosition(seconds: number): string {
  const tenths = Math.floor(seconds * 10);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, '0')}.${tenths % 10}`;
}
