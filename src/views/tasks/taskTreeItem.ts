import * as vscode from 'vscode';
import { Commands } from '../../constants';
import { describeNextTry, describeTaskError, getServerMessage, getShortReason } from '../../messages/taskErrors';
import {
  formatBytes,
  getTaskTitle,
  formatDateTime,
  formatDuration,
  formatRoubles,
  formatTimeLeft,
  formatModelTitle,
  formatNextTry,
  formatRemainingTime,
  formatPeriod,
  formatAge,
} from '../../messages/format';
import type { DownloadProgress } from '../../tasks/download/downloader';
import type { Take } from '../../tasks/model/chains';
import type { Estimate } from '../../tasks/polling/remainingTime';
import type { PauseReason } from '../../tasks/polling/pollingController';
import {
  isNeverSent,
  isPending,
  isThumbnail,
  isUnfinished,
  type TaskError,
  type TaskRecord,
} from '../../tasks/model/taskRecord';
import {
  TASK_ACTIONS,
  getLinkEnd,
  getTaskCapabilities,
  type TaskCapability,
  isLinkAlive,
  isLinkRefused,
} from '../../tasks/model/taskCapabilities';
import { elapsedMs } from './elapsed';
import { formatShotName, getFilmName, getShotKey, type FilmRow, type ShotRow } from './filmGroups';
import type {
  ChainFacts,
  FilmFacts,
  Page,
  PageContents,
  ShotFacts,
  TakeFacts,
  TaskViewContext,
} from './taskTreeLayout';
import type { PromptTake } from '../../tasks/model/promptTakes';
import { getShotProgress } from '../../storyboard/shotTasks';
import { escapeMarkdown, truncate, toSingleLine } from '../../common/text';

/** Tree items: pure functions of a task's record and of the context that the record does not contain. */

const TOOLTIP_PROMPT_MAX_CHARS = 700;
const TOOLTIP_PROMPT_MAX_LINES = 12;
const MEGABYTE = 1024 ** 2;

/** Creates the row of a task without its tooltip, which VS Code requests when the user hovers (`getTooltip`). */
export function createTaskItem(record: TaskRecord, context: TaskViewContext): vscode.TreeItem {
  const item = new vscode.TreeItem(getRowLabel(record, context), vscode.TreeItemCollapsibleState.None);
  item.id = record.id;
  item.description = getRowDescription(record, context);
  item.iconPath = getTaskIcon(record, context);
  item.contextValue = [...getTaskCapabilities(record, context)].join(' ');
  item.accessibilityInformation = { label: getAccessibilityLabel(record, context) };
  // Without arguments: VS Code stores them under a handle that every refresh replaces, so a click on a row
  // that is refreshed each second would sometimes fail. The command uses the selected task instead.
  item.command = { command: Commands.preview, title: vscode.l10n.t('Preview') };
  return item;
}

/** Creates the row that contains older tasks: how many, and of which days. */
export function createPageItem(page: Page, contents: PageContents | undefined): vscode.TreeItem {
  const item = new vscode.TreeItem(
    contents
      ? vscode.l10n.t('{0} older, {1}', contents.count, formatPeriod(contents.oldestAt, contents.newestAt))
      : vscode.l10n.t('Older'),
    vscode.TreeItemCollapsibleState.Collapsed,
  );
  item.id = `older-${page.level}-${page.index}`;
  item.iconPath = new vscode.ThemeIcon('history');
  item.contextValue = 'older';
  return item;
}

/**
 * Creates the row of a chain: the title of its first take and the state of its newest one. The state is shown without
 * times, so that it seldom changes, because VS Code redraws all takes together with this row.
 */
