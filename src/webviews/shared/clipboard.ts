/** The key binding that pastes on this operating system, to be shown. */
export const PASTE_KEYS = /mac/i.test(navigator.platform) ? '⌘V' : 'Ctrl+V';

/** On the desktop VS Code pastes only into elements that handle `beforepaste`. */
export function allowPaste(): void {
  document.addEventListener('beforepaste', (event) => event.preventDefault());
}

/** Listens to drag events. `isOver` is false when the drag leaves the page or ends with a drop. */
export function onDrag(listener: (event: DragEvent, isOver: boolean) => void): void {
  for (const type of ['dragenter', 'dragover', 'dragleave', 'drop'] as const) {
    document.addEventListener(type, (event) => listener(event, type === 'dragenter' || type === 'dragover'));
  }
}

/** Returns the first pasted or dropped file that is accepted. */
export function findFile(data: DataTransfer | null, accepts: (file: File) => boolean): File | undefined {
  return [...(data?.files ?? [])].find(accepts);
}
