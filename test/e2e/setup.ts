/**
 * What every UI test stands on. One VS Code server with the packaged extension and one browser serve the
 * whole suite, or a shard of it. What a test could leave behind is its own: the emulated service, the settings,
 * what the extension stored, the workspace, and what the browser stores, which holds the key.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type Mocha from 'mocha';
import type { Browser, BrowserContext } from 'playwright-core';
import type { TaskRecord } from '../../src/tasks/model/taskRecord';
import { startEmulator, type Emulator } from '../emulator/emulator';
import { EXTENSION_ID, packagedExtension } from '../vscode/artefact';
import { freshProfile, ReusedProfile, type ProfileOptions } from '../vscode/browser';
import { Sandbox } from '../vscode/sandbox';
import { installExtension, Server } from '../vscode/server';
import { retry, Workbench } from '../vscode/workbench';

const FAILURES = path.resolve('out', 'ui');
const START_TIMEOUT_MS = 5 * 60_000; // the first run installs VS Code and the browser
const HOST_END_TIMEOUT_MS = 20_000;
/**
 * Of VS Code's own extensions, those that a test meets: the workbench's looks, the languages of the files that are
 * opened, completion of settings, images, and git, which the extension asks. The other 90 take a fifth of the time to open a window. The
 * integration tests run with all of them.
 */
const BUILTIN_EXTENSIONS = [
  'configuration-editing',
  'git',
  'git-base',
  'json',
  'json-language-features',
  'markdown-basics',
  'media-preview',
  'search-result',
  'theme-defaults',
  'theme-seti',
];

/** Files of a workspace: path → content. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A window that a test has opened. */
export interface Window {
  readonly workbench: Workbench;
  /** The workspace folder on disk. */
  readonly folder: string;
}

class Fixture {
  #sandbox: Sandbox | undefined;
  #server: Server | undefined;
  #profile: ReusedProfile | undefined;
  #isProfileTaken = false;
  #emulator: Emulator | undefined;
  #workspaces = 0;

