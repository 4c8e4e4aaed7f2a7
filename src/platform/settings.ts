import * as vscode from 'vscode';
import { parseBaseUrl } from '../common/url';
import { ApiError } from '../api/apiError';
import { ASPECT_RATIOS, type AspectRatio } from '../api/aspectRatio';

const SECTION = 'seedance';

/**
 * Reads the settings.
 *
 * @param scope the document or folder that they are for: model, aspect ratio and save folder may differ between folders
 */
export function readSettings(scope?: vscode.Uri): Settings {
  const configuration = vscode.workspace.getConfiguration(SECTION, scope);
  return parseSettings((key) => configuration.get(key));
}

/**
 * Reads the base URL of the API. The setting has application scope, so that no workspace can send the key elsewhere.
 *
 * @throws {ApiError} `wrong-address` when the key must not be sent to the address. Nothing was sent or charged then.
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

/** The validated settings. `apiBaseUrl` is not among them, because it has no safe fallback: see `readBaseUrl`. */
export interface Settings {
  model: string;
  aspectRatio: AspectRatio;
  /** Roubles for one generation. */
  confirmAbove: number;
  /** Roubles a day; 0 for no budget. */
  dailyBudget: number;
  /** Relative to the workspace folder. Not validated: see `parseSaveFolder`. */
  saveFolder: string;
  saveMetadata: boolean;
  keepLocalCopies: boolean;
  notifyWhenDone: boolean;
}

/** Replace values of a wrong type. A test makes sure that they are those of package.json. */
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

/** Validates settings, which users edit by hand. Invalid values are replaced by safe defaults. */
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

/** Returns a value if it is an aspect ratio that the service accepts. */
export function toAspectRatio(value: unknown): AspectRatio | undefined {
  return ASPECT_RATIOS.find((ratio) => ratio === value);
}
