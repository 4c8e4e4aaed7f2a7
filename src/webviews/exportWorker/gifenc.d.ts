/** gifenc by Matt DesLauriers, MIT; it has no types of its own. What is used of it here. */
declare module 'gifenc/dist/gifenc.esm.js' {
  type Color = [red: number, green: number, blue: number];

  /** Reduces colours by pairwise nearest neighbour clustering. */
  export function quantize(rgba: Uint8ClampedArray, maxColors: number, options?: { format?: 'rgb565' }): Color[];

  interface Encoder {
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      options: {
        /** Of the whole file, with the first frame. */
        palette?: Color[];
        transparent?: boolean;
        transparentIndex?: number;
        /** Milliseconds, rounded to hundredths of a second. */
        delay: number;
        /** 0 for ever, -1 once; with the first frame. */
        repeat?: number;
        /** 1 leaves the picture for the next frame. */
        dispose?: number;
      },
    ): void;
    finish(): void;
    bytes(): Uint8Array<ArrayBuffer>;
    bytesView(): Uint8Array<ArrayBuffer>;
  }
  export function GIFEncoder(options?: { initialCapacity?: number }): Encoder;
}
