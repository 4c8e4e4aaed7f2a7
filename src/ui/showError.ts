import * as vscode from 'vscode';
import { DeliveryError } from '../images/delivery/deliveryError';
import { ImageError } from '../images/imageError';
import { ApiError } from '../api/apiError';
import { describeDeliveryError, describeImageError } from '../messages/imageErrors';
import { describeTaskError, getServerMessage, type ErrorDescription, type ErrorAction } from '../messages/taskErrors';
import { describeSystemError } from '../messages/systemErrors';
import { escapeForNotification } from '../common/text';
import { SaveFolderError } from '../platform/workspaceFiles';
import { DownloadError, NoKeyError, StoreError } from '../tasks/model/errors';
import { FrameError } from '../tasks/model/frameError';
import type { TaskError, TaskRecord } from '../tasks/model/taskRecord';
import { toTaskError } from '../tasks/model/transitions';
import { Commands } from '../constants';
import type { Log } from '../platform/log';

/** An error whose message is already localized and can be shown to the user as it is. */
export class UserFacingError extends Error {
  override readonly name: string = 'UserFacingError';

  constructor(
    message: string,
    readonly action?: ErrorAction,
  ) {
    super(message);
  }
}

/** A first frame could not be brought to where the service can read it. */
export class ImageDeliveryFailedError extends UserFacingError {
  override readonly name = 'ImageDeliveryFailedError';
}

/**
 * Another extension or a key binding passed invalid arguments. Goes back to the caller (`commands/commandTable.ts`);
 * the message is in English, for the author of the call.
 */
export class InvalidArguments extends Error {
  override readonly name = 'InvalidArguments';
}

/**
 * Shows and logs what a command threw: what happened, what it means for the money, what to do. Does not wait for the
 * user. Shows nothing for what the user cancelled.
 *
 * @param source where it was thrown, for the log: a command id
 */
export function showError(
  services: { log: Pick<Log, 'info' | 'error'>; now(): number },
  source: string,
  error: unknown,
): void {
  if (error instanceof vscode.CancellationError || (error instanceof ApiError && error.kind === 'aborted')) {
    return;
  }
  if (error instanceof UserFacingError) {
    services.log.info(`${source}: ${error.message}`);
    showWithAction(vscode.window.showWarningMessage, error.message, error.action);
    return;
  }
  services.log.error(source, error);
  const known = error instanceof ImageError ? toErrorDescription(error) : describeError(error, services.now());
  if (known) {
    showWithAction(vscode.window.showErrorMessage, toSentence(known), known.action);
    return;
  }
  showWithAction(vscode.window.showErrorMessage, getUnknownText(error), {
    title: vscode.l10n.t('Show log'),
    command: Commands.showLog,
  });
}

/** The same as a text, to be told with others. */
export function describeFailure(error: unknown, at: number): string {
  if (error instanceof UserFacingError) {
    return error.message;
  }
  const known = error instanceof ImageError ? toErrorDescription(error) : describeError(error, at);
  return known ? toSentence(known) : getUnknownText(error);
}

/**
 * Shows the error of a task that the user has just started.
 *
 * @param count how many tasks of the same request failed, including this one
 * @param more a sentence about the money
 */
export function showTaskError(error: TaskError, record: TaskRecord, count = 1, more?: string): void {
  const explanation = describeTaskError(error, record);
  const quote = getServerMessage(error);
  showWithAction(
    record.state === 'unknown' ? vscode.window.showWarningMessage : vscode.window.showErrorMessage,
    [
      ...(count > 1 ? [vscode.l10n.t('Not sent successfully: {0}.', count)] : []),
      toSentence(explanation),
      ...(more === undefined ? [] : [more]),
      ...(quote === undefined ? [] : [escapeForNotification(quote)]),
    ].join(' '),
    explanation.action,
  );
}

/**
 * Describes an error to the user, if it is one of ours. Thrown errors come from calls that cost nothing: the outcome of
 * a paid call is in its record.
 */
