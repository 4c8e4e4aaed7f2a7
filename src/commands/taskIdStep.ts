import * as vscode from 'vscode';
import { askText, BACK } from './steps';

/** As the gateway's answers are checked: whatever is safe in a URL and a file name. Seen are 24 hex digits. */
const TASK_ID = /^[A-Za-z0-9_-]{1,128}$/;
const SEEN_ID = /[0-9a-f]{24}/gi;

/** The id out of what was pasted: the id itself, a link with `task_id=…`, a line of a log. */
export function findTaskId(text: string): string | undefined {
  const trimmed = text.trim();
  if (TASK_ID.test(trimmed)) {
    return trimmed;
  }
  const asked = /[?&]task_id=([A-Za-z0-9_-]{1,128})(?![\w%-])/.exec(trimmed)?.[1];
  const seen = trimmed.match(SEEN_ID) ?? [];
  return asked ?? (seen.length === 1 ? seen[0] : undefined);
}

export async function askTaskId(title: string): Promise<string | undefined> {
  const answer = await askText({
    title,
    placeholder: '6836d2f1a3b4c5d6e7f80912',
    prompt: vscode.l10n.t('The ID of a task at the service, or a text with it. Asking for a task is free.'),
    problem: (text) =>
      findTaskId(text) === undefined
        ? vscode.l10n.t('There is no task ID in this. It has 24 digits and letters from a to f.')
        : undefined,
  });
  return answer === undefined || answer === BACK ? undefined : findTaskId(answer);
}
