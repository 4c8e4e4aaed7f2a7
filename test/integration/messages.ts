import { createRequire } from 'node:module';
import path from 'node:path';
import type * as vscode from 'vscode';
import { extension } from './extension';

/**
 * Runs something and gives the warnings that the extension shows meanwhile. Each extension of a host has an API object
 * of its own, given by the folder that asks for it: so this asks from the extension's folder. No warning is shown; to
 * the extension each one looks dismissed.
 */
export async function collectWarnings(run: () => Promise<unknown>): Promise<string[]> {
  const { window } = createRequire(path.join(extension().extensionPath, 'package.json'))('vscode') as typeof vscode;
  const warnings: string[] = [];
  const original = Object.getOwnPropertyDescriptor(window, 'showWarningMessage')!;
  Object.defineProperty(window, 'showWarningMessage', {
    ...original,
    value: (message: string) => {
      warnings.push(message);
      return Promise.resolve(undefined);
    },
  });
  try {
    await run();
  } finally {
    Object.defineProperty(window, 'showWarningMessage', original);
  }
  return warnings;
}
