/** A `free` box: players skip it, so it makes a file unlike others without a change to what is played. */
export function freeBox(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(head.length + payload.length, 0);
  head.write('free', 4, 'latin1');
  return Buffer.concat([head, payload]);
}

/** Offset of the minor version in the `ftyp` box, which stands first; players ignore it. */
const MINOR_VERSION_AT = 12;

/**
 * `clip` with `text` in a box at its end and `version` in its first bytes: two versions differ at
 * both ends, so that a file pieced together from both is recognised as neither.
 */
export function stamped(clip: Uint8Array, text: string, version: number): Buffer {
  const file = Buffer.concat([clip, freeBox(`${text} v${version}`)]);
  file.writeUInt32BE(version, MINOR_VERSION_AT);
  return file;
}
