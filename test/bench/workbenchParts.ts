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

/** Runs with a VS Code that has the packaged extension, and cleans up behind it. */
export async function withWorkbench<T>(settings: Settings, job: (stage: Stage) => Promise<T>): Promise<T> {
  const sandbox = new Sandbox();
  sandbox.changeSettings(settings);
  await installExtension(sandbox, packagedExtension());
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
