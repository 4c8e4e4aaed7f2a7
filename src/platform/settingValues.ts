import { ASPECT_RATIOS, type AspectRatio } from '../gateway/aspectRatio';

/** The settings of package.json, checked. `apiBaseUrl` is read apart: it has no safe fallback. */
export interface Settings {
  model: string;
  aspectRatio: AspectRatio;
  /** Roubles. */
  confirmAbove: number;
  /** Roubles a day; 0 for none. */
  dailyBudget: number;
  /** Relative to the workspace folder; `saveFolder.ts` checks it. */
  saveFolder: string;
  saveMetadata: boolean;
  keepLocalCopies: boolean;
  notifyWhenDone: boolean;
}

/** The same as in package.json (a test holds this): used where a person wrote something of another type. */
export const DEFAULT_SETTINGS: Settings = {
  model: 'seedance-1-pro-1080P-5s',
  aspectRatio: '16:9',
  confirmAbove: 0,
  dailyBudget: 0,
  saveFolder: 'seedance',
  saveMetadata: true,
  keepLocalCopies: true,
  notifyWhenDone: true,
};

/** settings.json is written by hand: every value is checked, and a wrong one falls back to the careful default. */
export function checkSettings(get: (key: string) => unknown): Settings {
  const model = get('model');
  const ratio = get('aspectRatio');
  const roubles = (key: 'confirmAbove' | 'dailyBudget') => {
    const value = get(key);
    return typeof value === 'number' && value >= 0 ? value : DEFAULT_SETTINGS[key];
  };
  const saveFolder = get('saveFolder');
  const flag = (key: 'saveMetadata' | 'keepLocalCopies' | 'notifyWhenDone') => {
    const value = get(key);
    return typeof value === 'boolean' ? value : DEFAULT_SETTINGS[key];
  };
  return {
    model: typeof model === 'string' && model.trim() !== '' ? model.trim() : DEFAULT_SETTINGS.model,
    aspectRatio: toAspectRatio(ratio) ?? DEFAULT_SETTINGS.aspectRatio,
    confirmAbove: roubles('confirmAbove'),
    dailyBudget: roubles('dailyBudget'),
    saveFolder: typeof saveFolder === 'string' ? saveFolder : DEFAULT_SETTINGS.saveFolder,
    saveMetadata: flag('saveMetadata'),
    keepLocalCopies: flag('keepLocalCopies'),
    notifyWhenDone: flag('notifyWhenDone'),
  };
}

export function toAspectRatio(value: unknown): AspectRatio | undefined {
  return ASPECT_RATIOS.find((ratio) => ratio === value);
}
