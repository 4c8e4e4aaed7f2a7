/** A film that is black for a while before its scene begins, as films that fade in are. */
import { createRequire } from 'node:module';
import type * as H264 from 'h264-mp4-encoder';
import { frameAt } from '../emulator/video/frame';
import type { Scene } from '../emulator/video/scene';
import { withSyncTable } from '../emulator/video/sync';

// Its types are those of an ES module, but what is shipped is CommonJS without readable names.
const { createH264MP4Encoder } = createRequire(import.meta.url)('h264-mp4-encoder') as typeof H264;

/** @param black how many frames of the scene are black, from its first on */
export async function encodeBlackFirst(scene: Scene, black: number): Promise<Buffer> {
  const { width, height, fps, frames } = scene;
  const nothing = new Uint8ClampedArray(width * height * 4);
  const encoder = await createH264MP4Encoder();
  try {
    Object.assign(encoder, { width, height, frameRate: fps, speed: 10, groupOfPictures: fps });
    encoder.quantizationParameter = 24;
    encoder.initialize();
    for (let index = 0; index < frames; index++) {
      encoder.addFrameRgba(index < black ? nothing : frameAt(scene, index).data);
    }
    encoder.finalize();
    return withSyncTable(encoder.FS.readFile(encoder.outputFilename), frames, fps);
  } finally {
    encoder.delete();
  }
}
