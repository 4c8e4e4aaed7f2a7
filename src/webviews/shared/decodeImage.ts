/**
 * Decodes an image with its EXIF orientation applied. `createImageBitmap` refuses a file in which something is missing
 * or wrong (an end, a checksum, a table, a palette), though `<img>` draws what is there (seen in Chromium): then it is
 * taken from there.
 *
 * @throws {DOMException} if the browser cannot draw it
 */
export async function decodeBitmap(image: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(image, { imageOrientation: 'from-image' });
  } catch {
    return drawElement(image);
  }
}

/** Needs `img-src blob:` in the policy of the page. */
async function drawElement(image: Blob): Promise<ImageBitmap> {
  const url = URL.createObjectURL(image);
  try {
    const element = new Image();
    element.src = url;
    await element.decode();
    // By way of a canvas, because `createImageBitmap` refuses the element as well.
    const canvas = new OffscreenCanvas(element.naturalWidth, element.naturalHeight);
    const context = canvas.getContext('2d');
    if (!context) {
      throw new DOMException('no canvas', 'EncodingError');
    }
    context.drawImage(element, 0, 0);
    return canvas.transferToImageBitmap();
  } finally {
    URL.revokeObjectURL(url);
  }
}
