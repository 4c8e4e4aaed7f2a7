import * as vscode from 'vscode';
import { Commands } from '../../constants';
import { getPlayableLink } from '../../common/url';
import { parseModelId } from '../../api/models';
import { describeTaskError } from '../../messages/taskErrors';
import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatRoubles,
  formatTimeLeft,
  formatModelTitle,
  formatRemainingTime,
} from '../../messages/format';
import type { DownloadProgress } from '../../tasks/download/downloader';
import type { Estimate } from '../../tasks/polling/remainingTime';
import type { PauseReason } from '../../tasks/polling/pollingController';
import { getTaskCapabilities, isLinkAlive } from '../../tasks/model/taskCapabilities';
import type { TaskRecord } from '../../tasks/model/taskRecord';
import type { PreviewAction, PreviewButton, PreviewModel, PreviewState, PreviewStrings } from './protocol';
import { elapsedMs } from '../tasks/elapsed';
import { getPauseAdvice, getTaskTitle, getPercent, getPriceText, getThumbnail } from '../tasks/taskTreeItem';
import { toSingleLine, stripControlChars } from '../../common/text';

/** What the page cannot do with the video, as the host found out after it complained. */
export type PlaybackProblem = 'codec' | 'gone' | 'unreachable';

export interface PreviewFacts {
  now: number;
  readOnly: boolean;
  /** Why nothing is asked about it until there is another key. */
  hold?: PauseReason | undefined;
  progress?: DownloadProgress | undefined;
  /** How far it is, where that is known. */
  estimate?: Estimate | undefined;
  problem?: PlaybackProblem | undefined;
  /** The task whose video the first frame was taken from, while it is in the list. */
  origin?: TaskRecord | undefined;
  /** Where the page can read the local copy. */
  copyUrl?: string | undefined;
  /** How a saved place is called in this window: relative to the workspace where it is inside. */
  nameOfPlace: (uri: string) => string;
}

const TITLE_MAX_CHARS = 40;

/** The tab's title. */
export function getPreviewTitle(record: TaskRecord | undefined): string {
  return record ? getTaskTitle(record, TITLE_MAX_CHARS) : vscode.l10n.t('Seedance preview');
}

/** The page while there is no record: the list is still being read, or the task was removed. */
export function createModelWithoutRecord(id: string, state: 'loading' | 'removed'): PreviewModel {
  return {
    id,
    state,
    title: getPreviewTitle(undefined),
    heading: state === 'loading' ? vscode.l10n.t('Loading…') : vscode.l10n.t('This task is no longer in the list'),
    lines: state === 'loading' ? [] : [vscode.l10n.t('It was removed. Files that you saved stay where they are.')],
    stageButtons: [],
    ratio: 16 / 9,
    prompt: '',
    facts: [],
    saved: [],
    buttons: [],
  };
}

export function createPreviewModel(record: TaskRecord, facts: PreviewFacts): PreviewModel {
  const video = getVideo(record, facts);
  const state = getState(record, facts, video);
  const stage = getOverlay(record, facts, state);
  const { progress } = facts;
  const percent = progress && getPercent(progress);
  return {
    id: record.id,
    state,
    title: getPreviewTitle(record),
    ...stage,
    ...(state === 'waiting' && record.state !== 'draft' ? { elapsedMs: elapsedMs(record, facts.now) } : {}),
    ...(state === 'waiting' && facts.estimate ? { estimate: getEstimate(facts.estimate) } : {}),
    ...(progress && !record.localCopy
      ? {
          progress: percent === undefined ? -1 : percent / 100,
          progressLabel:
            percent === undefined
              ? vscode.l10n.t('Copying to this computer · {0}', formatBytes(progress.received))
              : vscode.l10n.t('Copying to this computer · {0} %', percent),
        }
      : {}),
    ...(video && state === 'ready' ? { video } : {}),
    ratio: getRatio(record),
    prompt: stripControlChars(record.request.prompt),
    ...getNotice(record, facts),
    facts: getDetails(record, facts),
    saved: record.saved.map(({ uri }) => toSingleLine(facts.nameOfPlace(uri), 200)),
    buttons: getButtons(record, facts, state),
  };
}

function getEstimate(estimate: Estimate): NonNullable<PreviewModel['estimate']> {
  return {
    fraction: estimate.progress,
    label: estimate.isLong ? vscode.l10n.t('It takes longer than usual') : formatRemainingTime(estimate),
  };
}

const ESTIMATE_EVERY_MS = 1_000;

/** In how many milliseconds the texts change by the mere passing of time; the page counts seconds itself. */
export function getNextModelChange(record: TaskRecord, now: number, isEstimated = false): number | undefined {
  if (isEstimated) {
    return ESTIMATE_EVERY_MS;
  }
  return record.state === 'done' && !record.localCopy && isLinkAlive(record, now)
    ? ((record.result.expiresAt - now) % 60_000) + 1
    : undefined;
}

