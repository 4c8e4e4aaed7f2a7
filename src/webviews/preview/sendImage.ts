import type { WebviewMessage } from '../../views/preview/protocol';
import type { HostChannel } from '../shared/messages';
import { createThumbnail } from '../shared/thumbnail';

type ImageMessage = Extract<WebviewMessage, { type: 'picture' }>;
/** What becomes of an image, and where it comes from. */
export type ImageOrigin = Pick<ImageMessage, 'use' | 'name' | 'frame'>;

/** @param image the file as it is drawn; undefined when this page cannot */
export async function sendImage(
  host: HostChannel<WebviewMessage>,
  file: Blob,
  image: HTMLCanvasElement | ImageBitmap | undefined,
  origin: ImageOrigin,
): Promise<void> {
  host.postMessage({
    type: 'picture',
    ...origin,
    bytes: await file.arrayBuffer(),
    thumbnail: image && createThumbnail(image, 'black'),
  });
}

/** Draws the first frame, as it was sent, small. The host has checked how many pixels it has. */
export async function sendThumbnail(host: HostChannel<WebviewMessage>, file: Blob): Promise<void> {
  const image = await decodeImage(file);
  const thumbnail = image && createThumbnail(image, 'black');
  if (thumbnail !== undefined) {
    host.postMessage({ type: 'thumbnail', thumbnail });
  }
}

/** @returns undefined for a format that this page cannot draw, such as TIFF */
export async function decodeImage(file: Blob): Promise<ImageBitmap | undefined> {
  return createImageBitmap(file).catch(() => undefined);
}
