import * as vscode from 'vscode';
import { FrameError } from '../frames/errors';
import { GatewayError } from '../gateway/errors';
import { explain, quoteOf, type Explanation, type Remedy } from '../platform/errorText';
import { inMessage } from '../platform/foreignText';
import { SaveFolderError } from '../platform/workspaceFiles';
import { DownloadError, NoKeyError, StoreError } from '../tasks/errors';
import type { TaskError, TaskRecord } from '../tasks/record';
import { toTaskError } from '../tasks/transitions';
import { Commands } from './ids';
import type { Rooms } from './rooms';

/** Something that the person is to know and that has its final words already. */
export class Told extends Error {
  override readonly name: string = 'Told';

  constructor(
    message: string,
    readonly remedy?: Remedy,
  ) {
    super(message);
  }
}

/** A first frame did not get to where the service can read it. */
export class NotDelivered extends Told {
  override readonly name = 'NotDelivered';
}

/** What another extension or a key binding passed makes no sense. Thrown on to the caller; in English, for its author. */
export class InvalidArguments extends Error {
  override readonly name = 'InvalidArguments';
}

/** Shows what a command threw: what happened, what it means for the money, what to do. Does not wait for an answer. */
export async function tell(rooms: Pick<Rooms, 'log' | 'now'>, command: string, error: unknown): Promise<void> {
  if (error instanceof InvalidArguments) {
    throw error;
  }
  if (error instanceof GatewayError && error.kind === 'aborted') {
    return;
  }
  if (error instanceof Told) {
    rooms.log.info(`${command}: ${error.message}`);
    show(vscode.window.showWarningMessage, error.message, error.remedy);
    return;
  }
  rooms.log.error(command, error);
  const known = error instanceof FrameError ? await explainImage(error) : explainThrown(error, rooms.now());
  if (known) {
    show(vscode.window.showErrorMessage, sentence(known), known.remedy);
    return;
  }
  show(
    vscode.window.showErrorMessage,
    vscode.l10n.t('Something went wrong: {0} The log has the details.', inMessage(messageOf(error))),
    { title: vscode.l10n.t('Show log'), command: Commands.showLog },
  );
}

/**
 * Shows how a task came out that the person has just started.
 *
 * @param count of the tasks that were started with it and did not get through either, itself included
 * @param more a sentence about the money
 */
export function tellTaskError(error: TaskError, record: TaskRecord, count = 1, more?: string): void {
  const explanation = explain(error, record);
  const quote = quoteOf(error);
  show(
    record.state === 'unknown' ? vscode.window.showWarningMessage : vscode.window.showErrorMessage,
    [
      ...(count > 1 ? [vscode.l10n.t('Not sent successfully: {0}.', count)] : []),
      sentence(explanation),
      ...(more === undefined ? [] : [more]),
      ...(quote === undefined ? [] : [inMessage(quote)]),
    ].join(' '),
    explanation.remedy,
  );
}

/** In words, if it is one of ours. Thrown errors are of calls that cost nothing: what a paid call does is in its record. */
export function explainThrown(error: unknown, at: number): Explanation | undefined {
  if (error instanceof GatewayError) {
    return explain(toTaskError(error, at));
  }
  if (error instanceof DownloadError) {
    return {
      ...explain({ kind: error.kind, at }),
      money: vscode.l10n.t('Nothing more is charged: asking again is free.'),
    };
  }
  if (error instanceof StoreError) {
    return explainStoreError(error, at);
  }
  if (error instanceof NoKeyError) {
    return {
      what: vscode.l10n.t('There is no API key.'),
      money: vscode.l10n.t('Nothing was charged.'),
      advice: vscode.l10n.t('Set your key and try again.'),
      remedy: { title: vscode.l10n.t('Set API key'), command: Commands.setApiKey },
    };
  }
  if (error instanceof SaveFolderError) {
    return {
      what:
        error.kind === 'outside'
          ? vscode.l10n.t(
              'The setting seedance.saveFolder leads out of the workspace folder: {0}',
              inMessage(error.setting),
            )
          : vscode.l10n.t(
              'There is a file in the way of the folder in seedance.saveFolder: {0}',
              inMessage(error.setting),
            ),
      money: vscode.l10n.t('The video is not lost.'),
      advice: vscode.l10n.t('Change the setting to a folder inside the workspace folder, or use “Save as…”.'),
      remedy: {
        title: vscode.l10n.t('Open settings'),
        command: 'workbench.action.openSettings',
        arguments: ['seedance.saveFolder'],
      },
    };
  }
  return undefined;
}

async function explainImage(error: FrameError): Promise<Explanation> {
  const { explainFrameError } = await import('../platform/frameText');
  return { what: explainFrameError(error), money: vscode.l10n.t('Nothing was charged.'), advice: '' };
}

function explainStoreError(error: StoreError, at: number): Explanation {
  switch (error.kind) {
    case 'gone':
      return {
        what: vscode.l10n.t('This task is no longer in the list.'),
        money: vscode.l10n.t('Nothing was charged.'),
        advice: vscode.l10n.t('If you know its ID, “Add task by ID” brings it back.'),
        remedy: { title: vscode.l10n.t('Add task by ID'), command: Commands.addTask },
      };
    case 'newer-format':
      return {
        what: vscode.l10n.t('This task was written by a newer version of the extension, so it is left as it is.'),
        money: vscode.l10n.t('Nothing was charged.'),
        advice: vscode.l10n.t('Update the extension in this window.'),
      };
    case 'disk-full':
    case 'storage':
      return explain({ kind: error.kind, at });
  }
}

function sentence({ what, money, advice }: Explanation): string {
  return [inMessage(what, 600), money, advice].filter((part) => part !== '').join(' ');
}

type ShowMessage = (message: string, ...buttons: string[]) => Thenable<string | undefined>;

function show(showMessage: ShowMessage, message: string, remedy: Remedy | undefined): void {
  void showMessage(message, ...(remedy ? [remedy.title] : [])).then((choice) =>
    choice !== undefined && remedy
      ? vscode.commands.executeCommand(remedy.command, ...(remedy.arguments ?? []))
      : undefined,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
