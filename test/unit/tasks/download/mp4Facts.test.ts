import assert from 'node:assert/strict';
import { findVideoFacts } from '../../../../src/tasks/download/mp4Facts';

function box(type: string, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}

const words = (...numbers: number[]) => {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, at) => bytes.writeUInt32BE(number, at * 4));
  return bytes;
};

function track(handler: string, entry: Buffer, ...tables: Buffer[]): Buffer {
  const stsd = box('stsd', words(0, 1), entry);
  const hdlr = box('hdlr', words(0, 0), Buffer.from(handler), words(0, 0, 0));
  const mdhd = box('mdhd', words(0, 0, 0, 24_000, 0));
  return box('trak', box('mdia', mdhd, hdlr, box('minf', box('stbl', stsd, ...tables))));
}

const mvhd = box('mvhd', words(0, 0, 0, 1000, 0));

function picture(type: string, width: number, height: number): Buffer {
  const content = Buffer.alloc(78);
  content.writeUInt16BE(width, 24);
  content.writeUInt16BE(height, 26);
  return box(type, content);
}

function sound(type: string, channels: number): Buffer {
  const content = Buffer.alloc(28);
  content.writeUInt16BE(channels, 16);
  return box(type, content);
}

describe('the facts of a video file', () => {
  it('are size, frames a second, codec and sound', () => {
    const stts = box('stts', words(0, 1, 120, 1000));
    const movie = Buffer.concat([
      mvhd,
      track('vide', picture('avc1', 1920, 1080), stts),
      track('soun', sound('mp4a', 2)),
    ]);
    assert.deepEqual(findVideoFacts(movie), {
      width: 1920,
      height: 1080,
      framesPerSecond: 24,
      codec: 'H.264',
      sound: { codec: 'AAC', channels: 2 },
    });
  });

  it('leave out what the tables do not state', () => {
    assert.deepEqual(findVideoFacts(Buffer.alloc(0)), { sound: undefined });
    assert.deepEqual(findVideoFacts(track('vide', picture('av01', 0, 0))), { codec: 'AV1', sound: undefined });
    assert.deepEqual(findVideoFacts(track('vide', box('a<b>'))), { codec: 'ab', sound: undefined });
  });

  it('cost no error, wherever the tables end', () => {
    const movie = Buffer.concat([mvhd, track('vide', picture('hvc1', 640, 360)), track('soun', sound('Opus', 1))]);
    for (let end = 0; end <= movie.length; end++) {
      findVideoFacts(movie.subarray(0, end));
      const broken = Buffer.from(movie);
      broken.fill(0xff, end, Math.min(end + 4, broken.length));
      findVideoFacts(broken);
    }
  });
});
