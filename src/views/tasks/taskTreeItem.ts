import * as vscode from 'vscode';
import { Commands } from '../../constants';
import { describeTaskError } from '../../messages/taskErrors';
import {
  formatBytes,
  getTaskLabel,
  formatDateTime,
  formatDuration,
  formatRoubles,
  formatTimeLeft,
  formatModelTitle,
  formatRemainingTime,
} from '../../messages/format';
import type { DownloadProgress } from '../../tasks/download/downloader';
import type { Take } from '../../tasks/model/chains';
import type { Estimate } from '../../tasks/polling/remainingTime';
import type { PauseReason } from '../../tasks/polling/pollingController';
import { isThumbnail, isUnfinished, type TaskRecord } from '../../tasks/model/taskRecord';
import { getTaskCapabilities, isLinkAlive } from '../../tasks/model/taskCapabilities';
import { elapsedMs } from './elapsed';
import { countRows, type ChainFacts, type Page, type TakeFacts, type TaskViewContext } from './taskTreeLayout';
import { escapeMarkdown, truncate, toSingleLine } from '../../common/text';

/** How a task looks in the tree: functions of its record, and of the context that the record does not hold. */

/** A side bar of the usual width then still has room for the state beside it; the tooltip has the whole prompt. */
const LABEL_MAX_CHARS = 22;
/** With the number of the take before it or the number of takes behind it, and further in. */
const TAKE_LABEL_MAX_CHARS = 14;
const TOOLTIP_PROMPT_MAX_CHARS = 700;
const TOOLTIP_PROMPT_MAX_LINES = 12;
const MEGABYTE = 1024 ** 2;

/** Everything but the tooltip, which is made when somebody hovers (`tooltipOf`). */
export function createTaskItem(record: TaskRecord, context: TaskViewContext): vscode.TreeItem {
  const item = new vscode.TreeItem(getRowLabel(record, context), vscode.TreeItemCollapsibleState.None);
  item.id = record.id;
  item.description = formatState(record, context);
  item.iconPath = getIcon(record, context);
  item.contextValue = [...getTaskCapabilities(record, context)].join(' ');
  item.accessibilityInformation = { label: getAccessibilityLabel(record, context) };
  // Without arguments: VS Code keeps those under a number that dies with every refresh, and a click on a
  // row that counts seconds would now and then find none. The command takes the selected task.
  item.command = { command: Commands.preview, title: vscode.l10n.t('Preview') };
  return item;
}

/** A row that holds older tasks, named for the newest of them. */
export function createPageItem(page: Page, newest: TaskRecord | undefined): vscode.TreeItem {
  const item = new vscode.TreeItem(
    newest ? vscode.l10n.t('Older: until {0}', formatDateTime(newest.createdAt)) : vscode.l10n.t('Older'),
    vscode.TreeItemCollapsibleState.Collapsed,
  );
  item.description = String(countRows(page));
  item.id = `older-${page.level}-${page.index}`;
  item.iconPath = new vscode.ThemeIcon('history');
  item.contextValue = 'older';
  return item;
}

/**
 * The row of a chain, named for its first take. Its words are those of the newest without the running clock, so
 * that they seldom change: VS Code draws the takes anew with it.
 */
export function createChainItem(chain: string, facts: ChainFacts): vscode.TreeItem {
  const { first, newest, context } = facts;
  const item = new vscode.TreeItem(
    getTaskTitle(first, TAKE_LABEL_MAX_CHARS),
    // Opened where something is going on. Later VS Code keeps it as the user left it.
    isUnfinished(newest) ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
  );
  item.id = `chain-${chain}`;
  item.description = formatChain(facts);
  item.iconPath = new vscode.ThemeIcon('layers', getIcon(newest, context).color);
  item.contextValue = 'chain';
  item.tooltip = new vscode.MarkdownString(escapeMarkdown(`${getTaskTitle(first, 200)}\n\n${item.description}`));
  item.accessibilityInformation = { label: vscode.l10n.t('Chain: {0}. {1}', getTaskTitle(first), item.description) };
  return item;
}

export function formatChain({ count, newest, context }: ChainFacts): string {
  return vscode.l10n.t('Takes: {0} · {1}', count, formatState(newest, context, { withTime: false }));
}

