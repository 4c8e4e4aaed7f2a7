import * as vscode from 'vscode';
import { Commands } from '../../constants';
import { getPlayableLink } from '../../common/link';
import { parseModelId } from '../../api/models';
import { describeNextTry, describeTaskError, getServerMessage } from '../../messages/taskErrors';
import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatFrameRate,
  formatPixels,
  formatRoubles,
  formatTimeLeft,
  formatModelTitle,
  formatRemainingTime,
} from '../../messages/format';
import type { DownloadProgress } from '../../tasks/download/downloader';
import type { VideoFacts } from '../../tasks/download/mp4Facts';
import type { Estimate } from '../../tasks/polling/remainingTime';
import { getTypicalTime } from '../../tasks/polling/typicalTimes';
import type { PauseReason } from '../../tasks/polling/pollingController';
import { getLinkEnd, getTaskCapabilities, isLinkAlive, isLinkRefused } from '../../tasks/model/taskCapabilities';
import type { PromptTake } from '../../tasks/model/promptTakes';
import { isNeverSent, type TaskRecord, type VideoType } from '../../tasks/model/taskRecord';
import type { PreviewAction, PreviewButton, PreviewModel, PreviewState, PreviewStrings } from './protocol';
import { elapsedMs } from '../tasks/elapsed';
import {
  formatLastAnswer,
  getDeadLinkText,
  getPauseAdvice,
  getTitleWithTake,
  getPercent,
  getPriceText,
  getThumbnail,
} from '../tasks/taskTreeItem';
import { toSingleLine, stripControlChars } from '../../common/text';

/** Why the page cannot play the video, found out after it reported an error: see `PREVIEW_STATES`. */
export type PlaybackProblem = 'codec' | 'only-sound' | 'gone' | 'unreachable';

/** What a preview shows in addition to the record of its task. */
export interface PreviewFacts {
  /** Milliseconds since the epoch. */
  now: number;
  readOnly: boolean;
  /** Why the task is not polled until the API key changes. */
  pauseReason?: PauseReason | undefined;
  progress?: DownloadProgress | undefined;
  /** When what failed is tried again, if this window does it. */
  nextTryAt?: number | undefined;
  /** The remaining time, if it can be estimated. */
  estimate?: Estimate | undefined;
  problem?: PlaybackProblem | undefined;
  /** Which of the tasks of its prompt it is, if there are several. */
  take?: PromptTake | undefined;
  /** Whether another take of its prompt has a video to compare it with. */
  hasOtherTakes?: boolean | undefined;
  /** The ids of the tasks that were chosen together with it, in turn. */
  series?: readonly string[] | undefined;
  /** The task whose video the first frame was captured from, if it is still in the list. */
  origin?: TaskRecord | undefined;
  /** The base URL of the API, if the setting is valid: only then a link may lead to the same computer. */
  base?: URL | undefined;
  /** The URL under which the webview can load the local copy. */
  copyUrl?: string | undefined;
  /** What the tables of the local copy state. */
  film?: VideoFacts | undefined;
  /** Formats the URI of a saved file: relative to the workspace if it is inside. */
  formatSavedUri: (uri: string) => string;
}

const TITLE_MAX_CHARS = 40;

/** Returns the title of the tab. Tabs of one prompt are told apart by the number and the age of the take. */
export function getPreviewTitle(record: TaskRecord | undefined, take: PromptTake | undefined, now: number): string {
  return record ? getTitleWithTake(record, take, now, TITLE_MAX_CHARS) : vscode.l10n.t('Seedance preview');
}

