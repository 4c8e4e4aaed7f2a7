import type { WebviewMessage } from '../../views/preview/protocol';
import type { HostChannel } from '../shared/messages';
import { decodeBitmap } from '../shared/decodeImage';
import { createThumbnail } from '../shared/thumbnail';

type ImageMessage = Extract<WebviewMessage, { type: 'picture' }>;
/** What to use an image for, and where it comes from. */
export type ImageOrigin = Pick<ImageMessage, 'use' | 'name' | 'frame'>;

/**
 * Sends an image to the host, with a thumbnail if it can be drawn.
 *
 * @param image the decoded file; `undefined` if the browser cannot decode it
 */
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

/** Creates a thumbnail of the first frame and sends it to the host, which has validated the size of the image. */
export async function sendThumbnail(host: HostChannel<WebviewMessage>, file: Blob): Promise<void> {
  const image = await decodeImage(file);
  const thumbnail = image && createThumbnail(image, 'black');
  if (thumbnail !== undefined) {
    host.postMessage({ type: 'thumbnail', thumbnail });
  }
}

/** Decodes an image. Returns `undefined` for formats that browsers do not support, such as TIFF. */
export async function decodeImage(file: Blob): Promise<ImageBitmap | undefined> {
  return decodeBitmap(file).catch(() => undefined);
}
