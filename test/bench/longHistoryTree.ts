/** Scales: the tree of ten thousand tasks in a real workbench, from the click that opens its view to its first rows. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXTENSION_ID, packagedExtension } from '../vscode/artefact';
import { freshProfile } from '../vscode/browser';
import { Workbench } from '../vscode/workbench';
import { packageOf } from './against';
import { RECORDS, writeRecords } from './longHistory';
import { median, type Figure } from './report';
import { alternate, withWorkbenches, type Stage } from './workbenchParts';

const claim = 'scales';
const RUNS = 5;
/** Two that may be alike are told apart by more. */
const ALTERNATING_RUNS = 11;
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

/** @param against another checkout or package, whose views are opened in turn with ours */
export async function longHistoryTree(against?: string): Promise<Figure[]> {
  const packages = [packagedExtension(), ...(against === undefined ? [] : [await packageOf(against)])];
  return withWorkbenches({}, packages, async (stages) => {
    const [few, many] = [await openTimes(stages, 1), await openTimes(stages, RECORDS)];
    const what = `${RECORDS} tasks: from a click on the view to its first rows`;
    return [
      { claim, what, value: median(many[0]!), unit: 'ms', limit: { atMost: 150 } },
      { claim, what: 'the same with one task', value: median(few[0]!), unit: 'ms' },
      ...(many[1] === undefined || few[1] === undefined
        ? []
        : [
            { claim, what: `against: ${what}`, value: median(many[1]), unit: 'ms' },
            { claim, what: 'against: the same with one task', value: median(few[1]), unit: 'ms' },
            { claim, what: `${RECORDS} tasks: ours beside it`, value: median(many[0]!) / median(many[1]), unit: '×' },
          ]),
    ];
  });
}

/** Opens the view of so many tasks in fresh windows; milliseconds, by stage. */
async function openTimes(stages: readonly Stage[], records: number): Promise<number[][]> {
  for (const { sandbox } of stages) {
    const storage = path.join(sandbox.userData, 'User', 'globalStorage', EXTENSION_ID);
    await rm(storage, { recursive: true, force: true });
    await writeRecords(storage, records);
  }
  return alternate(stages, stages.length > 1 ? ALTERNATING_RUNS : RUNS, async ({ sandbox, server, browser }) => {
    const profile = await freshProfile(browser);
    const { page } = await Workbench.open(profile, server, sandbox.folder('workspace'));
    await sleep(CALM_MS);
    const ms = await page.evaluate<number>(OPEN_VIEW);
    await profile.close();
    return ms;
  });
}
