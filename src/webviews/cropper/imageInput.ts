import { allowPaste, findFile, onDrag, PASTE_KEYS } from '../shared/clipboard';
import { fill, type CropperView } from './view';
import type { CropStrings } from '../../views/cropper/protocol';

export interface ImageInputOptions {
  view: CropperView;
  strings: CropStrings;
  /** `name`: empty for an image that has none of its own. */
  onImage: (image: Blob, name: string) => Promise<void>;
}

/** Takes an image that the user pastes, drops or chooses, while the page waits for one. */
export function acceptImage({ view, strings, onImage }: ImageInputOptions): void {
  const isWaiting = () => view.state === 'empty';
  const takeFrom = (data: DataTransfer | null) => {
    const file = findFile(data, isImage);
    if (file) {
      // What is copied out of a program is called image.png by the browser.
      void onImage(file, file.name === 'image.png' ? '' : file.name);
    } else {
      view.problem.textContent = strings.noImage;
    }
  };
  allowPaste();
  document.addEventListener('paste', (event) => {
    if (isWaiting()) {
      event.preventDefault();
      takeFrom(event.clipboardData);
    }
  });
  onDrag((event, isOver) => {
    // Already when something enters, or VS Code would take it for a file to be opened.
    event.preventDefault();
    view.stage.classList.toggle('over', isWaiting() && isOver);
  });
  document.addEventListener('drop', (event) => {
    if (isWaiting()) {
      takeFrom(event.dataTransfer);
    }
  });
  view.choose.addEventListener('click', () => view.file.click());
  view.file.addEventListener('change', () => {
    const file = view.file.files?.[0];
    if (file) {
      void onImage(file, file.name);
    }
    view.file.value = '';
  });
  view.paste.addEventListener('click', () => {
    readClipboardImage().then(
      (image) => {
        if (image) {
          void onImage(image, '');
        } else {
          view.problem.textContent = strings.noImage;
        }
      },
      () => {
        view.problem.textContent = fill(strings.noClipboard, PASTE_KEYS);
      },
    );
  });
}

/** @throws {DOMException} where pages may not read the clipboard */
async function readClipboardImage(): Promise<Blob | undefined> {
  for (const item of await navigator.clipboard.read()) {
    const type = item.types.find((candidate) => candidate.startsWith('image/'));
    if (type !== undefined) {
      return item.getType(type);
    }
  }
  return undefined;
}

function isImage({ type }: File): boolean {
  return type.startsWith('image/');
}
