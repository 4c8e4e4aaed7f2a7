import { ASPECT_RATIOS, type AspectRatio } from '../gateway/aspectRatio';

export interface Size {
  width: number;
  height: number;
}

/** A share of the image below which nobody sees that it was cut off. */
const VISIBLE_LOSS = 0.02;

/** Width by height. */
export function ratioOf(aspectRatio: AspectRatio): number {
  const [width = 1, height = 1] = aspectRatio.split(':').map(Number);
  return width / height;
}

/**
 * The aspect ratio of the service that cuts off least of an image. 4:3 is as far from 16:9 as from 1:1: what
 * lies between keeps to its side of the square.
 */
export function nearestAspectRatio(image: Size): AspectRatio {
  const hairsBreadth = 1e-9;
  return ASPECT_RATIOS.reduce((best, candidate) =>
    lossOf(image, candidate) < lossOf(image, best) - hairsBreadth ? candidate : best,
  );
}

/** The share of an image, 0 to 1, that is lost when it is cut to an aspect ratio. */
export function lossOf({ width, height }: Size, aspectRatio: AspectRatio): number {
  const quotient = width / height / ratioOf(aspectRatio);
  return 1 - Math.min(quotient, 1 / quotient);
}

export function differsVisibly(image: Size, aspectRatio: AspectRatio): boolean {
  return lossOf(image, aspectRatio) > VISIBLE_LOSS;
}
