/** Preview at once: from the click on a task to its first frame, beside the same file in VS Code's own media preview. */
import { copyFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { startEmulator } from '../emulator/emulator';
import { EXTENSION_ID } from '../vscode/artefact';
import { freshProfile } from '../vscode/browser';
import { Workbench } from '../vscode/workbench';
import { median, type Figure } from './report';
import { withWorkbench } from './workbenchParts';

const claim = 'preview at once';
const RUNS = 9;
/** Both load their code with the first. */
const WARM_UPS = 2;
const SEE_MS = 60_000;

/**
 * In every frame: tells when the first frame of a video is painted, and when something was clicked, milliseconds
 * of the wall clock, for each frame of a page counts from its own beginning.
 */
const WATCH = `{
  addEventListener('click', (event) => { globalThis.seedanceClickedAt = performance.timeOrigin + event.timeStamp; }, true);
  const { createElement } = Document.prototype;
  Document.prototype.createElement = function (...given) {
    const element = createElement.apply(this, given);
    if (element instanceof HTMLVideoElement) {
      element.requestVideoFrameCallback((now) => globalThis.seedancePainted(performance.timeOrigin + now));
    }
    return element;
  };
}`;

export async function previewLatency(): Promise<Figure[]> {
  const emulator = await startEmulator({ durations: 1_000 });
  try {
    return await withWorkbench({ 'seedance.apiBaseUrl': emulator.baseUrl }, async ({ sandbox, server, browser }) => {
      const folder = sandbox.folder('workspace');
      let painted: (at: number) => void = () => undefined;
      const workbench = await Workbench.open(await freshProfile(browser), server, folder, {
        prepare: async (page) => {
          await page.exposeFunction('seedancePainted', (at: number) => painted(at));
          await page.addInitScript(WATCH);
        },
      });
      const { page } = workbench;
      await workbench.runCommand('Seedance: Set API key');
      await workbench.answer(emulator.key);
      await workbench.waitForNotification('The API key works and is stored');
      await workbench.runCommand('Seedance: Generate video…');
      await workbench.answer('a film to look at');
      await workbench.pick(/Generate –/);
      await workbench.openContainer('Seedance');
      const task = workbench.treeRow('a film to look at').first();
      await workbench.notification(/ready/i).waitFor({ timeout: SEE_MS });
      const videos = path.join(sandbox.userData, 'User', 'globalStorage', EXTENSION_ID, 'videos');
      const [file] = (await readdir(videos)).filter((name) => name.endsWith('.mp4'));
      await copyFile(path.join(videos, file!), path.join(folder, 'film.mp4'));

      const timed = async (container: string, row: Locator): Promise<number> => {
        await workbench.openContainer(container);
        await row.waitFor({ timeout: SEE_MS });
        const at = new Promise<number>((resolve, reject) => {
          painted = resolve;
          setTimeout(() => reject(new Error(`${container}: no frame was painted`)), SEE_MS).unref();
        });
        await row.click();
        const ms = (await at) - (await page.evaluate<number>('globalThis.seedanceClickedAt'));
        await workbench.runCommand('View: Close All Editors');
        return ms;
      };
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let run = 0; run < WARM_UPS + RUNS; run++) {
        ours.push(await timed('Seedance', task));
        theirs.push(await timed('Explorer', workbench.treeRow('film.mp4').first()));
      }
      const [our, their] = [ours, theirs].map((times) => median(times.slice(WARM_UPS)));
      return [
        { claim, what: 'click on a task to its first frame', value: our!, unit: 'ms' },
        { claim, what: 'click on the file to its first frame in media-preview', value: their!, unit: 'ms' },
        { claim, what: 'the first time: ours', value: ours[0]!, unit: 'ms' },
        { claim, what: 'the first time: media-preview', value: theirs[0]!, unit: 'ms' },
        { claim, what: 'beside media-preview', value: our! / their!, unit: '×', limit: { atMost: 1.2 } },
      ];
    });
  } finally {
    await emulator.close();
  }
}
