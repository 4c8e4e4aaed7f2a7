import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { waitFor } from '../support/waitFor';

interface PromisedSetting {
  readonly key: string;
  readonly scope: 'machine' | 'window' | 'resource';
  readonly byDefault: unknown;
  /** A valid value that is not the default. */
  readonly other: unknown;
}

/** Names, scopes and defaults that others rely on. */
const PROMISED: readonly PromisedSetting[] = [
  { key: 'model', scope: 'resource', byDefault: 'seedance-1-pro-1080P-5s', other: 'seedance-1-pro-480P-2s' },
  { key: 'aspectRatio', scope: 'resource', byDefault: '16:9', other: '9:16' },
  { key: 'confirmAbove', scope: 'window', byDefault: 0, other: 25 },
  { key: 'saveFolder', scope: 'resource', byDefault: 'seedance', other: 'videos' },
  { key: 'saveMetadata', scope: 'resource', byDefault: true, other: false },
  { key: 'keepLocalCopies', scope: 'machine', byDefault: true, other: false },
  { key: 'notifyWhenDone', scope: 'window', byDefault: true, other: false },
  { key: 'promptChecks', scope: 'resource', byDefault: true, other: false },
];

describe('settings', () => {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const settings = () => vscode.workspace.getConfiguration('seedance', folder);
  const { Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;

  it('have the promised defaults', () => {
    for (const { key, byDefault } of PROMISED) {
      assert.deepEqual(settings().inspect(key)?.defaultValue, byDefault, key);
    }
    assert.equal(settings().inspect('apiBaseUrl')?.defaultValue, 'https://gptunnel.ru/v1');
  });

  it('can be set by a workspace where the promised scope says so', async () => {
    for (const { key, scope, byDefault, other } of PROMISED.filter(({ scope }) => scope !== 'machine')) {
      const target = scope === 'resource' ? WorkspaceFolder : Workspace;
      await settings().update(key, other, target);
      try {
        assert.deepEqual(settings().get(key), other, `${key}, once it is set`);
      } finally {
        await settings().update(key, undefined, target);
      }
      assert.deepEqual(settings().get(key), byDefault, `${key}, once it is removed`);
    }
  });

  it('cannot be set by a workspace where it could send the key elsewhere, or fill a disk', async () => {
    const file = vscode.Uri.joinPath(folder ?? vscode.Uri.file('/'), '.vscode', 'settings.json');
    for (const [key, value] of [
      ['apiBaseUrl', 'https://thief.example/v1'],
      ['keepLocalCopies', false],
    ] as const) {
      await assert.rejects(async () => settings().update(key, value, Workspace), key);
      // Beside one that a workspace may set, which shows that the file was read.
      const written = { [`seedance.${key}`]: value, 'seedance.saveFolder': `beside-${key}` };
      await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(JSON.stringify(written)));
      try {
        await waitFor(() => settings().get('saveFolder') === `beside-${key}`);
        assert.notEqual(settings().get(key), value, key);
      } finally {
        await vscode.workspace.fs.delete(file);
      }
    }
  });
});
