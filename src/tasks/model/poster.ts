/** Posters: what the pages that draw them and the store that keeps them agree on. Neither Node nor VS Code in here. */

/** Of a poster, bytes: a page that draws one lowers the quality until it fits. */
export const POSTER_MAX_BYTES = 32 * 1024;

/** A JPEG, by its first bytes. What a page sends is hostile until checked. */
export function isPoster(bytes: Uint8Array): boolean {
  return (
    bytes.length > 3 && bytes.length <= POSTER_MAX_BYTES && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff
  );
}
