import * as vscode from 'vscode';
import { parseModelId } from '../../api/models';
import { stripControlChars, toSingleLine } from '../../common/text';
import { formatAge, formatBytes, formatModelTitle, getTaskTitle } from '../../messages/format';
import type { DownloadProgress } from '../../tasks/download/downloader';
import type { PromptTake } from '../../tasks/model/promptTakes';
import { getTaskCapabilities, isLinkAlive, isLinkRefused } from '../../tasks/model/taskCapabilities';
import type { TaskRecord } from '../../tasks/model/taskRecord';
import { getPercent, getPriceText, getTitleWithTake } from '../tasks/taskTreeItem';
import type {
  ComparedTake,
  CompareModel,
  CompareStrings,
  Difference,
  DiffPart,
  TakeAction,
  TakeButton,
} from './protocol';
import { diffTexts, diffWhole } from './textDiff';

/** What a comparison shows of a take in addition to its record. */
export interface TakeFacts {
  record: TaskRecord;
  readOnly: boolean;
  /** Which of the tasks of its prompt it is, if there are several. */
  take?: PromptTake | undefined;
  /** The URL under which the page can load the local copy. */
  copyUrl?: string | undefined;
  /** Whether the file has a sound track, if its tables were read. */
  hasTrack?: boolean | undefined;
  progress?: DownloadProgress | undefined;
  /** Why it is not shown: no copy could be made, or the page cannot play it. */
  problem?: 'unavailable' | 'codec' | 'only-sound' | undefined;
}

export interface CompareFacts {
  /** Milliseconds since the epoch. */
  now: number;
  /** Whether all are takes of one prompt, so that their numbers tell them apart. */
  isOnePrompt: boolean;
}

const TITLE_MAX_CHARS = 40;
const ABOUT_MAX_CHARS = 80;

/** Creates the model for the time until the list is loaded. */
export function createLoadingModel(): CompareModel {
  return { ...EMPTY, title: vscode.l10n.t('Compare'), state: 'loading', heading: vscode.l10n.t('Loading…') };
}

const EMPTY = { heading: '', lines: [], takes: [], differences: [], same: [] };

/** Creates the model that the page draws: of several takes, or of what is left of them. */
export function createCompareModel(takes: readonly TakeFacts[], facts: CompareFacts): CompareModel {
  const [first, ...others] = takes;
  const title = first
    ? vscode.l10n.t('Compare: {0}', getTaskTitle(first.record, TITLE_MAX_CHARS))
    : vscode.l10n.t('Compare');
  const shown = takes.map((take, index) => createTake(take, index, facts));
  if (!first || others.length === 0) {
    return {
      ...EMPTY,
      title,
      state: 'over',
      heading: first ? vscode.l10n.t('One take is left') : vscode.l10n.t('None of these takes is in the list any more'),
      lines: [
        vscode.l10n.t('The others were removed from the list. Files that you saved stay where they are.'),
        ...(first ? [vscode.l10n.t('One alone cannot be compared. Its preview shows it.')] : []),
      ],
      takes: shown.map((take) => ({
        ...take,
        video: undefined,
        notice: undefined,
        buttons: [{ action: 'preview', label: vscode.l10n.t('Preview') }],
      })),
    };
  }
  const compared = compareFacts(takes.map(({ record }) => record));
  return { ...EMPTY, title, state: 'ready', takes: shown, ...compared };
}

function createTake(facts: TakeFacts, index: number, { now, isOnePrompt }: CompareFacts): ComparedTake {
  const { record, take, copyUrl, problem } = facts;
  const isPlayable = record.state === 'done' && copyUrl !== undefined && problem === undefined;
  return {
    id: record.id,
    ...(isOnePrompt && take
      ? {
          name: vscode.l10n.t('Take {0} of {1}', take.number, take.count),
          about: formatAge(now - record.createdAt),
        }
      : {
          name: vscode.l10n.t('Video {0}', index + 1),
          about: getTitleWithTake(record, take, now, ABOUT_MAX_CHARS),
        }),
    ...(isPlayable
      ? {
          video: {
            url: copyUrl,
            isOther: record.localCopy?.type !== undefined,
            sound: facts.hasTrack ?? parseModelId(record.request.model)?.audio,
          },
        }
      : { notice: getNotice(facts, now) }),
    ratio: getRatio(record),
    buttons: getButtons(facts, now),
  };
}

/** Why there is no video to be seen. */
function getNotice({ record, progress, problem }: TakeFacts, now: number): string {
  if (record.state !== 'done' && record.state !== 'expired') {
    return vscode.l10n.t('This take has no video.');
  }
  const cannotPlay = `${vscode.l10n.t('This VS Code cannot play the video')}.`;
  switch (problem) {
    case 'codec':
      return `${cannotPlay} ${vscode.l10n.t('It lacks the H.264 decoder, or could not read the picture. The file itself is fine: the system’s player shows it.')}`;
    case 'only-sound':
      return `${cannotPlay} ${vscode.l10n.t('It could play the sound only: it has no decoder for the picture of this file. The file itself is fine: save it, or open it in the system’s player.')}`;
    case 'unavailable':
      return isLinkAlive(record, now) || isLinkRefused(record, now)
        ? vscode.l10n.t(
            'The video could not be copied to this computer now. It is not lost, and nothing is charged again.',
          )
        : vscode.l10n.t('There is no copy of this video on this computer, and its link has expired.');
    case undefined: {
      const percent = progress && getPercent(progress);
      return progress === undefined
        ? vscode.l10n.t('Fetching the video…')
        : percent === undefined
          ? vscode.l10n.t('Copying to this computer · {0}', formatBytes(progress.received))
          : vscode.l10n.t('Copying to this computer · {0} %', percent);
    }
  }
}