export function createChainItem(chain: string, facts: ChainFacts): vscode.TreeItem {
  const { first, newest, context } = facts;
  const item = new vscode.TreeItem(
    getChainTitle(facts),
    // Only the initial state: afterwards VS Code remembers what the user expanded.
    isUnfinished(newest) ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
  );
  item.id = `chain-${chain}`;
  item.description = formatChain(facts);
  item.iconPath = new vscode.ThemeIcon('layers', getTaskIcon(newest, context).color);
  item.contextValue = getChainCapabilities(facts);
  item.tooltip = new vscode.MarkdownString(escapeMarkdown(`${getTaskTitle(first, 200)}\n\n${item.description}`));
  item.accessibilityInformation = { label: vscode.l10n.t('Chain: {0}. {1}', getTaskTitle(first), item.description) };
  return item;
}

/** What can be done with a chain: whatever can be done with one of its takes, and nothing about states. */
function getChainCapabilities({ takes, context: { now }, isReadOnly }: ChainFacts): string {
  return ['chain', ...getSharedActions(takes, { now, isReadOnly })].join(' ');
}

function getSharedActions(
  takes: readonly TaskRecord[],
  { now, isReadOnly }: { now: number; isReadOnly: (id: string) => boolean },
): TaskCapability[] {
  const found = new Set<TaskCapability>();
  for (const take of takes) {
    getTaskCapabilities(take, { now, readOnly: isReadOnly(take.id) }).forEach((word) => found.add(word));
  }
  return TASK_ACTIONS.filter((word) => found.has(word));
}

/** Creates the row of a storyboard: its file, and how far it is. A click opens the file. */
export function createFilmItem(row: FilmRow, facts: FilmFacts): vscode.TreeItem {
  const name = getFilmTitle(facts);
  const item = new vscode.TreeItem(
    name,
    facts.shots.some((takes) => takes.some(isUnfinished))
      ? vscode.TreeItemCollapsibleState.Expanded
      : vscode.TreeItemCollapsibleState.Collapsed,
  );
  item.id = `film-${row.uri}`;
  item.description = formatFilm(facts);
  item.iconPath = new vscode.ThemeIcon('device-camera-video');
  item.contextValue = getFilmCapabilities(facts);
  item.tooltip = new vscode.MarkdownString(
    [getPlace(row.uri), item.description].map((text) => escapeMarkdown(text)).join('\n\n'),
  );
  item.accessibilityInformation = { label: vscode.l10n.t('Film: {0}. {1}', name, item.description) };
  item.command = getOpenCommand(row);
  return item;
}

/** The same of a shot: what it is called, how many takes it has, and how far it is. */
export function createShotItem(facts: ShotFacts): vscode.TreeItem {
  const { row, film, shown, context } = facts;
  const name = formatShotName(row);
  const item = new vscode.TreeItem(
    name,
    isUnfinished(shown) ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
  );
  item.id = `shot-${row.uri}#${getShotKey(row)}`;
  item.description = formatShot(facts);
  item.iconPath = new vscode.ThemeIcon('layers', getTaskIcon(shown, context).color);
  item.contextValue = getShotCapabilities(facts);
  item.tooltip = new vscode.MarkdownString(
    [`${name} · ${film}`, item.description, shown.request.prompt]
      .map((text) => escapeMarkdown(truncate(text, TOOLTIP_PROMPT_MAX_CHARS, TOOLTIP_PROMPT_MAX_LINES)))
      .join('\n\n'),
  );
  item.accessibilityInformation = { label: vscode.l10n.t('Shot: {0}. {1}', name, item.description) };
  item.command = getOpenCommand(row);
  return item;
}

/** These rows change seldom, so a click finds the arguments that VS Code keeps for the row (see `createTaskItem`). */
function getOpenCommand(place: FilmRow | ShotRow): vscode.Command {
  return { command: Commands.openStoryboard, title: vscode.l10n.t('Open storyboard'), arguments: [place] };
}

function getFilmTitle({ name, folder }: FilmFacts): string {
  return folder === undefined || folder === '' ? name : `${name} · ${folder}`;
}