/** Below its chain the number tells a take from the others, which often have the same prompt. */
function getRowLabel(record: TaskRecord, { take }: TaskViewContext): string {
  return take?.isGrouped
    ? vscode.l10n.t('Take {0} · {1}', takeName(take), getTaskTitle(record, TAKE_LABEL_MAX_CHARS))
    : getTaskTitle(record);
}

/** `2`, or `2.1` and `2.2` where two tasks go on from the same one. */
function takeName({ number, variant }: Take): string {
  return variant === undefined ? String(number) : `${number}.${variant}`;
}

function takeSentence(take: TakeFacts): string {
  const { parent, before } = take;
  if (parent === undefined) {
    return vscode.l10n.t('Take {0} of a chain', takeName(take));
  }
  return before
    ? vscode.l10n.t('Take {0} of a chain; continues “{1}”', takeName(take), getTaskTitle(before, 60))
    : vscode.l10n.t('Take {0} of a chain; what it continues is no longer in the list', takeName(take));
}

/** The task's label as a title, which says of an id that it is one. */
export function getTaskTitle(record: TaskRecord, maxChars = LABEL_MAX_CHARS): string {
  const label = getTaskLabel(record, maxChars);
  return record.request.prompt === '' ? vscode.l10n.t('Task {0}', label) : label;
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
  const { now, readOnly, progress, hold } = context;
  if (readOnly) {
    // The state may be one that this version does not understand.
    return vscode.l10n.t('Made by a newer version');
  }
  // Times stand first: a narrow row cuts what stands last, and the icon tells the state already.
  const elapsed = () => formatDuration(elapsedMs(record, now));
  switch (record.state) {
    case 'draft':
      return vscode.l10n.t('In the queue');
    case 'submitting':
      return withTime ? vscode.l10n.t('{0} · Sending', elapsed()) : vscode.l10n.t('Sending');
    case 'waiting':
    case 'running':
      if (hold) {
        return formatPauseReason(hold);
      }
      if (withTime && record.trouble) {
        return vscode.l10n.t('{0} · Trying again', elapsed());
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
      if (!isLinkAlive(record, now)) {
        return vscode.l10n.t('Link expired');
      }
      return withTime
        ? vscode.l10n.t('Ready · link works for {0}', formatTimeLeft(record.result.expiresAt - now))
        : vscode.l10n.t('Ready');
    case 'failed':
      if (!withTime || !record.error) {
        return vscode.l10n.t('Failed');
      }
      return record.error.kind === 'never-sent'
        ? vscode.l10n.t('Not sent: VS Code was closed')
        : vscode.l10n.t('Failed · {0}', toSingleLine(describeTaskError(record.error, record).what, 80));
    case 'expired':
      return vscode.l10n.t('Link expired');
  }
}

function formatDownload(progress: DownloadProgress): string {
  const percent = getPercent(progress);
  return percent === undefined
    ? vscode.l10n.t('Downloading · {0}', formatBytes(progress.received))
    : vscode.l10n.t('Downloading · {0} %', percent);
}

function formatPauseReason(hold: PauseReason): string {
  switch (hold) {
    case 'refused-key':
      return vscode.l10n.t('Paused: API key refused');
    case 'no-key':
      return vscode.l10n.t('Paused: no API key');
    case 'other-key':
      return vscode.l10n.t('Waits for its key');
  }
}

/** What a hold means and what ends it. */
export function getPauseAdvice(hold: PauseReason): string[] {
  const hurry = vscode.l10n.t(
    'It goes on at the service and is not charged again. The service keeps a finished video for 48 hours, so set the key before that.',
  );
  switch (hold) {
    case 'refused-key':
      return [
        vscode.l10n.t(
          'The service refused the key. The video is being made all the same; it is fetched as soon as you set another key.',
        ),
      ];
    case 'no-key':
      return [vscode.l10n.t('Without an API key nobody can ask the service about this task.'), hurry];
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
 * The view's title with what the local copies of all tasks take. Not as the view's description: VS Code
 * shows none where a view is the only one of its container.
 */
export function getTitleWithSize(title: string, bytes: number): string {
  // Whole megabytes: a side bar of the usual width has no room for more.
  return bytes === 0
    ? title
    : `${title} · ${formatBytes(bytes < MEGABYTE ? bytes : Math.round(bytes / MEGABYTE) * MEGABYTE)}`;
}

/** How long it still takes, where that can be told, else how long it has taken. */
function getStateTime(elapsed: string, estimate: Estimate | undefined): string {
  if (!estimate) {
    return elapsed;
  }
  return estimate.isLong ? vscode.l10n.t('{0}, longer than usual', elapsed) : formatRemainingTime(estimate);
}

/** Whole percent; undefined while the length is not known. */
export function getPercent({ received, total }: DownloadProgress): number | undefined {
  return total === undefined || total <= 0 ? undefined : Math.min(100, Math.floor((received / total) * 100));
}

function getIcon(
  { state, localCopy, saved }: TaskRecord,
  { readOnly, progress, hold }: TaskViewContext,
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
      return hold ? icon(getPauseIcon(hold), 'list.warningForeground') : icon('clock', 'charts.blue');
    case 'running':
      return hold ? icon(getPauseIcon(hold), 'list.warningForeground') : icon('loading~spin', 'charts.blue');
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

function getPauseIcon(hold: PauseReason): string {
  return hold === 'other-key' ? 'key' : 'debug-pause';
}

/** For a screen reader: without a running clock, or it would be read again every second. */
function getAccessibilityLabel(record: TaskRecord, context: TaskViewContext): string {
  const { state, request } = record;
  const since = record.submittedAt ?? record.acceptedAt ?? record.createdAt;
  const ticking = !context.readOnly && !context.hold && record.trouble === undefined;
  const stateText =
    ticking && (state === 'waiting' || state === 'running')
      ? state === 'waiting'
        ? vscode.l10n.t('Waiting since {0}', formatDateTime(since))
        : vscode.l10n.t('Generating since {0}', formatDateTime(since))
      : formatState(record, context);
  return [
    getRowLabel(record, context),
    stateText,
    request.model && formatModelTitle(request.model),
    getPriceText(record)[1],
  ]
    .filter((part) => part !== undefined && part !== '')
    .map((part) => (/[.!?…]$/.test(part as string) ? part : `${part}.`))
    .join(' ');
}

/** What it cost if the service said so, else what it was said to cost. */
export function getPriceText({ cost, quotedPrice }: TaskRecord): [name: string, value: string | undefined] {
  return cost !== undefined
    ? [vscode.l10n.t('Charged'), formatRoubles(cost)]
    : [vscode.l10n.t('Price'), quotedPrice === undefined ? undefined : formatRoubles(quotedPrice)];
}

/** The first frame as a small picture, where a page has drawn one. It comes from the disk: looked at before it is shown. */
export function getThumbnail({ request: { firstFrame } }: TaskRecord): string | undefined {
  return firstFrame?.thumbnail !== undefined && isThumbnail(firstFrame.thumbnail) ? firstFrame.thumbnail : undefined;
}

export function getTooltip(record: TaskRecord, context: TaskViewContext): vscode.MarkdownString {
  const { request, localCopy, result, createdAt, finishedAt, state } = record;
  const error = record.error ?? record.trouble;
  const blocks: string[] = [];

  blocks.push(
    escapeMarkdown(truncate(request.prompt, TOOLTIP_PROMPT_MAX_CHARS, TOOLTIP_PROMPT_MAX_LINES)) ||
      escapeMarkdown(getTaskTitle(record)),
  );
  blocks.push(
    `**${escapeMarkdown(state === 'failed' && !context.readOnly && error?.kind !== 'never-sent' ? vscode.l10n.t('Failed') : formatState(record, context))}**`,
  );
  if (context.hold) {
    blocks.push(...getPauseAdvice(context.hold).map(escapeMarkdown));
  } else if (error) {
    const { what, money, advice } = describeTaskError(error, record);
    blocks.push(
      [what, money, advice]
        .filter((text) => text !== '')
        .map(escapeMarkdown)
        .join('  \n'),
    );
    if (error.message) {
      blocks.push(escapeMarkdown(vscode.l10n.t('The service said: {0}', toSingleLine(error.message, 300))));
    }
  }

  if (context.take) {
    blocks.push(escapeMarkdown(takeSentence(context.take)));
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
    [vscode.l10n.t('Link works until'), localCopy || !result ? undefined : formatDateTime(result.expiresAt)],
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
  const thumbnail = getThumbnail(record);
  if (thumbnail !== undefined) {
    blocks.push(`![${escapeMarkdown(vscode.l10n.t('First frame'))}](${thumbnail})`);
  }
  // Neither trusted nor HTML nor icons: all of it may come from outside.
  return new vscode.MarkdownString(blocks.join('\n\n'));
}
