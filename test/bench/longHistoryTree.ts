/** Scales: the tree of ten thousand tasks in a real workbench, from the click that opens its view to its first rows. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXTENSION_ID } from '../vscode/artefact';
import { freshProfile } from '../vscode/browser';
import { Workbench } from '../vscode/workbench';
import { RECORDS, writeRecords } from './longHistory';
import { median, type Figure } from './report';
import { withWorkbench } from './workbenchParts';

const claim = 'scales';
const RUNS = 5;
/** The extension reads its tasks two seconds after the start, and then there is peace. */
const CALM_MS = 10_000;

/** Clicks on the view container and waits for a row that is painted; milliseconds. Text, for it runs in the page. */
const OPEN_VIEW = `new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error('no row came')), 60_000);
  const began = performance.now();
  const look = () => {
    if (document.querySelector('.sidebar .pane-body .monaco-list-row[aria-label*="Shot "]')) {
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
    } else {
      requestAnimationFrame(look);
    }
  };
  document.querySelector('.activitybar a.action-label[aria-label^="Seedance"]').click();
  look();
})`;

export async function longHistoryTree(): Promise<Figure[]> {
  return withWorkbench({}, async ({ sandbox, server, browser }) => {
    const storage = path.join(sandbox.userData, 'User', 'globalStorage', EXTENSION_ID);
    const folder = sandbox.folder('workspace');
    const open = async (): Promise<number> => {
      const profile = await freshProfile(browser);
      const { page } = await Workbench.open(profile, server, folder);
      await sleep(CALM_MS);
      const ms = await page.evaluate<number>(OPEN_VIEW);
      await profile.close();
      return ms;
    };
    const few: number[] = [];
    const many: number[] = [];
    for (const [times, records] of [
      [few, 1],
      [many, RECORDS],
    ] as const) {
      await rm(storage, { recursive: true, force: true });
      await writeRecords(storage, records);
      for (let run = 0; run < RUNS; run++) times.push(await open());
    }
    return [
      {
        claim,
        what: `${RECORDS} tasks: from a click on the view to its first rows`,
        value: median(many),
        unit: 'ms',
        limit: { atMost: 150 },
      },
      { claim, what: 'the same with one task', value: median(few), unit: 'ms' },
    ];
  });
}
