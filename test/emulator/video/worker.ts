import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import type * as H264 from 'h264-mp4-encoder';
import type { Job, JobDone } from './encoder';
import { frameAt } from './frame';
import type { Scene } from './scene';
import { withSyncTable } from './sync';

// Its types are those of an ES module, but what is shipped is CommonJS without readable names.
const { createH264MP4Encoder } = createRequire(import.meta.url)('h264-mp4-encoder') as typeof H264;

/** 10 (best) to 51; small text stays sharp at this, and 5 s of video take about 1 MB. */
const QUANTIZATION = 24;
/** 0 (best) to 10 (fastest): the picture is simple, the machine may be slow. */
const SPEED = 10;

parentPort?.on('message', ({ id, scene }: Job) => {
  encodeScene(scene).then(
    (mp4) => reply({ id, mp4 }),
    (error: unknown) => reply({ id, error: String(error) }),
  );
});

function reply(done: JobDone): void {
  parentPort?.postMessage(done);
}

async function encodeScene(scene: Scene): Promise<Uint8Array> {
  const encoder = await createH264MP4Encoder();
  try {
    Object.assign(encoder, {
      width: scene.width,
      height: scene.height,
      frameRate: scene.fps,
      speed: SPEED,
      quantizationParameter: QUANTIZATION,
      // A key frame each second, so that seeking is quick.
      groupOfPictures: scene.fps,
    });
    encoder.initialize();
    for (let index = 0; index < scene.frames; index += 1) {
      encoder.addFrameRgba(frameAt(scene, index).data);
    }
    encoder.finalize();
    return withSyncTable(encoder.FS.readFile(encoder.outputFilename), scene.frames, scene.fps);
  } finally {
    encoder.delete();
  }
}
