// Runs in the extension host: makes a video, hides the view, and counts what the extension does while nothing happens.
import { writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { storedTasks } from '../integration/extension';
import { withInput } from '../integration/inputBoxDriver';
import { KEY_VARIABLE, RESULTS_VARIABLE, type IdleCounts } from './idleJob';

const OURS = 'seedance-vscode.seedance-';
const IDLE_MS = 60_000;
/** What a video leaves to be done: a message, the next look at the clock. */
const CALM_MS = 10_000;

const sleep = setTimeout;
const wait = (ms: number) => new Promise((resolve) => sleep(resolve, ms));

export async function run(): Promise<void> {
  const counts = { set: 0, fired: 0, periodic: 0 };
  countTimers(counts);
  await vscode.extensions.getExtension('seedance-vscode.seedance')?.activate();
  await withInput(process.env[KEY_VARIABLE] ?? '', () => vscode.commands.executeCommand('seedance.setApiKey'));
  await vscode.commands.executeCommand('seedance.generate', { prompt: 'a film, and then peace', ask: false });
  while (!(await storedTasks()).some(({ localCopy }) => localCopy)) await wait(500);
  await vscode.commands.executeCommand('workbench.view.explorer');
  await vscode.commands.executeCommand('notifications.clearAll');
  await wait(CALM_MS);
  const before = { ...counts };
  console.log('idle begins');
  await wait(IDLE_MS);
  const result: IdleCounts = {
    set: counts.set - before.set,
    fired: counts.fired - before.fired,
    periodic: counts.periodic,
    before: before.set,
  };
  await writeFile(process.env[RESULTS_VARIABLE] ?? '', JSON.stringify(result));
}

/** From now on, those that are set by code of the extension: it is on the stack then. */
function countTimers(counts: { set: number; fired: number; periodic: number }): void {
  Error.stackTraceLimit = 50;
  const isOurs = () => new Error().stack?.includes(OURS) === true;
  const { setTimeout: setOnce, setInterval: setPeriodic, clearInterval: clear } = globalThis;
  const periodic = new Set<unknown>();
  globalThis.setTimeout = Object.assign((callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    if (!isOurs()) return setOnce(callback, ms, ...args);
    counts.set++;
    return setOnce(
      (...given: unknown[]) => {
        counts.fired++;
        callback(...given);
      },
      ms,
      ...args,
    );
  }, setOnce);
  globalThis.setInterval = ((callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    const timer = setPeriodic(callback, ms, ...args);
    if (isOurs()) {
      periodic.add(timer);
      counts.periodic++;
    }
    return timer;
  }) as typeof setInterval;
  globalThis.clearInterval = (timer) => {
    if (periodic.delete(timer)) counts.periodic--;
    clear(timer);
  };
}
