/** Starts unnoticed: what loading and activating takes in a real host, beside extensions that VS Code has built in. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EXTENSION_ID, packagedExtension } from '../vscode/artefact';
import { freshProfile } from '../vscode/browser';
import { driver } from '../vscode/host';
import { Workbench } from '../vscode/workbench';
import { bundleHostEntry } from './hostEntry';
import { packageOf } from './against';
import { median, type Figure } from './report';
import { alternate, withWorkbenches, type Stage } from './workbenchParts';

const claim = 'starts unnoticed';
const STARTS = 20;
const START_LIMIT_MS = 60_000;
/** An extension like ours: it activates by itself, and has work to do when it does. */
const YARDSTICK = 'vscode.github-authentication';
const OTHERS = ['vscode.git', YARDSTICK, 'vscode.media-preview', 'vscode.emmet'];

/** Milliseconds by extension. */
type Times = Readonly<Record<string, { load: number; call: number; finish: number }>>;

/** @param against another checkout or package, whose starts alternate with ours */
export async function startup(against?: string): Promise<Figure[]> {
  const [ours, before] = await measureStarts([
    packagedExtension(),
    ...(against === undefined ? [] : [await packageOf(against)]),
  ]);
  return [
    { claim, what: 'ours: load, activate, settle', value: totalOf(ours!, EXTENSION_ID), unit: 'ms' },
    ...(['load', 'call', 'finish'] as const).map((name) => ({
      claim,
      what: `of it ${name}`,
      value: median(ours!.map((times) => times[EXTENSION_ID]?.[name] ?? NaN)),
      unit: 'ms',
    })),
    ...OTHERS.map((id) => ({ claim, what: id, value: totalOf(ours!, id), unit: 'ms' })),
    {
      claim,
      what: `beside ${YARDSTICK}`,
      value: besideYardstick(ours!),
      unit: '×',
      limit: { atMost: 1 },
    },
    ...(before === undefined
      ? []
      : [
          { claim, what: 'against: load, activate, settle', value: totalOf(before, EXTENSION_ID), unit: 'ms' },
          { claim, what: `against: beside ${YARDSTICK}`, value: besideYardstick(before), unit: '×' },
        ]),
  ];
}

/** Starts a window with each package in turn; gives the times of each package's windows. */
export async function measureStarts(packages: readonly string[], starts = STARTS): Promise<Times[][]> {
  const entry = await bundleHostEntry('startupEntry');
  // git is to do its work like the others: the tests turn it off.
  return withWorkbenches({ 'git.enabled': true }, packages, (stages) =>
    alternate(stages, starts, (stage) => startOnce(stage, entry)),
  );
}

async function startOnce({ sandbox, server, browser }: Stage, entry: string): Promise<Times> {
  const folder = sandbox.folder('workspace');
  await writeFile(path.join(folder, 'page.html'), '<p>');
  const profile = await freshProfile(browser);
  const text = await new Promise<string>((resolve, reject) => {
    setTimeout(() => reject(new Error('a start took too long')), START_LIMIT_MS).unref();
    Workbench.open(profile, server, folder, {
      development: { extensions: [driver(sandbox)], tests: entry },
      prepare: async (page) => {
        await page.exposeFunction('codeAutomationLog', (_type: string, parts: unknown) => {
          const told = Array.isArray(parts) ? parts.map(String).join(' ') : String(parts);
          if (told.includes('Activation Stats')) resolve(told);
        });
        await page.exposeFunction(
          'codeAutomationExit',
          () => void setTimeout(() => reject(new Error('the host told no times')), 1_000).unref(),
        );
      },
    }).catch(reject);
  });
  await profile.close();
  return timesIn(text);
}

export function totalOf(starts: readonly Times[], id: string): number {
  return median(starts.map(({ [id]: times }) => (times ? times.load + times.call + times.finish : NaN)));
}

/** Of the same windows: how busy the machine is changes from minute to minute. */
export function besideYardstick(starts: readonly Times[]): number {
  return totalOf(starts, EXTENSION_ID) / totalOf(starts, YARDSTICK);
}

/** From the table of “Developer: Startup Performance”: extension, eager, load code, call activate, finish activate, … */
function timesIn(text: string): Times {
  const times: Record<string, { load: number; call: number; finish: number }> = {};
  for (const line of text.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    const [load, call, finish] = cells.slice(3, 6).map(Number);
    if (
      cells[1]?.includes('.') &&
      load !== undefined &&
      call !== undefined &&
      finish !== undefined &&
      Number.isFinite(load)
    ) {
      times[cells[1]] = { load, call, finish };
    }
  }
  return times;
}
