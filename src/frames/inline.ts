import type { FrameDelivery } from './delivery';
import { FrameError } from './errors';
import { inspectImage } from './image';

/**
 * The file itself, inside the request, as a `data:` URL. Not documented by the service; one public client
 * does it for another model. Nothing is charged when the service refuses it.
 */
export const inline: FrameDelivery = {
  id: 'inline',
  accepts: (image) => image.file !== undefined,
  prepare: async ({ file }) => {
    if (!file) {
      throw new FrameError('unreadable', {});
    }
    const bytes = await file.read();
    // The file may have changed since it was chosen.
    const facts = inspectImage(bytes);
    const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    return { image: `data:${facts.mime};base64,${base64}`, facts };
  },
};
