/** A storyboard of 300 shots in a real host, and what typing in it costs beside a plain Markdown file of the same text. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { packagedExtension } from '../vscode/artefact';
import { runInServer } from '../vscode/host';
import { bundleHostEntry } from './hostEntry';
import { median, type Figure } from './report';
import { costOfKeys } from './storyboardCore';
import { RESULTS_VARIABLE, SHOTS, type StoryboardCosts } from './storyboardJob';

const claim = 'films';
const TIMEOUT_MS = 5 * 60_000;

export async function storyboard(): Promise<Figure[]> {
  const core = costOfKeys();
  const { film, plain, loaded } = await inHost();
  return [
    {
      claim,
      what: `a key in a storyboard of ${SHOTS} shots, until lenses and diagnostics are right: processor time of the host`,
      value: median(film) - median(plain),
      unit: 'ms',
      limit: { atMost: 30 },
    },
    { claim, what: 'the same key in a plain Markdown file, by VS Code itself', value: median(plain), unit: 'ms' },
    {
      claim,
      what: 'of ours to read, check and plan it, with 10,000 tasks in the list',
      value: median(core),
      unit: 'ms',
    },
    {
      claim,
      what: 'a Markdown file of another name: scripts of ours that it loads',
      value: loaded,
      unit: '',
      limit: { atMost: 0 },
    },
  ];
}

async function inHost(): Promise<StoryboardCosts> {
  const out = path.resolve('out', 'bench');
  const entry = await bundleHostEntry('storyboardEntry');
  const results = path.join(out, 'storyboard.json');
  await runInServer({
    entry,
    vsix: packagedExtension(),
    // Markdown is a language without more: others would work in the same process.
    builtinExtensions: ['markdown-basics', 'theme-defaults'],
    env: { [RESULTS_VARIABLE]: results },
    print: () => undefined,
    timeoutMs: TIMEOUT_MS,
  });
  return JSON.parse(await readFile(results, 'utf8')) as StoryboardCosts;
}
