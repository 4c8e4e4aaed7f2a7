/**
 * The page that exports a video as GIF, animated WebP, frames or sprite sheet. It decodes the frames, a worker encodes them,
 * and the host writes what comes of it. Text is only set as `textContent`.
 *
 * Tests find elements by these ids and names, so they must not change:
 *
 *     #state[data-state]   loading ready working unplayable
 *     #video #play         the video, in the part that is chosen
 *     #start #end          the handles of the part, whose values are indexes of frames;  #selected  the part in seconds
 *     input[name=kind]     gif webp frames sheet
 *     #width #framesPerSecond #every #loop
 *     #size #count #estimate    what it will be; data-bytes of #estimate: the number
 *     #export #cancel #progress #problem #message
 */
import {
  assumeFrameTimes,
  fitWidth,
  planEvery,
  planSamples,
  planSheet,
  planSteady,
  SAMPLE_RUN_FRAMES,
  type FrameTimes,
  type PlannedFrame,
  type SheetLayout,
} from '../../views/export/plan';
import {
  MAX_EXPORT_BYTES,
  MAX_EXPORT_FRAMES,
  MAX_FRAME_TIMES,
  MAX_SIDE_PX,
  parseExportModel,
  parseHostMessage,
  type ExportKind,
  type ExportStrings,
  type HostMessage,
  type WebviewMessageInput,
} from '../../views/export/protocol';
import { connectToHost, readPageData } from '../shared/messages';
import type { Size } from '../shared/thumbnail';
import { Encoder } from './encoder';
import { FrameReader } from './frameReader';
import { RangeSlider } from './range';
import { fill, formatAbout } from './text';
import { ExportView } from './view';

/** How long nothing is changed before the size is tried out. */
const ESTIMATE_AFTER_MS = 400;
const WIDTHS: Record<ExportKind, number> = { gif: 480, webp: 480, frames: MAX_SIDE_PX, sheet: 192 };
const ANIMATION_FRAMES_PER_SECOND = 12;
const MAX_FRAMES_PER_SECOND = 50;

/** What would be exported, as it is chosen now. */
interface Plan {
  kind: ExportKind;
  frames: PlannedFrame[];
  size: Size;
  layout: SheetLayout | undefined;
  /** Equal for equal frames of equal size. */
  key: string;
}

const host = connectToHost<WebviewMessageInput, HostMessage>(parseHostMessage, onMessage);
const strings = readPageData('strings') as ExportStrings;
const model = parseExportModel(readPageData('model'));

const range = new RangeSlider(strings, showFrame);
const view = new ExportView({ title: model?.title ?? '', strings, range: range.element, onChange });
const reader = new FrameReader();
const { video } = view;
let film: FrameTimes = { times: [0], end: 0 };
let encoder: Encoder | undefined;
/** The width that was chosen for each kind. */
const widths = { ...WIDTHS };
let shownKind: ExportKind | undefined;
/** What the worker has a palette for. */
let triedKey: string | undefined;
let estimateTimer: ReturnType<typeof setTimeout> | undefined;
/** Ends what is being read; one thing at a time. */
let reading = new AbortController();
let lastReading: Promise<void> = Promise.resolve();
/** Resolved by what the host answers to `begin` and to each frame: whether to go on. */
let onAnswer: ((goesOn: boolean) => void) | undefined;

document.body.append(view.page);
if (model) {
  start(model.url, model.times, model.kind).catch(() => {
    view.state = 'unplayable';
    range.disabled = true;
  });
}

async function start(url: string, times: readonly number[] | undefined, kind: ExportKind): Promise<void> {
  range.disabled = true;
  video.muted = true;
  video.crossOrigin = 'anonymous';
  video.src = url;
  [encoder] = await Promise.all([Encoder.start(readPageData('worker') as string), reader.load(url), loaded()]);
  if (video.videoWidth === 0) {
    throw new Error('no picture');
  }
  film = times
    ? { times, end: Math.max(video.duration, times.at(-1) ?? 0) }
    : assumeFrameTimes(video.duration, MAX_FRAME_TIMES);
  const rate = film.times.length / Math.max(0.001, film.end - (film.times[0] ?? 0));
  reader.describe(rate, times !== undefined);
  view.page.style.setProperty('--ratio', String(video.videoWidth / video.videoHeight));
  range.video = film;
  range.disabled = false;
  const most = Math.max(1, Math.min(MAX_FRAMES_PER_SECOND, Math.round(rate)));
  view.setNumber('framesPerSecond', Math.min(ANIMATION_FRAMES_PER_SECOND, most), most);
  view.setNumber('every', 1, film.times.length);
  view.state = 'ready';
  choose(kind);
  view.page.querySelector<HTMLInputElement>('input[name="kind"]:checked')?.focus({ preventScroll: true });
}

