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

export interface Fragments {
  /** How many of them the movie says there are, by its duration; by default it says nothing. */
  stated?: number | undefined;
  /** An index before the first fragment, of this many. */
  indexedBefore?: number | undefined;
  /** An index at the end. */
  isIndexed?: boolean | undefined;
}

const FRAGMENT_MS = 250;

/** An MP4 in fragments of a quarter of a second, with tables around nothing that can be drawn. */
export function makeFragmentedMp4(
  count: number,
  { stated, indexedBefore, isIndexed = false }: Fragments = {},
): Uint8Array {
  const movie = box(
    'moov',
    Buffer.concat([
      box('mvhd', words(0, 0, 0, 1_000, 0)),
      box(
        'trak',
        Buffer.concat([box('tkhd', words(0, 0, 0, 1, 0)), box('mdia', box('mdhd', words(0, 0, 0, 1_000, 0)))]),
      ),
      box(
        'mvex',
        Buffer.concat([
          ...(stated === undefined ? [] : [box('mehd', words(0, stated * FRAGMENT_MS))]),
          box('trex', words(0, 1, 1, FRAGMENT_MS, 0, 0)),
        ]),
      ),
    ]),
  );
  const fragments = Array.from({ length: count }, (_, n) =>
    Buffer.concat([
      box(
        'moof',
        Buffer.concat([
          box('mfhd', words(0, n + 1)),
          box(
            'traf',
            Buffer.concat([box('tfhd', words(0, 1)), box('tfdt', words(0, n * FRAGMENT_MS)), box('trun', words(0, 1))]),
          ),
        ]),
      ),
      box('mdat', Buffer.alloc(900, n)),
    ]),
  );
  const [first] = fragments;
  const length = first?.length ?? 0;
  const head = [
    box('ftyp', Buffer.from('iso5\0\0\x02\0iso5iso6mp41')),
    movie,
    ...(indexedBefore === undefined
      ? []
      : [
          box(
            'sidx',
            Buffer.concat([
              words(0, 1, 1_000, 0, 0, indexedBefore),
              ...Array.from({ length: indexedBefore }, () => words(length, FRAGMENT_MS, 0)),
            ]),
          ),
        ]),
  ];
  const start = head.reduce((sum, { length: bytes }) => sum + bytes, 0);
  const index = box(
    'mfra',
    box(
      'tfra',
      Buffer.concat([
        words(0, 1, 0, count),
        ...fragments.map((_, n) => Buffer.concat([words(n * FRAGMENT_MS, start + n * length), Buffer.from([1, 1, 1])])),
      ]),
    ),
  );
  return Buffer.concat([...head, ...fragments, ...(isIndexed ? [index] : [])]);
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => bytes.writeUInt32BE(value, at * 4));
  return bytes;
}

function box(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}
