import { sha256Hex } from '../../common/sha256';
import type { SourceImage } from './deliver';
import { ImageError } from '../imageError';
import { validateImage, type ImageInfo } from '../imageInfo';

/** A file as it is now, with the name of its content. */
export interface ImageContent {
  bytes: Buffer;
  facts: ImageInfo;
  /** SHA-256 in hex. */
  hash: string;
}

/** @throws {ImageError} it may have changed since it was chosen */
export async function readImageContent({ file }: SourceImage): Promise<ImageContent> {
  if (!file) {
    throw new ImageError('unreadable', {});
  }
  const { buffer, byteOffset, byteLength } = await file.read();
  return toImageContent(Buffer.from(buffer, byteOffset, byteLength));
}

function toImageContent(bytes: Buffer): ImageContent {
  const facts = validateImage(bytes);
  return { bytes, facts, hash: sha256Hex(bytes) };
}

/** What a set-up is tried with: a real PNG of 320 × 320 pixels, all black. */
export function createTestContent(): ImageContent {
  const base64 =
    'iVBORw0KGgoAAAANSUhEUgAAAUAAAAFAAQAAAADl65gHAAAAI0lEQVR42u3BAQ0AAADCoPdPbQ8HFAAAAAAAAAAAAAAAAPwaM0AAAWQoMfMAAAAASUVORK5CYII=';
  return toImageContent(Buffer.from(base64, 'base64'));
}
