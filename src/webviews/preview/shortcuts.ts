/** The keys of the player. Pure: knows no page. */

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
  '?',
] as const;
export type ShortcutKey = (typeof SHORTCUT_KEYS)[number];

/** For keyboards that write other letters: by the place of the key, without and with Shift. */
const KEYS_BY_PLACE: Readonly<Record<string, readonly [plain: ShortcutKey, shifted: ShortcutKey]>> = {
  KeyK: ['k', 'k'],
  KeyL: ['l', 'l'],
  KeyM: ['m', 'm'],
  KeyF: ['f', 'f'],
  KeyN: ['n', 'n'],
  KeyU: ['u', 'u'],
  KeyS: ['s', 's'],
  Comma: [',', '<'],
  Period: ['.', '>'],
};

/** A part of `KeyboardEvent`. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
}

export function getShortcutKey(event: KeyPress): ShortcutKey | undefined {
  const written = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return SHORTCUT_KEYS.find((key) => key === written) ?? KEYS_BY_PLACE[event.code]?.[event.shiftKey ? 1 : 0];
}
