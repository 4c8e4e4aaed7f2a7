/** Bytes of the header: RIFF, one `fmt ` chunk, and the header of `data`. */
export const WAV_HEADER_BYTES = 44;
const BYTES_PER_SAMPLE = 2;

/**
 * Writes samples as a WAV file of 16 bits, which every player takes.
 *
 * @param samples from -1 to 1, one of each channel in turn; what is no number is silence
 * @param rate samples of one channel a second
 */
export function createWav(samples: Float32Array, rate: number, channels: number): Uint8Array<ArrayBuffer> {
  const bytes = samples.length * BYTES_PER_SAMPLE;
  const view = new DataView(new ArrayBuffer(WAV_HEADER_BYTES + bytes));
  const setText = (at: number, text: string) =>
    [...text].forEach((character, index) => view.setUint8(at + index, character.charCodeAt(0)));
  setText(0, 'RIFF');
  view.setUint32(4, WAV_HEADER_BYTES - 8 + bytes, true);
  setText(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * channels * BYTES_PER_SAMPLE, true);
  view.setUint16(32, channels * BYTES_PER_SAMPLE, true);
  view.setUint16(34, 8 * BYTES_PER_SAMPLE, true);
  setText(36, 'data');
  view.setUint32(40, bytes, true);
  for (let index = 0; index < samples.length; index++) {
    const sample = Math.max(-1, Math.min(1, samples[index]!));
    // A number that is none becomes 0 here.
    view.setInt16(WAV_HEADER_BYTES + index * BYTES_PER_SAMPLE, Math.round(sample * 0x7fff), true);
  }
  return new Uint8Array(view.buffer);
}
