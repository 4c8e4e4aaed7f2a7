/**
 * The worker thread that decodes the sound of one video: a bundle of its own, `dist/sound/worker.cjs`. It runs FFmpeg's
 * decoder on a file that is hostile until proven otherwise, so it has no other job, bounded memory, and a parent that
 * ends it.
 */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { brotliDecompressSync } from 'node:zlib';
import { getAudioDecoder } from '@humansignal/audio-file-decoder';
import type { SoundAnswer, SoundJob } from './soundWorkerProtocol';
import { createWav } from './wav';

/** Videos of the service take 15 seconds at most. */
const MAX_SECONDS = 120;
/** What AAC knows (ISO/IEC 14496-3, table 1.18); a file may state any rate. */
const MAX_RATE = 96_000;
const MAX_CHANNELS = 8;
/** Stereo stays; more becomes one channel, which every player takes. */
const MAX_KEPT_CHANNELS = 2;
/**
 * Of the decoder: the samples of two minutes in stereo, twice while they move to where there is more room. Memory of
 * WebAssembly does not count for `resourceLimits`.
 */
const MAX_MEMORY_BYTES = 320 * 1024 * 1024;

/** The part of WebAssembly's API that the types of Node leave out. */
declare const WebAssembly: {
  Memory: { prototype: { readonly buffer: ArrayBuffer; grow(pages: number): number } };
};
const PAGE_BYTES = 65_536;

boundMemory();
void decode(workerData as SoundJob).then((answer) =>
  parentPort?.postMessage(answer, 'wav' in answer ? [answer.wav.buffer] : []),
);

async function decode({ video, decoder }: SoundJob): Promise<SoundAnswer> {
  try {
    provideDecoder(brotliDecompressSync(readFileSync(decoder)));
    const bytes = Uint8Array.from(readFileSync(video));
    const sound = await getAudioDecoder('', bytes.buffer);
    const { sampleRate, channelCount, duration } = sound;
    if (!(sampleRate > 0 && sampleRate <= MAX_RATE && channelCount > 0 && channelCount <= MAX_CHANNELS)) {
      return { problem: `${channelCount} channels of ${sampleRate} Hz` };
    }
    if (duration > MAX_SECONDS) {
      return { problem: `${duration} seconds` };
    }
    const multiChannel = channelCount <= MAX_KEPT_CHANNELS;
    // From before the beginning: from 0 it would skip the first frame, about 20 ms, behind what the encoder put in
    // front (seen with 0.1.5).
    const samples = sound.decodeAudioData(-1, MAX_SECONDS + 1, { multiChannel });
    if (samples.length === 0) {
      return { problem: 'no samples' };
    }
    return { wav: createWav(samples, sampleRate, multiChannel ? channelCount : 1) };
  } catch (error) {
    return { problem: String(error) };
  }
}

/** The package asks for its WebAssembly by `fetch`, as in a page. In this thread nothing else is fetched. */
function provideDecoder(wasm: Uint8Array<ArrayBuffer>): void {
  globalThis.fetch = () => Promise.resolve(new Response(wasm, { headers: { 'content-type': 'application/wasm' } }));
}

/** A decoder that gets no more memory gives up. */
function boundMemory(): void {
  const memory = WebAssembly.Memory.prototype;
  const grow = Object.getOwnPropertyDescriptor(memory, 'grow')?.value as typeof memory.grow;
  memory.grow = function (this: typeof memory, pages) {
    if (this.buffer.byteLength + pages * PAGE_BYTES > MAX_MEMORY_BYTES) {
      throw new RangeError('the sound needs too much memory');
    }
    return grow.call(this, pages);
  };
}
