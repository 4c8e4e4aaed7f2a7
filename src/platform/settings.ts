import * as vscode from 'vscode';
import { parseBaseUrl } from '../gateway/address';
import { GatewayError } from '../gateway/errors';
import { checkSettings, type Settings } from './settingValues';

const SECTION = 'seedance';

/** @param scope the document or folder for which it is asked: model, ratio and folder may differ between folders. */
export function readSettings(scope?: vscode.Uri): Settings {
  const configuration = vscode.workspace.getConfiguration(SECTION, scope);
  return checkSettings((key) => configuration.get(key));
}

/**
 * Where the gateway is. Application scope: no workspace can send the key elsewhere.
 *
 * @throws {GatewayError} `wrong-address` when the setting is not an address that may get the key. Thrown
 * before anything is sent, so it reads like any other refusal: nothing was charged.
 */
export function readBaseUrl(): URL {
  const text = vscode.workspace.getConfiguration(SECTION).get('apiBaseUrl');
  const url = typeof text === 'string' ? parseBaseUrl(text) : undefined;
  if (!url) {
    throw new GatewayError('wrong-address', {
      gatewayMessage: 'seedance.apiBaseUrl is not https, nor http to this computer',
    });
  }
  return url;
}

export function onDidChangeSettings(listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(SECTION)) {
      listener();
    }
  });
}
