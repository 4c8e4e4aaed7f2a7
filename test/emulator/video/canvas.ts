/** Red, green, blue, 0 to 255 each. */
export type Colour = readonly [number, number, number];

/** A raw picture, four bytes a pixel, rows from the top. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** A picture to draw on. Coordinates are in pixels from the top left; what lies outside is cut off. */
export class Canvas implements Frame {
  readonly data: Uint8ClampedArray;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.data = new Uint8ClampedArray(width * height * 4).fill(255);
  }

  /** Lays `colour` over one pixel, `alpha` (0 to 1) of it. */
  blend(x: number, y: number, [red, green, blue]: Colour, alpha: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height || alpha <= 0) {
      return;
    }
    const { data } = this;
    const at = (y * this.width + x) * 4;
    const under = 1 - alpha;
    data[at] = red * alpha + (data[at] ?? 0) * under;
    data[at + 1] = green * alpha + (data[at + 1] ?? 0) * under;
    data[at + 2] = blue * alpha + (data[at + 2] ?? 0) * under;
  }

  /** A filled rectangle with round corners and soft edges. */
  fill(left: number, top: number, width: number, height: number, radius: number, colour: Colour, alpha: number): void {
    const [halfWidth, halfHeight] = [width / 2, height / 2];
    for (let y = Math.floor(top); y < top + height; y += 1) {
      for (let x = Math.floor(left); x < left + width; x += 1) {
        const dx = Math.max(0, Math.abs(x + 0.5 - left - halfWidth) - halfWidth + radius);
        const dy = Math.max(0, Math.abs(y + 0.5 - top - halfHeight) - halfHeight + radius);
        const inside = radius - Math.sqrt(dx * dx + dy * dy) + 0.5;
        this.blend(x, y, colour, alpha * Math.min(1, Math.max(0, inside)));
      }
    }
  }
}

/** The colour `share` (0 to 1) of the way from one to the other. */
export function mix(from: Colour, to: Colour, share: number): Colour {
  const [red, green, blue] = from;
  return [red + (to[0] - red) * share, green + (to[1] - green) * share, blue + (to[2] - blue) * share];
}
