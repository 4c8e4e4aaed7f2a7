import * as vscode from 'vscode';
import { formatDateTime, formatTimeLeft } from '../messages/format';
import { getLinkEnd, isLinkAlive } from '../tasks/model/taskCapabilities';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { resolveTasks } from './taskArguments';
import { UserFacingError } from '../ui/showError';
import { findVideoFile, getUnknownFileError } from './videoFile';
import type { ExtensionServices } from '../container';

export async function copyTaskId(services: ExtensionServices, ...args: unknown[]): Promise<void> {
  await copyTaskField(services, args, ({ gatewayId }) => gatewayId, {
    separator: '\n',
    none: vscode.l10n.t('This task has no ID yet: the service has not confirmed it.'),
  });
}

export async function copyTaskLink(services: ExtensionServices, ...args: unknown[]): Promise<void> {
  const now = services.now();
  const records = await resolveTasks(services, args[0], args[1]);
  const alive = records.filter((record) => isLinkAlive(record, now));
  if (alive.length === 0) {
    throw new UserFacingError(
      records.some(({ result }) => result !== undefined)
        ? vscode.l10n.t('The link has expired. “Check now” asks the service for a new one, which costs nothing.')
        : vscode.l10n.t('There is no link: the service gives one when the video is done, for 48 hours.'),
    );
  }
  await vscode.env.clipboard.writeText(alive.map(({ result }) => result.url).join('\n'));
  void vscode.window.showInformationMessage(
    describeCopiedLinks(
      alive.map((record) => getLinkEnd(record, now)),
      records.length,
      now,
    ),
  );
}

/**
 * Who pastes a link into a document believes that it stays. How long it lives is documented, and it may be less: when
 * exactly the service made it is not known.
 *
 * @param ends when each of the copied links dies at the latest
 * @param chosen how many tasks the user chose; some may have no link
 */
function describeCopiedLinks(ends: readonly number[], chosen: number, now: number): string {
  const first = Math.min(...ends);
  const [left, until] = [formatTimeLeft(first - now), formatDateTime(first)];
  return [
    ends.length === 1
      ? vscode.l10n.t('Link copied. It dies in {0}, at the latest on {1}.', left, until)
      : vscode.l10n.t('Links copied: {0}. The first one dies in {1}, at the latest on {2}.', ends.length, left, until),
    ...(ends.length < chosen
      ? [vscode.l10n.t('Left out, because they have no link: {0} of {1}.', chosen - ends.length, chosen)]
      : []),
    vscode.l10n.t('To keep a video, save it.'),
  ].join(' ');
}

export async function copyTaskPrompt(services: ExtensionServices, ...args: unknown[]): Promise<void> {
  if (args[0] instanceof vscode.Uri) {
    await copyPromptsOfFiles(services, args[0], args[1]);
    return;
  }
  await copyTaskField(services, args, ({ request }) => request.prompt, {
    separator: '\n\n',
    none: vscode.l10n.t('The prompt of this task is not known yet.'),
  });
}

/** @param selected the files that are selected in the explorer, with the clicked one among them */
async function copyPromptsOfFiles(services: ExtensionServices, clicked: vscode.Uri, selected: unknown): Promise<void> {
  const several = Array.isArray(selected) ? selected.filter((uri) => uri instanceof vscode.Uri) : [];
  const prompts: string[] = [];
  for (const uri of several.length > 1 ? several : [clicked]) {
    const found = await findVideoFile(services, uri);
    const prompt = found?.record ? found.record.request.prompt : found?.metadata.prompt;
    if (prompt !== undefined && prompt !== '') {
      prompts.push(prompt);
    }
  }
  if (prompts.length === 0) {
    throw getUnknownFileError(clicked);
  }
  await copy(prompts.join('\n\n'));
}

const STATUS_MS = 3_000;

async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(`$(check) ${vscode.l10n.t('Copied')}`, STATUS_MS);
}

/**
 * Copies a field of each task to the clipboard.
 *
 * @param separator between the fields of several tasks
 * @param none the message when there is nothing to copy
 */
async function copyTaskField(
  services: ExtensionServices,
  [argument, selected]: unknown[],
  read: (record: TaskRecord) => string | undefined,
  { separator, none }: { separator: string; none: string },
): Promise<void> {
  const texts = (await resolveTasks(services, argument, selected)).flatMap((record) => read(record) || []);
  if (texts.length === 0) {
    throw new UserFacingError(none);
  }
  await copy(texts.join(separator));
}
