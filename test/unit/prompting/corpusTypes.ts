import type { PromptContext } from '../../../src/prompting/remark';

/** A prompt, what should be remarked (`rule: words that the remark is about`), and with what it is generated. */
export type CorpusEntry = readonly [text: string, remarks?: readonly string[], context?: PromptContext];

const on = (model: string, more: Partial<PromptContext> = {}): PromptContext => ({
  model,
  aspectRatio: '16:9',
  ...more,
});

/** The default model: five seconds, no sound. */
export const pro = on('seedance-1-pro-1080P-5s');
export const flash = on('seedance-1-pro-fast-480P-5s');
export const pro10 = on('seedance-1-pro-1080P-10s');
export const withSound = on('seedance-1-5-pro-audio-720P-10s');
export const two = on('seedance-2-720P-5s');
export const two10 = on('seedance-2-fast-720P-10s');
export const two15 = on('seedance-2-720P-15s');
export const frame = on('seedance-1-pro-1080P-5s', { firstFrame: {} });
export const frame2 = on('seedance-2-720P-10s', { firstFrame: {} });

export const long2 = (text: string, times: number) => text.repeat(times);
