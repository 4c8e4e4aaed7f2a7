import { readImageContent } from './content';
import type { ImageDelivery } from './deliver';

/**
 * The file itself, inside the request, as a `data:` URL. Not documented by the service; one public client
 * does it for another model. Nothing is charged when the service refuses it.
 */
export const dataUrlDelivery: ImageDelivery = {
  id: 'inline',
  accepts: (image) => image.file !== undefined,
  prepare: async (image) => {
    const { bytes, facts } = await readImageContent(image);
    return { image: `data:${facts.mime};base64,${bytes.toString('base64')}`, facts };
  },
};
