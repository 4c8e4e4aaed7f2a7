/**
 * Videos that are no MP4, as small as their types allow: everything is where it belongs around pictures that nobody can
 * draw. Only the GIF shows something.
 */
export const OTHER_VIDEO_TYPES = [
  'mov',
  'webm',
  'mkv',
  'avi',
  'ts',
  'mpg',
  'flv',
  'ogv',
  'wmv',
  'gif',
  'webp',
  'png',
  'avif',
] as const;
export type OtherVideoType = (typeof OTHER_VIDEO_TYPES)[number];

const PICTURES = 8;

const u16le = (value: number) => Buffer.from([value & 0xff, value >> 8]);
const u32be = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const u32le = (value: number) => Buffer.from(u32be(value)).reverse();
const latin = (text: string) => Buffer.from(text, 'latin1');

const box = (type: string, ...content: Buffer[]) => {
  const payload = Buffer.concat(content);
  return Buffer.concat([u32be(payload.length + 8), latin(type), payload]);
};
const riff = (type: string, ...content: Buffer[]) => {
  const payload = Buffer.concat(content);
  const padding = Buffer.alloc(payload.length % 2);
  return Buffer.concat([latin(type), u32le(payload.length + padding.length), payload, padding]);
};

/** An element of Matroska, with its length in eight bytes; `live`: of a length that was not known when it was begun. */
function element(id: string, content: Buffer | readonly Buffer[], live = false): Buffer {
  const payload = Buffer.concat([content].flat());
  const length = Buffer.alloc(8, 0xff);
  length.writeBigUInt64BE(BigInt(payload.length) | (1n << 56n));
  return Buffer.concat([Buffer.from(id, 'hex'), live ? Buffer.from('01ffffffffffffff', 'hex') : length, payload]);
}

function matroska(docType: string, pictures: readonly Buffer[], live = false): Buffer {
  return Buffer.concat([
    element('1a45dfa3', [element('4286', Buffer.from([1])), element('4282', latin(docType))]),
    element(
      '18538067',
      [
        element('1549a966', element('2ad7b1', u32be(1_000_000))),
        element('1654ae6b', element('ae', [element('d7', Buffer.from([1])), element('86', latin('V_VP8'))])),
        ...[pictures.slice(0, 4), pictures.slice(4)].map((some, n) =>
          element(
            '1f43b675',
            [
              element('e7', Buffer.from([n])),
              ...some.map((picture) => element('a3', [Buffer.from([0x81, 0, 0, 0x80]), picture])),
            ],
            live,
          ),
        ),
      ],
      live,
    ),
  ]);
}

/** A WebM as a browser records it: nothing in it says how long it is. */
export const makeLiveWebm = (bytes = 50_000): Buffer => matroska('webm', makePictures(bytes, 'live'), true);

/** Blocks of up to 255 bytes, and an empty one. */
function gifBlocks(bytes: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 255) {
    const piece = bytes.subarray(at, at + 255);
    blocks.push(Buffer.from([piece.length]), piece);
  }
  return Buffer.concat([...blocks, Buffer.from([0])]);
}

/** Of one pixel, black and white in turn. */
export function makeGif(pictures: number, comment: Buffer): Buffer {
  return Buffer.concat([
    latin('GIF89a'),
    Buffer.from([1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff]),
    Buffer.from([0x21, 0xfe]),
    gifBlocks(comment),
    ...Array.from({ length: pictures }, (_, n) =>
      Buffer.concat([
        Buffer.from([0x21, 0xf9, 4, 0, 20, 0, 0, 0]),
        Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2]),
        gifBlocks(Buffer.from([n % 2 ? 0x4c : 0x44, 0x01])),
      ]),
    ),
    Buffer.from([0x3b]),
  ]);
}

function oggPage(n: number, content: Buffer): Buffer {
  const lengths = Buffer.from([...Array<number>(Math.floor(content.length / 255)).fill(255), content.length % 255]);
  const head = Buffer.alloc(26);
  head.write('OggS', 0, 'latin1');
  head[5] = n === 0 ? 2 : 0;
  head.writeUInt32LE(n, 18);
  return Buffer.concat([head, Buffer.from([lengths.length]), lengths, content]);
}

function flvTag(type: number, content: Buffer): Buffer {
  const length = u32be(content.length).subarray(1);
  return Buffer.concat([Buffer.from([type]), length, Buffer.alloc(7), content, u32be(content.length + 11)]);
}

