/** The tag `Orientation` (EXIF 2.32, 4.6.4) and the TIFF type SHORT that it must have. */
const ORIENTATION = 0x0112;
const SHORT = 3;
const ENTRY_BYTES = 12;
/** Orientations from this one on are turned by 90° or 270°. */
const FIRST_TURNED = 5;
const LAST = 8;

/**
 * Whether EXIF data exchange width and height. Read as strictly as Chromium does (seen): one value of the type SHORT
 * from 1 to 8, in the first directory, of which the first counts; anything else is no orientation.
 *
 * @param tiff begins with the byte order
 */
export function isTurned(tiff: Buffer): boolean {
  const order = tiff.toString('latin1', 0, 4);
  if (tiff.length < 10 || (order !== 'II*\0' && order !== 'MM\0*')) {
    return false;
  }
  const little = order.startsWith('I');
  const u16 = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) {
    return false;
  }
  // A directory that was cut counts as far as it goes.
  const entries = Math.min(u16(directory), Math.floor((tiff.length - directory - 2) / ENTRY_BYTES));
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + entry * ENTRY_BYTES;
    const count = little ? tiff.readUInt32LE(at + 4) : tiff.readUInt32BE(at + 4);
    const value = u16(at + 8);
    if (u16(at) === ORIENTATION && u16(at + 2) === SHORT && count === 1 && value >= 1 && value <= LAST) {
      return value >= FIRST_TURNED;
    }
  }
  return false;
}