/** Creates the model for a task without a record: the list is still being loaded, or the task was removed. */
export function createModelWithoutRecord(
  id: string,
  state: 'loading' | 'removed',
  series?: readonly string[],
): PreviewModel {
  return {
    id,
    state,
    title: getPreviewTitle(undefined, undefined, 0),
    heading: state === 'loading' ? vscode.l10n.t('Loading…') : vscode.l10n.t('This task is no longer in the list'),
    lines: state === 'loading' ? [] : [vscode.l10n.t('It was removed. Files that you saved stay where they are.')],
    overlayButtons: [],
    ratio: 16 / 9,
    prompt: '',
    facts: [],
    saved: [],
    buttons: [],
    series: getSeries(id, series),
  };
}

/** Creates the model that the page draws. */
export function createPreviewModel(record: TaskRecord, facts: PreviewFacts): PreviewModel {
  const video = getVideo(record, facts);
  const state = getState(record, facts, video);
  const overlay = getOverlay(record, facts, state);
  return {
    id: record.id,
    state,
    title: getPreviewTitle(record, facts.take, facts.now),
    ...overlay,
    elapsedMs: state === 'waiting' && record.state !== 'draft' ? elapsedMs(record, facts.now) : undefined,
    estimate: state === 'waiting' && facts.estimate ? getEstimate(facts.estimate) : undefined,
    ...(facts.progress && !record.localCopy ? getProgress(facts.progress) : {}),
    video: state === 'ready' ? video : undefined,
    ratio: getRatio(record),
    prompt: stripControlChars(record.request.prompt),
    notice: getNotice(record, facts),
    facts: getDetails(record, facts),
    saved: record.saved.map(({ uri }) => toSingleLine(facts.formatSavedUri(uri), 200)),
    buttons: getButtons(record, facts, state),
    series: getSeries(record.id, facts.series),
  };
}

function getEstimate(estimate: Estimate): NonNullable<PreviewModel['estimate']> {
  return {
    fraction: estimate.progress,
    label: estimate.isLong ? vscode.l10n.t('It takes longer than usual') : formatRemainingTime(estimate),
  };
}

function getProgress(progress: DownloadProgress): Pick<PreviewModel, 'progress' | 'progressLabel'> {
  const percent = getPercent(progress);
  return percent === undefined
    ? {
        progress: -1,
        progressLabel: vscode.l10n.t('Copying to this computer · {0}', formatBytes(progress.received)),
      }
    : {
        progress: percent / 100,
        progressLabel: vscode.l10n.t('Copying to this computer · {0} %', percent),
      };
}

/** Which of the tasks that were chosen together this is. */
export function getSeries(id: string, ids: readonly string[] = []): PreviewModel['series'] {
  const index = ids.indexOf(id);
  return index < 0 || ids.length < 2
    ? undefined
    : {
        ids: [...ids],
        label: vscode.l10n.t('{0} of {1}', index + 1, ids.length),
        hasPrevious: index > 0,
        hasNext: index + 1 < ids.length,
      };
}

/** How often the remaining time, and that until the next try, is updated. */
const ESTIMATE_EVERY_MS = 1_000;

/** How often the age in the title is updated. It is shown in minutes at least. */
const AGE_EVERY_MS = 60_000;

/**
 * Returns in how many milliseconds the model changes by itself, or `undefined` for never. The elapsed seconds are not
 * part of it: the page counts them.
 */
export function getNextModelChange(
  record: TaskRecord,
  now: number,
  { isEstimated, hasAge, isRetried }: { isEstimated?: boolean; hasAge?: boolean; isRetried?: boolean } = {},
): number | undefined {
  if (isEstimated || isRetried) {
    return ESTIMATE_EVERY_MS;
  }
  const isCounting = record.state === 'done' && !record.localCopy && isLinkAlive(record, now);
  return isCounting ? ((record.result.expiresAt - now) % 60_000) + 1 : hasAge ? AGE_EVERY_MS : undefined;
}

