import { readImageContent } from './content';
import type { ImageDelivery } from './types';

/**
 * Sends the file inside the request, as a `data:` URL. Not documented by the service; seen in one public client, for
 * another model. The service charges nothing when it refuses it.
 */
export const dataUrlDelivery: ImageDelivery = {
  id: 'inline',
  accepts: (image) => image.file !== undefined,
  prepare: async (image) => {
    const { bytes, facts } = await readImageContent(image);
    return { image: `data:${facts.mime};base64,${bytes.toString('base64')}`, facts };
  },
};
