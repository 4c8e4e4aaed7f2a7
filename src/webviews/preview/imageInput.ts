import { MAX_NAME_CHARS, type WebviewMessage } from '../../views/preview/protocol';
import { allowPaste, findFile, onDrag } from '../shared/clipboard';
import type { HostChannel } from '../shared/messages';
import { decodeImage, sendImage } from './sendImage';

/** Accepts images that the user pastes or drops, as the first frame of a new video. */
export function acceptImages(host: HostChannel<WebviewMessage>): void {
  allowPaste();
  document.addEventListener('paste', (event) => {
    // The name of a pasted image is not chosen by the user.
    void takeImage(host, event, event.clipboardData, false);
  });
  onDrag((event, isOver) => {
    const bringsImage = [...(event.dataTransfer?.items ?? [])].some(isImage);
    if (bringsImage) {
      // Prevented from `dragenter` on, because VS Code would open the file otherwise.
      event.preventDefault();
    }
    document.body.classList.toggle('over', bringsImage && isOver);
  });
  document.addEventListener('drop', (event) => void takeImage(host, event, event.dataTransfer, true));
}

async function takeImage(
  host: HostChannel<WebviewMessage>,
  event: Event,
  data: DataTransfer | null,
  hasName: boolean,
): Promise<void> {
  const file = findFile(data, isImage);
  if (file) {
    event.preventDefault();
    // If the image cannot be decoded, the host reports the problem.
    await sendImage(host, file, await decodeImage(file), {
      use: 'firstFrame',
      ...(hasName ? { name: file.name.slice(0, MAX_NAME_CHARS) } : {}),
    });
  }
}

/** Any image: the host reads what it really is, and says why it cannot be used. */
function isImage({ type }: { readonly type: string }): boolean {
  return type.startsWith('image/');
}