/** Returns the local copy, or else the link if it has not expired and a webview may play it. */
function getVideo(record: TaskRecord, { now, copyUrl, problem, base, film }: PreviewFacts): PreviewModel['video'] {
  if (record.state !== 'done') {
    return undefined;
  }
  const sound = parseModelId(record.request.model)?.audio;
  if (record.localCopy && copyUrl !== undefined && problem !== 'gone') {
    return {
      url: copyUrl,
      copy: true,
      sound,
      ...(film ? { hasTrack: film.sound !== undefined } : {}),
      ...(record.localCopy.type === undefined ? {} : { isOther: true }),
    };
  }
  const link = isLinkAlive(record, now) ? getPlayableLink(record.result.url, base) : undefined;
  return link === undefined ? undefined : { url: link, copy: false, sound };
}

function getState(
  record: TaskRecord,
  { problem, now, readOnly, pauseReason }: PreviewFacts,
  video: PreviewModel['video'],
): PreviewState {
  if (readOnly && record.state !== 'done') {
    return 'readonly';
  }
  if (pauseReason) {
    return 'held';
  }
  switch (record.state) {
    case 'draft':
    case 'submitting':
    case 'waiting':
    case 'running':
      return 'waiting';
    case 'unknown':
    case 'failed':
    case 'expired':
      return record.state;
    case 'done':
      if (problem === 'codec' || problem === 'only-sound') {
        return 'codec';
      }
      if (problem === 'gone' && !video) {
        return 'gone';
      }
      if (problem === 'unreachable' && !video?.copy) {
        return 'unreachable';
      }
      if (video) {
        return 'ready';
      }
      if (isLinkAlive(record, now) || isLinkRefused(record, now)) {
        return 'fetching';
      }
      return record.saved.length > 0 ? 'gone' : 'expired';
  }
}

/** What the page shows instead of the video. */
type Overlay = Pick<PreviewModel, 'heading' | 'lines' | 'quote' | 'overlayButtons'>;

