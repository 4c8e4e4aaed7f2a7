/**
 * Whole image files in the variety that cameras, phones, editors and web tools write, and that come out of broken
 * transfers. They are made here, so that each oddity stands alone; what a browser makes of each is for a test to ask.
 */
import { crc32, deflateSync } from 'node:zlib';

/** An image file to show to the reader and to a browser. */
export interface ImageSample {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const WIDTH = 640;
const HEIGHT = 360;

const ascii = (text: string) => Buffer.from(text, 'latin1');
const bytes = (...values: number[]) => Buffer.from(values);
const be16 = (n: number) => bytes((n >> 8) & 255, n & 255);
const be32 = (n: number) => Buffer.concat([be16(n >>> 16), be16(n)]);
const le16 = (n: number) => bytes(n & 255, (n >> 8) & 255);
const le24 = (n: number) => Buffer.concat([le16(n), bytes((n >> 16) & 255)]);
const le32 = (n: number) => Buffer.concat([le16(n), le16(n >>> 16)]);
const join = (...parts: readonly Uint8Array[]) => Buffer.concat(parts);

// ---- EXIF -----------------------------------------------------------------------------------------------------------

interface ExifOptions {
  littleEndian?: boolean;
  /** Tags before the orientation, as cameras write their make and model. */
  tagsBefore?: number;
  /** TIFF type of the orientation: 3 is SHORT, which the standard asks for. */
  type?: number;
  count?: number;
  /** Where the directory begins. */
  directoryAt?: number;
}

/** A TIFF structure with an orientation. */
export function exif(
  orientation: number,
  { littleEndian = false, tagsBefore = 0, type = 3, count = 1, directoryAt = 8 }: ExifOptions = {},
): Buffer {
  const u16 = littleEndian ? le16 : be16;
  const u32 = littleEndian ? le32 : be32;
  const value =
    type === 3 ? join(u16(orientation), u16(0)) : type === 1 ? bytes(orientation, 0, 0, 0) : u32(orientation);
  const tags = Array.from({ length: tagsBefore }, (_, index) => join(u16(0x100 + index), u16(4), u32(1), u32(7)));
  return join(
    ascii(littleEndian ? 'II' : 'MM'),
    u16(42),
    u32(directoryAt),
    Buffer.alloc(directoryAt - 8),
    u16(tagsBefore + 1),
    ...tags,
    join(u16(0x0112), u16(type), u32(count), value),
    u32(0),
  );
}

// ---- JPEG -----------------------------------------------------------------------------------------------------------

const segment = (marker: number, content: Uint8Array) => join(bytes(0xff, marker), be16(content.length + 2), content);
const SOI = bytes(0xff, 0xd8);
const EOI = bytes(0xff, 0xd9);
const JFIF = segment(0xe0, join(ascii('JFIF\0'), bytes(1, 1, 0), be16(1), be16(1), bytes(0, 0)));
const app1 = (tiff: Uint8Array) => segment(0xe1, join(ascii('Exif\0\0'), tiff));
const ADOBE = (transform: number) => segment(0xee, join(ascii('Adobe'), be16(100), be16(0), be16(0), bytes(transform)));
const ICC = segment(0xe2, join(ascii('ICC_PROFILE\0'), bytes(1, 2), Buffer.alloc(200)));
const COMMENT = segment(0xfe, ascii('made by a test'));
const XMP = segment(
  0xe1,
  ascii(
    'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>',
  ),
);

interface JpegOptions {
  width?: number;
  height?: number;
  /** 0xc0 baseline, 0xc1 extended, 0xc2 progressive, 0xc3 lossless, 0xc9 arithmetic. */
  frame?: number;
  precision?: number;
  components?: number;
  /** Sampling of the first component, as in the frame header: 0x11, 0x22 (4:2:0), 0x41 (4:1:1). */
  sampling?: number;
  /** Segments behind SOI. */
  head?: readonly Uint8Array[];
  /** Height in the frame header, where a DNL segment states it behind the first scan. */
  heightLater?: boolean;
  restart?: boolean;
  /** What follows the scan. */
  end?: Uint8Array;
  /** 0xff bytes before each marker, which the standard allows. */
  fill?: number;
  /** Of the scan, as a file that was cut has it. */
  scanShare?: number;
}

/** One colour: each block is a difference of nothing and an end, one bit each. */
export function jpegFile(options: JpegOptions = {}): Buffer {
  const { width = WIDTH, height = HEIGHT, frame = 0xc0, precision = 8, components = 3, sampling = 0x11 } = options;
  const { head = [JFIF], heightLater = false, restart = false, end = EOI, fill = 0, scanShare = 1 } = options;
  const [h, v] = [sampling >> 4, sampling & 15];
  const mcus =
    components === 1
      ? Math.ceil(width / 8) * Math.ceil(height / 8)
      : Math.ceil(width / (8 * h)) * Math.ceil(height / (8 * v));
  const blocks = components === 1 ? 1 : h * v + components - 1;
  const bits = blocks * (frame === 0xc2 ? 1 : 2);
  const ids = Array.from({ length: components }, (_, index) => index + 1);
  const table = (kind: number) => segment(0xc4, join(bytes(kind, 1), Buffer.alloc(15), bytes(0)));
  const segments = [
    ...head,
    segment(0xdb, join(bytes(0), Buffer.alloc(64, 1))),
    segment(
      frame,
      join(
        bytes(precision),
        be16(heightLater ? 0 : height),
        be16(width),
        bytes(components, ...ids.flatMap((id) => [id, id === 1 ? sampling : 0x11, 0])),
      ),
    ),
    ...(frame === 0xc9 ? [] : [table(0x00), table(0x10)]),
    ...(restart ? [segment(0xdd, be16(100))] : []),
    segment(0xda, join(bytes(components, ...ids.flatMap((id) => [id, 0])), bytes(0, frame === 0xc2 ? 0 : 63, 0))),
  ];
  const scan: Buffer[] = [];
  for (let left = mcus, number = 0; left > 0; left -= restart ? 100 : left, number++) {
    const used = Math.min(left, restart ? 100 : left) * bits;
    const data = Buffer.alloc(Math.ceil(used / 8));
    if (used % 8 > 0) data[data.length - 1] = 0xff >> (used % 8);
    scan.push(...(number > 0 ? [bytes(0xff, 0xd0 + ((number - 1) % 8))] : []), data);
  }
  const whole = join(...scan);
  return join(
    SOI,
    ...segments.map((one) => join(Buffer.alloc(fill, 0xff), one)),
    whole.subarray(0, Math.floor(whole.length * scanShare)),
    ...(heightLater ? [segment(0xdc, be16(height))] : []),
    end,
  );
}

function jpegs(): ImageSample[] {
  const small = jpegFile({ width: 160, height: 120 });
  const multi = segment(0xe2, join(ascii('MPF\0'), exif(1)));
  const thumbnail = (tiff: Buffer) => join(tiff, small);
  const of = (name: string, options: JpegOptions = {}) => ({ name: `jpeg ${name}`, bytes: jpegFile(options) });
  const turns = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 255];
  return [
    of('baseline'),
    of('extended', { frame: 0xc1 }),
    of('progressive', { frame: 0xc2 }),
    of('lossless', { frame: 0xc3 }),
    of('differential', { frame: 0xc5 }),
    of('arithmetic', { frame: 0xc9 }),
    of('of 12 bits', { precision: 12, frame: 0xc1 }),
    of('grey', { components: 1 }),
    of('of two channels', { components: 2 }),
    of('of five channels', { components: 5 }),
    of('CMYK', { components: 4, head: [ADOBE(0)] }),
    of('YCCK', { components: 4, head: [ADOBE(2)] }),
    of('CMYK without Adobe', { components: 4, head: [] }),
    of('RGB of Adobe', { head: [ADOBE(0)] }),
    of('4:2:0', { sampling: 0x22 }),
    of('4:1:1', { sampling: 0x41 }),
    of('4:4:0', { sampling: 0x12 }),
    of('with restart markers', { restart: true }),
    of('without JFIF', { head: [] }),
    of('with fill bytes', { fill: 3, head: [JFIF, app1(exif(6))] }),
    of('with one fill byte', { fill: 1, head: [app1(exif(6))] }),
    of('whose height comes later', { heightLater: true }),
    of('with a comment and a profile', { head: [JFIF, COMMENT, ICC] }),
    of('with a comment first', { head: [COMMENT, JFIF, app1(exif(6))] }),
    of('with garbage between segments', { head: [JFIF, bytes(0, 1, 2, 3), app1(exif(6))] }),
    of('with a zero behind a segment', { head: [JFIF, bytes(0)] }),
    of('with an empty application segment', { head: [segment(0xe5, bytes()), app1(exif(8))] }),
    of('with an empty EXIF', { head: [segment(0xe1, ascii('Exif\0\0'))] }),
    of('with a segment of no length', { head: [bytes(0xff, 0xe5, 0, 0)] }),
    of('with a start twice', { head: [SOI, JFIF] }),
    of('with a TEM marker', { head: [bytes(0xff, 0x01), app1(exif(6))] }),
    of('with a restart marker in its head', { head: [bytes(0xff, 0xd0), app1(exif(6))] }),
    of('with a segment of a reserved marker', { head: [segment(0xf0, bytes(1, 2, 3))] }),
    of('without an end', { end: bytes() }),
    of('cut in its scan', { scanShare: 0.5, end: bytes() }),
    of('cut behind its scan header', { scanShare: 0, end: bytes() }),
    of('with text behind its end', { end: join(EOI, ascii('\r\n-----garbage-----')) }),
    of('with a second image', { head: [JFIF, app1(exif(6)), multi], end: join(EOI, small) }),
    of('with a video behind it', {
      head: [app1(exif(6))],
      end: join(EOI, be32(24), ascii('ftypmp42'), Buffer.alloc(500)),
    }),
    ...turns.map((turn) => of(`turned ${turn}`, { head: [app1(exif(turn))] })),
    ...turns.map((turn) => of(`turned ${turn}, little endian`, { head: [app1(exif(turn, { littleEndian: true }))] })),
    of('turned, behind JFIF', { head: [JFIF, app1(exif(6))] }),
    of('turned, before JFIF', { head: [app1(exif(6)), JFIF] }),
    of('turned, behind XMP and a profile', { head: [XMP, ICC, COMMENT, app1(exif(6))] }),
    of('turned, behind a big segment', {
      head: [...Array<Buffer>(80).fill(segment(0xe2, Buffer.alloc(65_000))), app1(exif(6))],
    }),
    of('turned by XMP alone', { head: [JFIF, XMP] }),
    of('turned by XMP, not by EXIF', { head: [XMP, app1(exif(1))] }),
    of('turned by the first of two', { head: [app1(exif(6)), app1(exif(1))] }),
    of('turned by the second of two', { head: [app1(exif(1)), app1(exif(6))] }),
    of('turned by the second, the first is empty', { head: [segment(0xe1, ascii('Exif\0\0')), app1(exif(6))] }),
    of('turned by the second, the first says nothing', {
      head: [app1(join(ascii('MM'), be16(42), be32(8), be16(0), be32(0))), app1(exif(6))],
    }),
    of('turned, with a thumbnail', { head: [app1(thumbnail(exif(6)))] }),
    of('turned, with tags before it', { head: [app1(exif(6, { tagsBefore: 20 }))] }),
    of('turned, with hundreds of tags before it', { head: [app1(exif(6, { tagsBefore: 600 }))] }),
    of('turned, with its directory later', { head: [app1(exif(6, { directoryAt: 64, littleEndian: true }))] }),
    of('turned by a long', { head: [app1(exif(6, { type: 4 }))] }),
    of('turned by a byte', { head: [app1(exif(6, { type: 1 }))] }),
    of('turned by a long, little endian', { head: [app1(exif(6, { type: 4, littleEndian: true }))] }),
    of('turned by two values', { head: [app1(exif(6, { count: 2 }))] }),
    of('turned by no value', { head: [app1(exif(6, { count: 0 }))] }),
    of('turned, EXIF of another case', { head: [segment(0xe1, join(ascii('EXIF\0\0'), exif(6)))] }),
    of('turned, EXIF with one zero and a one', { head: [segment(0xe1, join(ascii('Exif\0\xff'), exif(6)))] }),
    of('turned, in another segment', { head: [segment(0xe2, join(ascii('Exif\0\0'), exif(6)))] }),
    of('turned, of which the directory is cut', { head: [app1(exif(6).subarray(0, 20))] }),
    of('turned, of which the end of the directory is missing', { head: [app1(exif(6).subarray(0, 22))] }),
    of('turned by the first of two tags', { head: [app1(twoTags(6, 1))] }),
    of('turned by the second of two tags', { head: [app1(twoTags(1, 6))] }),
    of('turned by the second of two tags, the first is none', { head: [app1(twoTags(9, 6))] }),
    of('turned, of which the directory lies outside', { head: [app1(exif(6, { directoryAt: 8 }).fill(0x7f, 4, 8))] }),
    of('progressive, turned', { frame: 0xc2, head: [app1(exif(8))] }),
    of('of one row less than a block', { width: 641, height: 361 }),
    {
      name: 'jpeg with EXIF behind the frame header',
      bytes: moveBehindFrame(jpegFile({ head: [JFIF] }), app1(exif(6))),
    },
    { name: 'jpeg behind a line break', bytes: join(ascii('\r\n'), jpegFile()) },
    { name: 'jpeg with nothing but its frame header', bytes: jpegFile().subarray(0, 20 + 69 + 19) },
    { name: 'jpeg of which only the start is there', bytes: jpegFile().subarray(0, 30) },
    { name: 'jpeg without quantisation table', bytes: withoutTable(jpegFile()) },
    {
      name: 'jpeg with two frame headers',
      bytes: moveBehindFrame(jpegFile(), segment(0xc0, jpegFile().subarray(93, 108))),
    },
  ];
}

