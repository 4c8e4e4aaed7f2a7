import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Theme } from '../vscode/workbench';
import { closeNotifications, generate, rowOf, setKey, until, waitForPage, waitForState } from './actions';
import { expectAccessible } from './audit';
import { fixture } from './setup';

/** Pictures to be looked at by a user: nothing can be asserted about beauty. */
const PICTURES = path.resolve('out', 'ui');

describe('tree and preview', () => {
  it('have their picture taken in every theme', async function () {
    this.timeout(240_000); // ten pages, each with an audit
    const { emulator } = fixture;
    emulator.behaviour.video = 'real';
    emulator.behaviour.durations = (_model, index) => (index === 2 ? 300_000 : 500);
    const { workbench } = await fixture.open({ 'prompts.md': '# Shots\n' });
    await mkdir(PICTURES, { recursive: true });
    const take = (name: string) => workbench.screenshot(path.join(PICTURES, `${name}.png`));

    await workbench.openContainer('Seedance');
    await workbench.page.locator('.sidebar .welcome-view-content .monaco-button').waitFor();
    await take('welcome-no-key');
    await setKey(workbench);
    await generate(workbench, 'A paper boat sails down a rainy street at dusk, slow camera.');
    await generate(workbench, 'A whale in a teacup, steam rising #fail');
    await until(
      'created',
      () => emulator.ledger.charged().length,
      (count) => count === 2,
    );
    await generate(workbench, 'Кот в скафандре идёт по Луне, Земля восходит над горизонтом');
    await until(
      'created',
      () => emulator.ledger.charged().length,
      (count) => count === 3,
    );
    emulator.faults.add({ kind: 'resetAfterRead', match: { route: 'create' } });
    await generate(workbench, 'A letter in a bottle drifts ashore');
    const done = await rowOf(workbench, 'paper boat');
    await waitForState(done, /^Ready$/);
    const rows = { ready: 'paper boat', failed: 'A whale', waiting: 'Кот', unknown: 'A letter' };
    await waitForState(await rowOf(workbench, rows.failed), /^Failed/);
    await waitForState(await rowOf(workbench, rows.unknown), /^No answer/);
    await closeNotifications(workbench);

    const wanted = {
      light: ['ready', 'waiting'],
      dark: ['ready', 'waiting', 'failed', 'unknown'],
      highContrast: ['ready', 'failed'],
      highContrastLight: ['ready', 'failed'],
    } as const;
    for (const theme of Object.keys(wanted) as Theme[]) {
      await workbench.useTheme(theme);
      for (const state of wanted[theme]) {
        const label = rows[state];
        const row = await rowOf(workbench, label);
        await row.click();
        await workbench.page.locator('.tabs-container .tab.active', { hasText: label }).waitFor();
        await waitForPage(workbench.webview(), state);
        if (state === 'ready') await workbench.webview().locator('.frame.painted').waitFor();
        await take(`${theme}-${state}`);
        await expectAccessible(workbench.webview());
      }
    }

    // A narrow side bar, and a hover.
    await workbench.useTheme('dark');
    await done.click();
    await waitForPage(workbench.webview(), 'ready');
    await workbench.page.setViewportSize({ width: 760, height: 700 });
    await take('dark-narrow');
    await workbench.page.mouse.move(600, 500); // from elsewhere, or nothing moves
    await done.hover();
    await workbench.page.locator('.monaco-hover:visible', { hasText: 'Model' }).waitFor();
    await take('dark-narrow-hover');
  });
});