export function describeError(error: unknown, at: number): ErrorDescription | undefined {
  if (error instanceof ApiError) {
    return describeTaskError(toTaskError(error, at));
  }
  if (error instanceof DownloadError) {
    return {
      ...describeTaskError({ kind: error.kind, at }),
      money: vscode.l10n.t('Nothing more is charged: asking again is free.'),
    };
  }
  if (error instanceof StoreError) {
    return describeStoreError(error, at);
  }
  if (error instanceof FrameError) {
    return describeFrameError(error);
  }
  if (error instanceof NoKeyError) {
    return {
      what: vscode.l10n.t('There is no API key.'),
      money: vscode.l10n.t('Nothing was charged.'),
      advice: vscode.l10n.t('Set your key and try again.'),
      action: { title: vscode.l10n.t('Set API key'), command: Commands.setApiKey },
    };
  }
  if (error instanceof DeliveryError) {
    return { what: describeDeliveryError(error), money: vscode.l10n.t('Nothing was charged.'), advice: '' };
  }
  if (error instanceof SaveFolderError && error.kind === 'gone') {
    return {
      what: vscode.l10n.t(
        'The workspace folder “{0}” is not there or cannot be read.',
        escapeForNotification(error.setting, 100),
      ),
      money: vscode.l10n.t('The video is not lost.'),
      advice: vscode.l10n.t(
        'Connect its disk or remove the folder from the workspace, and save again; or use “Save as…”.',
      ),
    };
  }
  if (error instanceof SaveFolderError) {
    return {
      what:
        error.kind === 'variable'
          ? vscode.l10n.t(
              'The setting seedance.saveFolder has a variable that is not known: {0}',
              escapeForNotification(error.setting),
            )
          : error.kind === 'outside'
            ? vscode.l10n.t(
                'The setting seedance.saveFolder leads out of the workspace folder: {0}',
                escapeForNotification(error.setting),
              )
            : vscode.l10n.t(
                'There is a file in the way of the folder in seedance.saveFolder: {0}',
                escapeForNotification(error.setting),
              ),
      money: vscode.l10n.t('The video is not lost.'),
      advice: vscode.l10n.t('Change the setting to a folder inside the workspace folder, or use “Save as…”.'),
      action: {
        title: vscode.l10n.t('Open settings'),
        command: 'workbench.action.openSettings',
        arguments: ['seedance.saveFolder'],
      },
    };
  }
  return undefined;
}

function toErrorDescription(error: ImageError): ErrorDescription {
  return { what: describeImageError(error), money: vscode.l10n.t('Nothing was charged.'), advice: '' };
}

function describeFrameError({ kind }: FrameError): ErrorDescription {
  const money = vscode.l10n.t('Nothing was charged.');
  switch (kind) {
    case 'no-copy':
      return {
        what: vscode.l10n.t(
          'The last frame could not be taken: the video is not on this computer, and could not be fetched.',
        ),
        money,
        advice: vscode.l10n.t('Open the preview of the task. It says why, and fetches the video if that is possible.'),
      };
    case 'cannot-play':
      return {
        what: vscode.l10n.t('The last frame could not be taken: this VS Code cannot play the video.'),
        money,
        advice: vscode.l10n.t(
          'Save the video, take the frame in another program, and use that image as the first frame.',
        ),
      };
    case 'no-page':
      return {
        what: vscode.l10n.t('The last frame could not be taken: the page that draws it did not open, or was closed.'),
        money,
        advice: vscode.l10n.t('Try again. The page closes by itself when it has the frame.'),
      };
    case 'timeout':
      return {
        what: vscode.l10n.t('The last frame could not be taken: the page that draws it did not answer in time.'),
        money,
        advice: vscode.l10n.t('Try again while this window is visible.'),
      };
  }
}

function describeStoreError(error: StoreError, at: number): ErrorDescription {
  switch (error.kind) {
    case 'gone':
      return {
        what: vscode.l10n.t('This task is no longer in the list.'),
        money: vscode.l10n.t('Nothing was charged.'),
        advice: vscode.l10n.t('If you know its ID, “Add task by ID” brings it back.'),
        action: { title: vscode.l10n.t('Add task by ID'), command: Commands.addTask },
      };
    case 'newer-format':
      return {
        what: vscode.l10n.t('This task was written by a newer version of the extension, so it is left as it is.'),
        money: vscode.l10n.t('Nothing was charged.'),
        advice: vscode.l10n.t('Update the extension in this window.'),
      };
    case 'disk-full':
    case 'storage':
      return describeTaskError({ kind: error.kind, at });
  }
}

function toSentence({ what, money, advice }: ErrorDescription): string {
  return [escapeForNotification(what, 600), money, advice].filter((part) => part !== '').join(' ');
}

type ShowMessage = (message: string, ...buttons: string[]) => Thenable<string | undefined>;

function showWithAction(showMessage: ShowMessage, message: string, action: ErrorAction | undefined): void {
  void showMessage(message, ...(action ? [action.title] : [])).then((choice) =>
    choice !== undefined && action
      ? vscode.commands.executeCommand(action.command, ...(action.arguments ?? []))
      : undefined,
  );
}

/** Of an error that is none of ours, in the words of the program that made it; of the system, in words for people. */
export function getUnknownText(error: unknown): string {
  const ofSystem = describeSystemError(error);
  return ofSystem
    ? `${ofSystem.what} ${ofSystem.advice}`
    : vscode.l10n.t(
        'Something went wrong: {0} The log has the details.',
        escapeForNotification(error instanceof Error ? error.message : String(error)),
      );
}
