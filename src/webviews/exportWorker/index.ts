/**
 * The worker of the page that exports a video: makes GIF, WebP and PNG of the frames that the page sends, while the page
 * stays alive. It answers each request, in turn.
 */
import type { ExportKind } from '../../views/export/protocol';
import type { Pixels } from '../../views/export/plan';
import { estimateGif, getMean, GifWriter, Palette } from './gif';
import type { WorkerReply, WorkerRequest } from './messages';
import { WebpWriter } from './webp';

const WEBP_QUALITY = 0.8;
/** What a container adds for each frame, bytes. */
const FRAME_OVERHEAD = 32;

interface Job {
  kind: ExportKind;
  add(frame: ImageBitmap, durationMs: number): Promise<WorkerReply>;
  finish(): Promise<WorkerReply>;
}

/** The types of pages know no worker. */
const scope = self as unknown as {
  onmessage: (event: MessageEvent<WorkerRequest>) => void;
  postMessage(reply: WorkerReply, transfer: Transferable[]): void;
};

let palette: { key: string; palette: Palette } | undefined;
let job: Job | undefined;
let last: Promise<void> = Promise.resolve();

scope.onmessage = ({ data }) => {
  last = last.then(async () => {
    const reply = await handle(data).catch((): WorkerReply => ({ type: 'failed' }));
    scope.postMessage(reply, reply.type === 'file' ? [reply.file] : []);
  });
};

async function handle(request: WorkerRequest): Promise<WorkerReply> {
  switch (request.type) {
    case 'estimate':
      return { type: 'bytes', bytes: Math.round(await estimate(request)) };
    case 'begin':
      job = createJob(request);
      return { type: 'bytes', bytes: 0 };
    case 'add':
      return job ? job.add(request.frame, request.durationMs) : { type: 'failed' };
    case 'finish': {
      const reply = job ? await job.finish() : ({ type: 'failed' } as const);
      job = undefined;
      return reply;
    }
  }
}

function createJob({ kind, size, loops, layout, key }: Extract<WorkerRequest, { type: 'begin' }>): Job {
  const canvas = createCanvas(size);
  switch (kind) {
    case 'gif': {
      if (palette?.key !== key) {
        throw new Error('no palette');
      }
      const gif = new GifWriter(size, { palette: palette.palette, loops });
      return {
        kind,
        add: (frame, durationMs) => {
          gif.add(readPixels(canvas, frame), durationMs);
          return Promise.resolve({ type: 'bytes', bytes: gif.bytes });
        },
        finish: () => Promise.resolve({ type: 'file', file: gif.finish().buffer }),
      };
    }
    case 'webp': {
      const webp = new WebpWriter(size, { loops });
      return {
        kind,
        add: async (frame, durationMs) => {
          webp.add(new Uint8Array(await encode(canvas, frame, 'image/webp')), durationMs);
          return { type: 'bytes', bytes: webp.bytes };
        },
        finish: () => Promise.resolve({ type: 'file', file: webp.finish().buffer }),
      };
    }
    case 'frames':
      return {
        kind,
        add: async (frame) => ({ type: 'file', file: await encode(canvas, frame, 'image/png') }),
        finish: () => Promise.resolve({ type: 'bytes', bytes: 0 }),
      };
    case 'sheet': {
      if (!layout) {
        throw new Error('no layout');
      }
      const sheet = createCanvas(layout);
      let index = 0;
      return {
        kind,
        add: (frame) => {
          const x = (index % layout.columns) * size.width;
          const y = Math.floor(index / layout.columns) * size.height;
          sheet.drawImage(frame, x, y, size.width, size.height);
          frame.close();
          index += 1;
          return Promise.resolve({ type: 'bytes', bytes: 0 });
        },
        finish: async () => {
          const blob = await sheet.canvas.convertToBlob({ type: 'image/png' });
          return { type: 'file', file: await blob.arrayBuffer() };
        },
      };
    }
  }
}

async function estimate({
  kind,
  size,
  count,
  runs,
  key,
}: Extract<WorkerRequest, { type: 'estimate' }>): Promise<number> {
  const canvas = createCanvas(size);
  if (kind === 'gif') {
    const pixels = runs.map((run) => run.map((frame) => readPixels(canvas, frame)));
    const made = new Palette(pixels.flat());
    palette = { key, palette: made };
    return estimateGif(pixels, { size, count, palette: made });
  }
  const sizes: number[] = [];
  if (kind === 'sheet') {
    for (const run of runs) {
      // What frames have in common costs once where they lie beside one another.
      const row = createCanvas({ width: size.width * run.length, height: size.height });
      run.forEach((frame, index) => {
        row.drawImage(frame, index * size.width, 0, size.width, size.height);
        frame.close();
      });
      const blob = await row.canvas.convertToBlob({ type: 'image/png' });
      sizes.push(blob.size / run.length);
    }
    return getMean(sizes) * count;
  }
  for (const frame of runs.flat()) {
    sizes.push((await encode(canvas, frame, kind === 'webp' ? 'image/webp' : 'image/png')).byteLength);
  }
  return (getMean(sizes) + FRAME_OVERHEAD) * count;
}

function createCanvas({ width, height }: Pixels): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { alpha: false, willReadFrequently: true });
  if (!context) {
    throw new Error('no canvas');
  }
  return context;
}

function draw(context: OffscreenCanvasRenderingContext2D, frame: ImageBitmap): void {
  context.drawImage(frame, 0, 0, context.canvas.width, context.canvas.height);
  frame.close();
}

function readPixels(context: OffscreenCanvasRenderingContext2D, frame: ImageBitmap): Uint8ClampedArray {
  draw(context, frame);
  return context.getImageData(0, 0, context.canvas.width, context.canvas.height).data;
}

async function encode(
  context: OffscreenCanvasRenderingContext2D,
  frame: ImageBitmap,
  type: 'image/png' | 'image/webp',
): Promise<ArrayBuffer> {
  draw(context, frame);
  const blob = await context.canvas.convertToBlob({ type, quality: WEBP_QUALITY });
  if (blob.type !== type) {
    throw new Error(`no ${type}`);
  }
  return blob.arrayBuffer();
}