  get sandbox(): Sandbox {
    return present(this.#sandbox);
  }

  get server(): Server {
    return present(this.#server);
  }

  get browser(): Browser {
    return present(this.#profile).browser;
  }

  get emulator(): Emulator {
    return present(this.#emulator);
  }

  async setUp(): Promise<void> {
    this.#sandbox = new Sandbox();
    await installExtension(this.#sandbox, packagedExtension());
    this.#server = await Server.start(this.#sandbox, { builtinExtensions: BUILTIN_EXTENSIONS });
    this.#profile = await ReusedProfile.start(this.sandbox.folder('browser'));
  }

  async tearDown(): Promise<void> {
    await this.#profile?.browser.close();
    await this.#server?.stop();
    this.#sandbox?.remove();
  }

  /** Makes a workspace folder with the given files. */
  async workspace(files: Files = {}): Promise<string> {
    this.#workspaces += 1;
    const folder = this.sandbox.folder('workspaces', `workspace-${this.#workspaces}`);
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    return folder;
  }

  /** A profile in which nothing is stored; scripts that a test adds to it stay, and need one from `freshProfile`. */
  async emptyProfile(options: ProfileOptions = {}): Promise<BrowserContext> {
    if (this.#isProfileTaken || Object.keys(options).length > 0) return freshProfile(this.browser, options);
    this.#isProfileTaken = true;
    return present(this.#profile).context;
  }

  /** Opens a window on a new workspace, in a profile of its own. */
  async open(files: Files = {}, options: ProfileOptions = {}): Promise<Window> {
    return this.openIn(await this.emptyProfile(options), await this.workspace(files));
  }

  /** Opens a window in a profile and on a folder that exist already. */
  async openIn(profile: BrowserContext, folder: string): Promise<Window> {
    return { workbench: await Workbench.open(profile, this.server, folder), folder };
  }

  /** Opens a window without a folder. */
  async openEmpty(): Promise<Workbench> {
    return Workbench.open(await this.emptyProfile(), this.server, undefined);
  }

  /** Sets the key the way a user does. */
  async setKey(workbench: Workbench, key = this.emulator.key): Promise<void> {
    await workbench.runCommand('Seedance: Set API key');
    await workbench.answer(key);
  }

  /** Ends the server and starts it again on the same port and data, as a restart of the machine does. */
  async restartServer(how: 'stop' | 'kill' = 'stop'): Promise<void> {
    const { port } = this.server;
    await this.server[how]();
    this.#server = await Server.start(this.sandbox, { port, builtinExtensions: BUILTIN_EXTENSIONS });
  }

  /** Before each test: a service of its own, which the extension is told of. */
  async begin(): Promise<void> {
    this.#emulator = await startEmulator();
    this.sandbox.changeSettings({ 'seedance.apiBaseUrl': this.#emulator.baseUrl });
  }

  /** After each test: closes all windows, waits for their extension hosts to end, and forgets the rest. */
  async end(): Promise<void> {
    const reused = present(this.#profile);
    const others = this.browser.contexts().filter((profile) => profile !== reused.context);
    await Promise.all([...others.map((profile) => profile.close()), ...reused.windows.map((page) => page.close())]);
    await retry(HOST_END_TIMEOUT_MS, () => {
      const hosts = this.server.extensionHosts();
      return hosts.length === 0
        ? Promise.resolve()
        : Promise.reject(new Error(`extension hosts ${hosts.join(', ')} did not end`));
    });
    await reused.forget(this.server.url);
    this.#isProfileTaken = false;
    await this.emulator.close();
    await rm(this.storage, { recursive: true, force: true });
    this.sandbox.resetSettings();
  }

  /** The extension's global storage folder. */
  get storage(): string {
    return path.join(this.sandbox.userData, 'User', 'globalStorage', EXTENSION_ID);
  }

  /** Keeps what can be seen of a failure. */
  async record(title: string): Promise<void> {
    await mkdir(FAILURES, { recursive: true });
    const name = path.join(FAILURES, title.replaceAll(/[^\p{L}\p{N}]+/gu, '-'));
    const reused = present(this.#profile);
    const others = this.browser.contexts().filter((profile) => profile !== reused.context);
    const pages = [...reused.windows, ...others.flatMap((profile) => profile.pages())];
    for (const [index, page] of pages.entries()) await page.screenshot({ path: `${name}-${index}.png` });
    await writeFile(`${name}.log`, this.server.log);
    console.error(`    screenshots and log: ${name}*\n${this.server.logTail.replaceAll(/^/gm, '      ')}`);
  }
}

/** The suite's VS Code, browser and service. */
export const fixture = new Fixture();

/** Mocha runs these around the whole suite and around each test. */
export const rootHooks: Mocha.RootHookObject = {
  async beforeAll(this: Mocha.Context) {
    this.timeout(START_TIMEOUT_MS);
    await fixture.setUp();
  },
  async beforeEach() {
    await fixture.begin();
  },
  async afterEach(this: Mocha.Context) {
    if (this.currentTest?.state === 'failed') await fixture.record(this.currentTest.fullTitle());
    await fixture.end();
  },
  async afterAll() {
    await fixture.tearDown();
  },
};

/** The files below a folder of a workspace, as relative paths. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The stage is not set up: this runs before the root hooks.');
  return value;
}

/** The task records of the extension's storage, the newest revision of each. */
export async function recordsOnDisk(): Promise<TaskRecord[]> {
  const tasks = path.join(fixture.storage, 'tasks');
  const newest = new Map(
    (await readdir(tasks))
      .filter((name) => /^[a-z0-9]+\.\d+\.json$/.test(name))
      .sort((a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1]))
      .map((name) => [name.split('.')[0], name]),
  );
  return Promise.all(
    [...newest.values()].map(async (name) => JSON.parse(await readFile(path.join(tasks, name), 'utf8')) as TaskRecord),
  );
}
