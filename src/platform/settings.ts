import * as vscode from 'vscode';
import { parseBaseUrl } from '../common/url';
import { ApiError } from '../api/apiError';
import { ASPECT_RATIOS, type AspectRatio } from '../api/aspectRatio';
import { getLowestLimit, parseLimit, type Limit } from '../tasks/spending/limit';

const SECTION = 'seedance';

/**
 * Reads the settings.
 *
 * @param scope the document or folder that they are for: model, aspect ratio and save folder may differ between folders
 */
export function readSettings(scope?: vscode.Uri): Settings {
  const configuration = vscode.workspace.getConfiguration(SECTION, scope);
  const settings = parseSettings((key) => configuration.get(key));
  const { globalValue, defaultValue, workspaceValue, workspaceFolderValue } =
    configuration.inspect('confirmAbove') ?? {};
  return {
    ...settings,
    // A workspace may ask for more questions and not for fewer: together with an input of its tasks.json, which can
    // execute `seedance.generate` with `ask: false`, a higher limit would spend the user's money without a question.
    confirmAbove: getLowestLimit([
      settings.confirmAbove,
      parseLimit(globalValue === undefined ? defaultValue : globalValue, DEFAULT_SETTINGS.confirmAbove),
      parseLimit(workspaceValue, settings.confirmAbove),
      parseLimit(workspaceFolderValue, settings.confirmAbove),
    ]),
  };
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
      detail: 'seedance.apiBaseUrl is not https, nor http to this computer',
    });
  }
  return url;
}

/** The same, where nothing is sent to it; `undefined` for a setting that is not an address. */
export function findBaseUrl(): URL | undefined {
  try {
    return readBaseUrl();
  } catch {
    return undefined;
  }
}

/** The validated settings. `apiBaseUrl` is not among them, because it has no safe fallback: see `readBaseUrl`. */
export interface Settings {
  model: string;
  aspectRatio: AspectRatio;
  /** Roubles for one generation. */
  confirmAbove: Limit;
  /** Roubles a day; 0 for no budget. */
  dailyBudget: Limit;
  /** Relative to the workspace folder. Not validated: see `parseSaveFolder`. */
  saveFolder: string;
  saveMetadata: boolean;
  keepLocalCopies: boolean;
  notifyWhenDone: boolean;
  promptChecks: boolean;
}

/** Replace values of a wrong type. A test makes sure that they are those of package.json. */
export const DEFAULT_SETTINGS: Settings & { confirmAbove: number; dailyBudget: number } = {
  model: 'seedance-1-pro-1080P-5s',
  aspectRatio: '16:9',
  confirmAbove: 0,
  dailyBudget: 0,
  saveFolder: 'seedance',
  saveMetadata: true,
  keepLocalCopies: true,
  notifyWhenDone: true,
  promptChecks: true,
};

/**
 * Validates settings, which users edit by hand. Invalid values are replaced by safe defaults. For a limit to spending
 * there is none: who wrote `"500"` wants a limit, and which one was meant is unknown.
 */
export function parseSettings(get: (key: string) => unknown): Settings {
  const model = get('model');
  const ratio = get('aspectRatio');
  const saveFolder = get('saveFolder');
  const flag = (key: 'saveMetadata' | 'keepLocalCopies' | 'notifyWhenDone' | 'promptChecks') => {
    const value = get(key);
    return typeof value === 'boolean' ? value : DEFAULT_SETTINGS[key];
  };
  return {
    model: typeof model === 'string' && model.trim() !== '' ? model.trim() : DEFAULT_SETTINGS.model,
    aspectRatio: toAspectRatio(ratio) ?? DEFAULT_SETTINGS.aspectRatio,
    confirmAbove: parseLimit(get('confirmAbove'), DEFAULT_SETTINGS.confirmAbove),
    dailyBudget: parseLimit(get('dailyBudget'), DEFAULT_SETTINGS.dailyBudget),
    saveFolder: typeof saveFolder === 'string' ? saveFolder : DEFAULT_SETTINGS.saveFolder,
    saveMetadata: flag('saveMetadata'),
    keepLocalCopies: flag('keepLocalCopies'),
    notifyWhenDone: flag('notifyWhenDone'),
    promptChecks: flag('promptChecks'),
  };
}

/** Returns a value if it is an aspect ratio that the service accepts. */
export function toAspectRatio(value: unknown): AspectRatio | undefined {
  return ASPECT_RATIOS.find((ratio) => ratio === value);
}
