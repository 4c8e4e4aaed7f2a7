import * as v from 'valibot';
import { isPoster } from '../tasks/model/poster';

/**
 * What the protocols of several pages have in common. Part of them, so it must import neither VS Code nor Node.
 */

/** As the store makes it. */
export const TaskId = v.pipe(v.string(), v.regex(/^[a-z0-9]{1,64}$/));

/** What a page may load media from. */
export const MediaUrl = v.pipe(v.string(), v.regex(/^(https?|vscode-webview-resource|vscode-resource):/));

/**
 * Of the host: the video of this task has no poster. A page that shows its local copy draws one, and replies with
 * `PosterMessage`, or not at all.
 */
export const DrawPosterMessage = v.object({ type: v.literal('drawPoster'), id: TaskId });

/**
 * Of a page: a poster, as `drawPoster` in `src/webviews/shared/poster.ts` makes it. The host keeps it only for a task
 * that it has asked about.
 */
export const PosterMessage = v.object({
  type: v.literal('poster'),
  id: TaskId,
  bytes: v.pipe(
    v.instance(ArrayBuffer),
    v.check((bytes) => isPoster(new Uint8Array(bytes))),
  ),
});

/** Start and duration of the last frame in seconds, if the file tells: see `src/tasks/download/mp4LastFrame.ts`. */
export const DueFrame = v.fallback(v.optional(v.object({ seconds: v.number(), lasts: v.number() })), undefined);
export type DueFrame = v.InferOutput<typeof DueFrame>;

/** The limit of the service for images. */
const MAX_PICTURE_BYTES = 30 * 1024 * 1024;

/** Of a page: an image. The content is validated later. */
export const PictureBytes = v.pipe(
  v.instance(ArrayBuffer),
  v.check(({ byteLength }) => byteLength > 0 && byteLength <= MAX_PICTURE_BYTES),
);

const MAX_SECONDS = 24 * 60 * 60;

/** The time of a frame in its video, seconds. */
export const FrameSeconds = v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_SECONDS));
