import { withoutTickets } from '../../tasks/model/keptFrame';
import { sha256Hex } from '../../common/sha256';
import type { DeliveredFrame } from '../../tasks/submission/submissionService';
import { ImageError } from '../imageError';
import { dataUrlDelivery } from './dataUrl';
import { httpUploadDelivery } from './httpUpload';
import { imageUrlDelivery } from './imageUrl';
import { s3Delivery } from './s3';
import type { DeliveryContext, ImageDelivery, SourceImage } from './types';

/** In the order in which they are offered. The keys are stored in records and settings, so they are final. */
const DELIVERIES = {
  link: imageUrlDelivery,
  s3: s3Delivery,
  http: httpUploadDelivery,
  inline: dataUrlDelivery,
} as const satisfies Record<string, ImageDelivery>;
/** Id of an image delivery, as stored in records and settings. */
export type DeliveryId = keyof typeof DELIVERIES;

export const DELIVERY_IDS = Object.keys(DELIVERIES) as readonly DeliveryId[];

/** Returns `undefined` for an id that this version does not know: a record may come from a newer one. */
export function getDelivery(id: string): ImageDelivery | undefined {
  return Object.hasOwn(DELIVERIES, id) ? DELIVERIES[id as DeliveryId] : undefined;
}

/**
 * Delivers an image, and describes it for the record of the task.
 *
 * @throws {ImageError | DeliveryError} when it cannot be delivered; nothing has been sent to the API then
 */
export async function deliverImage(
  image: SourceImage,
  deliveryId: DeliveryId,
  context: DeliveryContext,
): Promise<DeliveredFrame> {
  const delivery: ImageDelivery = DELIVERIES[deliveryId];
  if (!delivery.accepts(image)) {
    throw new ImageError('unreadable', {});
  }
  const { source, label, from, thumbnail, file } = image;
  let hash: string | undefined;
  const read = async () => {
    const bytes = await file!.read();
    hash = sha256Hex(bytes);
    return bytes;
  };
  const delivered = await delivery.prepare(file ? { ...image, file: { ...file, read } } : image, context);
  if (file && hash === undefined) {
    // Delivered by its link, which works even when the file was deleted meanwhile.
    await read().catch(() => undefined);
  }
  const { width, height } = delivered.facts ?? {};
  const { link } = delivered;
  const firstFrame = { source, delivery: deliveryId, label, link, width, height, from, hash, thumbnail };
  return { image: delivered.image, firstFrame: withoutTickets(firstFrame) };
}
