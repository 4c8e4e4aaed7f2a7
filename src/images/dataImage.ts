const DATA_IMAGE = /^data:image\/[a-z0-9.+-]{1,40};base64,/i;

/** The bytes of an image in a `data:` URL; `undefined` for other texts, and for none. */
export function parseDataImage(url: string): Uint8Array | undefined {
  const [start] = DATA_IMAGE.exec(url.slice(0, 100)) ?? [];
  const bytes = start === undefined ? undefined : Buffer.from(url.slice(start.length), 'base64');
  return bytes?.length ? bytes : undefined;
}
