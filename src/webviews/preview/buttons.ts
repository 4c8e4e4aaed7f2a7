import { h } from '../shared/dom';
import { createIcon, type IconName } from '../shared/icons';

/** Creates a button with an icon and no text. */
export function createToolButton(id: string, icon: IconName, label: string, onPress: () => void): HTMLButtonElement {
  const button = h('button', { id, class: 'tool', type: 'button' }, createIcon(icon));
  setLabel(button, label);
  button.addEventListener('click', onPress);
  return button;
}

/** Sets the label for screen readers, and the tooltip, which also shows the key. */
export function setLabel(element: HTMLElement, label: string, key?: string): void {
  element.setAttribute('aria-label', label);
  element.title = key === undefined ? label : `${label} (${key})`;
}
