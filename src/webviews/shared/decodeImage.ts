/** How a JPEG (EOI) and a PNG (IEND) end. */
const ENDS = [
  [0xff, 0xd9],
  [0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82],
];

/**
 * Decodes an image with its EXIF orientation applied. `<img>` also draws a file of which the end is missing, but
 * `createImageBitmap` needs one (seen in Chromium), so it gets one.
 *
 * @throws {DOMException} if the browser cannot decode it
 */
export async function decodeBitmap(image: Blob): Promise<ImageBitmap> {
  const decode = (blob: Blob) => createImageBitmap(blob, { imageOrientation: 'from-image' });
  try {
    return await decode(image);
  } catch (error) {
    for (const end of ENDS) {
      const bitmap = await decode(new Blob([image, new Uint8Array(end)])).catch(() => undefined);
      if (bitmap) {
        return bitmap;
      }
    }
    throw error;
  }
}
