/** Idle costs nothing: the extension in a real host, after a video, its view hidden, for a minute of real time. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { startEmulator } from '../emulator/emulator';
import { packagedExtension } from '../vscode/artefact';
import { runInServer } from '../vscode/host';
import { bundleHostEntry } from './hostEntry';
import { KEY_VARIABLE, RESULTS_VARIABLE, type IdleCounts } from './idleJob';
import type { Figure } from './report';

const claim = 'idle costs nothing';
const TIMEOUT_MS = 5 * 60_000;

export async function idleHost(): Promise<Figure[]> {
  const out = path.resolve('out', 'bench');
  const entry = await bundleHostEntry('idleHostEntry');
  const results = path.join(out, 'idle.json');
  const emulator = await startEmulator({ durations: 1_000 });
  try {
    let asked = 0;
    await runInServer({
      entry,
      vsix: packagedExtension(),
      settings: { 'seedance.apiBaseUrl': emulator.baseUrl, 'seedance.confirmAbove': 1_000 },
      env: { [RESULTS_VARIABLE]: results, [KEY_VARIABLE]: emulator.key },
      print: (text) => {
        if (text.includes('idle begins')) asked = emulator.ledger.entries.length;
      },
      timeoutMs: TIMEOUT_MS,
    });
    const counts = JSON.parse(await readFile(results, 'utf8')) as IdleCounts;
    return [
      { claim, what: 'host: timers set in 60 s', value: counts.set, unit: '', limit: { atMost: 0 } },
      { claim, what: 'host: timers that went off in 60 s', value: counts.fired, unit: '', limit: { atMost: 0 } },
      { claim, what: 'host: periodic timers', value: counts.periodic, unit: '', limit: { atMost: 0 } },
      {
        claim,
        what: 'host: requests in 60 s',
        value: emulator.ledger.entries.length - asked,
        unit: '',
        limit: { atMost: 0 },
      },
      { claim, what: 'host: timers set before, by activation, a key and a video', value: counts.before, unit: '' },
    ];
  } finally {
    await emulator.close();
  }
}