/** The local copy, else the link while it lives and is one that a page may play. */
function getVideo(record: TaskRecord, { now, copyUrl, problem }: PreviewFacts): PreviewModel['video'] {
  if (record.state !== 'done') {
    return undefined;
  }
  const name = parseModelId(record.request.model);
  const common = name === undefined ? {} : { sound: name.audio };
  if (record.localCopy && copyUrl !== undefined && problem !== 'gone') {
    return { url: copyUrl, copy: true, ...common };
  }
  const link = isLinkAlive(record, now) ? getPlayableLink(record.result.url) : undefined;
  return link === undefined ? undefined : { url: link, copy: false, ...common };
}

function getState(
  record: TaskRecord,
  { problem, now, readOnly, hold }: PreviewFacts,
  video: PreviewModel['video'],
): PreviewState {
  if (readOnly && record.state !== 'done') {
    return 'readonly';
  }
  if (hold) {
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
      if (problem === 'codec') {
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
      if (isLinkAlive(record, now)) {
        return 'fetching';
      }
      return record.saved.length > 0 ? 'gone' : 'expired';
  }
}

type Stage = Pick<PreviewModel, 'heading' | 'lines' | 'quote' | 'stageButtons'>;

function getOverlay(record: TaskRecord, facts: PreviewFacts, state: PreviewState): Stage {
  const stage = (heading: string, lines: string[] = [], stageButtons: PreviewButton[] = []): Stage => ({
    heading,
    lines: lines.filter((line) => line !== ''),
    stageButtons: facts.readOnly ? stageButtons.filter(({ action }) => action === 'openExternal') : stageButtons,
  });
  switch (state) {
    case 'waiting':
      return waitingStage(record, stage);
    case 'held': {
      const buttons = [
        button('remedy', vscode.l10n.t('Set API key'), true),
        button('check', vscode.l10n.t('Check now')),
      ];
      return facts.hold === 'other-key'
        ? stage(vscode.l10n.t('Waiting for its API key'), getPauseAdvice(facts.hold), buttons)
        : stage(vscode.l10n.t('Waiting for an API key'), facts.hold ? getPauseAdvice(facts.hold) : [], buttons);
    }
    case 'readonly':
      return stage(vscode.l10n.t('Made by a newer version of the extension'), [
        vscode.l10n.t('It can be looked at, not changed. Update the extension in this window to go on with it.'),
      ]);
    case 'unknown': {
      const explained = record.error && describeTaskError(record.error, record);
      const twice =
        record.quotedPrice === undefined
          ? ''
          : vscode.l10n.t('Sending it again may cost twice: another {0}.', formatRoubles(record.quotedPrice));
      return {
        ...stage(
          vscode.l10n.t('No answer came'),
          [
            ...(explained ? [explained.what, explained.money, explained.advice] : []),
            vscode.l10n.t(
              'Or wait: your balance and the list of tasks in your account at the service show whether it arrived.',
            ),
            twice,
          ],
          [
            button('addId', vscode.l10n.t('Add its ID…'), true),
            button('again', vscode.l10n.t('Send again…')),
            button('remove', vscode.l10n.t('Dismiss…')),
          ],
        ),
        ...getQuote(record),
      };
    }
    case 'failed': {
      const explained = record.error && describeTaskError(record.error, record);
      const remedy = explained?.action && button('remedy', explained.action.title, true);
      // Often the remedy is to generate again, with a better word for it.
      const offersAgain =
        getTaskCapabilities(record, facts).has('retryable') && explained?.action?.command !== Commands.again;
      const again = offersAgain ? [button('again', vscode.l10n.t('Generate again'), !remedy)] : [];
      return {
        ...stage(
          record.error?.kind === 'never-sent' ? vscode.l10n.t('It was not sent') : vscode.l10n.t('No video came of it'),
          explained ? [explained.what, explained.money, explained.advice] : [],
          remedy ? [remedy, ...again] : again,
        ),
        ...getQuote(record),
      };
    }
    case 'expired':
      return stage(
        vscode.l10n.t('The link has expired'),
        [
          vscode.l10n.t('The service keeps a video for 48 hours, and no copy of this one was made in that time.'),
          vscode.l10n.t(
            '“Check now” asks the service once more and costs nothing. Generating again is a new, paid task.',
          ),
        ],
        [button('again', vscode.l10n.t('Generate again'), true), button('check', vscode.l10n.t('Check now'))],
      );
    case 'fetching':
      return facts.progress
        ? stage(vscode.l10n.t('Fetching the video…'), [
            vscode.l10n.t('It is ready and is being copied to this computer.'),
          ])
        : stage(
            vscode.l10n.t('The video is ready'),
            [vscode.l10n.t('It has not been copied to this computer yet, and its link cannot be played here.')],
            [
              button('check', vscode.l10n.t('Fetch it now'), true),
              button('openExternal', vscode.l10n.t('Open the link')),
            ],
          );
    case 'codec':
      return stage(
        vscode.l10n.t('This VS Code cannot play the video'),
        [
          vscode.l10n.t(
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
        return stage(
          vscode.l10n.t('The extension keeps no copy of this video'),
          [vscode.l10n.t('Its link has expired. The file that you saved is yours and plays from there.')],
          [button('reveal', vscode.l10n.t('Reveal in file explorer'), true)],
        );
      }
      return stage(
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
      return stage(
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
      return stage('');
  }
}

function waitingStage(
  record: TaskRecord,
  stage: (heading: string, lines?: string[], buttons?: PreviewButton[]) => Stage,
): Stage {
  const goesOn = vscode.l10n.t('You can close this tab or VS Code: the task goes on.');
  switch (record.state) {
    case 'draft':
      return stage(vscode.l10n.t('In the queue'), [vscode.l10n.t('It is sent when those before it are.')]);
    case 'submitting':
      return stage(vscode.l10n.t('Sending…'));
    case 'waiting':
      return stage(vscode.l10n.t('Waiting for its turn'), [goesOn]);
    default:
      return stage(vscode.l10n.t('Generating'), [goesOn]);
  }
}

const button = (action: PreviewAction, label: string, primary = false): PreviewButton =>
  primary ? { action, label, primary } : { action, label };

function getQuote({ error }: TaskRecord): Pick<PreviewModel, 'quote'> {
  return error?.message ? { quote: vscode.l10n.t('The service said: {0}', toSingleLine(error.message, 500)) } : {};
}

function getNotice(record: TaskRecord, { readOnly, hold }: PreviewFacts): Pick<PreviewModel, 'notice'> {
  if (readOnly && record.state === 'done') {
    return { notice: vscode.l10n.t('Made by a newer version of the extension: it can be looked at, not changed.') };
  }
  if (record.trouble && !hold) {
    const { what, advice } = describeTaskError(record.trouble, record);
    return { notice: [what, advice].filter((text) => text !== '').join(' ') };
  }
  return {};
}

function getDetails(record: TaskRecord, { now, problem, origin }: PreviewFacts): PreviewModel['facts'] {
  const { request, localCopy, result, createdAt, finishedAt, gatewayId, state } = record;
  const picture = getThumbnail(record);
  const facts: [
    name: string,
    value: string | undefined,
    action?: PreviewAction | undefined,
    picture?: string | undefined,
  ][] = [
    [vscode.l10n.t('Model'), toSingleLine(formatModelTitle(request.model), 120)],
    [vscode.l10n.t('Aspect ratio'), request.aspectRatio],
    [
      vscode.l10n.t('First frame'),
      request.firstFrame && toSingleLine(request.firstFrame.label, 80),
      origin && 'openOrigin',
      picture,
    ],
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
    [
      vscode.l10n.t('Link'),
      localCopy || !result || state !== 'done'
        ? undefined
        : isLinkAlive(record, now)
          ? vscode.l10n.t('works for {0}', formatTimeLeft(record.result.expiresAt - now))
          : vscode.l10n.t('expired'),
    ],
    [vscode.l10n.t('Task ID'), gatewayId],
  ];
  return facts.flatMap(([name, value, action, picture]) =>
    value ? [{ name, value, ...(action ? { action } : {}), ...(picture ? { picture } : {}) }] : [],
  );
}

function getButtons(record: TaskRecord, facts: PreviewFacts, state: PreviewState): PreviewButton[] {
  const capabilities = getTaskCapabilities(record, facts);
  // What the record promises was not there when the page asked for it.
  const isGone = state === 'gone';
  const offered: [PreviewButton, boolean][] = [
    [button('save', vscode.l10n.t('Save to workspace'), true), capabilities.has('savable') && !isGone],
    [button('saveAs', vscode.l10n.t('Save as…')), capabilities.has('savable') && !isGone],
    // Where the stage offers it, once is enough.
    [
      button('again', vscode.l10n.t('Generate again')),
      capabilities.has('retryable') && !['failed', 'expired', 'unknown'].includes(state),
    ],
    [
      button('openExternal', vscode.l10n.t('Open in the system’s player')),
      capabilities.has('previewable') && !isGone && state !== 'codec',
    ],
    [button('reveal', vscode.l10n.t('Reveal in file explorer')), capabilities.has('revealable')],
    [button('copyPrompt', vscode.l10n.t('Copy prompt')), capabilities.has('copyPrompt')],
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
    keyPaste: vscode.l10n.t('Use the copied image as first frame'),
    silent: vscode.l10n.t('This VS Code cannot play the sound. The file has it: open it in the system’s player.'),
  };
}
