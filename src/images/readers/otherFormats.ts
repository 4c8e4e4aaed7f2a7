/** Start of a file that is long enough to know its format. */
const START_BYTES = 1_024;

/** Brands of the first box of an ISO base media file. */
const BRANDS: Readonly<Record<string, string>> = {
  avif: 'AVIF',
  avis: 'AVIF',
  heic: 'HEIC',
  heix: 'HEIC',
  heim: 'HEIC',
  heis: 'HEIC',
  hevc: 'HEIC',
  hevx: 'HEIC',
  mif1: 'HEIF',
  msf1: 'HEIF',
};

const STARTS: readonly (readonly [RegExp, string])[] = [
  [/^\xff\x0a|^\0\0\0\x0cJXL /, 'JPEG XL'],
  [/^\0\0\0\x0cjP {2}|^\xff\x4f\xff\x51/, 'JPEG 2000'],
  [/^8BPS/, 'Photoshop'],
  [/^%PDF-/, 'PDF'],
  [/^\0\0[\x01\x02]\0[^\0]/, 'ICO'],
];

/**
 * Names an image format that the service does not take, although other programs show it.
 *
 * @returns `undefined` for any other file
 */
export function getOtherFormat(file: Buffer): string | undefined {
  const start = file.toString('latin1', 0, START_BYTES);
  if (start.slice(4, 8) === 'ftyp') {
    return BRANDS[start.slice(8, 12)];
  }
  // Before the element there may be a byte order mark, a declaration and comments.
  if (/^(?:\xef\xbb\xbf)?\s*</.test(start) && /<svg[\s>]/i.test(start) && !/<html[\s>]/i.test(start)) {
    return 'SVG';
  }
  return STARTS.find(([pattern]) => pattern.test(start))?.[1];
}
