import type { ReadyFrame } from '../tasks/generate';
import type { FrameOrigin } from '../tasks/record';
import { FrameError } from './errors';
import type { ImageFacts } from './image';
import { inline } from './inline';
import { link } from './link';

/** An image as the person chose it: a file, a link, or a file that they also published under a link. */
export interface FrameImage {
  /** The URI of the file, or the link. Remembered, so that the frame can be used again. */
  source: string;
  /** What people call it. */
  label: string;
  link?: string;
  file?: {
    facts: ImageFacts;
    /** Read anew when it is sent: an image is not held in memory while the person thinks. */
    read(): Promise<Uint8Array>;
  };
  /** Of a picture that was taken from the video of a task. */
  from?: FrameOrigin | undefined;
  /** A small picture of it, where somebody has drawn one: see `FirstFrame.thumbnail`. */
  thumbnail?: string | undefined;
}

/** What a way made of an image. */
export interface Delivered {
  /** What goes to the gateway: a link, or a `data:` URL. */
  image: string;
  /** What was sent, when it was a link. An inlined image is not kept with the task. */
  link?: string | undefined;
  /** As it was sent, where it was looked at. */
  facts?: Pick<ImageFacts, 'width' | 'height'> | undefined;
}

/**
 * The door: one way in which an image becomes something that the gateway can read. The API takes links and
 * has no upload. A further way (a bucket, an endpoint of one's own) is one more file and one more line below.
 */
export interface FrameDelivery {
  readonly id: string;
  /** Whether it can do this image, as far as can be said without doing it. */
  accepts(image: FrameImage): boolean;
  /** @throws {FrameError} when the image cannot be sent like this; nothing has been sent to the gateway then */
  prepare(image: FrameImage): Promise<Delivered>;
}

const DELIVERIES = { link, inline } as const satisfies Record<string, FrameDelivery>;
export type DeliveryId = keyof typeof DELIVERIES;

export const DELIVERY_IDS = Object.keys(DELIVERIES) as readonly DeliveryId[];

/** `undefined` for a way that this version does not know: a record may be newer. */
export function deliveryOf(id: string): FrameDelivery | undefined {
  return Object.hasOwn(DELIVERIES, id) ? DELIVERIES[id as DeliveryId] : undefined;
}

/**
 * Makes an image ready to be sent in one of the ways, with what the task remembers of it.
 *
 * @throws {FrameError} when it cannot be sent like this; nothing has been sent to the gateway then
 */
export async function deliver(image: FrameImage, delivery: DeliveryId): Promise<ReadyFrame> {
  const way = DELIVERIES[delivery];
  if (!way.accepts(image)) {
    throw new FrameError('unreadable', {});
  }
  const { source, label, from, thumbnail } = image;
  const { image: sent, link, facts } = await way.prepare(image);
  const { width, height } = facts ?? {};
  return { image: sent, firstFrame: { source, delivery, label, link, width, height, from, thumbnail } };
}
