import * as v from 'valibot';
import { parseAs } from '../../common/parse';
import { isThumbnail } from '../../tasks/model/taskRecord';
import { DueFrame, FrameSeconds, MediaUrl, PictureBytes } from '../messageParts';

/**
 * The messages by which any of our pages draws the last frame of a video that it does not show: only a page can decode
 * H.264. Both sides import this file, so it must import neither VS Code nor Node. The page decodes an untrusted video, so
 * the host does not trust it: it takes one reply to one request, and checks what it is given.
 */

/** Tells a request from those before, whose replies nobody waits for any more. */
const Request = v.pipe(v.number(), v.safeInteger());

const FrameRequest = v.object({
  type: v.literal('drawLastFrame'),
  request: Request,
  /** Of the local copy: links are of another origin, which does not allow reading (CORS). */
  url: MediaUrl,
  due: DueFrame,
});
export type FrameRequest = v.InferOutput<typeof FrameRequest>;

/** Parses a message of the host. Returns `undefined` for anything but a complete request. */
export function parseFrameRequest(message: unknown): FrameRequest | undefined {
  return parseAs(FrameRequest, message);
}

const FrameReply = v.variant('type', [
  /** The page listens for messages. One that was asked something before was loaded anew, and has forgotten it. */
  v.object({ type: v.literal('ready') }),
  v.object({
    type: v.literal('lastFrame'),
    request: Request,
    /** A PNG. */
    bytes: PictureBytes,
    /** When the frame begins. */
    seconds: FrameSeconds,
    thumbnail: v.optional(v.pipe(v.string(), v.check(isThumbnail))),
  }),
  /**
   * The window is hidden, as a browser tab behind another one, or no longer. A browser shows no frames meanwhile, so the
   * page goes on when it is seen again.
   */
  v.object({ type: v.literal('heldUp'), request: Request, isHidden: v.boolean() }),
  /** The video does not play here. */
  v.object({ type: v.literal('noLastFrame'), request: Request }),
]);
export type FrameReply = v.InferOutput<typeof FrameReply>;

/** Parses a message of the page. Returns `undefined` for anything else. */
export function parseFrameReply(message: unknown): FrameReply | undefined {
  return parseAs(FrameReply, message);
}

/** Localized texts of the page that is opened for it. */
export type LastFrameStrings = Record<'title' | 'taking' | 'hint', string>;
