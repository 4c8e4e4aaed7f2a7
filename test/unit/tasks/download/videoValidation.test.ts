import assert from 'node:assert/strict';
import type { FileHandle } from 'node:fs/promises';
import fc from 'fast-check';
import { checkVideo, type VideoCheck } from '../../../../src/tasks/download/videoValidation';
import { VIDEO_TYPES } from '../../../../src/tasks/model/taskRecord';
import {
  makeGif,
  makeLiveWebm,
  makeOtherVideo,
  OTHER_VIDEO_TYPES,
  type OtherVideoType,
} from '../../../emulator/video/otherTypes';
import { makeMp4 } from '../../../support/mp4';

/** Without the disk, for the many cases of a property. */
function check(bytes: Uint8Array): Promise<VideoCheck> {
  const data = Buffer.from(bytes);
  return checkVideo({
    stat: () => Promise.resolve({ size: data.length }),
    read: (buffer: Buffer, offset: number, length: number, position: number) =>
      Promise.resolve({ bytesRead: data.subarray(position).copy(buffer, offset, 0, length) }),
  } as unknown as FileHandle);
}

/** Nothing in them says where they end, or each of their parts could be the last. Of some there are no tables here. */
const OPEN: readonly OtherVideoType[] = ['mov', 'avif', 'ts', 'mpg', 'flv', 'ogv', 'wmv'];
/** Where a cut may be taken for an end, if its sender says that this was all: these have no length. */
const CUT_UNSEEN: readonly OtherVideoType[] = ['ts', 'mpg', 'flv', 'ogv', 'wmv'];

describe('a video of any type', () => {
  it('is known by its beginning, whole, and called what it is', async () => {
    assert.deepEqual(['mp4', ...OTHER_VIDEO_TYPES].sort(), VIDEO_TYPES.toSorted(), 'there is one of each');
    for (const type of OTHER_VIDEO_TYPES) {
      assert.deepEqual(
        await check(makeOtherVideo(type)),
        { result: 'video', isProven: !OPEN.includes(type), type },
        type,
      );
    }
    assert.deepEqual((await check(makeMp4())).type, 'mp4');
  });

  it('needs its sender to say that this was all where it was recorded live', async () => {
    assert.deepEqual(await check(makeLiveWebm()), { result: 'video', isProven: false, type: 'webm' });
  });

  it('is never taken for whole by itself when it was cut', async () => {
    for (const type of OTHER_VIDEO_TYPES) {
      const whole = makeOtherVideo(type, 20_000);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), async (length) => {
          const { result, isProven } = await check(whole.subarray(0, length));
          assert.equal(isProven, false, `${type}, ${length} of ${whole.length} bytes`);
          assert.ok(result !== 'video' || CUT_UNSEEN.includes(type), `${type}, ${length} of ${whole.length} bytes`);
        }),
        { numRuns: 60 },
      );
    }
  });

  it('is not taken when it ends within a part of itself, also where it does not say how long it is', async () => {
    const wholes: [string, Buffer][] = [
      ['live', makeLiveWebm()],
      ...(['ts', 'flv', 'ogv', 'wmv'] as const).map((type): [string, Buffer] => [type, makeOtherVideo(type)]),
    ];
    for (const [name, whole] of wholes) {
      for (const missing of [1, 3, 100]) {
        assert.equal((await check(whole.subarray(0, -missing))).result, 'cut', `${name} without ${missing} bytes`);
      }
    }
  });

  it('may have some bytes behind it', async () => {
    for (const type of ['webm', 'gif', 'webp', 'avi', 'png'] as const) {
      assert.equal((await check(Buffer.concat([makeOtherVideo(type), Buffer.alloc(3)]))).result, 'video', type);
    }
  });

  it('of a disc is known by its longer packets', async () => {
    const packets = Array.from({ length: 20 }, () =>
      Buffer.concat([Buffer.alloc(4), Buffer.from('G'), Buffer.alloc(187)]),
    );
    assert.equal((await check(Buffer.concat(packets))).type, 'ts');
  });

  it('is no page, no message, no sound and no still picture', async () => {
    const pad = (text: string) => Buffer.from(text.padEnd(3_000, ' '), 'latin1');
    const others: Record<string, Uint8Array> = {
      nothing: Buffer.alloc(0),
      'some bytes': Buffer.from('abc'),
      zeros: Buffer.alloc(4_096),
      HTML: pad('<!doctype html><title>GIF89a, RIFF, OggS, ftyp</title>'),
      'HTML after blanks': pad('\r\n\r\n  <html>'),
      XML: pad('<?xml version="1.0"?><Error><Code>SlowDown</Code></Error>'),
      JSON: pad('{"error":{"message":"not ready"}}'),
      'an M3U8 playlist': pad('#EXTM3U\n#EXT-X-VERSION:3\n'),
      'a text that begins with G': pad('Gateway timeout. '.repeat(100)),
      JPEG: pad('\xff\xd8\xff\xe0\0\x10JFIF\0'),
      'a still PNG': Buffer.from(makeOtherVideo('png').toString('latin1').replace('acTL', 'tEXt'), 'latin1'),
      'a still GIF': makeGif(1, Buffer.alloc(2_000, 0x20)),
      'a still WebP': pad('RIFF\0\x01\0\0WEBPVP8 '),
      'a still WebP with transparency': pad('RIFF\0\x01\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0'),
      'a still AVIF': pad('\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf'),
      'a HEIC': pad('\0\0\0\x1cftypheic\0\0\0\0heicmif1'),
      WAV: pad('RIFF\0\x01\0\0WAVEfmt '),
      'Ogg with sound alone': Buffer.concat([Buffer.from('OggS'), Buffer.alloc(24), pad('\x01vorbis')]),
      MP3: pad('ID3\x04'),
      PDF: pad('%PDF-1.7'),
      ZIP: pad('PK\x03\x04'),
    };
    for (const [name, bytes] of Object.entries(others)) {
      assert.deepEqual((await check(bytes)).result, 'other', name);
    }
  });

  it('is told by a beginning that stands alone, and costs no time however long it claims to be', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...OTHER_VIDEO_TYPES),
        fc.uint8Array({ maxLength: 3_000 }),
        async (type, noise) => {
          const { result } = await check(Buffer.concat([makeOtherVideo(type).subarray(0, 600), noise]));
          assert.ok(['video', 'cut', 'other'].includes(result));
        },
      ),
      { numRuns: 300 },
    );
  });
});
