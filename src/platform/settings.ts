import * as vscode from 'vscode';
import { parseBaseUrl } from '../common/url';
import { ApiError } from '../api/apiError';
import { ASPECT_RATIOS, type AspectRatio } from '../api/aspectRatio';

const SECTION = 'seedance';

/** @param scope the document or folder for which it is asked: model, ratio and folder may differ between folders. */
export function readSettings(scope?: vscode.Uri): Settings {
  const configuration = vscode.workspace.getConfiguration(SECTION, scope);
  return parseSettings((key) => configuration.get(key));
}

/**
 * Where the service is. Application scope: no workspace can send the key elsewhere.
 *
 * @throws {ApiError} `wrong-address` when the setting is not an address that may get the key. Thrown
 * before anything is sent, so it reads like any other refusal: nothing was charged.
 */
export function readBaseUrl(): URL {
  const text = vscode.workspace.getConfiguration(SECTION).get('apiBaseUrl');
  const url = typeof text === 'string' ? parseBaseUrl(text) : undefined;
  if (!url) {
    throw new ApiError('wrong-address', {
      serverMessage: 'seedance.apiBaseUrl is not https, nor http to this computer',
    });
  }
  return url;
}

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

/** The same as in package.json (a test holds this): used where a user wrote something of another type. */
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
export function parseSettings(get: (key: string) => unknown): Settings {
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
