import { sha256Hex } from '../../common/sha256';
import { ImageError } from '../imageError';
import { validateImage, type ImageInfo } from '../imageInfo';
import type { SourceImage } from './types';

/** Content of an image file at the time it is delivered. */
export interface ImageContent {
  bytes: Buffer;
  facts: ImageInfo;
  /** SHA-256 in hex. */
  hash: string;
}

/**
 * Reads and validates the file again, because it may have changed since the user chose it.
 *
 * @throws {ImageError}
 */
export async function readImageContent({ file }: SourceImage): Promise<ImageContent> {
  if (!file) {
    throw new ImageError('unreadable', {});
  }
  const { buffer, byteOffset, byteLength } = await file.read();
  return toImageContent(Buffer.from(buffer, byteOffset, byteLength));
}

function toImageContent(bytes: Buffer): ImageContent {
  return { bytes, facts: validateImage(bytes), hash: sha256Hex(bytes) };
}

/** Image for connection tests: a valid black PNG of 320 × 320 pixels. */
export function createTestContent(): ImageContent {
  const base64 =
    'iVBORw0KGgoAAAANSUhEUgAAAUAAAAFAAQAAAADl65gHAAAAI0lEQVR42u3BAQ0AAADCoPdPbQ8HFAAAAAAAAAAAAAAAAPwaM0AAAWQoMfMAAAAASUVORK5CYII=';
  return toImageContent(Buffer.from(base64, 'base64'));
}
