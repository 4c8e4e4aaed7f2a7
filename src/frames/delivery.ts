import { createHash } from 'node:crypto';
import type { Fetch } from '../gateway/http';
import type { ReadyFrame } from '../tasks/generate';
import type { FrameOrigin } from '../tasks/record';
import type { BucketAccess } from './bucket';
import { FrameError } from './errors';
import type { ImageFacts } from './image';
import { inline } from './inline';
import { link } from './link';
import type { UploadAccess } from './upload';

/** An image as the person chose it: a file, a link, or a file that they also published under a link. */
export interface FrameImage {
  /** The URI of the file, or the link. Remembered, so that the frame can be used again. */
  source: string;
  /** What people call it. */
  label: string;
  link?: string;
  file?: {
    facts: ImageFacts;
    /** Of what the facts are about. */
    hash?: string;
    /** Read anew when it is sent: an image is not held in memory while the person thinks. */
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
export interface Delivered {
  /** What goes to the gateway: a link, or a `data:` URL. */
  image: string;
  /**
   * What was sent, when it was a link that is no secret. A link with a signature is a ticket, so it is not kept
   * with the task, and neither is an inlined image: both are made anew from the file.
   */
  link?: string | undefined;
  /** As it was sent, where it was looked at. */
  facts?: Pick<ImageFacts, 'width' | 'height'> | undefined;
}

/** What the ways need of the world. */
export interface DeliveryMeans {
  fetch: Fetch;
  /** Of the gateway. Links to this computer are of use only when it is here too. */
  base: URL;
  now(): number;
  /** @throws {DeliveryError} `not-set-up` */
  bucket(): Promise<BucketAccess>;
  /** @throws {DeliveryError} `not-set-up` */
  upload(): Promise<UploadAccess>;
}

/**
 * The door: one way in which an image becomes something that the gateway can read. The API takes links and
 * has no upload. A further way is one more file and one more line below.
 */
export interface FrameDelivery {
  readonly id: string;
  /** Whether it can do this image, as far as can be said without doing it. */
  accepts(image: FrameImage): boolean;
  /** @throws {FrameError | DeliveryError} when it cannot be sent like this; nothing has been sent to the gateway then */
  prepare(image: FrameImage, means: DeliveryMeans): Promise<Delivered>;
}

/** What takes files and is not everybody's: read when it is used. */
function fileBy(id: string, load: () => Promise<FrameDelivery>): FrameDelivery {
  return {
    id,
    accepts: (image) => image.file !== undefined,
    prepare: async (image, means) => (await load()).prepare(image, means),
  };
}

/** In the order in which they are offered. */
const DELIVERIES = {
  link,
  s3: fileBy('s3', async () => (await import('./s3')).s3),
  http: fileBy('http', async () => (await import('./http')).http),
  inline,
} as const satisfies Record<string, FrameDelivery>;
export type DeliveryId = keyof typeof DELIVERIES;

export const DELIVERY_IDS = Object.keys(DELIVERIES) as readonly DeliveryId[];

/** `undefined` for a way that this version does not know: a record may be newer. */
export function deliveryOf(id: string): FrameDelivery | undefined {
  return Object.hasOwn(DELIVERIES, id) ? DELIVERIES[id as DeliveryId] : undefined;
}

/**
 * Makes an image ready to be sent in one of the ways, with what the task remembers of it.
 *
 * @throws {FrameError | DeliveryError} when it cannot be sent like this; nothing has been sent to the gateway then
 */
export async function deliver(image: FrameImage, delivery: DeliveryId, means: DeliveryMeans): Promise<ReadyFrame> {
  const way: FrameDelivery = DELIVERIES[delivery];
  if (!way.accepts(image)) {
    throw new FrameError('unreadable', {});
  }
  const { source, label, from, thumbnail, file } = image;
  let hash: string | undefined;
  const read = async () => {
    const bytes = await file!.read();
    hash = hashOf(bytes);
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

/** Of an image's bytes, as it is kept with a task. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
