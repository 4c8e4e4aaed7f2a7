import * as vscode from 'vscode';
import { GatewayError, type GatewayErrorKind } from '../gateway/errors';
import { explain } from '../platform/errorText';
import type { TaskRecord } from '../tasks/record';
import { toTaskError } from '../tasks/transitions';
import { TASKS_VIEW } from './ids';
import type { Rooms } from './rooms';
import { confirm } from './steps';

/** The service could not be asked, which says nothing about the id. */
const SAYS_NOTHING: readonly GatewayErrorKind[] = ['not-sent', 'no-answer', 'internal', 'overloaded', 'bad-answer'];

/**
 * Follows a task by the gateway's id, which is asked for it first.
 *
 * @param bindTo our record that it belongs to
 * @returns `undefined` when the person thought better of it
 * @throws {GatewayError} when the service does not know it; nothing was kept
 */
export async function follow(rooms: Rooms, gatewayId: string, bindTo?: string): Promise<TaskRecord | undefined> {
  const options = bindTo === undefined ? {} : { bindTo };
  let record: TaskRecord;
  try {
    record = await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, () =>
      rooms.generate.add(gatewayId, options),
    );
  } catch (error) {
    if (!(error instanceof GatewayError) || !SAYS_NOTHING.includes(error.kind)) {
      throw error;
    }
    const { what } = explain(toTaskError(error, rooms.now()));
    if (
      !(await confirm(
        vscode.l10n.t('The service could not be asked about this task.'),
        what,
        vscode.l10n.t('Add it anyway'),
      ))
    ) {
      return undefined;
    }
    record = await rooms.generate.add(gatewayId, { ...options, keepAnyway: true });
  }
  rooms.notifier.await(record.id);
  return record;
}
