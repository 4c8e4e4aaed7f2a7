import { IMAGE_MAX_RATIO, IMAGE_MAX_SIDE_PX, IMAGE_MIN_RATIO, IMAGE_MIN_SIDE_PX } from './imageInfo';
import { ASPECT_RATIOS, type AspectRatio } from '../api/aspectRatio';

/**
 * Arithmetic of cropping, padding and scaling, in whole pixels of the upright image. Images are never stretched or
 * enlarged.
 */

/** A part of an image, in pixels from its top left corner. */
export interface Rect extends Size {
  x: number;
  y: number;
}

/** Returns the ratio of an image, or the nearest one that the service accepts. */
export function getAllowedRatio({ width, height }: Size): number {
  return clamp(width / height, IMAGE_MIN_RATIO, IMAGE_MAX_RATIO);
}

/** Returns the largest centered part of an image that has the ratio, within the limits of the service. */
export function cropTo({ width, height }: Size, ratio: number): Rect {
  const part = inLimits(
    width / height > ratio
      ? { width: Math.max(1, Math.round(height * ratio)), height }
      : { width, height: Math.max(1, Math.round(width / ratio)) },
  );
  return { x: Math.floor((width - part.width) / 2), y: Math.floor((height - part.height) / 2), ...part };
}

/** Returns the smallest area that has the ratio and contains the whole image, within the limits of the service. */
export function padTo({ width, height }: Size, ratio: number): Size {
  return width / height > ratio
    ? {
        width,
        height: clamp(
          Math.round(width / ratio),
          Math.ceil(width / IMAGE_MAX_RATIO),
          Math.floor(width / IMAGE_MIN_RATIO),
        ),
      }
    : {
        width: clamp(
          Math.round(height * ratio),
          Math.ceil(height * IMAGE_MIN_RATIO),
          Math.floor(height * IMAGE_MAX_RATIO),
        ),
        height,
      };
}

/** Scales a size down to the largest that the service accepts. */
export function scaledToLimits({ width, height }: Size): Size {
  const scale = Math.min(1, IMAGE_MAX_SIDE_PX / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Whether the service accepts an image of this size. */
export function isFit({ width, height }: Size): boolean {
  const ratio = width / height;
  return (
    Math.min(width, height) >= IMAGE_MIN_SIDE_PX &&
    Math.max(width, height) <= IMAGE_MAX_SIDE_PX &&
    ratio >= IMAGE_MIN_RATIO &&
    ratio <= IMAGE_MAX_RATIO
  );
}

/** Corrects rounding, which may exceed the limits by less than a pixel. */
function inLimits({ width, height }: Size): Size {
  return {
    width: Math.min(width, Math.floor(height * IMAGE_MAX_RATIO)),
    height: Math.min(height, Math.floor(width / IMAGE_MIN_RATIO)),
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

/** Width and height in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** Cropping less than this share of an image is not visible. */
const VISIBLE_LOSS = 0.02;

/** Returns width divided by height. */
export function getAspect(aspectRatio: AspectRatio): number {
  const [width = 1, height = 1] = aspectRatio.split(':').map(Number);
  return width / height;
}

/**
 * Returns the aspect ratio of the service that crops the least of an image. 4:3 is as far from 16:9 as from 1:1: in
 * such a tie the first in `ASPECT_RATIOS` wins.
 */
export function getNearestAspectRatio(image: Size): AspectRatio {
  const EPSILON = 1e-9;
  return ASPECT_RATIOS.reduce((best, candidate) =>
    getCroppedShare(image, candidate) < getCroppedShare(image, best) - EPSILON ? candidate : best,
  );
}

/** Returns the share of an image, 0 to 1, that is lost by cropping it to an aspect ratio. */
export function getCroppedShare({ width, height }: Size, aspectRatio: AspectRatio): number {
  const quotient = width / height / getAspect(aspectRatio);
  return 1 - Math.min(quotient, 1 / quotient);
}

/** Whether cropping an image to an aspect ratio would visibly change it. */
export function differsVisibly(image: Size, aspectRatio: AspectRatio): boolean {
  return getCroppedShare(image, aspectRatio) > VISIBLE_LOSS;
}