/** A directory with the tag twice. */
function twoTags(one: number, other: number): Buffer {
  const tag = (value: number) => join(be16(0x0112), be16(3), be32(1), be16(value), be16(0));
  return join(ascii('MM'), be16(42), be32(8), be16(2), tag(one), tag(other), be32(0));
}

/** Takes the quantisation table (69 bytes behind SOI and JFIF) out of a file of `jpegFile`. */
export function withoutTable(file: Buffer): Buffer {
  return join(file.subarray(0, 20), file.subarray(20 + 69));
}

/** Behind JFIF (18 bytes and SOI), the quantisation table (69) and the frame header of three components (19). */
function moveBehindFrame(file: Buffer, part: Uint8Array): Buffer {
  const at = 20 + 69 + 19;
  return join(file.subarray(0, at), part, file.subarray(at));
}

// ---- PNG ------------------------------------------------------------------------------------------------------------

const PNG_SIGNATURE = join(bytes(0x89), ascii('PNG\r\n\x1a\n'));

function chunk(type: string, content: Uint8Array, crcChange = 0): Buffer {
  const body = join(ascii(type), content);
  return join(be32(content.length), body, be32((crc32(body) ^ crcChange) >>> 0));
}

interface PngOptions {
  width?: number;
  height?: number;
  depth?: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  color?: number;
  interlaced?: boolean;
  beforeHeader?: readonly Uint8Array[];
  afterHeader?: readonly Uint8Array[];
  afterData?: readonly Uint8Array[];
  headerCrcChange?: number;
  dataCrcChange?: number;
  dataShare?: number;
  end?: Uint8Array;
  palette?: boolean;
  method?: number;
  signature?: Uint8Array;
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** One colour. */
export function pngFile(options: PngOptions = {}): Buffer {
  const { width = WIDTH, height = HEIGHT, depth = 8, color = 2, interlaced = false, palette = color === 3 } = options;
  const row = Math.ceil((width * depth * (CHANNELS[color] ?? 3)) / 8) + 1;
  // Interlaced rows are shorter and more: some bytes too many are no error.
  const data = deflateSync(Buffer.alloc(row * height + (interlaced ? height * 16 + 64 : 0)));
  return join(
    options.signature ?? PNG_SIGNATURE,
    ...(options.beforeHeader ?? []),
    chunk(
      'IHDR',
      join(be32(width), be32(height), bytes(depth, color, options.method ?? 0, 0, interlaced ? 1 : 0)),
      options.headerCrcChange,
    ),
    ...(palette ? [chunk('PLTE', bytes(0, 0, 0, 255, 255, 255))] : []),
    ...(options.afterHeader ?? []),
    chunk('IDAT', data.subarray(0, Math.floor(data.length * (options.dataShare ?? 1))), options.dataCrcChange),
    ...(options.afterData ?? []),
    options.end ?? chunk('IEND', bytes()),
  );
}

function pngs(): ImageSample[] {
  const of = (name: string, options: PngOptions = {}) => ({ name: `png ${name}`, bytes: pngFile(options) });
  const grounds = [
    [0, 1],
    [0, 2],
    [0, 4],
    [0, 8],
    [0, 16],
    [2, 8],
    [2, 16],
    [3, 1],
    [3, 2],
    [3, 4],
    [3, 8],
    [4, 8],
    [4, 16],
    [6, 8],
    [6, 16],
  ] as const;
  const actl = chunk('acTL', join(be32(1), be32(0)));
  const fctl = chunk(
    'fcTL',
    join(be32(0), be32(WIDTH), be32(HEIGHT), be32(0), be32(0), be16(1), be16(10), bytes(0, 0)),
  );
  const text = chunk('tEXt', ascii('Software\0a test'));
  return [
    ...grounds.flatMap(([color, depth]) =>
      [false, true].map((interlaced) =>
        of(`of colour ${color} and ${depth} bits${interlaced ? ', interlaced' : ''}`, { color, depth, interlaced }),
      ),
    ),
    of('of a wrong depth', { depth: 3 }),
    of('of a wrong colour', { color: 5 }),
    of('of a palette of 16 bits', { color: 3, depth: 16 }),
    of('of RGB with 4 bits', { depth: 4 }),
    of('of a palette that is missing', { color: 3, palette: false }),
    of('of RGB with a palette', { palette: true }),
    of('of grey with a palette', { color: 0, palette: true }),
    of('with a palette of a wrong CRC', { color: 3, palette: false, afterHeader: [chunk('PLTE', bytes(0, 0, 0), 1)] }),
    of('with a palette that is cut', { color: 3, palette: false, afterHeader: [chunk('PLTE', bytes(0, 0))] }),
    of('with a second header', { afterHeader: [chunk('IHDR', join(be32(WIDTH), be32(HEIGHT), bytes(8, 2, 0, 0, 0)))] }),
    of('with a name that is none', { afterHeader: [chunk('t\0x1', bytes(1))] }),
    of('with an empty chunk of data', { afterHeader: [chunk('IDAT', bytes())] }),
    of('with a reserved name', { afterHeader: [chunk('texT', bytes(1))] }),
    of('of an unknown compression', { method: 1 }),
    of('with tRNS', { color: 3, afterHeader: [chunk('tRNS', bytes(0))] }),
    of('with text', { afterHeader: [text] }),
    of('with text before its header', { beforeHeader: [text] }),
    of('from Xcode', { beforeHeader: [chunk('CgBI', bytes(0x50, 0, 0x20, 2))] }),
    of('with an unknown critical chunk', { afterHeader: [chunk('ABCD', bytes(1))] }),
    of('with an unknown chunk', { afterHeader: [chunk('abCd', bytes(1))] }),
    of('with a text of a wrong CRC', { afterHeader: [chunk('tEXt', ascii('a\0b'), 1)] }),
    of('with a header of a wrong CRC', { headerCrcChange: 1 }),
    of('with data of a wrong CRC', { dataCrcChange: 1 }),
    of('animated', { afterHeader: [actl, fctl] }),
    of('cut in its data', { dataShare: 0.5, end: bytes() }),
    of('without its end', { end: bytes() }),
    of('with text behind its end', { end: join(chunk('IEND', bytes()), ascii('\r\ngarbage')) }),
    of('whose line ends were changed', { signature: join(bytes(0x89), ascii('PNG\n\x1a\n')) }),
    ...[1, 3, 6, 8].flatMap((turn) => [
      of(`turned ${turn} by eXIf`, { afterHeader: [chunk('eXIf', exif(turn))] }),
      of(`turned ${turn} by eXIf, little endian`, { afterHeader: [chunk('eXIf', exif(turn, { littleEndian: true }))] }),
    ]),
    of('turned by eXIf behind its data', { afterData: [chunk('eXIf', exif(6))] }),
    of('turned by eXIf with the name in it', { afterHeader: [chunk('eXIf', join(ascii('Exif\0\0'), exif(6)))] }),
    of('turned by two eXIf', { afterHeader: [chunk('eXIf', exif(1)), chunk('eXIf', exif(6))] }),
    of('turned by two eXIf, the first', { afterHeader: [chunk('eXIf', exif(6)), chunk('eXIf', exif(1))] }),
    of('turned by eXIf of a wrong CRC', { afterHeader: [chunk('eXIf', exif(6), 1)] }),
    of('turned by eXIf before the palette', {
      color: 3,
      palette: false,
      afterHeader: [chunk('eXIf', exif(6)), chunk('PLTE', bytes(0, 0, 0))],
    }),
    of('of no width', { width: 0 }),
    { name: 'png of which only the header is there', bytes: pngFile().subarray(0, 33) },
    { name: 'png behind a line break', bytes: join(ascii('\n'), pngFile()) },
    {
      name: 'png with a header too long',
      bytes: join(PNG_SIGNATURE, chunk('IHDR', join(be32(WIDTH), be32(HEIGHT), bytes(8, 2, 0, 0, 0, 0)))),
    },
  ];
}

// ---- WebP -----------------------------------------------------------------------------------------------------------

function riff(...parts: readonly Uint8Array[]): Buffer {
  const content = join(ascii('WEBP'), ...parts);
  return join(ascii('RIFF'), le32(content.length), content);
}

function part(type: string, content: Uint8Array): Buffer {
  return join(ascii(type), le32(content.length), content, Buffer.alloc(content.length % 2));
}

/** One colour: five prefix codes of one symbol each, so a pixel takes no bit. */
function vp8l(width: number, height: number): Buffer {
  let value = 0n;
  let at = 0n;
  const put = (bits: number, number: number) => {
    value |= BigInt(number) << at;
    at += BigInt(bits);
  };
  put(14, width - 1);
  put(14, height - 1);
  put(1, 0); // no alpha
  put(3, 0); // version
  put(3, 0); // no transform, no colour cache, no groups of codes
  for (let code = 0; code < 5; code++) put(4, 1); // simple, one symbol, of one bit: 0
  const data = Buffer.alloc(Number((at + 7n) / 8n));
  for (let index = 0; index < data.length; index++) data[index] = Number((value >> BigInt(index * 8)) & 255n);
  return join(bytes(0x2f), data);
}

/** @param lossy the content of a `VP8 ` chunk of 640 × 360, which only an encoder can make */
function webps(lossy: Uint8Array): ImageSample[] {
  const still = part('VP8L', vp8l(WIDTH, HEIGHT));
  const vp8 = part('VP8 ', lossy);
  const vp8x = (flags: number, width = WIDTH, height = HEIGHT) =>
    part('VP8X', join(bytes(flags, 0, 0, 0), le24(width - 1), le24(height - 1)));
  const anim = part('ANIM', join(le32(0), le16(0)));
  const anmf = (x = 0) =>
    part('ANMF', join(le24(x), le24(0), le24(WIDTH - 1), le24(HEIGHT - 1), le24(100), bytes(0), still));
  const exifPart = (turn: number, littleEndian = false) => part('EXIF', exif(turn, { littleEndian }));
  const of = (name: string, ...parts: Uint8Array[]) => ({ name: `webp ${name}`, bytes: riff(...parts) });
  return [
    of('lossy', vp8),
    of('lossless', still),
    of('extended', vp8x(0), still),
    of('extended, lossy', vp8x(0), vp8),
    of('of another canvas than its image', vp8x(0, 700, 400), still),
    of('animated', vp8x(2), anim, anmf()),
    of('animated on a larger canvas', vp8x(2, 700, 400), anim, anmf()),
    of('animated beyond its canvas', vp8x(2), anim, anmf(10)),
    of('animated without its flag', vp8x(0), anim, anmf()),
    ...[1, 3, 6, 8].flatMap((turn) => [
      of(`turned ${turn}`, vp8x(8), still, exifPart(turn)),
      of(`turned ${turn}, little endian`, vp8x(8), vp8, exifPart(turn, true)),
    ]),
    of('turned, with the name in it', vp8x(8), still, part('EXIF', join(ascii('Exif\0\0'), exif(6)))),
    of('turned, without the flag', vp8x(0), still, exifPart(6)),
    of('turned, EXIF before the image', vp8x(8), exifPart(6), still),
    of('turned by the second EXIF', vp8x(8), still, exifPart(1), exifPart(6)),
    of('animated, turned', vp8x(10), anim, anmf(), exifPart(6)),
    of('with EXIF but not extended', still, exifPart(6)),
    of('with an unknown part', vp8x(0), part('ABCD', bytes(1, 2, 3)), still),
    of('with an unknown part and no VP8X', part('ABCD', bytes(1, 2)), still),
    of('with text behind it', vp8x(0), still, ascii('garbage!')),
    of('without an image', vp8x(0)),
    of('of which the image is cut', part('VP8L', vp8l(WIDTH, HEIGHT)).subarray(0, 14)),
    { name: 'webp with bytes behind it', bytes: join(riff(still), ascii('garbage')) },
    { name: 'webp that is shorter than it says', bytes: riff(vp8x(8), vp8, exifPart(6)).fill(0x7f, 5, 6) },
    { name: 'webp lossy, cut', bytes: riff(vp8).subarray(0, 60) },
  ];
}

// ---- GIF ------------------------------------------------------------------------------------------------------------

interface GifOptions {
  version?: string;
  screen?: readonly [width: number, height: number];
  image?: readonly [x: number, y: number, width: number, height: number];
  extension?: Uint8Array;
  frames?: number;
  end?: Uint8Array;
  interlaced?: boolean;
}

/** Black, of two colours. Its codes stay three bits wide: it clears the table before that grows. */
export function gifFile(options: GifOptions = {}): Buffer {
  const { version = 'GIF89a', screen = [WIDTH, HEIGHT], image = [0, 0, WIDTH, HEIGHT] } = options;
  const [x, y, width, height] = image;
  const codes: number[] = [];
  for (let pixels = 0; pixels < width * height; pixels += 2) codes.push(4, 0, 0);
  codes.push(4, 5);
  const bits = Buffer.alloc(Math.ceil((codes.length * 3) / 8));
  codes.forEach((code, index) => {
    for (let bit = 0; bit < 3; bit++) {
      const at = index * 3 + bit;
      if (code & (1 << bit)) bits[at >> 3]! |= 1 << (at & 7);
    }
  });
  const blocks: Buffer[] = [];
  for (let at = 0; at < bits.length; at += 255) {
    const block = bits.subarray(at, at + 255);
    blocks.push(bytes(block.length), block);
  }
  const frame = join(
    bytes(0x2c),
    le16(x),
    le16(y),
    le16(width),
    le16(height),
    bytes(options.interlaced ? 0x40 : 0, 2),
    ...blocks,
    bytes(0),
  );
  return join(
    ascii(version),
    le16(screen[0]),
    le16(screen[1]),
    bytes(0x80, 0, 0, 0, 0, 0, 255, 255, 255),
    options.extension ?? bytes(),
    ...Array<Buffer>(options.frames ?? 1).fill(frame),
    options.end ?? bytes(0x3b),
  );
}

function gifs(): ImageSample[] {
  const of = (name: string, options: GifOptions = {}) => ({ name: `gif ${name}`, bytes: gifFile(options) });
  return [
    of('89a'),
    of('87a', { version: 'GIF87a' }),
    of('88a', { version: 'GIF88a' }),
    of('interlaced', { interlaced: true }),
    of('animated', { frames: 3, extension: join(bytes(0x21, 0xff, 11), ascii('NETSCAPE2.0'), bytes(3, 1, 0, 0, 0)) }),
    of('smaller than its screen', { screen: [700, 400] }),
    of('larger than its screen', { screen: [400, 300] }),
    of('of no screen', { screen: [0, 0] }),
    of('of a screen without width', { screen: [0, 400] }),
    of('that lies outside of its screen', { image: [100, 50, WIDTH, HEIGHT] }),
    of('with a comment', { extension: join(bytes(0x21, 0xfe, 4), ascii('test'), bytes(0)) }),
    of('without its end', { end: bytes() }),
    of('without an image', { frames: 0 }),
    of('with text behind it', { end: join(bytes(0x3b), ascii('garbage')) }),
    { name: 'gif cut', bytes: gifFile().subarray(0, 500) },
    { name: 'gif of which only the screen is there', bytes: gifFile().subarray(0, 19) },
  ];
}

// ---- BMP ------------------------------------------------------------------------------------------------------------

interface BmpOptions {
  /** Bytes of the second header: 12 OS/2, 40 Windows, 52 and 56 with masks, 64 OS/2 2, 108 V4, 124 V5. */
  header?: number;
  width?: number;
  height?: number;
  bits?: number;
  compression?: number;
  magic?: string;
  planes?: number;
  share?: number;
  data?: Uint8Array;
}

function bmpFile(options: BmpOptions = {}): Buffer {
  const { header = 40, width = WIDTH, height = HEIGHT, bits = 24, compression = 0, planes = 1 } = options;
  const colors = bits <= 8 ? 2 ** bits * (header === 12 ? 3 : 4) : 0;
  const masks = (compression === 3 || compression === 6) && header === 40 ? (compression === 6 ? 16 : 12) : 0;
  const stride = Math.ceil((width * bits) / 32) * 4;
  const data = options.data ?? Buffer.alloc(stride * Math.abs(height), 0x80);
  const at = 14 + header + masks + colors;
  const head = Buffer.alloc(at);
  head.write(options.magic ?? 'BM', 'latin1');
  head.writeUInt32LE(at + data.length, 2);
  head.writeUInt32LE(at, 10);
  head.writeUInt32LE(header, 14);
  if (header === 12) {
    head.writeUInt16LE(width, 18);
    head.writeUInt16LE(height & 0xffff, 20);
    head.writeUInt16LE(planes, 22);
    head.writeUInt16LE(bits, 24);
  } else {
    head.writeInt32LE(width, 18);
    head.writeInt32LE(height, 22);
    head.writeUInt16LE(planes, 26);
    head.writeUInt16LE(bits, 28);
    if (header >= 20) head.writeUInt32LE(compression, 30);
    if (compression === 3 || compression === 6) {
      (bits === 16 ? [0xf800, 0x07e0, 0x001f] : [0x00ff0000, 0x0000ff00, 0x000000ff]).forEach((mask, index) =>
        head.writeUInt32LE(mask, 54 + index * 4),
      );
    }
  }
  return join(head, data.subarray(0, Math.floor(data.length * (options.share ?? 1))));
}

function bmps(): ImageSample[] {
  const of = (name: string, options: BmpOptions = {}) => ({ name: `bmp ${name}`, bytes: bmpFile(options) });
  /** 640 pixels of colour 1 a row: runs of 255, 255 and 130. */
  const runs = join(...Array<Buffer>(HEIGHT).fill(bytes(255, 1, 255, 1, 130, 1, 0, 0)), bytes(0, 1));
  return [
    ...[1, 4, 8, 16, 24, 32].map((bits) => of(`of ${bits} bits`, { bits })),
    of('of 2 bits', { bits: 2 }),
    of('of 64 bits', { bits: 64 }),
    ...[12, 16, 40, 52, 56, 64, 108, 124].map((header) => of(`with a header of ${header} bytes`, { header })),
    of('of OS/2 and 8 bits', { header: 12, bits: 8 }),
    of('of a header of 20 bytes', { header: 20 }),
    of('of a header of 42 bytes', { header: 42 }),
    of('of a header of 44 bytes', { header: 44 }),
    of('of a header of 18 bytes', { header: 18 }),
    of('of a header of 200 bytes', { header: 200 }),
    of('top down', { height: -HEIGHT }),
    of('top down, V5', { height: -HEIGHT, header: 124, bits: 32 }),
    of('top down, of OS/2', { height: -HEIGHT, header: 12 }),
    of('of negative width', { width: -WIDTH, data: Buffer.alloc(1000) }),
    of('RLE of 8 bits', { bits: 8, compression: 1, data: runs }),
    of('RLE of 4 bits', { bits: 4, compression: 2, data: runs }),
    of('RLE, top down', { bits: 8, compression: 1, height: -HEIGHT, data: runs }),
    of('RLE of OS/2', { bits: 8, compression: 1, header: 64, data: runs }),
    of('with masks, OS/2', { bits: 32, compression: 3, header: 64 }),
    of('RLE of 24 bits, OS/2', { bits: 24, compression: 4, header: 64 }),
    of('RLE of 24 bits, top down, OS/2', { bits: 24, compression: 4, header: 64, height: -HEIGHT }),
    of('top down, OS/2 of 64 bytes', { header: 64, height: -HEIGHT }),
    of('of 16 bits, OS/2', { bits: 16, header: 64 }),
    of('of 2 bits, OS/2', { bits: 2, header: 64 }),
    of('of 32 bits, OS/2', { bits: 32, header: 64 }),
    of('with masks, header of 56 bytes', { bits: 32, compression: 3, header: 56 }),
    of('with masks, 16 bits', { bits: 16, compression: 3 }),
    of('RLE of 24 bits', { bits: 24, compression: 1, data: runs }),
    of('with masks', { bits: 32, compression: 3 }),
    of('with masks of alpha', { bits: 32, compression: 6 }),
    of('with masks, V5', { bits: 32, compression: 3, header: 124 }),
    of('with masks, 24 bits', { bits: 24, compression: 3 }),
    of('with a PNG in it', { compression: 5, bits: 0, data: pngFile() }),
    of('with a JPEG in it', { compression: 4, bits: 0, data: jpegFile() }),
    of('of an unknown compression', { compression: 9 }),
    of('of two planes', { planes: 2 }),
    of('of no planes', { planes: 0 }),
    of('of no height', { height: 0 }),
    of('cut', { share: 0.5 }),
    of('of which only the headers are there', { share: 0 }),
    of('of the type BA', { magic: 'BA' }),
    of('of the type PT', { magic: 'PT' }),
  ];
}

// ---- Turned ---------------------------------------------------------------------------------------------------------

/** Puts an EXIF orientation into a JPEG that has none. */
export function turnJpeg(file: Buffer, orientation: number): Buffer {
  return join(file.subarray(0, 2), app1(exif(orientation)), file.subarray(2));
}

/** Puts an `eXIf` chunk behind the header of a PNG. */
export function turnPng(file: Buffer, orientation: number): Buffer {
  return join(file.subarray(0, 33), chunk('eXIf', exif(orientation)), file.subarray(33));
}

/** Puts a plain WebP of that size into an extended one with EXIF data. */
export function turnWebp(file: Buffer, orientation: number, width: number, height: number): Buffer {
  const vp8x = part('VP8X', join(bytes(8, 0, 0, 0), le24(width - 1), le24(height - 1)));
  const still = file.toString('latin1', 12, 16) === 'VP8X' ? file.subarray(30) : file.subarray(12);
  return riff(vp8x, still, part('EXIF', exif(orientation)));
}

/** Images of 640 × 360 as a browser encodes them, with something to see in each corner. */
export interface Quarters {
  readonly jpeg: Buffer;
  readonly png: Buffer;
  readonly webp: Buffer;
}

/** In every orientation, whole and without their last third. */
export function turnedSamples({ jpeg, png, webp }: Quarters): ImageSample[] {
  return [1, 2, 3, 4, 5, 6, 7, 8].flatMap((turn) =>
    [
      { name: `jpeg photo turned ${turn}`, bytes: turnJpeg(jpeg, turn) },
      { name: `png drawing turned ${turn}`, bytes: turnPng(png, turn) },
      { name: `webp photo turned ${turn}`, bytes: turnWebp(webp, turn, WIDTH, HEIGHT) },
    ].flatMap(({ name, bytes: file }) => [
      { name, bytes: file },
      { name: `${name}, cut`, bytes: file.subarray(0, Math.ceil((file.length * 2) / 3)) },
    ]),
  );
}

// ---- Others ---------------------------------------------------------------------------------------------------------

/** What browsers or other programs draw, and the service does not take, or what is no image. */
function others(): ImageSample[] {
  const brand = (name: string) =>
    join(be32(24), ascii(`ftyp${name}`), be32(0), ascii(`mif1${name}`), Buffer.alloc(200));
  const png = pngFile({ width: 256, height: 256 });
  return [
    {
      name: 'icon',
      bytes: join(le16(0), le16(1), le16(1), bytes(0, 0, 0, 0), le16(1), le16(32), le32(png.length), le32(22), png),
    },
    {
      name: 'cursor',
      bytes: join(le16(0), le16(2), le16(1), bytes(0, 0, 0, 0), le16(1), le16(32), le32(png.length), le32(22), png),
    },
    ...['heic', 'heix', 'mif1', 'avif', 'avis'].map((name) => ({ name, bytes: brand(name) })),
    {
      name: 'svg',
      bytes: ascii(
        '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"><rect width="9" height="9"/></svg>',
      ),
    },
    {
      name: 'svg with a declaration',
      bytes: ascii(
        '\ufeff<?xml version="1.0"?>\n<!-- made by hand -->\n<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"/>',
      ),
    },
    { name: 'jxl', bytes: join(bytes(0xff, 0x0a), Buffer.alloc(100)) },
    { name: 'jxl in a container', bytes: join(be32(12), ascii('JXL \r\n'), bytes(0x87, 0x0a), Buffer.alloc(100)) },
    { name: 'jp2', bytes: join(be32(12), ascii('jP  \r\n'), bytes(0x87, 0x0a), Buffer.alloc(100)) },
    {
      name: 'psd',
      bytes: join(ascii('8BPS'), be16(1), Buffer.alloc(6), be16(3), be32(HEIGHT), be32(WIDTH), Buffer.alloc(100)),
    },
    { name: 'pdf', bytes: ascii('%PDF-1.7\n') },
    { name: 'html', bytes: ascii('<!DOCTYPE html><title>Sign in</title>') },
    { name: 'mp4', bytes: join(be32(24), ascii('ftypisom'), be32(0), ascii('isommp42'), Buffer.alloc(200)) },
    {
      name: 'a pointer of Git LFS',
      bytes: ascii('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12345\n'),
    },
    { name: 'zeros', bytes: Buffer.alloc(5_000) },
  ];
}

/** @param lossy a lossy WebP of 640 × 360 as a browser encodes it */
export function imageSamples(lossy: Buffer): ImageSample[] {
  const at = lossy.indexOf('VP8 ');
  const content = lossy.subarray(at + 8, at + 8 + lossy.readUInt32LE(at + 4));
  return [...jpegs(), ...pngs(), ...webps(content), ...gifs(), ...bmps(), ...others()];
}
