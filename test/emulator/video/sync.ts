/** The boxes on the way from the file to its table of samples. */
const PATH = ['moov', 'trak', 'mdia', 'minf', 'stbl'] as const;
const HEAD_BYTES = 8;

/**
 * `mp4` with a table (`stss`) of the samples at which a player may start, which the encoder's muxer
 * leaves out. Without it all samples count as key frames, and a player that seeks into the middle of
 * a group shows nothing.
 * @param interval frames from one key frame to the next; the first frame is one
 * @throws when the boxes are not where the muxer puts them
 */
export function withSyncTable(mp4: Uint8Array, frames: number, interval: number): Buffer {
  const file = Buffer.from(mp4.buffer, mp4.byteOffset, mp4.byteLength);
  const table = syncTable(frames, interval);
  const grown = Buffer.from(file);
  let [start, end] = [0, file.length];
  for (const type of PATH) {
    const at = find(file, type, start, end);
    if (type === 'moov' && find(file, 'mdat', 0, file.length) > at) {
      // The movie box refers to the samples by their place in the file, which must not move.
      throw new Error('The movie box stands before the samples.');
    }
    const length = file.readUInt32BE(at);
    grown.writeUInt32BE(length + table.length, at);
    [start, end] = [at + HEAD_BYTES, at + length];
  }
  return Buffer.concat([grown.subarray(0, end), table, grown.subarray(end)]);
}

function syncTable(frames: number, interval: number): Buffer {
  const count = Math.ceil(frames / interval);
  const box = Buffer.alloc(HEAD_BYTES + 8 + 4 * count);
  box.writeUInt32BE(box.length, 0);
  box.write('stss', 4, 'latin1');
  box.writeUInt32BE(count, 12);
  for (let index = 0; index < count; index += 1) {
    // Samples are counted from 1.
    box.writeUInt32BE(index * interval + 1, 16 + 4 * index);
  }
  return box;
}

/** Offset of the box of a type among its siblings between `start` and `end`. */
function find(file: Buffer, type: string, start: number, end: number): number {
  for (let at = start; at + HEAD_BYTES <= end; at += Math.max(HEAD_BYTES, file.readUInt32BE(at))) {
    if (file.toString('latin1', at + 4, at + HEAD_BYTES) === type) {
      return at;
    }
  }
  throw new Error(`There is no ${type} box.`);
}
