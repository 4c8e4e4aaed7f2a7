import assert from 'node:assert/strict';
import { isWebp, readWebp } from '../../../../src/images/readers/webp';
import { WebpWriter } from '../../../../src/webviews/exportWorker/webp';

/** A file with one picture, as a browser writes it; the picture's own bytes do not matter here. */
function picture(type: string, bytes: number): Uint8Array {
  const padded = bytes + (bytes & 1);
  const file = Buffer.alloc(20 + padded, 7);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(12 + padded, 4);
  file.write(`WEBP${type}`, 8, 'latin1');
  file.writeUInt32LE(bytes, 16);
  return file;
}

function listChunks(file: Buffer, from = 12): { type: string; content: Buffer }[] {
  const chunks = [];
  for (let at = from; at < file.length;) {
    const length = file.readUInt32LE(at + 4);
    chunks.push({ type: file.toString('latin1', at, at + 4), content: file.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length & 1);
  }
  return chunks;
}

describe('an animated WebP', () => {
  it('is a container of the pictures, with their times', () => {
    const webp = new WebpWriter({ width: 480, height: 270 }, { loops: true });
    for (const bytes of [10, 11, 12]) {
      webp.add(picture('VP8 ', bytes), 1000 / 12);
    }
    const file = Buffer.from(webp.finish());
    assert.ok(isWebp(file));
    assert.deepEqual(readWebp(file), { width: 480, height: 270 });
    assert.equal(file.readUInt32LE(4), file.length - 8);
    const [head, animation, ...frames] = listChunks(file);
    assert.deepEqual(
      [head?.type, head?.content[0], animation?.type, animation?.content.readUInt16LE(4)],
      ['VP8X', 2, 'ANIM', 0],
    );
    assert.deepEqual(
      frames.map(({ type, content }) => [type, content.readUIntLE(12, 3), listChunks(content, 16)[0]?.content.length]),
      [
        ['ANMF', 83, 10],
        ['ANMF', 84, 11],
        ['ANMF', 83, 12],
      ],
    );
  });

  it('is played once where that was chosen, and refuses what holds no picture', () => {
    const webp = new WebpWriter({ width: 16, height: 16 }, { loops: false });
    webp.add(picture('VP8L', 4), 100);
    assert.equal(listChunks(Buffer.from(webp.finish()))[1]?.content.readUInt16LE(4), 1);
    assert.throws(() => webp.add(picture('EXIF', 4), 100), /no picture/);
  });
});
