/** The extension under test, and where it keeps its tasks. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';

const EXTENSION_ID = 'seedance-vscode.seedance';

export interface Manifest {
  contributes: {
    commands: { command: string }[];
    views: Record<string, { id: string }[]>;
    configuration: { properties: Record<string, { default: unknown; scope: string }> };
  };
}

/** The installed extension. */
export function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension(EXTENSION_ID);
  if (!found) throw new Error('The extension is not installed.');
  return found;
}

export function manifest(): Manifest {
  return extension().packageJSON as Manifest;
}

/** What this suite reads of a record on the disk. */
export interface StoredTask {
  id: string;
  state: string;
  gatewayId?: string;
  request: { model: string; prompt: string; aspectRatio?: string };
  quotedPrice?: number;
  localCopy?: { bytes: number };
  saved: { uri: string }[];
  /** Of what is left of a removed task. */
  removedAt?: number;
}

/** The records as they lie on the disk. The sandbox has extensions and user data side by side. */
export async function storedTasks(): Promise<StoredTask[]> {
  const folder = path.resolve(
    extension().extensionPath,
    '..',
    '..',
    'user-data',
    'User',
    'globalStorage',
    EXTENSION_ID,
    'tasks',
  );
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(path.join(folder, name), 'utf8')) as StoredTask),
  );
}
