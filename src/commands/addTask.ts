import * as vscode from 'vscode';
import { Commands, TASKS_VIEW } from '../constants';
import { requireApiKey } from '../ui/apiKeyPrompt';
import { requireCapability, resolveTask } from './taskArguments';
import { showError, UserFacingError } from '../ui/showError';
import { ApiError, type ApiErrorKind } from '../api/apiError';
import { describeTaskError } from '../messages/taskErrors';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { toTaskError } from '../tasks/model/transitions';
import type { ExtensionServices } from '../container';
import { confirm, showInput, BACK } from '../ui/quickInput';

/** Adds a task that was created elsewhere: on the site, by a script, on another computer. */
export async function addTask(services: ExtensionServices): Promise<string | undefined> {
  const record = await promptForTask(services, vscode.l10n.t('Add task by ID'), async (gatewayId) => {
    await services.store.load();
    return services.store.findByGatewayId(gatewayId) ?? trackTask(services, gatewayId);
  });
  if (record) {
    // Whatever state the task is in.
    await vscode.commands.executeCommand(Commands.preview, record.id);
  }
  return record?.id;
}

/** Adds the id to a task whose response was lost: the user found it in their account at the service. */
export async function addTaskId(services: ExtensionServices, argument: unknown, selected?: unknown): Promise<void> {
  const record = await resolveTask(services, argument, selected, 'bindable');
  requireCapability(services, record, 'bindable', vscode.l10n.t('This task needs no ID.'));
  // Not by `needsApiKey`: it depends on the task whether there is anything to ask the service.
  await requireApiKey(services);
  await promptForTask(services, vscode.l10n.t("Add the task's ID"), (gatewayId) => {
    const other = services.store.findByGatewayId(gatewayId);
    if (other) {
      throw new UserFacingError(vscode.l10n.t('Another task of the list has this ID already.'), {
        title: vscode.l10n.t('Show it'),
        command: Commands.preview,
        arguments: [other.id],
      });
    }
    return trackTask(services, gatewayId, record.id);
  });
}

/**
 * Asks for an id and does something with it. An id that the service does not know is corrected in the box, and who
 * declines the question after it is back there, with what was typed.
 *
 * @returns `undefined` when the user gave up
 */
async function promptForTask(
  services: ExtensionServices,
  title: string,
  add: (gatewayId: string) => Promise<TaskRecord | undefined>,
): Promise<TaskRecord | undefined> {
  for (let value = ''; ;) {
    const answer = await showInput({
      title,
      value,
      caretAtEnd: true,
      placeholder: '6836d2f1a3b4c5d6e7f80912',
      prompt: vscode.l10n.t('The ID of a task at the service, or a text with it. Asking for a task is free.'),
      validate: (text) =>
        findTaskId(text) === undefined
          ? vscode.l10n.t('There is no task ID in this. It has 24 digits and letters from a to f.')
          : undefined,
    });
    const gatewayId = typeof answer === 'string' ? findTaskId(answer) : undefined;
    if (answer === undefined || answer === BACK || gatewayId === undefined) {
      return undefined;
    }
    value = answer;
    const record = await add(gatewayId).catch((error: unknown) => {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      showError(services, Commands.addTask, error);
      return undefined;
    });
    if (record) {
      return record;
    }
  }
}

/** The same check as for responses: safe in a URL and a file name. Only 24 hex digits were seen so far. */
const TASK_ID = /^[A-Za-z0-9_-]{1,128}$/;

const SEEN_ID = /[0-9a-f]{24}/gi;

/** Finds the id in pasted text: the id itself, a link with `task_id=…`, a line of a log. */
export function findTaskId(text: string): string | undefined {
  const trimmed = text.trim();
  if (TASK_ID.test(trimmed)) {
    return trimmed;
  }
  const asked = /[?&]task_id=([A-Za-z0-9_-]{1,128})(?![\w%-])/.exec(trimmed)?.[1];
  const seen = trimmed.match(SEEN_ID) ?? [];
  return asked ?? (seen.length === 1 ? seen[0] : undefined);
}

/** Errors that say nothing about the id, because the service could not be asked. */
const INCONCLUSIVE_ERRORS: readonly ApiErrorKind[] = ['not-sent', 'no-answer', 'internal', 'overloaded', 'bad-answer'];

/**
 * Adds a task by the service's id, after asking the service for it.
 *
 * @param bindTo the id of our record that the task belongs to
 * @returns `undefined` when the user gave up
 * @throws {ApiError} when the service does not know the task; nothing is stored then
 */
async function trackTask(
  services: ExtensionServices,
  gatewayId: string,
  bindTo?: string,
): Promise<TaskRecord | undefined> {
  const options = bindTo === undefined ? {} : { bindTo };
  let record: TaskRecord;
  try {
    record = await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, () =>
      services.submission.add(gatewayId, options),
    );
  } catch (error) {
    if (!(error instanceof ApiError) || !INCONCLUSIVE_ERRORS.includes(error.kind)) {
      throw error;
    }
    const { what } = describeTaskError(toTaskError(error, services.now()));
    if (
      !(await confirm(
        vscode.l10n.t('The service could not be asked about this task.'),
        what,
        vscode.l10n.t('Add it anyway'),
      ))
    ) {
      return undefined;
    }
    record = await services.submission.add(gatewayId, { ...options, keepAnyway: true });
  }
  services.notifier.watchTask(record.id);
  return record;
}
