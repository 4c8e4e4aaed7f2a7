/** Keyboard shortcuts of the player. Does not access the page. */

const SHORTCUT_KEYS = [
  ' ',
  'k',
  'ArrowLeft',
  'ArrowRight',
  ',',
  '.',
  '<',
  '>',
  'Home',
  'End',
  'l',
  'm',
  'f',
  'n',
  'u',
  's',
  'PageUp',
  'PageDown',
  '[',
  ']',
  '?',
] as const;
export type ShortcutKey = (typeof SHORTCUT_KEYS)[number];

/** Keys that lead to another task. */
export const SERIES_KEYS: ReadonlySet<ShortcutKey> = new Set(['PageUp', 'PageDown', '[', ']']);

/** Shortcuts by the position of the key, without and with Shift, for layouts with other letters. */
const KEYS_BY_PLACE: Readonly<Record<string, readonly [plain: ShortcutKey, shifted: ShortcutKey]>> = {
  KeyK: ['k', 'k'],
  KeyL: ['l', 'l'],
  KeyM: ['m', 'm'],
  KeyF: ['f', 'f'],
  KeyN: ['n', 'n'],
  KeyU: ['u', 'u'],
  KeyS: ['s', 's'],
  BracketLeft: ['[', '['],
  BracketRight: [']', ']'],
  Comma: [',', '<'],
  Period: ['.', '>'],
};

/** The part of `KeyboardEvent` that is used here. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
}

export function getShortcutKey(event: KeyPress): ShortcutKey | undefined {
  const written = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return SHORTCUT_KEYS.find((key) => key === written) ?? KEYS_BY_PLACE[event.code]?.[event.shiftKey ? 1 : 0];
}