function getOverlay(record: TaskRecord, facts: PreviewFacts, state: PreviewState): Overlay {
  const overlay = (heading: string, lines: string[] = [], overlayButtons: PreviewButton[] = []): Overlay => ({
    heading,
    lines: lines.filter((line) => line !== ''),
    overlayButtons: facts.readOnly ? overlayButtons.filter(({ action }) => action === 'openExternal') : overlayButtons,
  });
  const isCheckable = getTaskCapabilities(record, facts).has('checkable');
  switch (state) {
    case 'waiting':
      return getWaitingOverlay(record, facts, overlay);
    case 'held': {
      if (facts.pauseReason === 'unreadable-key') {
        return overlay(vscode.l10n.t('The API key cannot be read now'), getPauseAdvice(facts.pauseReason), [
          button('check', vscode.l10n.t('Check now'), true),
        ]);
      }
      const buttons = [
        button('remedy', vscode.l10n.t('Set API key'), true),
        button('check', vscode.l10n.t('Check now')),
      ];
      return facts.pauseReason === 'other-key'
        ? overlay(vscode.l10n.t('Waiting for its API key'), getPauseAdvice(facts.pauseReason), buttons)
        : overlay(
            vscode.l10n.t('Waiting for an API key'),
            facts.pauseReason ? getPauseAdvice(facts.pauseReason) : [],
            buttons,
          );
    }
    case 'readonly':
      return overlay(vscode.l10n.t('Made by a newer version of the extension'), [
        vscode.l10n.t('It can be looked at, not changed. Update the extension in this window to go on with it.'),
      ]);
    case 'unknown': {
      const explained = record.error && describeTaskError(record.error, record);
      const twice =
        record.quotedPrice === undefined
          ? ''
          : vscode.l10n.t('Sending it again may cost twice: another {0}.', formatRoubles(record.quotedPrice));
      return {
        ...overlay(
          vscode.l10n.t('No answer came'),
          [
            ...(explained ? [explained.what, explained.money, explained.advice] : []),
            vscode.l10n.t(
              'Or wait: your balance and the list of tasks in your account at the service show whether it arrived.',
            ),
            twice,
          ],
          [
            ...(isCheckable ? [button('check', vscode.l10n.t('Check now'), true)] : []),
            button('addId', vscode.l10n.t('Add its ID…'), !isCheckable),
            button('again', vscode.l10n.t('Send again…')),
            button('remove', vscode.l10n.t('Dismiss…')),
          ],
        ),
        quote: getQuote(record),
      };
    }
    case 'failed': {
      const explained = record.error && describeTaskError(record.error, record);
      const remedy = explained?.action;
      // The action of the error may be to generate again already, with a more specific title.
      const isPaid = remedy?.command === Commands.again;
      const offersAgain = getTaskCapabilities(record, facts).has('retryable') && !isPaid;
      const isFree = remedy !== undefined && !isPaid;
      // What is free first, and what is paid never preselected.
      const buttons = [
        ...(isFree ? [button('remedy', remedy.title, true)] : []),
        // The service has it under an id, and may say something else by now.
        ...(isCheckable ? [button('check', vscode.l10n.t('Check now'), !isFree)] : []),
        ...(isPaid ? [button('remedy', remedy.title)] : []),
        ...(offersAgain ? [button('again', vscode.l10n.t('Generate again'))] : []),
      ];
      return {
        ...overlay(
          isNeverSent(record.error) ? vscode.l10n.t('It was not sent') : vscode.l10n.t('No video came of it'),
          explained ? [explained.what, explained.money, explained.advice] : [],
          buttons,
        ),
        quote: getQuote(record),
      };
    }
    case 'expired':
      return overlay(
        vscode.l10n.t('The link has expired'),
        [
          vscode.l10n.t('The service keeps a video for 48 hours, and no copy of this one was made in that time.'),
          isCheckable
            ? vscode.l10n.t(
                '“Check now” asks the service once more and costs nothing. Generating again is a new, paid task.',
              )
            : vscode.l10n.t('Generating again is a new, paid task.'),
        ],
        // What is free first.
        [
          ...(isCheckable ? [button('check', vscode.l10n.t('Check now'), true)] : []),
          button('again', vscode.l10n.t('Generate again')),
        ],
      );
    case 'fetching':
      if (isLinkRefused(record, facts.now)) {
        // Nobody is sent to a link that is known not to work.
        return overlay(
          vscode.l10n.t('The link to the video does not work.'),
          [
            vscode.l10n.t('The video is made and paid for, and nothing is charged again.'),
            vscode.l10n.t('Seedance asks the service for a new one by itself and keeps trying.'),
          ],
          [button('check', vscode.l10n.t('Check now'), true)],
        );
      }
      return facts.progress
        ? overlay(vscode.l10n.t('Fetching the video…'), [
            vscode.l10n.t('It is ready and is being copied to this computer.'),
          ])
        : overlay(
            vscode.l10n.t('The video is ready'),
            [vscode.l10n.t('It has not been copied to this computer yet, and its link cannot be played here.')],
            [
              button('check', vscode.l10n.t('Fetch it now'), true),
              button('openExternal', vscode.l10n.t('Open the link')),
            ],
          );
    case 'codec':
      if (record.localCopy?.type !== undefined) {
        return overlay(
          vscode.l10n.t('This VS Code cannot play the video'),
          [
            vscode.l10n.t(
              'The service has sent a file of the type {0} instead of an MP4. It is whole and kept: save it, or open it in the system’s player.',
              getTypeName(record.localCopy.type),
            ),
            vscode.l10n.t('Frames cannot be taken from it here: take them in another program.'),
          ],
          [
            button('openExternal', vscode.l10n.t('Open in the system’s player'), true),
            button('save', vscode.l10n.t('Save to workspace')),
            button('reload', vscode.l10n.t('Try again')),
          ],
        );
      }
      return overlay(
        vscode.l10n.t('This VS Code cannot play the video'),
        [
          facts.problem === 'only-sound'
            ? vscode.l10n.t(
                'It could play the sound only: it has no decoder for the picture of this file. The file itself is fine: save it, or open it in the system’s player.',
              )
            : vscode.l10n.t(
                'It lacks the H.264 decoder, or could not read the picture. The file itself is fine: the system’s player shows it.',
              ),
        ],
        [
          button('openExternal', vscode.l10n.t('Open in the system’s player'), true),
          button('reload', vscode.l10n.t('Try again')),
        ],
      );
    case 'gone':
      if (facts.problem !== 'gone') {
        return overlay(
          vscode.l10n.t('The extension keeps no copy of this video'),
          [vscode.l10n.t('Its link has expired. The file that you saved is yours and plays from there.')],
          [
            button('reveal', vscode.l10n.t('Reveal in file explorer'), true),
            ...(isCheckable ? [button('check', vscode.l10n.t('Check now'))] : []),
          ],
        );
      }
      return overlay(
        vscode.l10n.t('The video file is no longer there'),
        [
          vscode.l10n.t('The copy that the extension kept was deleted by something else.'),
          record.saved.length > 0
            ? vscode.l10n.t('You saved it: that file is not touched.')
            : vscode.l10n.t('While its link lives it can be fetched again, which costs nothing.'),
        ],
        [
          button('reload', vscode.l10n.t('Load again'), true),
          ...(record.saved.length > 0 ? [button('reveal', vscode.l10n.t('Reveal in file explorer'))] : []),
        ],
      );
    case 'unreachable':
      return overlay(
        vscode.l10n.t('The link gives no video right now'),
        [
          facts.progress
            ? vscode.l10n.t('The copy for this computer is on its way; it plays as soon as it is here.')
            : vscode.l10n.t(
                'The connection may be down. The video is not lost: it is asked for again by itself while its link lives.',
              ),
        ],
        [button('reload', vscode.l10n.t('Load again'), true), button('openExternal', vscode.l10n.t('Open the link'))],
      );
    case 'ready':
    case 'loading':
    case 'removed':
      return overlay('');
  }
}

