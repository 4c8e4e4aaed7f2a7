/** What the rows that need a real VS Code share. */
import { Sandbox, type Settings } from '../vscode/sandbox';
import { startBrowser } from '../vscode/browser';
import { installExtension, Server } from '../vscode/server';
import { packagedExtension } from '../vscode/artefact';
import type { Browser } from 'playwright-core';

export interface Stage {
  readonly sandbox: Sandbox;
  readonly server: Server;
  readonly browser: Browser;
}

/** Runs with a VS Code that has a packaged extension, this checkout's unless told otherwise, and cleans up behind it. */
export async function withWorkbench<T>(
  settings: Settings,
  job: (stage: Stage) => Promise<T>,
  vsix = packagedExtension(),
): Promise<T> {
  const sandbox = new Sandbox();
  sandbox.changeSettings(settings);
  await installExtension(sandbox, vsix);
  const server = await Server.start(sandbox);
  const browser = await startBrowser();
  try {
    return await job({ sandbox, server, browser });
  } finally {
    await browser.close();
    await server.stop();
    sandbox.remove();
  }
}

/** Runs with one VS Code for each package, so that their runs can alternate. */
export async function withWorkbenches<T>(
  settings: Settings,
  packages: readonly string[],
  job: (stages: readonly Stage[]) => Promise<T>,
): Promise<T> {
  const [first, ...others] = packages;
  if (first === undefined) return job([]);
  return withWorkbench(
    settings,
    (stage) => withWorkbenches(settings, others, (stages) => job([stage, ...stages])),
    first,
  );
}

/**
 * Takes turns: every stage has a run before any has its next, and each time another one goes first.
 *
 * @returns what each stage's runs gave
 */
export async function alternate<T>(
  stages: readonly Stage[],
  runs: number,
  job: (stage: Stage) => Promise<T>,
): Promise<T[][]> {
  const results = stages.map((): T[] => []);
  for (let run = 0; run < runs; run++) {
    for (let turn = 0; turn < stages.length; turn++) {
      const index = (run + turn) % stages.length;
      results[index]!.push(await job(stages[index]!));
    }
  }
  return results;
}