/** Where the file is, as it is read: `%20` is no name. */
function getPlace(uri: string): string {
  try {
    return toSingleLine(decodeURIComponent(uri).replace(/^file:\/\//, ''), 500);
  } catch {
    return toSingleLine(uri, 500);
  }
}

/** `4 of 6 · 2 running`: how many of the shots that have tasks have a video, and what is on its way or did not come. */
export function formatFilm({ shots }: FilmFacts): string {
  const progress = shots.map((takes) => getShotProgress(takes));
  const count = (one: string) => progress.filter((other) => other === one).length;
  const running = shots.reduce((sum, takes) => sum + takes.filter(isUnfinished).length, 0);
  const [failed, unknown] = [count('failed'), count('unknown')];
  return [
    vscode.l10n.t('{0} of {1}', count('done'), shots.length),
    ...(running > 0 ? [vscode.l10n.t('{0} running', running)] : []),
    ...(unknown > 0 ? [vscode.l10n.t('{0} without an answer', unknown)] : []),
    ...(failed > 0 ? [vscode.l10n.t('{0} failed', failed)] : []),
  ].join(' · ');
}

function formatShot({ takes, shown, context }: ShotFacts): string {
  return `${vscode.l10n.t('Takes: {0}', takes.length)} · ${formatState(shown, context, { withTime: false })}`;
}

/** What can be done with a whole film. To generate one of its shots again, one chooses the shot. */
function getFilmCapabilities({ shots, now, isReadOnly }: FilmFacts): string {
  const offered: readonly TaskCapability[] = ['savable', 'removable'];
  const found = getSharedActions(shots.flat(), { now, isReadOnly });
  return ['film', ...offered.filter((word) => found.includes(word))].join(' ');
}

function getShotCapabilities({ takes, context: { now }, isReadOnly }: ShotFacts): string {
  return ['shot', ...getSharedActions(takes, { now, isReadOnly })].join(' ');
}

/** Everything in the row of a storyboard that may change by itself. */
export function getFilmText(facts: FilmFacts): string {
  return `${getFilmTitle(facts)}\n${formatFilm(facts)}\n${getFilmCapabilities(facts)}`;
}

/** The same of the row of a shot. */
export function getShotText(facts: ShotFacts): string {
  return `${formatShotName(facts.row)}\n${formatShot(facts)}\n${getShotCapabilities(facts)}`;
}

/** Formats the description of a chain's row. */
export function formatChain({ takes, newest, context }: ChainFacts): string {
  return vscode.l10n.t('Takes: {0} · {1}', takes.length, formatState(newest, context, { withTime: false }));
}

/**
 * The label of a row: the whole title, which VS Code cuts to the width of the view, and the description with it. So what
 * must be seen at any width stands before it: what counts while a video is on its way, and what tells tasks of one prompt
 * apart, because their titles are the same to the end.
 */
function getRowLabel(record: TaskRecord, context: TaskViewContext): string {
  const count = getRowCount(record, context);
  if (count === undefined) {
    return getRowTitle(record, context);
  }
  const { take, shotTake, promptTake } = context;
  // No age beside the count: of what has just begun, it is the same time once more.
  const title =
    promptTake && !take?.isGrouped && !shotTake?.isGrouped
      ? vscode.l10n.t('Take {0} · {1}', promptTake.number, getTaskTitle(record))
      : getRowTitle(record, context);
  return `${count} · ${title}`;
}

function getRowTitle(record: TaskRecord, { take, shotTake, promptTake, now }: TaskViewContext): string {
  if (shotTake?.isGrouped) {
    return `${vscode.l10n.t('Take {0}', shotTake.number)} · ${getTaskTitle(record)}`;
  }
  return take?.isGrouped
    ? vscode.l10n.t('Take {0} · {1}', formatTakeNumber(take), getTaskTitle(record))
    : getTitleWithTake(record, promptTake, now);
}

/** The time of what is on its way, or how much of it is downloaded. The icon says which of them it is. */
function getRowCount(record: TaskRecord, context: TaskViewContext): string | undefined {
  const { now, readOnly, pauseReason, estimate, progress } = context;
  if (readOnly || pauseReason) {
    return undefined;
  }
  const elapsed = formatDuration(elapsedMs(record, now));
  switch (record.state) {
    case 'submitting':
      return elapsed;
    case 'waiting':
    case 'running':
      return record.trouble || !estimate || estimate.isLong ? elapsed : formatRemainingTime(estimate);
    case 'done':
      return progress && !record.localCopy && record.saved.length === 0 ? formatDownloaded(progress) : undefined;
    case 'draft':
    case 'unknown':
    case 'failed':
    case 'expired':
      return undefined;
  }
}

/** What a row says beside its label: only what its icon and its count do not say. Screen readers hear the whole state. */
function getRowDescription(record: TaskRecord, context: TaskViewContext): string {
  const { readOnly, pauseReason, estimate, progress, now } = context;
  const { state, localCopy, saved, trouble, error } = record;
  switch (readOnly || pauseReason ? undefined : state) {
    case 'submitting':
      return '';
    case 'waiting':
    case 'running':
      return trouble ? formatRetry(trouble, context) : estimate?.isLong ? vscode.l10n.t('Longer than usual') : '';
    case 'done':
      if (saved.length > 0 || localCopy || progress) {
        return '';
      }
      return isLinkAlive(record, now) && !isLinkRefused(record, now)
        ? vscode.l10n.t('Link works for {0}', formatTimeLeft(getLinkEnd(record, now) - now))
        : formatState(record, context);
    case 'failed':
      return error && !isNeverSent(error) ? formatReason(record, error) : error ? formatState(record, context) : '';
    default:
      return formatState(record, context);
  }
}

function formatReason(record: TaskRecord, error: TaskError): string {
  return toSingleLine(describeTaskError(error, record).what, 80);
}

/** The title of a task, and before it which of the takes of its prompt it is. */
export function getTitleWithTake(
  record: TaskRecord,
  take: PromptTake | undefined,
  now: number,
  maxChars?: number,
): string {
  const title = getTaskTitle(record, maxChars);
  return take ? vscode.l10n.t('Take {0} · {1} · {2}', take.number, formatAge(now - record.createdAt), title) : title;
}

/** A chain is told from others with the same title by when it began. */
function getChainTitle({ first, isTitleShared, context: { now } }: ChainFacts): string {
  const title = getTaskTitle(first);
  return isTitleShared ? `${formatAge(now - first.createdAt)} · ${title}` : title;
}

/** Everything in a row that may change by itself. */
export function getRowText(record: TaskRecord, context: TaskViewContext): string {
  return `${getRowLabel(record, context)}\n${formatState(record, context)}`;
}

/** The same of the row of a chain. */
export function getChainText(facts: ChainFacts): string {
  return `${getChainTitle(facts)}\n${formatChain(facts)}\n${getChainCapabilities(facts)}`;
}

/** `2`, or `2.1` and `2.2` if two tasks continue the same one. */
function formatTakeNumber({ number, variant }: Take): string {
  return variant === undefined ? String(number) : `${number}.${variant}`;
}

function describeTake(take: TakeFacts): string {
  const { parent, before } = take;
  if (parent === undefined) {
    return vscode.l10n.t('Take {0} of a chain', formatTakeNumber(take));
  }
  return before
    ? vscode.l10n.t('Take {0} of a chain; continues “{1}”', formatTakeNumber(take), getTaskTitle(before, 60))
    : vscode.l10n.t('Take {0} of a chain; what it continues is no longer in the list', formatTakeNumber(take));
}

/**
 * The state of a task as short text.
 *
 * @param options.withTime `false` leaves out whatever may change within a state (times, progress, retries, reasons),
 * so that the text changes as seldom as the state does
 */
export function formatState(
  record: TaskRecord,
  context: TaskViewContext,
  { withTime = true }: { withTime?: boolean } = {},
): string {
  const { now, readOnly, progress, pauseReason } = context;
  if (readOnly) {
    // This version may not know the state.
    return vscode.l10n.t('Made by a newer version');
  }
  // Times come first: VS Code truncates the end of a narrow row, and the icon already shows the state.
  const elapsed = () => formatDuration(elapsedMs(record, now));
  switch (record.state) {
    case 'draft':
      return vscode.l10n.t('In the queue');
    case 'submitting':
      return withTime ? vscode.l10n.t('{0} · Sending', elapsed()) : vscode.l10n.t('Sending');
    case 'waiting':
    case 'running':
      if (pauseReason) {
        return formatPauseReason(pauseReason);
      }
      if (withTime && record.trouble) {
        return `${elapsed()} · ${formatRetry(record.trouble, context)}`;
      }
      if (record.state === 'waiting') {
        return withTime
          ? vscode.l10n.t('{0} · Waiting', getStateTime(elapsed(), context.estimate))
          : vscode.l10n.t('Waiting');
      }
      return withTime
        ? vscode.l10n.t('{0} · Generating', getStateTime(elapsed(), context.estimate))
        : vscode.l10n.t('Generating');
    case 'unknown':
      return withTime ? vscode.l10n.t('No answer; may have been charged') : vscode.l10n.t('No answer');
    case 'done':
      if (record.saved.length > 0) {
        return vscode.l10n.t('Saved');
      }
      if (withTime && progress && !record.localCopy) {
        return formatDownload(progress);
      }
      if (record.localCopy) {
        return vscode.l10n.t('Ready');
      }
      if (isLinkRefused(record, now)) {
        return vscode.l10n.t('Awaiting link');
      }
      if (!isLinkAlive(record, now)) {
        return vscode.l10n.t('Link expired');
      }
      return withTime
        ? vscode.l10n.t('Ready · link works for {0}', formatTimeLeft(getLinkEnd(record, now) - now))
        : vscode.l10n.t('Ready');
    case 'failed':
      if (!withTime || !record.error) {
        return vscode.l10n.t('Failed');
      }
      if (record.error.kind === 'not-confirmed') {
        return vscode.l10n.t('Not sent: you did not agree');
      }
      return record.error.kind === 'never-sent'
        ? vscode.l10n.t('Not sent: VS Code was closed')
        : vscode.l10n.t('Failed · {0}', formatReason(record, record.error));
    case 'expired':
      return vscode.l10n.t('Link expired');
  }
}

/** When it is tried again, and why in a few words. Not when, for a screen reader: each change would be read aloud. */
function formatRetry(trouble: TaskError, { nextTryAt, now }: Pick<TaskViewContext, 'nextTryAt' | 'now'>): string {
  const when = nextTryAt === undefined ? undefined : formatNextTry(nextTryAt, now);
  const reason = getShortReason(trouble);
  if (reason === undefined) {
    return when === undefined ? vscode.l10n.t('Trying again') : vscode.l10n.t('Trying again {0}', when);
  }
  return when === undefined
    ? vscode.l10n.t('Trying again · {0}', reason)
    : vscode.l10n.t('Trying again {0} · {1}', when, reason);
}

/** How much has come, where the icon says what it is. */
function formatDownloaded(progress: DownloadProgress): string {
  const percent = getPercent(progress);
  return percent === undefined ? formatBytes(progress.received) : `${percent} %`;
}

function formatDownload(progress: DownloadProgress): string {
  const percent = getPercent(progress);
  return percent === undefined
    ? vscode.l10n.t('Downloading · {0}', formatBytes(progress.received))
    : vscode.l10n.t('Downloading · {0} %', percent);
}

function formatPauseReason(pauseReason: PauseReason): string {
  switch (pauseReason) {
    case 'refused-key':
      return vscode.l10n.t('Paused: API key refused');
    case 'no-key':
      return vscode.l10n.t('Paused: no API key');
    case 'unreadable-key':
      return vscode.l10n.t('Paused: the key cannot be read now');
    case 'other-address':
      return vscode.l10n.t('Paused: another address');
    case 'other-key':
      return vscode.l10n.t('Waits for its key');
  }
}

/** Explains why polling of a task is paused, and what the user can do about it. One paragraph each. */
export function getPauseAdvice(pauseReason: PauseReason): string[] {
  const hurry = vscode.l10n.t(
    'It goes on at the service and is not charged again. The service keeps a finished video for 48 hours, so set the key before that.',
  );
  switch (pauseReason) {
    case 'refused-key':
      return [
        vscode.l10n.t(
          'The service refused the key. The video is being made all the same; it is fetched as soon as you set another key.',
        ),
      ];
    case 'no-key':
      return [vscode.l10n.t('Without an API key nobody can ask the service about this task.'), hurry];
    case 'unreadable-key':
      return [
        vscode.l10n.t(
          'The password storage of this system (its keyring) is locked or does not answer, so the API key cannot be read now. The key is still there, and no new one is needed.',
        ),
        vscode.l10n.t(
          'It goes on at the service and is not charged again. Unlock the storage: it is tried again by itself, and at once with “Check now”. The service keeps a finished video for 48 hours.',
        ),
      ];
    case 'other-address':
      return [
        vscode.l10n.t(
          'The setting seedance.apiBaseUrl names another address than the one that the API key was entered for, and the key is not sent there until you say so.',
        ),
        hurry,
      ];
    case 'other-key':
      return [
        vscode.l10n.t(
          'It was made with another API key, and the service does not know it under the present one: it waits until that key is set.',
        ),
        hurry,
      ];
  }
}

/**
 * Returns the title of the view with the total size of all local copies. A description would be the usual place, but
 * VS Code shows none if a view is the only one in its container (seen).
 */
export function getTitleWithSize(title: string, bytes: number): string {
  // Whole megabytes: a side bar of default width has no room for more digits.
  return bytes === 0
    ? title
    : `${title} · ${formatBytes(bytes < MEGABYTE ? bytes : Math.round(bytes / MEGABYTE) * MEGABYTE)}`;
}

/** Formats the remaining time if there is an estimate, or else the elapsed time. */
function getStateTime(elapsed: string, estimate: Estimate | undefined): string {
  if (!estimate) {
    return elapsed;
  }
  return estimate.isLong ? vscode.l10n.t('{0}, longer than usual', elapsed) : formatRemainingTime(estimate);
}

/** Returns the progress of a download in whole percent; `undefined` while its length is unknown. */
export function getPercent({ received, total }: DownloadProgress): number | undefined {
  return total === undefined || total <= 0 ? undefined : Math.min(100, Math.floor((received / total) * 100));
}

/** The icon of the state of a task. */
export function getTaskIcon(
  { state, localCopy, saved }: TaskRecord,
  { readOnly, progress, pauseReason }: TaskViewContext,
): vscode.ThemeIcon {
  const icon = (id: string, color?: string) =>
    color === undefined ? new vscode.ThemeIcon(id) : new vscode.ThemeIcon(id, new vscode.ThemeColor(color));
  if (readOnly) {
    return icon('lock', 'descriptionForeground');
  }
  switch (state) {
    case 'draft':
      return icon('circle-outline', 'descriptionForeground');
    case 'submitting':
      return icon('cloud-upload', 'charts.blue');
    case 'waiting':
      return pauseReason ? icon(getPauseIcon(pauseReason), 'list.warningForeground') : icon('clock', 'charts.blue');
    case 'running':
      return pauseReason
        ? icon(getPauseIcon(pauseReason), 'list.warningForeground')
        : icon('loading~spin', 'charts.blue');
    case 'unknown':
      return icon('question', 'list.warningForeground');
    case 'done':
      if (saved.length > 0) {
        return icon('pass-filled', 'testing.iconPassed');
      }
      if (localCopy) {
        return icon('play-circle', 'testing.iconPassed');
      }
      return progress ? icon('cloud-download', 'charts.blue') : icon('play-circle', 'charts.blue');
    case 'failed':
      return icon('error', 'list.errorForeground');
    case 'expired':
      return icon('circle-slash', 'disabledForeground');
  }
}

function getPauseIcon(pauseReason: PauseReason): string {
  return pauseReason === 'other-key' || pauseReason === 'other-address' ? 'key' : 'debug-pause';
}

/** The text for screen readers. It has no running time, because each change would be read aloud. */
function getAccessibilityLabel(record: TaskRecord, context: TaskViewContext): string {
  const { state, request } = record;
  const since = record.submittedAt ?? record.acceptedAt ?? record.createdAt;
  const ticking = !context.readOnly && !context.pauseReason && record.trouble === undefined;
  const stateText =
    ticking && (state === 'waiting' || state === 'running')
      ? state === 'waiting'
        ? vscode.l10n.t('Waiting since {0}', formatDateTime(since))
        : vscode.l10n.t('Generating since {0}', formatDateTime(since))
      : record.trouble && isPending(record) && !context.readOnly && !context.pauseReason
        ? formatRetry(record.trouble, { now: context.now })
        : formatState(record, context);
  return [
    getRowTitle(record, context),
    stateText,
    request.model && formatModelTitle(request.model),
    getPriceText(record)[1],
  ]
    .filter((part) => part !== undefined && part !== '')
    .map((part) => (/[.!?…]$/.test(part as string) ? part : `${part}.`))
    .join(' ');
}

/** Returns the price that the service reported, or else the one that the user confirmed. */
export function getPriceText({ cost, quotedPrice }: TaskRecord): [name: string, value: string | undefined] {
  return cost !== undefined
    ? [vscode.l10n.t('Charged'), formatRoubles(cost)]
    : [vscode.l10n.t('Price'), quotedPrice === undefined ? undefined : formatRoubles(quotedPrice)];
}

/** Returns the thumbnail of the first frame, if a webview has drawn one. Validated, because it comes from the disk. */
export function getThumbnail({ request: { firstFrame } }: TaskRecord): string | undefined {
  return firstFrame?.thumbnail !== undefined && isThumbnail(firstFrame.thumbnail) ? firstFrame.thumbnail : undefined;
}

const LAST_ANSWER_SHOWN_CHARS = 200;

/** The last answer that made no sense and when it came; not once more where the error shows it. */
export function formatLastAnswer({ lastAnswer, error, trouble }: TaskRecord): string | undefined {
  return lastAnswer === undefined || (error ?? trouble)?.answer
    ? undefined
    : `${formatDateTime(lastAnswer.at)}: ${toSingleLine(lastAnswer.text, LAST_ANSWER_SHOWN_CHARS)}`;
}

/** What is said of a link that does not work, in place of a time; `undefined` where it works or is not needed. */
export function getDeadLinkText(record: TaskRecord, now: number): string | undefined {
  const { state, result, localCopy } = record;
  if ((state !== 'done' && state !== 'expired') || localCopy || !result || isLinkAlive(record, now)) {
    return undefined;
  }
  return isLinkRefused(record, now) ? vscode.l10n.t('does not work; a new one is asked for') : vscode.l10n.t('expired');
}

/** Of a poster in a tooltip, pixels: a tall one must leave room for the facts. */
const TOOLTIP_POSTER_HEIGHT = 180;

/**
 * The poster in Markdown, as a `data:` URL, because a hover shows no `file:`. VS Code takes the size behind a bar; it
 * shows no URL of more than 100,000 characters, of which the largest poster has 44,000 (seen).
 */
export function formatPoster(bytes: Uint8Array, height = TOOLTIP_POSTER_HEIGHT): string {
  const url = `data:image/jpeg;base64,${Buffer.from(bytes).toString('base64')}`;
  return `![${escapeMarkdown(vscode.l10n.t('A frame of the video'))}](${url}|height=${height})`;
}

/**
 * Creates the tooltip of a task's row.
 *
 * @param poster a JPEG
 */
export function getTooltip(record: TaskRecord, context: TaskViewContext, poster?: Uint8Array): vscode.MarkdownString {
  const { request, localCopy, createdAt, finishedAt, state } = record;
  const error = record.error ?? record.trouble;
  const blocks: string[] = [];

  blocks.push(
    escapeMarkdown(truncate(request.prompt, TOOLTIP_PROMPT_MAX_CHARS, TOOLTIP_PROMPT_MAX_LINES)) ||
      escapeMarkdown(getTaskTitle(record)),
  );
  blocks.push(
    `**${escapeMarkdown(state === 'failed' && !context.readOnly && !isNeverSent(error) ? vscode.l10n.t('Failed') : formatState(record, context))}**`,
  );
  if (context.pauseReason) {
    blocks.push(...getPauseAdvice(context.pauseReason).map(escapeMarkdown));
  } else if (error) {
    const { what, money, advice } = describeTaskError(error, record);
    blocks.push(
      [what, money, advice, (record.error ? undefined : describeNextTry(context.nextTryAt, context.now)) ?? '']
        .filter((text) => text !== '')
        .map(escapeMarkdown)
        .join('  \n'),
    );
    const quote = getServerMessage(error);
    if (quote !== undefined) {
      blocks.push(escapeMarkdown(quote));
    }
  }

  if (context.shotTake && record.shot) {
    const { number, shot } = context.shotTake;
    blocks.push(
      escapeMarkdown(
        vscode.l10n.t(
          'Take {0} of “{1}” in {2}',
          number,
          formatShotName(shot.row),
          getFilmName(record.shot.document).name,
        ),
      ),
    );
  }
  if (context.take) {
    blocks.push(escapeMarkdown(describeTake(context.take)));
  }
  if (context.promptTake) {
    const { number, count } = context.promptTake;
    blocks.push(escapeMarkdown(vscode.l10n.t('Take {0} of {1} with this prompt', number, count)));
  }

  const facts: [string, string | undefined][] = [
    [vscode.l10n.t('Model'), request.model && formatModelTitle(request.model)],
    [vscode.l10n.t('Aspect ratio'), request.aspectRatio],
    [vscode.l10n.t('First frame'), request.firstFrame && toSingleLine(request.firstFrame.label, 80)],
    getPriceText(record),
    [vscode.l10n.t('Created'), formatDateTime(createdAt)],
    [
      vscode.l10n.t('Took'),
      finishedAt !== undefined && state === 'done' ? formatDuration(elapsedMs(record, context.now)) : undefined,
    ],
    [vscode.l10n.t('Local copy'), localCopy && formatBytes(localCopy.bytes)],
    [
      vscode.l10n.t('Link works until'),
      localCopy || !isLinkAlive(record, context.now) ? undefined : formatDateTime(getLinkEnd(record, context.now)),
    ],
    [vscode.l10n.t('Link'), getDeadLinkText(record, context.now)],
    [vscode.l10n.t('Last odd answer'), formatLastAnswer(record)],
  ];
  blocks.push(
    facts
      .filter((fact): fact is [string, string] => Boolean(fact[1]))
      .map(([name, value]) => `${escapeMarkdown(name)}: ${escapeMarkdown(value)}`)
      .join('  \n'),
  );
  if (context.readOnly) {
    blocks.push(
      escapeMarkdown(vscode.l10n.t('Made by a newer version of the extension: it can be looked at, not changed.')),
    );
  }
  if (poster) {
    blocks.splice(1, 0, formatPoster(poster));
  }
  const thumbnail = getThumbnail(record);
  if (thumbnail !== undefined) {
    blocks.push(`![${escapeMarkdown(vscode.l10n.t('First frame'))}](${thumbnail})`);
  }
  // All of it may be untrusted: no command links, no HTML, no icons.
  return new vscode.MarkdownString(blocks.join('\n\n'));
}