function loaded(): Promise<void> {
  return new Promise((resolve, reject) => {
    video.addEventListener('loadeddata', () => resolve(), { once: true });
    video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
  });
}

function onMessage(message: HostMessage): void {
  switch (message.type) {
    case 'kind':
      if (view.state === 'ready') {
        choose(message.kind);
      }
      break;
    case 'go':
    case 'written':
      onAnswer?.(true);
      break;
    case 'ended':
      reading.abort();
      onAnswer?.(false);
      finish(message);
      break;
  }
}

function choose(kind: ExportKind): void {
  view.kind = kind;
  onChange();
}

/** Something was chosen: shows what would come of it. */
function onChange(): void {
  const { kind } = view;
  if (kind !== shownKind) {
    shownKind = kind;
    view.setNumber('width', Math.min(widths[kind], video.videoWidth), Math.min(MAX_SIDE_PX, video.videoWidth));
    view.drawKind();
  } else {
    widths[kind] = view.getNumber('width');
  }
  view.message = '';
  draw();
}

function draw(): void {
  const plan = createPlan();
  const { kind, frames, size, layout } = plan;
  const shown = layout ?? size;
  view.drawOutcome(fill(strings.outcomeSize, String(shown.width), String(shown.height)), frames.length);
  const problem =
    frames.length > MAX_EXPORT_FRAMES
      ? strings.tooManyFrames
      : kind === 'sheet' && !layout
        ? strings.sheetTooLarge
        : '';
  view.problem = problem;
  view.export.disabled = problem !== '';
  clearTimeout(estimateTimer);
  reading.abort();
  view.setEstimate(problem ? '' : strings.estimating);
  if (!problem) {
    estimateTimer = setTimeout(() => {
      if (view.state === 'ready') {
        void read(async (signal) => {
          const bytes = await tryOut(plan, signal);
          view.setEstimate(fill(strings.estimate, formatAbout(bytes)), bytes);
        }).catch(() => view.setEstimate(strings.noEstimate));
      }
    }, ESTIMATE_AFTER_MS);
  }
}

function createPlan(): Plan {
  const { kind } = view;
  const isAnimation = kind === 'gif' || kind === 'webp';
  const frames = isAnimation
    ? planSteady(film, range.value, view.getNumber('framesPerSecond'))
    : planEvery(film, range.value, view.getNumber('every'));
  const size = fitWidth({ width: video.videoWidth, height: video.videoHeight }, view.getNumber('width'));
  const layout = kind === 'sheet' ? planSheet(frames.length, size) : undefined;
  const { first, last } = range.value;
  return { kind, frames, size, layout, key: [kind, first, last, frames.length, size.width].join() };
}

/**
 * Reads from the video once what was read before has ended. What is aborted ends without an error.
 *
 * @throws what `run` throws
 */
function read(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
  reading.abort();
  const own = new AbortController();
  reading = own;
  const result = lastReading.then(async () => {
    if (!own.signal.aborted) {
      await run(own.signal).catch((error: unknown) => {
        if (!own.signal.aborted) {
          throw error;
        }
      });
    }
  });
  lastReading = result.catch(() => undefined);
  return result;
}

/** Encodes a few frames. Returns about how many bytes all will have. */
async function tryOut({ kind, frames, size, key }: Plan, signal: AbortSignal): Promise<number> {
  const runs: ImageBitmap[][] = [];
  for (const run of planSamples(frames, kind === 'gif' || kind === 'sheet' ? SAMPLE_RUN_FRAMES : 1)) {
    const bitmaps: ImageBitmap[] = [];
    await reader.read(run, {
      signal,
      take: async (frame) => {
        bitmaps.push(await toBitmap(frame, size));
      },
    });
    runs.push(bitmaps);
  }
  signal.throwIfAborted();
  const reply = await encoder!.ask({ type: 'estimate', kind, size, count: frames.length, runs, key }, runs.flat());
  triedKey = key;
  return reply.type === 'bytes' ? reply.bytes : 0;
}

