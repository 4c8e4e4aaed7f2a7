import assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** Names, scopes and defaults that others rely on. */
const PROMISED: [key: string, scope: 'application' | 'machine' | 'window' | 'resource', value: unknown][] = [
  ['model', 'resource', 'seedance-1-pro-1080P-5s'],
  ['aspectRatio', 'resource', '16:9'],
  ['confirmAbove', 'window', 0],
  ['saveFolder', 'resource', 'seedance'],
  ['saveMetadata', 'resource', true],
  ['keepLocalCopies', 'machine', true],
  ['notifyWhenDone', 'window', true],
];

describe('settings', () => {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const settings = () => vscode.workspace.getConfiguration('seedance', folder);
  const { Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;

  it('have the promised defaults', () => {
    for (const [key, , value] of PROMISED) assert.deepEqual(settings().inspect(key)?.defaultValue, value, key);
    assert.equal(settings().inspect('apiBaseUrl')?.defaultValue, 'https://gptunnel.ru/v1');
  });

  it('can be set by a workspace where the promised scope says so', async () => {
    for (const [key, scope, value] of PROMISED.filter(([, scope]) => scope === 'window' || scope === 'resource')) {
      const target = scope === 'resource' ? WorkspaceFolder : Workspace;
      await settings().update(key, value, target);
      await settings().update(key, undefined, target);
    }
  });

  it('cannot be set by a workspace where it could send the key elsewhere, or fill a disk', async () => {
    for (const [key, value] of [
      ['apiBaseUrl', 'https://thief.example/v1'],
      ['keepLocalCopies', false],
    ] as const) {
      await assert.rejects(async () => settings().update(key, value, Workspace), key);
      const file = vscode.Uri.joinPath(folder ?? vscode.Uri.file('/'), '.vscode', 'settings.json');
      await vscode.workspace.fs.writeFile(
        file,
        new TextEncoder().encode(JSON.stringify({ [`seedance.${key}`]: value })),
      );
      assert.notEqual(settings().get(key), value);
      await vscode.workspace.fs.delete(file);
    }
  });
});
