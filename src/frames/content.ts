import { createHash } from 'node:crypto';
import type { FrameImage } from './delivery';
import { FrameError } from './errors';
import { inspectImage, type ImageFacts } from './image';

/** A file as it is now, with the name of its content. */
export interface Content {
  bytes: Buffer;
  facts: ImageFacts;
  /** SHA-256 in hex. */
  hash: string;
}

/** @throws {FrameError} it may have changed since it was chosen */
export async function readContent({ file }: FrameImage): Promise<Content> {
  if (!file) {
    throw new FrameError('unreadable', {});
  }
  const { buffer, byteOffset, byteLength } = await file.read();
  return contentOf(Buffer.from(buffer, byteOffset, byteLength));
}

function contentOf(bytes: Buffer): Content {
  const facts = inspectImage(bytes);
  return { bytes, facts, hash: createHash('sha256').update(bytes).digest('hex') };
}

/** What a set-up is tried with: a real PNG of 320 × 320 pixels, all black. */
export function testContent(): Content {
  const base64 =
    'iVBORw0KGgoAAAANSUhEUgAAAUAAAAFAAQAAAADl65gHAAAAI0lEQVR42u3BAQ0AAADCoPdPbQ8HFAAAAAAAAAAAAAAAAPwaM0AAAWQoMfMAAAAASUVORK5CYII=';
  return contentOf(Buffer.from(base64, 'base64'));
}