async function toBitmap(frame: VideoFrame, { width, height }: Size): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(frame, { resizeWidth: width, resizeHeight: height, resizeQuality: 'high' });
  } finally {
    frame.close();
  }
}

view.export.addEventListener('click', () => {
  clearTimeout(estimateTimer);
  const plan = createPlan();
  const loops = view.loop.checked;
  if (triedKey !== plan.key) {
    // It is seen soon.
    view.setEstimate('');
  }
  video.pause();
  view.problem = '';
  view.message = '';
  view.state = 'working';
  range.disabled = true;
  view.cancel.focus();
  view.drawProgress(strings.asking, 0);
  read((signal) => run(plan, loops, signal)).catch(() => host.postMessage({ type: 'cancel', why: 'failed' }));
});
view.cancel.addEventListener('click', cancel);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && view.state === 'working') {
    cancel();
  }
});

function cancel(): void {
  reading.abort();
  onAnswer?.(false);
  host.postMessage({ type: 'cancel', why: 'user' });
}

async function run(plan: Plan, loops: boolean, signal: AbortSignal): Promise<void> {
  const { kind, frames, size, layout, key } = plan;
  const request = { kind, ...size, durations: frames.map(({ durationMs }) => durationMs) };
  if (!(await ask({ type: 'begin', request }))) {
    return;
  }
  const drawDone = (done: number) =>
    view.drawProgress(fill(strings.progress, done, frames.length), done / frames.length);
  drawDone(0);
  if (kind === 'gif' && triedKey !== key) {
    await tryOut(plan, signal);
  }
  await encoder!.ask({ type: 'begin', kind, size, loops, layout, key });
  await reader.read(frames, {
    signal,
    take: async (frame, index) => {
      const bitmap = await toBitmap(frame, size);
      const durationMs = frames[index]?.durationMs ?? 0;
      const reply = await encoder!.ask({ type: 'add', frame: bitmap, durationMs }, [bitmap]);
      signal.throwIfAborted();
      if (reply.type === 'file') {
        // One at a time is in memory, and the last one is answered with `ended`.
        await ask({ type: 'frame', index, bytes: reply.file });
      } else if (reply.bytes > MAX_EXPORT_BYTES) {
        reading.abort();
        host.postMessage({ type: 'cancel', why: 'too-large' });
      }
      drawDone(index + 1);
    },
  });
  signal.throwIfAborted();
  if (kind !== 'frames') {
    const reply = await encoder!.ask({ type: 'finish' });
    signal.throwIfAborted();
    if (reply.type !== 'file' || reply.file.byteLength > MAX_EXPORT_BYTES) {
      host.postMessage({ type: 'cancel', why: 'too-large' });
      return;
    }
    host.postMessage({ type: 'file', bytes: reply.file });
  }
}

/** Sends a message that the host answers. Returns whether to go on. */
function ask(message: WebviewMessageInput): Promise<boolean> {
  return new Promise((resolve) => {
    onAnswer = (goesOn) => {
      onAnswer = undefined;
      resolve(goesOn);
    };
    host.postMessage(message);
  });
}

function finish({ text, isProblem }: Extract<HostMessage, { type: 'ended' }>): void {
  view.state = 'ready';
  range.disabled = false;
  view.problem = isProblem ? text : '';
  view.message = isProblem ? '' : text;
  view.export.focus();
}

/** Shows the frame that a handle was moved to. */
function showFrame(index: number): void {
  video.pause();
  const from = film.times[index] ?? 0;
  video.currentTime = (from + (film.times[index + 1] ?? film.end)) / 2;
  view.message = '';
  draw();
}

view.play.addEventListener('click', () => {
  if (!video.paused) {
    video.pause();
    return;
  }
  keepInPart();
  void video.play().catch(() => undefined);
});
for (const event of ['play', 'pause', 'ended']) {
  video.addEventListener(event, () => view.setPlaying(!video.paused));
}
video.addEventListener('play', () => requestAnimationFrame(keepInPart));
video.addEventListener('ended', () => {
  // The part ends where the video does.
  keepInPart();
  void video.play().catch(() => undefined);
});

/** Plays the part again and again. */
function keepInPart(): void {
  const { first, last } = range.value;
  const from = film.times[first] ?? 0;
  const until = film.times[last + 1] ?? film.end;
  if (video.currentTime < from - 0.1 || video.currentTime >= until || video.ended) {
    video.currentTime = from;
  }
  if (!video.paused) {
    requestAnimationFrame(keepInPart);
  }
}
