// Runs in the extension host: types into a long storyboard, and into the same text under another name.
import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector';
import * as vscode from 'vscode';
import { longFilm } from '../support/storyboards';
import { RESULTS_VARIABLE, SHOTS, type StoryboardCosts } from './storyboardJob';

const OURS = 'seedance-vscode.seedance-';
const KEYS = 20;
/** VS Code asks for lenses a while after the last key, and our check waits as well. */
const RIGHT_AFTER_MS = 1_200;
/** The first keys meet code that has never run. */
const FIRST_KEYS = 5;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function run(): Promise<void> {
  await vscode.extensions.getExtension('seedance-vscode.seedance')?.activate();
  await wait(5_000);
  const scripts = new Scripts();
  const before = scripts.count;
  await type('film.md', FIRST_KEYS);
  const loaded = scripts.count - before;
  // Code runs slower with a debugger.
  scripts.end();
  const film = await type('film.storyboard.md', FIRST_KEYS + KEYS);
  const plain = await type('film.md', FIRST_KEYS + KEYS);
  const result: StoryboardCosts = { film, plain, loaded };
  await writeFile(process.env[RESULTS_VARIABLE] ?? '', JSON.stringify(result));
}

/** From the middle of the film on, a key at a time. */
async function type(name: string, keys: number): Promise<number[]> {
  const uri = vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, name);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(longFilm(SHOTS)));
  const editor = await vscode.window.showTextDocument(uri);
  const { document } = editor;
  const at = document.positionAt(document.getText().indexOf(`room ${SHOTS / 2}`));
  editor.selection = new vscode.Selection(at, at);
  editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenter);
  await wait(5_000);
  const costs: number[] = [];
  for (let key = 0; key < keys; key++) {
    const { user, system } = process.cpuUsage();
    await vscode.commands.executeCommand('type', { text: 'x' });
    await wait(RIGHT_AFTER_MS);
    const spent = process.cpuUsage();
    costs.push((spent.user - user + spent.system - system) / 1_000);
  }
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
  if (lenses.length > 0 !== name.endsWith('.storyboard.md')) {
    throw new Error(`${name} has ${lenses.length} lenses`);
  }
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  return costs.slice(FIRST_KEYS);
}

/** How many scripts of the extension this host has read so far. */
class Scripts {
  readonly #session = new Session();
  count = 0;

  constructor() {
    this.#session.connect();
    this.#session.on('Debugger.scriptParsed', ({ params: { url } }) => {
      this.count += url.includes(OURS) ? 1 : 0;
    });
    this.#session.post('Debugger.enable');
  }

  end(): void {
    this.#session.disconnect();
  }
}
