import type { ReadyFrame } from '../tasks/generate';
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
  prepare(image: FrameImage): Promise<ReadyFrame>;
}

const DELIVERIES = { link, inline } as const satisfies Record<string, FrameDelivery>;
export type DeliveryId = keyof typeof DELIVERIES;

export const DELIVERY_IDS = Object.keys(DELIVERIES) as readonly DeliveryId[];

/** `undefined` for a way that this version does not know: a record may be newer. */
export function deliveryOf(id: string): FrameDelivery | undefined {
  return Object.hasOwn(DELIVERIES, id) ? DELIVERIES[id as DeliveryId] : undefined;
}
