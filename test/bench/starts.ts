/** Starts unnoticed: what loading and activating takes in a real host, beside extensions that VS Code has built in. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { EXTENSION_ID } from '../vscode/artefact';
import { freshProfile } from '../vscode/browser';
import { driver } from '../vscode/host';
import { Workbench } from '../vscode/workbench';
import { median, type Figure } from './report';
import { withWorkbench } from './workbenchParts';

const claim = 'starts unnoticed';
const STARTS = 10;
const START_LIMIT_MS = 60_000;
const OTHERS = ['vscode.git', 'vscode.github-authentication', 'vscode.media-preview', 'vscode.emmet'];

/** Milliseconds by extension. */
type Times = Readonly<Record<string, { load: number; call: number; finish: number }>>;

export async function starts(): Promise<Figure[]> {
  const entry = path.resolve('out', 'bench', 'startsEntry.cjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'startsEntry.ts')],
    outfile: entry,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['vscode'],
    logLevel: 'warning',
  });
  // git is to do its work like the others: the tests turn it off.
  return withWorkbench({ 'git.enabled': true }, async ({ sandbox, server, browser }) => {
    const folder = sandbox.folder('workspace');
    await writeFile(path.join(folder, 'page.html'), '<p>');
    const all: Times[] = [];
    for (let start = 0; start < STARTS; start++) {
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
      all.push(timesIn(text));
    }
    const of = (id: string) => median(all.map((times) => sum(times[id])));
    const part = (id: string, name: 'load' | 'call' | 'finish') => median(all.map((times) => times[id]?.[name] ?? NaN));
    const ours = of(EXTENSION_ID);
    return [
      { claim, what: 'ours: load, activate, settle', value: ours, unit: 'ms' },
      ...(['load', 'call', 'finish'] as const).map((name) => ({
        claim,
        what: `of it ${name}`,
        value: part(EXTENSION_ID, name),
        unit: 'ms',
      })),
      ...OTHERS.map((id) => ({ claim, what: id, value: of(id), unit: 'ms' })),
      {
        claim,
        what: 'beside vscode.github-authentication',
        value: ours / of('vscode.github-authentication'),
        unit: '×',
        limit: { atMost: 1 },
      },
    ];
  });
}

const sum = (times: Times[string] | undefined) => (times ? times.load + times.call + times.finish : NaN);

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
