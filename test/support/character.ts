import * as fc from 'fast-check';

/**
 * For `fc.string({ unit: character })`: every character there is, but no half of a surrogate pair. The same as
 * fast-check's `binary`, which takes a second to list them all before it gives the first.
 */
export const character = fc
  .integer({ min: 0, max: 0x10f7ff })
  .map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));
