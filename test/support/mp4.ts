/** The smallest thing that passes for a whole MP4: the right boxes around nothing. */
export function makeMp4(mediaBytes = 50_000): Uint8Array {
  const media = Buffer.alloc(mediaBytes);
  for (let at = 0; at < media.length; at++) {
    media[at] = (at * 31) % 251;
  }
  return Buffer.concat([
    box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2')),
    box('moov', Buffer.alloc(100)),
    box('mdat', media),
  ]);
}

function box(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}
