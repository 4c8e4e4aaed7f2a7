import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { extension, manifest } from './extension';
import { service } from './service';

/** Longer than the extension waits before it reads its tasks. */
const START_WORK_MS = 3_000;

/** What VS Code makes of a view by itself. */
const MADE_FROM_VIEWS =
  /^seedance\.(composer|lastFrame|tasks)\.(focus|open|removeView|resetViewLocation|toggleVisibility)$/;

describe('activation', () => {
  it('asks nobody and gives nothing away', async () => {
    const exported = await extension().activate();
    assert.equal(extension().isActive, true);
    assert.equal(exported, undefined);
    await sleep(START_WORK_MS);
    assert.deepEqual((await service.ledger()).entries, []);
  });

  it('registers exactly the commands that its manifest declares', async () => {
    const declared = manifest()
      .contributes.commands.map(({ command }) => command)
      .sort();
    const registered = (await vscode.commands.getCommands(true)).filter(
      (command) => command.startsWith('seedance.') && !MADE_FROM_VIEWS.test(command),
    );
    assert.deepEqual(registered.sort(), declared);
  });

  it('offers its views', async () => {
    assert.deepEqual(
      manifest().contributes.views['seedance']?.map(({ id }) => id),
      ['seedance.composer', 'seedance.tasks', 'seedance.lastFrame'],
    );
    await vscode.commands.executeCommand('seedance.tasks.focus');
    assert.deepEqual((await service.ledger()).entries, [], 'looking at the list asked the service');
  });
});
