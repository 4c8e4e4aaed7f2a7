/** The keys that paste, as they are written on this computer's keyboard. */
export const PASTE_KEYS = /mac/i.test(navigator.platform) ? '⌘V' : 'Ctrl+V';

/** Where VS Code itself pastes (on the desktop), it does so only into an element that says that it takes something. */
export function allowPaste(): void {
  document.addEventListener('beforepaste', (event) => event.preventDefault());
}

/** Calls for every step of a drag. `isOver` is false when what is dragged leaves the page or is dropped. */
export function onDrag(listener: (event: DragEvent, isOver: boolean) => void): void {
  for (const type of ['dragenter', 'dragover', 'dragleave', 'drop'] as const) {
    document.addEventListener(type, (event) => listener(event, type === 'dragenter' || type === 'dragover'));
  }
}

export function findFile(data: DataTransfer | null, accepts: (file: File) => boolean): File | undefined {
  return [...(data?.files ?? [])].find(accepts);
}
