import { MAX_IMAGE_BYTES, MAX_NAME_CHARS, type WebviewMessage } from '../../views/composer/protocol';
import { allowPaste, findFile, onDrag } from '../shared/clipboard';
import { decodeBitmap } from '../shared/decodeImage';
import type { HostChannel } from '../shared/messages';
import { createThumbnail } from '../shared/thumbnail';

export interface ImageInputOptions {
  host: HostChannel<WebviewMessage>;
  onTooLarge: () => void;
}

/** Accepts an image that the user pastes or drops, as the first frame. The host reads what it really is. */
export function acceptImages({ host, onTooLarge }: ImageInputOptions): void {
  const take = async (event: Event, data: DataTransfer | null, hasName: boolean) => {
    const file = findFile(data, isImage);
    if (!file) {
      return;
    }
    event.preventDefault();
    if (file.size > MAX_IMAGE_BYTES) {
      onTooLarge();
      return;
    }
    host.postMessage({
      type: 'image',
      bytes: await file.arrayBuffer(),
      // The name of a pasted image is not chosen by the user.
      ...(hasName ? { name: file.name.slice(0, MAX_NAME_CHARS) } : {}),
      thumbnail: await drawThumbnail(file),
    });
  };
  allowPaste();
  // Text is pasted into the prompt as ever: only an image is taken.
  document.addEventListener('paste', (event) => void take(event, event.clipboardData, false));
  onDrag((event, isOver) => {
    const bringsImage = [...(event.dataTransfer?.items ?? [])].some(isImage);
    if (bringsImage) {
      // Prevented from `dragenter` on, because VS Code would open the file otherwise.
      event.preventDefault();
    }
    document.body.classList.toggle('over', bringsImage && isOver);
  });
  document.addEventListener('drop', (event) => void take(event, event.dataTransfer, true));
}

/** `undefined` for what the browser cannot decode, such as TIFF. */
export async function drawThumbnail(file: Blob): Promise<string | undefined> {
  try {
    return createThumbnail(await decodeBitmap(file), 'white');
  } catch {
    return undefined;
  }
}

function isImage({ type }: { readonly type: string }): boolean {
  return type.startsWith('image/');
}
