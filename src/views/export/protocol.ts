import * as v from 'valibot';
import { parseAs } from '../../common/parse';

/**
 * The messages between the page that exports a video and its host, and their parsers. Both sides import this file, so it
 * must import neither VS Code nor Node. The page decodes an untrusted video, so the host does not trust it: it bounds and
 * checks what it is given, and makes all names of files itself.
 */

export const EXPORT_KINDS = ['gif', 'webp', 'frames', 'sheet'] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

/** The most frames of one export: at 24 a second, 80 seconds. */
export const MAX_EXPORT_FRAMES = 2_000;
/** The largest file that the page may send, bytes. */
export const MAX_EXPORT_BYTES = 96 * 1024 * 1024;
/** A picture larger than a 4K frame is none of a video of the service. */
export const MAX_SIDE_PX = 8_192;
/** A quarter of an hour at 60 frames a second, as many as the host reads from a file. */
export const MAX_FRAME_TIMES = 60 * 60 * 15;
const MAX_DURATION_MS = 24 * 60 * 60_000;

/** What the page needs to begin with. */
const ExportModel = v.object({
  /** Of the task, one line. */
  title: v.string(),
  kind: v.picklist(EXPORT_KINDS),
  url: v.pipe(v.string(), v.regex(/^(https?|vscode-webview-resource|vscode-resource):/)),
  /** When each frame appears, in seconds; not set where the file does not tell. */
  times: v.optional(v.pipe(v.array(v.pipe(v.number(), v.finite())), v.minLength(1), v.maxLength(MAX_FRAME_TIMES))),
});
export type ExportModel = v.InferOutput<typeof ExportModel>;

/** Parses the model that is part of the page. */
export function parseExportModel(model: unknown): ExportModel | undefined {
  return parseAs(ExportModel, model);
}

/** Localized texts of the page, which replaces `{0}`, `{1}`. */
export type ExportStrings = Record<
  | 'title'
  | 'loading'
  | 'unplayable'
  | 'play'
  | 'pause'
  | 'range'
  | 'start'
  | 'end'
  | 'frameOf'
  | 'selected'
  | 'kind'
  | 'gif'
  | 'webp'
  | 'frames'
  | 'sheet'
  | 'gifHint'
  | 'webpHint'
  | 'framesHint'
  | 'sheetHint'
  | 'width'
  | 'framesPerSecond'
  | 'every'
  | 'loop'
  | 'outcome'
  | 'outcomeSize'
  | 'outcomeFrames'
  | 'estimating'
  | 'estimate'
  | 'noEstimate'
  | 'tooManyFrames'
  | 'sheetTooLarge'
  | 'export'
  | 'cancel'
  | 'progress'
  | 'asking'
  | 'failed'
  | 'tooLarge',
  string
>;

const HostMessage = v.variant('type', [
  /** The command was run again, for this kind. */
  v.object({ type: v.literal('kind'), kind: v.picklist(EXPORT_KINDS) }),
  /** There is a place for what was announced by `begin`. */
  v.object({ type: v.literal('go') }),
  /** A frame is on the disk: the next one may come. */
  v.object({ type: v.literal('written'), index: v.number() }),
  /** It has ended: what was written, that nothing was, or why not. */
  v.object({ type: v.literal('ended'), text: v.string(), isProblem: v.boolean() }),
]);
export type HostMessage = v.InferOutput<typeof HostMessage>;

/** Parses a message of the host. Returns `undefined` for anything but a complete message. */
export function parseHostMessage(message: unknown): HostMessage | undefined {
  return parseAs(HostMessage, message);
}

const Side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_SIDE_PX));
const Bytes = v.pipe(
  v.instance(ArrayBuffer),
  v.check(({ byteLength }) => byteLength > 0 && byteLength <= MAX_EXPORT_BYTES),
  v.transform((buffer) => new Uint8Array(buffer)),
);

const ExportRequest = v.object({
  kind: v.picklist(EXPORT_KINDS),
  /** Of each frame, pixels. */
  width: Side,
  height: Side,
  /** How long each frame is shown, milliseconds. */
  durations: v.pipe(
    v.array(v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(MAX_DURATION_MS))),
    v.minLength(1),
    v.maxLength(MAX_EXPORT_FRAMES),
  ),
});
/** What the page is going to send. */
export type ExportRequest = v.InferOutput<typeof ExportRequest>;

const WebviewMessage = v.variant('type', [
  /** Asks for a place. The host answers with `go` or `ended`. */
  v.object({ type: v.literal('begin'), request: ExportRequest }),
  /** All of it: an animation, or a sheet. */
  v.object({ type: v.literal('file'), bytes: Bytes }),
  /** One of the frames, a PNG. They come in turn, each after the one before it was written. */
  v.object({
    type: v.literal('frame'),
    index: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_EXPORT_FRAMES - 1)),
    bytes: Bytes,
  }),
  /** The user gave up, or the page could not go on: what was written is removed. */
  v.object({ type: v.literal('cancel'), why: v.picklist(['user', 'failed', 'too-large']) }),
]);
export type WebviewMessage = v.InferOutput<typeof WebviewMessage>;
/** As the page sends it. */
export type WebviewMessageInput = v.InferInput<typeof WebviewMessage>;

/** Parses a message of the page. Returns `undefined` for anything else. */
export function parseWebviewMessage(message: unknown): WebviewMessage | undefined {
  return parseAs(WebviewMessage, message);
}
