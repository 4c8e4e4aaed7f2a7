import type { Fetch } from '../../common/http';
import { sha256Hex } from '../../common/sha256';
import type { DeliveredFrame } from '../../tasks/submission/submissionService';
import type { FrameOrigin } from '../../tasks/model/taskRecord';
import { httpUploadDelivery } from './httpUpload';
import type { BucketAccess } from './s3';
import { ImageError } from '../imageError';
import type { ImageInfo } from '../imageInfo';
import { dataUrlDelivery } from './dataUrl';
import { imageUrlDelivery } from './imageUrl';
import type { UploadAccess } from './httpUpload';
import { s3Delivery } from './s3';

/** An image as the user chose it: a file, a link, or a file that they also published under a link. */
export interface SourceImage {
  /** The URI of the file, or the link. Remembered, so that the frame can be used again. */
  source: string;
  /** What people call it. */
  label: string;
  link?: string;
  file?: {
    facts: ImageInfo;
    /** Of what the facts are about. */
    hash?: string;
    /** Read anew when it is sent: an image is not held in memory while the user thinks. */
    read(): Promise<Uint8Array>;
  };
  /** Of a picture that was taken from the video of a task. */
  from?: FrameOrigin | undefined;
  /** A small picture of it, where somebody has drawn one: see `FirstFrame.thumbnail`. */
  thumbnail?: string | undefined;
  /** Its file holds another image than the task that it was taken from was made with. */
  hasChanged?: boolean;
}

/** What a way made of an image. */
export interface DeliveredImage {
  /** What goes to the service: a link, or a `data:` URL. */
  image: string;
  /**
   * What was sent, when it was a link that is no secret. A link with a signature is a ticket, so it is not kept
   * with the task, and neither is an inlined image: both are made anew from the file.
   */
  link?: string | undefined;
  /** As it was sent, where it was looked at. */
  facts?: Pick<ImageInfo, 'width' | 'height'> | undefined;
}

/** What the ways need of the world. */
export interface DeliveryContext {
  fetch: Fetch;
  /** Of the service. Links to this computer are of use only when it is here too. */
  base: URL;
  now(): number;
  /** @throws {DeliveryError} `not-set-up` */
  bucket(): Promise<BucketAccess>;
  /** @throws {DeliveryError} `not-set-up` */
  upload(): Promise<UploadAccess>;
}

/**
 * The door: one way in which an image becomes something that the service can read. The API takes links and
 * has no upload. A further way is one more file and one more line below.
 */
export interface ImageDelivery {
  readonly id: string;
  /** Whether it can do this image, as far as can be said without doing it. */
  accepts(image: SourceImage): boolean;
  /** @throws {ImageError | DeliveryError} when it cannot be sent like this; nothing has been sent to the service then */
  prepare(image: SourceImage, means: DeliveryContext): Promise<DeliveredImage>;
}

/** In the order in which they are offered. */
const DELIVERIES = {
  link: imageUrlDelivery,
  s3: s3Delivery,
  http: httpUploadDelivery,
  inline: dataUrlDelivery,
} as const satisfies Record<string, ImageDelivery>;
export type DeliveryId = keyof typeof DELIVERIES;

export const DELIVERY_IDS = Object.keys(DELIVERIES) as readonly DeliveryId[];

/** `undefined` for a way that this version does not know: a record may be newer. */
export function getDelivery(id: string): ImageDelivery | undefined {
  return Object.hasOwn(DELIVERIES, id) ? DELIVERIES[id as DeliveryId] : undefined;
}

/**
 * Makes an image ready to be sent in one of the ways, with what the task remembers of it.
 *
 * @throws {ImageError | DeliveryError} when it cannot be sent like this; nothing has been sent to the service then
 */
export async function deliverImage(
  image: SourceImage,
  delivery: DeliveryId,
  means: DeliveryContext,
): Promise<DeliveredFrame> {
  const way: ImageDelivery = DELIVERIES[delivery];
  if (!way.accepts(image)) {
    throw new ImageError('unreadable', {});
  }
  const { source, label, from, thumbnail, file } = image;
  let hash: string | undefined;
  const read = async () => {
    const bytes = await file!.read();
    hash = sha256Hex(bytes);
    return bytes;
  };
  const { image: sent, link, facts } = await way.prepare(file ? { ...image, file: { ...file, read } } : image, means);
  if (file && hash === undefined) {
    // Sent by its link. A file that has gone meanwhile is not needed for that.
    await read().catch(() => undefined);
  }
  const { width, height } = facts ?? {};
  return { image: sent, firstFrame: { source, delivery, label, link, width, height, from, hash, thumbnail } };
}