function getWaitingOverlay(
  record: TaskRecord,
  { estimate }: PreviewFacts,
  overlay: (heading: string, lines?: string[], buttons?: PreviewButton[]) => Overlay,
): Overlay {
  const goesOn = vscode.l10n.t('You can close this tab or VS Code: the task goes on.');
  const usually = estimate ? '' : describeTypicalTime(record);
  // Free, and before “Generate again” of the bar below.
  const check = [button('check', vscode.l10n.t('Check now'))];
  switch (record.state) {
    case 'draft':
      return overlay(vscode.l10n.t('In the queue'), [vscode.l10n.t('It is sent when those before it are.'), usually]);
    case 'submitting':
      return overlay(vscode.l10n.t('Sending…'), [usually]);
    case 'waiting':
      return overlay(vscode.l10n.t('Waiting for its turn'), [usually, goesOn], check);
    default:
      return overlay(vscode.l10n.t('Generating'), [usually, goesOn], check);
  }
}

/** Said until this computer knows from its own generations how long they take. */
function describeTypicalTime({ request }: TaskRecord): string {
  const typical = getTypicalTime(request.model);
  return typical
    ? vscode.l10n.t('Usually {0} to {1} minutes (built-in figure).', typical.fromMinutes, typical.toMinutes)
    : '';
}

const button = (action: PreviewAction, label: string, primary = false): PreviewButton =>
  primary ? { action, label, primary } : { action, label };

function getQuote({ error }: TaskRecord): string | undefined {
  return error && getServerMessage(error, 500);
}

function getNotice(record: TaskRecord, { readOnly, pauseReason, now, nextTryAt }: PreviewFacts): string | undefined {
  if (readOnly && record.state === 'done') {
    return vscode.l10n.t('Made by a newer version of the extension: it can be looked at, not changed.');
  }
  // Of a refused link the picture's place says all there is to say.
  if (record.trouble && !pauseReason && !isLinkRefused(record, now)) {
    const { what, advice } = describeTaskError(record.trouble, record);
    return [what, advice, describeNextTry(nextTryAt, now) ?? ''].filter((text) => text !== '').join(' ');
  }
  return undefined;
}

