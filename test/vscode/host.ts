/** Runs a test entry inside the Node extension host of VS Code's server, as test-electron does on the desktop. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { format } from 'node:util';
import type { Page } from 'playwright-core';
import { freshProfile, startBrowser, type Locale } from './browser';
import { Sandbox, type Settings } from './sandbox';
import { installExtension, Server } from './server';
import { Workbench } from './workbench';

const DEATH_POLL_MS = 500;

export interface HostRun {
  /** A script with `export function run(): Promise<void>`; it runs in the extension host. */
  readonly entry: string;
  /** The packaged extension to install. */
  readonly vsix: string;
  /** Environment of the extension host. */
  readonly env?: NodeJS.ProcessEnv;
  readonly settings?: Settings;
  readonly locale?: Locale;
  /** Of VS Code's own extensions, those that are there; all of them without it. */
  readonly builtinExtensions?: readonly string[];
  /** Takes what the console of the extension host gets, VS Code's own log among it. The desktop prints by itself. */
  readonly print: (text: string) => void;
  readonly timeoutMs: number;
}

/** Runs the entry; throws unless it ends well. */
export async function runInServer({
  entry,
  vsix,
  env = {},
  settings = {},
  locale = 'en',
  builtinExtensions,
  print,
  timeoutMs,
}: HostRun): Promise<void> {
  const sandbox = new Sandbox();
  sandbox.changeSettings(settings);
  await installExtension(sandbox, vsix);
  const server = await Server.start(sandbox, { env, ...(builtinExtensions ? { builtinExtensions } : {}) });
  const browser = await startBrowser();
  const finished = new AbortController();
  try {
    const profile = await freshProfile(browser, { locale });
    const exit = new Promise<number>((resolve, reject) => {
      Workbench.open(profile, server, sandbox.folder('workspace'), {
        development: { extensions: [driver(sandbox)], tests: entry },
        prepare: (page) => listen(page, print, resolve),
      }).catch(reject);
    });
    const code = await Promise.race([exit, trouble(server, timeoutMs, finished.signal)]);
    if (code !== 0) throw new Error(`The tests in the extension host ended with code ${code}.\n${server.logTail}`);
  } finally {
    finished.abort();
    await browser.close();
    await server.stop();
    sandbox.remove();
  }
}

/**
 * An empty extension. VS Code runs tests only with one under development, and the one under test is
 * installed as people install it.
 */
export function driver(sandbox: Sandbox): string {
  const folder = sandbox.folder('driver');
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({
      name: 'driver',
      publisher: 'seedance-test',
      version: '1.0.0',
      engines: { vscode: '*' },
    }),
  );
  return folder;
}

/** VS Code's page calls these two when it runs tests: one for each line printed, one at the end. */
async function listen(page: Page, print: (text: string) => void, ended: (code: number) => void): Promise<void> {
  await page.exposeFunction('codeAutomationLog', (_type: string, parts: unknown) => {
    print(format(...(Array.isArray(parts) ? (parts as unknown[]) : [parts])));
  });
  await page.exposeFunction('codeAutomationExit', ended);
}

/** Rejects when the extension host dies, of which the page says nothing, or when the time is over. */
async function trouble(server: Server, timeoutMs: number, signal: AbortSignal): Promise<never> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    await sleep(DEATH_POLL_MS, undefined, { signal });
    const death = /Extension Host Process exited with code: (?!0,).*/.exec(server.log);
    if (death) throw new Error(`The extension host died. ${death[0]}`);
  }
  throw new Error(`The tests in the extension host took longer than ${timeoutMs / 1000} s.\n${server.logTail}`);
}
