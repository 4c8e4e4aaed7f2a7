import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { closeNotifications, generate, rowOf, setKey, until, waitForState } from './actions';
import { filesIn, fixture } from './setup';

describe('saving', () => {
  it('overwrites nothing and stays inside the workspace folder', async () => {
    const { sandbox } = fixture;
    const { workbench, folder } = await fixture.open({
      'seedance/Кот-на-Луне.mp4': 'mine',
      'seedance/Кот-на-Луне-2.json': 'mine too',
    });
    await setKey(workbench);
    await generate(workbench, 'Кот на Луне');
    const row = await rowOf(workbench, 'Кот на Луне');
    await waitForState(row, /^Ready$/);

    for (const name of ['Кот-на-Луне-3', 'Кот-на-Луне-4']) {
      await closeNotifications(workbench);
      await workbench.chooseInMenu(row, 'Save to workspace');
      if (name.endsWith('-4')) {
        assert.equal(
          await workbench.waitForNotification('Already saved: '),
          'Already saved: seedance/Кот-на-Луне-3.mp4',
        );
        await workbench.pressInNotification('Already saved: ', 'Save once more');
      }
      await workbench.waitForNotification(`Saved: seedance/${name}.mp4`);
    }
    assert.deepEqual(
      await filesIn(folder),
      ['', '-2', '-3', '-4']
        .flatMap((number) => [`.json`, `.mp4`].map((end) => `seedance/Кот-на-Луне${number}${end}`))
        .filter((name) => !['seedance/Кот-на-Луне.json', 'seedance/Кот-на-Луне-2.mp4'].includes(name))
        .sort(),
    );
    assert.equal(await readFile(path.join(folder, 'seedance/Кот-на-Луне.mp4'), 'utf8'), 'mine');

    // A workspace brings settings and links along: neither leads out of it.
    const outside = sandbox.folder('outside');
    await symlink(outside, path.join(folder, 'way-out'));
    for (const setting of ['../outside', '/tmp', 'way-out/deeper']) {
      await mkdir(path.join(folder, '.vscode'), { recursive: true });
      await writeFile(
        path.join(folder, '.vscode', 'settings.json'),
        JSON.stringify({ 'seedance.saveFolder': setting }),
      );
      await until(
        'refused',
        async () => {
          await closeNotifications(workbench);
          await workbench.chooseInMenu(row, 'Save to workspace');
          return workbench.waitForNotification(/saveFolder|[Ss]aved: /);
        },
        (text) => text.includes(`The setting seedance.saveFolder leads out of the workspace folder: ${setting}`),
      );
    }
    assert.deepEqual(await filesIn(outside), []);
  });

  it('asks which of several folders, and leaves the JSON away where the setting says so', async () => {
    const { sandbox } = fixture;
    sandbox.changeSettings({ 'seedance.saveMetadata': false });
    const [one, two] = [await fixture.workspace(), await fixture.workspace()];
    const file = path.join(sandbox.folder('workspaces'), 'both.code-workspace');
    await writeFile(
      file,
      JSON.stringify({
        folders: [
          { path: one, name: 'one' },
          { path: two, name: 'two' },
        ],
      }),
    );
    const { workbench } = await fixture.openIn(await fixture.emptyProfile(), file);
    await setKey(workbench);
    await generate(workbench, 'A swan');
    const row = await rowOf(workbench, 'A swan');
    await waitForState(row, /^Ready$/);
    await workbench.chooseInMenu(row, 'Save to workspace');
    await workbench.quickInput.locator('.monaco-list-row', { hasText: 'two' }).waitFor();
    await workbench.pick('two');
    await workbench.waitForNotification('Saved: ');
    assert.deepEqual({ one: await filesIn(one), two: await filesIn(two) }, { one: [], two: ['seedance/A-swan.mp4'] });
  });

  it('asks where, when no folder is open', async () => {
    const workbench = await fixture.openEmpty();
    await setKey(workbench);
    await generate(workbench, 'A heron');
    const row = await rowOf(workbench, 'A heron');
    await waitForState(row, /^Ready$/);
    await workbench.chooseInMenu(row, 'Save to workspace');
    const folder = fixture.sandbox.folder('elsewhere');
    const field = workbench.quickInput.locator('input').first();
    await until(
      'the dialog proposes',
      () => field.inputValue(),
      (value) => value.endsWith('A-heron.mp4'),
    );
    await field.fill(path.join(folder, 'heron.mp4'));
    // While it looks into the folder, the dialog takes no Enter.
    await until(
      'the dialog is open',
      async () => {
        await workbench.page.keyboard.press('Enter');
        await workbench.quickInput.waitFor({ state: 'hidden', timeout: 1_000 }).catch(() => undefined);
        return workbench.quickInput.isVisible();
      },
      (open) => !open,
    );
    await workbench.waitForNotification('Saved: ');
    assert.deepEqual(await filesIn(folder), ['heron.mp4']);
    const served = await fetch(`${fixture.emulator.filesUrl}${fixture.emulator.ledger.downloads()[0]?.path}`);
    assert.ok(Buffer.from(await served.arrayBuffer()).equals(await readFile(path.join(folder, 'heron.mp4'))));
  });
});