function getDetails(record: TaskRecord, { now, problem, origin, take, film }: PreviewFacts): PreviewModel['facts'] {
  const { request, localCopy, createdAt, finishedAt, gatewayId, state } = record;
  const picture = getThumbnail(record);
  const facts: [
    name: string,
    value: string | undefined,
    action?: PreviewAction | undefined,
    picture?: string | undefined,
  ][] = [
    [vscode.l10n.t('Model'), toSingleLine(formatModelTitle(request.model), 120)],
    [vscode.l10n.t('Take'), take && vscode.l10n.t('{0} of {1} with this prompt', take.number, take.count)],
    [vscode.l10n.t('Aspect ratio'), request.aspectRatio],
    [
      vscode.l10n.t('First frame'),
      request.firstFrame && toSingleLine(request.firstFrame.label, 80),
      origin && 'openOrigin',
      picture,
    ],
    ...(film && problem !== 'gone' ? getFilmDetails(film) : []),
    getPriceText(record),
    [vscode.l10n.t('Created'), formatDateTime(createdAt)],
    [
      vscode.l10n.t('Took'),
      state === 'done' && finishedAt !== undefined ? formatDuration(elapsedMs(record, now)) : undefined,
    ],
    [
      vscode.l10n.t('Local copy'),
      localCopy && problem !== 'gone' ? vscode.l10n.t('kept, {0}', formatBytes(localCopy.bytes)) : undefined,
    ],
    [vscode.l10n.t('File type'), localCopy?.type && getTypeName(localCopy.type)],
    [
      vscode.l10n.t('Link'),
      state === 'done' && !localCopy && isLinkAlive(record, now)
        ? vscode.l10n.t('works for {0}', formatTimeLeft(getLinkEnd(record, now) - now))
        : getDeadLinkText(record, now),
    ],
    [vscode.l10n.t('Task ID'), gatewayId],
    [vscode.l10n.t('Last odd answer'), formatLastAnswer(record)],
  ];
  return facts.flatMap(([name, value, action, picture]) =>
    value ? [{ name, value, ...(action ? { action } : {}), ...(picture ? { picture } : {}) }] : [],
  );
}

/** What the file itself is, which may differ from what was ordered. */
function getFilmDetails({ width, height, framesPerSecond, codec, sound }: VideoFacts): [string, string | undefined][] {
  const rate = framesPerSecond === undefined ? undefined : formatFrameRate(framesPerSecond);
  const channels = { 1: vscode.l10n.t('mono'), 2: vscode.l10n.t('stereo') }[sound?.channels ?? 0];
  return [
    [vscode.l10n.t('Size'), width && height ? formatPixels({ width, height }) : undefined],
    [vscode.l10n.t('Frames a second'), rate],
    [vscode.l10n.t('Codec'), codec],
    [vscode.l10n.t('Sound'), sound ? [sound.codec, channels].filter(Boolean).join(', ') : vscode.l10n.t('none')],
  ];
}

/** As the files are called in the field: WebM, AVI, … */
function getTypeName(type: VideoType): string {
  return type === 'webm' ? 'WebM' : type === 'webp' ? 'WebP' : type.toUpperCase();
}