function asfObject(id: string, content: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(content.length + 24));
  return Buffer.concat([Buffer.from(id, 'hex'), length, content]);
}

const pngChunk = (type: string, content: Buffer) =>
  Buffer.concat([u32be(content.length), latin(type), content, Buffer.alloc(4)]);

/** Bytes that are unlike in each file. */
function makePictures(bytes: number, text: string): Buffer[] {
  const all = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at++) {
    all[at] = ((at + 1) * 31 + text.charCodeAt(at % text.length)) % 251;
  }
  const each = Math.ceil(bytes / PICTURES);
  return Array.from({ length: PICTURES }, (_, n) => all.subarray(n * each, (n + 1) * each));
}

/** @param text what makes the file unlike others */
export function makeOtherVideo(type: OtherVideoType, bytes = 50_000, text: string = type): Buffer {
  const pictures = makePictures(bytes, text);
  const all = Buffer.concat(pictures);
  switch (type) {
    case 'mov':
      return Buffer.concat([
        box('ftyp', latin('qt  \0\0\x02\0qt  ')),
        box('mdat', all),
        box('moov', Buffer.alloc(100)),
      ]);
    case 'avif':
      return Buffer.concat([
        box('ftyp', latin('avis\0\0\0\0avisavif')),
        box('meta', Buffer.alloc(20)),
        box('moov', Buffer.alloc(100)),
        box('mdat', all),
      ]);
    case 'webm':
      return matroska('webm', pictures);
    case 'mkv':
      return matroska('matroska', pictures);
    case 'avi':
      return riff(
        'RIFF',
        latin('AVI '),
        riff('LIST', latin('hdrl'), riff('avih', Buffer.alloc(56))),
        riff('LIST', latin('movi'), ...pictures.map((picture) => riff('00dc', picture))),
      );
    case 'webp':
      return riff(
        'RIFF',
        latin('WEBP'),
        riff('VP8X', Buffer.from([0x12, 0, 0, 0, 9, 0, 0, 9, 0, 0])),
        riff('ANIM', Buffer.alloc(6)),
        ...pictures.map((picture) => riff('ANMF', Buffer.alloc(16), picture)),
      );
    case 'gif':
      return makeGif(2, all);
    case 'png':
      return Buffer.concat([
        latin('\x89PNG\r\n\x1a\n'),
        pngChunk('IHDR', Buffer.concat([u32be(1), u32be(1), Buffer.from([8, 0, 0, 0, 0])])),
        pngChunk('acTL', Buffer.concat([u32be(PICTURES), u32be(0)])),
        ...pictures.map((picture, n) => pngChunk(n === 0 ? 'IDAT' : 'fdAT', picture)),
        pngChunk('IEND', Buffer.alloc(0)),
      ]);
    case 'ts':
      return Buffer.concat(
        Array.from({ length: Math.ceil(bytes / 184) }, (_, n) =>
          Buffer.concat([
            Buffer.from([0x47, 0x40, n === 0 ? 0 : 0x11, 0x10 | (n & 15)]),
            all.subarray(n * 184, (n + 1) * 184),
            Buffer.alloc(184, 0xff),
          ]).subarray(0, 188),
        ),
      );
    case 'mpg':
      return Buffer.concat([
        ...pictures.flatMap((picture) => [
          Buffer.from('000001ba', 'hex'),
          Buffer.alloc(10, 0x44),
          Buffer.from('000001e0', 'hex'),
          picture,
        ]),
        Buffer.from('000001b9', 'hex'),
      ]);
    case 'flv':
      return Buffer.concat([
        latin('FLV\x01\x01'),
        u32be(9),
        u32be(0),
        ...pictures.map((picture) => flvTag(9, picture)),
      ]);
    case 'ogv':
      return Buffer.concat([
        oggPage(0, latin('\x80theora\x03\x02\x01')),
        ...pictures.map((picture, n) => oggPage(n + 1, picture)),
      ]);
    case 'wmv':
      return Buffer.concat([
        asfObject('3026b2758e66cf11a6d900aa0062ce6c', Buffer.concat([u32le(0), u16le(0x201)])),
        asfObject('3626b2758e66cf11a6d900aa0062ce6c', all),
      ]);
  }
}
