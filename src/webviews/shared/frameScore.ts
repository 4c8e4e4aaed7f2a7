/** How much a frame shows, by its pixels alone. Pure, so that it can be tested without a browser. */

/** A small picture: red, green, blue and alpha of each pixel, rows from the top. */
export interface Pixels {
  width: number;
  height: number;
  data: ArrayLike<number>;
}

/** Outside of these, of 255, a pixel is lost in the dark or the glare. */
const DARK = 24;
const GLARE = 240;
/** A picture of daylight, faces or a landscape has more; a fade, a plain wall or a black frame has less. */
const TELLING = 32;

/**
 * Rates a frame by what can be seen in it: contrast (the standard deviation of the luminance) and detail (how much
 * neighbours differ), less the share of it that is nearly black or white.
 *
 * @returns 0 for a picture of one colour, seldom above 100
 */
export function getFrameScore({ width, height, data }: Pixels): number {
  const count = width * height;
  const luma = new Float64Array(count);
  let sum = 0;
  let lost = 0;
  for (let pixel = 0; pixel < count; pixel++) {
    const at = pixel * 4;
    // BT.601, as the eye weighs colours.
    const light = 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
    luma[pixel] = light;
    sum += light;
    lost += light < DARK || light > GLARE ? 1 : 0;
  }
  if (count === 0) {
    return 0;
  }
  const mean = sum / count;
  let variance = 0;
  let difference = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const light = luma[y * width + x]!;
      variance += (light - mean) ** 2;
      difference += x > 0 ? Math.abs(light - luma[y * width + x - 1]!) : 0;
      difference += y > 0 ? Math.abs(light - luma[(y - 1) * width + x]!) : 0;
    }
  }
  const contrast = Math.sqrt(variance / count);
  const detail = difference / (2 * count);
  // A night scene is mostly dark and still shows something: half of its score stays.
  return (contrast + 2 * detail) * (1 - 0.5 * (lost / count) ** 2);
}

/** Whether a frame shows enough for no other to be looked at. */
export function isTelling(score: number): boolean {
  return score >= TELLING;
}