function getButtons(record: TaskRecord, facts: PreviewFacts, state: PreviewState): PreviewButton[] {
  const capabilities = getTaskCapabilities(record, facts);
  // The record has a local copy, but its file is missing.
  const isGone = state === 'gone';
  // In the other states the overlay has the button.
  const offersAgain = capabilities.has('retryable') && !['failed', 'expired', 'unknown'].includes(state);
  const again = button('again', vscode.l10n.t('Generate again'));
  // It is paid: it comes before what is free only beside a video that can be watched, and is what a user may want next.
  const isWatched = state === 'ready';
  const offered: [PreviewButton, boolean][] = [
    [button('save', vscode.l10n.t('Save to workspace'), true), capabilities.has('savable') && !isGone],
    [button('saveAs', vscode.l10n.t('Save as…')), capabilities.has('savable') && !isGone],
    [button('useTake', vscode.l10n.t('Use this take')), capabilities.has('choosable') && isWatched],
    [again, offersAgain && isWatched],
    [button('compare', vscode.l10n.t('Compare with other takes')), facts.hasOtherTakes === true && isWatched],
    [button('export', vscode.l10n.t('Export…')), capabilities.has('local') && isWatched],
    [
      button('openExternal', vscode.l10n.t('Open in the system’s player')),
      capabilities.has('previewable') && !isGone && state !== 'codec',
    ],
    [button('reveal', vscode.l10n.t('Reveal in file explorer')), capabilities.has('revealable')],
    [button('copyPrompt', vscode.l10n.t('Copy prompt')), capabilities.has('copyPrompt')],
    [again, offersAgain && !isWatched],
  ];
  return offered.filter(([, holds]) => holds).map(([offer]) => offer);
}

function getRatio({ request: { aspectRatio, firstFrame } }: TaskRecord): number {
  const [width, height] = (aspectRatio ?? '').split(':').map(Number);
  if (width && height) {
    return width / height;
  }
  return firstFrame?.width && firstFrame.height ? firstFrame.width / firstFrame.height : 16 / 9;
}

/** Returns the localized texts of the page that do not depend on the task. */
export function getPreviewStrings(): PreviewStrings {
  return {
    prompt: vscode.l10n.t('Prompt'),
    details: vscode.l10n.t('Details'),
    savedTo: vscode.l10n.t('Saved as'),
    copied: vscode.l10n.t('Copied'),
    player: vscode.l10n.t('Video player'),
    play: vscode.l10n.t('Play'),
    pause: vscode.l10n.t('Pause'),
    timeline: vscode.l10n.t('Position'),
    timelineValue: vscode.l10n.t('{0} of {1}'),
    stepBack: vscode.l10n.t('One frame back'),
    stepForward: vscode.l10n.t('One frame forward'),
    speed: vscode.l10n.t('Speed'),
    loop: vscode.l10n.t('Repeat'),
    mute: vscode.l10n.t('Mute'),
    unmute: vscode.l10n.t('Sound on'),
    volume: vscode.l10n.t('Volume'),
    actualSize: vscode.l10n.t('Actual size'),
    fit: vscode.l10n.t('Fit'),
    fullScreen: vscode.l10n.t('Full screen'),
    exitFullScreen: vscode.l10n.t('Leave full screen'),
    keys: vscode.l10n.t('Keys'),
    keySpace: vscode.l10n.t('Play or pause'),
    keyArrows: vscode.l10n.t('Back and forward'),
    keyFrames: vscode.l10n.t('Frame by frame'),
    keySpeed: vscode.l10n.t('Slower and faster'),
    keyEnds: vscode.l10n.t('First and last frame'),
    frames: vscode.l10n.t('Frames of the video'),
    continueFromLastFrame: vscode.l10n.t('Continue from last frame'),
    useFrame: vscode.l10n.t('Use this frame as first frame'),
    saveFrame: vscode.l10n.t('Save frame as image'),
    takingFrame: vscode.l10n.t('Taking the frame…'),
    series: vscode.l10n.t('Chosen together'),
    previous: vscode.l10n.t('Previous'),
    next: vscode.l10n.t('Next'),
    keyPaste: vscode.l10n.t('Use the copied image as first frame'),
    silent: vscode.l10n.t(
      'The sound of this video cannot be played here. The file has it: open it in the system’s player.',
    ),
  };
}
