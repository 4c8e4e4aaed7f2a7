import type { PreviewStrings } from '../../views/preview/protocol';
import { PASTE_KEYS } from '../shared/clipboard';
import { h } from '../shared/dom';
import { createToolButton, setLabel } from './buttons';
import { getShortcutKey, type ShortcutKey } from './shortcuts';

/** The list of keyboard shortcuts, and the button that shows it. */
export class KeysHelp {
  readonly element: HTMLElement;
  readonly button: HTMLButtonElement;

  constructor(strings: PreviewStrings) {
    const keys: [names: string[], meaning: string][] = [
      [['Space', 'K'], strings.keySpace],
      [['←', '→'], strings.keyArrows],
      [[',', '.'], strings.keyFrames],
      [['<', '>'], strings.keySpeed],
      [['Home', 'End'], strings.keyEnds],
      [['L'], strings.loop],
      [['M'], strings.mute],
      [['F'], strings.fullScreen],
      [['N'], strings.continueFromLastFrame],
      [['U'], strings.useFrame],
      [['S'], strings.saveFrame],
      [['[', 'PageUp'], strings.previous],
      [[']', 'PageDown'], strings.next],
      [[PASTE_KEYS], strings.keyPaste],
    ];
    this.element = h(
      'dl',
      { id: 'keys', role: 'note', 'aria-label': strings.keys },
      ...keys.flatMap(([names, meaning]) => [
        h('dt', {}, ...names.map((name) => h('kbd', {}, name))),
        h('dd', {}, meaning),
      ]),
    );
    this.element.hidden = true;
    this.button = createToolButton('help', 'help', strings.keys, () => this.toggle());
    setLabel(this.button, strings.keys, '?');
    this.button.setAttribute('aria-controls', 'keys');
    this.button.setAttribute('aria-expanded', 'false');
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  toggle(): void {
    this.element.hidden = !this.element.hidden;
    this.button.setAttribute('aria-expanded', String(this.isOpen));
  }
}

export interface KeyboardOptions {
  handlers: Readonly<Record<ShortcutKey, () => void>>;
  onEscape: () => void;
  isEnabled: (key: ShortcutKey) => boolean;
  /** Elements that handle keys themselves. */
  inputs: readonly Element[];
  /** A text in which arrow keys move and select. */
  text: Element;
}

/** Handles keyboard shortcuts, unless the focused element handles the key itself. */
export function handleKeys({ handlers, onEscape, isEnabled, inputs, text }: KeyboardOptions): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) {
      return;
    }
    if (event.key === 'Escape') {
      onEscape();
      return;
    }
    const key = getShortcutKey(event);
    const target = event.target instanceof Element ? event.target : undefined;
    if (key === undefined || !isEnabled(key) || (target && inputs.includes(target))) {
      return;
    }
    const isTargetsOwn = (key === ' ' && target instanceof HTMLButtonElement) || (key.length > 1 && target === text);
    if (!isTargetsOwn) {
      handlers[key]();
      event.preventDefault();
    }
  });
}
