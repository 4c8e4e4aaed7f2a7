/** GIFs that are small and soon there: of the emulator's film of five seconds, in a real workbench. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { startEmulator } from '../emulator/emulator';
import { freshProfile } from '../vscode/browser';
import { Workbench } from '../vscode/workbench';
import { median, type Figure } from './report';
import { withWorkbench } from './workbenchParts';

const claim = 'small GIFs, soon';
const RUNS = 5;
const SEE_MS = 120_000;
const FILM_S = 5;
const MB = 1024 * 1024;
const NAME = 'a-film-to-look-at';

/** In the page: exports with what is chosen, and tells how long it took until the file was sent and written. */
const EXPORT = `new Promise((resolve) => {
  const since = performance.now();
  const watch = setInterval(() => {
    if (document.querySelector('#state').dataset.state === 'ready') {
      clearInterval(watch);
      resolve(performance.now() - since);
    }
  }, 5);
  document.querySelector('#export').click();
})`;

export async function exporting(): Promise<Figure[]> {
  const emulator = await startEmulator({ durations: 1_000, video: 'real' });
  const settings = { 'seedance.apiBaseUrl': emulator.baseUrl, 'seedance.model': 'seedance-1-pro-480P-5s' };
  try {
    return await withWorkbench(settings, async ({ sandbox, server, browser }) => {
      const folder = sandbox.folder('workspace');
      const workbench = await Workbench.open(await freshProfile(browser), server, folder);
      await workbench.runCommand('Seedance: Set API key');
      await workbench.answer(emulator.key);
      await workbench.waitForNotification('The API key works and is stored');
      await workbench.runCommand('Seedance: Generate video…');
      await workbench.answer(NAME);
      await workbench.pick(/Generate –/);
      await workbench.openContainer('Seedance');
      await workbench.notification(/ready/i).waitFor({ timeout: SEE_MS });
      await workbench.treeRow(NAME).first().click();
      await workbench.runCommand('Seedance: Export as GIF…');
      const page = workbench.webview();
      const estimate = page.locator('#estimate:not([data-bytes=""])');
      const figures: Figure[] = [];
      for (const kind of ['gif', 'webp']) {
        await page.locator(`input[name=kind][value=${kind}]`).check({ force: true, timeout: SEE_MS });
        await estimate.waitFor({ timeout: SEE_MS });
        const expected = Number(await estimate.getAttribute('data-bytes'));
        const times: number[] = [];
        for (let run = 0; run < RUNS; run++) {
          const ms: number = await page.locator('html').evaluate(EXPORT);
          times.push(ms);
        }
        const { length } = await readFile(path.join(folder, 'seedance', `${NAME}.${kind}`));
        const what = `${kind}, 480 px, 12 frames a second, ${FILM_S} s:`;
        figures.push(
          { claim, what: `${what} made in`, value: median(times) / 1000, unit: 's', limit: { atMost: FILM_S } },
          { claim, what: `${what} size`, value: length / MB, unit: 'MB', limit: { atMost: 3 } },
          {
            claim,
            what: `${what} size beside the estimate`,
            value: length / expected,
            unit: '×',
            limit: { atMost: 1.3 },
          },
        );
      }
      return figures;
    });
  } finally {
    await emulator.close();
  }
}