function getButtons({ record, readOnly, problem }: TakeFacts, now: number): TakeButton[] {
  const can = getTaskCapabilities(record, { now, readOnly });
  const isUnplayable = problem === 'codec' || problem === 'only-sound';
  const offered: [action: TakeAction, label: string, holds: boolean][] = [
    ['reload', vscode.l10n.t('Try again'), problem !== undefined],
    ['openExternal', vscode.l10n.t('Open in the system’s player'), isUnplayable],
    ['use', vscode.l10n.t('Use this take'), can.has('choosable')],
    ['save', vscode.l10n.t('Save to workspace'), can.has('savable')],
    ['again', vscode.l10n.t('Generate again'), can.has('retryable')],
    ['remove', vscode.l10n.t('Remove from list'), can.has('removable')],
  ];
  return offered.filter(([, , holds]) => holds).map(([action, label]) => ({ action, label }));
}

function getRatio({ request: { aspectRatio } }: TaskRecord): number {
  const [width, height] = (aspectRatio ?? '').split(':').map(Number);
  return width && height ? width / height : 16 / 9;
}

/** What the takes were made from, fact by fact. */
function compareFacts(records: readonly TaskRecord[]): Pick<CompareModel, 'differences' | 'same'> {
  const none = vscode.l10n.t('none');
  const facts: [name: string, values: string[], diff: (before: string, after: string) => DiffPart[]][] = [
    [vscode.l10n.t('Prompt'), records.map(({ request }) => stripControlChars(request.prompt) || none), diffTexts],
    [
      vscode.l10n.t('Model'),
      records.map(({ request }) => toSingleLine(formatModelTitle(request.model), 120)),
      diffTexts,
    ],
    [vscode.l10n.t('Price'), records.map((record) => getPriceText(record)[1] ?? vscode.l10n.t('unknown')), diffWhole],
    [
      vscode.l10n.t('Aspect ratio'),
      records.map(({ request }) => request.aspectRatio ?? vscode.l10n.t('unknown')),
      diffWhole,
    ],
    [vscode.l10n.t('First frame'), getFirstFrames(records, none), diffWhole],
  ];
  const differences: Difference[] = [];
  const same: CompareModel['same'] = [];
  for (const [name, values, diff] of facts) {
    const [first = '', ...others] = values;
    if (others.every((value) => value === first)) {
      same.push({ name, value: first });
    } else {
      differences.push({ name, values: [[{ text: first }], ...others.map((value) => diff(first, value))] });
    }
  }
  return { differences, same };
}

/** The names of the first frames; images of the same name that are not the same image are told apart. */
function getFirstFrames(records: readonly TaskRecord[], none: string): string[] {
  const images: string[] = [];
  return records.map(({ request: { firstFrame } }) => {
    if (!firstFrame) {
      return none;
    }
    const label = toSingleLine(firstFrame.label, 80);
    const image = firstFrame.hash ?? firstFrame.link ?? firstFrame.source;
    const index = images.indexOf(image) < 0 ? images.push(image) - 1 : images.indexOf(image);
    const isShared = records.some(
      ({ request: { firstFrame: other } }) =>
        other && toSingleLine(other.label, 80) === label && (other.hash ?? other.link ?? other.source) !== image,
    );
    return isShared ? vscode.l10n.t('{0} (image {1})', label, index + 1) : label;
  });
}

/** Returns the localized texts of the page that do not depend on the takes. */
export function getCompareStrings(): CompareStrings {
  return {
    player: vscode.l10n.t('Player of all takes'),
    play: vscode.l10n.t('Play'),
    pause: vscode.l10n.t('Pause'),
    timeline: vscode.l10n.t('Position'),
    timelineValue: vscode.l10n.t('{0} of {1}'),
    stepBack: vscode.l10n.t('One frame back'),
    stepForward: vscode.l10n.t('One frame forward'),
    speed: vscode.l10n.t('Speed'),
    loop: vscode.l10n.t('Repeat'),
    soundOf: vscode.l10n.t('Sound of this one'),
    soundOff: vscode.l10n.t('Mute'),
    silent: vscode.l10n.t(
      'The sound of this video cannot be played here. The file has it: open it in the system’s player.',
    ),
    wipe: vscode.l10n.t('One over the other, with a divider'),
    wipeOff: vscode.l10n.t('Side by side'),
    divider: vscode.l10n.t('Divider: {0} on the left, {1} on the right', '{0}', '{1}'),
    dividerValue: vscode.l10n.t('{0} %', '{0}'),
    differences: vscode.l10n.t('Differences'),
    changedFrom: vscode.l10n.t('Marked is what differs from “{0}”.', '{0}'),
    noDifferences: vscode.l10n.t('All were made from the same: prompt, model, price, aspect ratio and first frame.'),
    same: vscode.l10n.t('The same in all'),
    inserted: vscode.l10n.t('added:'),
    removed: vscode.l10n.t('removed:'),
    keys: vscode.l10n.t('Keys'),
    keySpace: vscode.l10n.t('Play or pause'),
    keyArrows: vscode.l10n.t('Back and forward'),
    keyFrames: vscode.l10n.t('Frame by frame'),
    keySpeed: vscode.l10n.t('Slower and faster'),
    keyEnds: vscode.l10n.t('First and last frame'),
    keySound: vscode.l10n.t('Sound of the first, second, …'),
  };
}
