import { allowPaste, findFile, onDrag, PASTE_KEYS } from '../shared/clipboard';
import { fill, type CropperView } from './view';
import type { CropStrings } from '../../views/cropper/protocol';

export interface ImageInputOptions {
  view: CropperView;
  strings: CropStrings;
  /** `name` is empty if the image has no file name. */
  onImage: (image: Blob, name: string) => Promise<void>;
}

/** Accepts images that the user pastes, drops or chooses. */
export function acceptImage({ view, strings, onImage }: ImageInputOptions): void {
  const isWaiting = () => view.state === 'empty';
  const takeFrom = (data: DataTransfer | null) => {
    const file = findFile(data, isImage);
    if (file) {
      // Browsers give images that were copied from a program the name `image.png`.
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
    // Prevented from `dragenter` on, because VS Code would open the file otherwise.
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

/** @throws {DOMException} when the page has no permission to read the clipboard */
async function readClipboardImage(): Promise<Blob | undefined> {
  for (const item of await navigator.clipboard.read()) {
    const type = item.types.find((candidate) => candidate.startsWith('image/'));
    if (type !== undefined) {
      return item.getType(type);
    }
  }
  return undefined;
}

/** A file whose name has a rare ending, or none, has no type: the host looks at its content. */
function isImage({ type }: File): boolean {
  return type === '' || type.startsWith('image/');
}
