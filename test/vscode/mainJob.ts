/** The main job, from a selected prompt to a file, as a user does it: what the demo does with --once. */
import assert from 'node:assert/strict';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext } from 'playwright-core';
import type { Emulator } from '../emulator/emulator';
import { acceptOffer, closeNotifications, preview, rowOf, waitForPage, waitForState } from '../e2e/actions';
import { freshProfile, startBrowser } from './browser';
import { PROMPT, PROMPTS_FILE } from './sample';
import type { Server } from './server';
import { Workbench } from './workbench';

const OUT = path.resolve('out', 'demo');
const GENERATED_MS = 60_000;

/** Does it in a browser without a window, and prints where video and screenshot lie. Throws if there is no video. */
export async function runMainJob(server: Server, emulator: Emulator, folder: string): Promise<void> {
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT, { recursive: true });
  const screenshot = path.join(OUT, 'preview.png');
  const browser = await startBrowser();
  try {
    const profile = await freshProfile(browser);
    const workbench = await Workbench.open(profile, server, folder);
    try {
      await generateAndSave(workbench, emulator, screenshot);
    } catch (error) {
      await workbench.screenshot(path.join(OUT, 'failed.png'));
      throw error;
    }
    const saved = path.join(folder, 'seedance');
    const name = (await readdir(saved)).find((file) => file.endsWith('.mp4'));
    assert.ok(name !== undefined, 'nothing was saved');
    const video = path.join(OUT, name);
    await cp(saved, OUT, { recursive: true }); // the workspace is temporary
    console.log(`Video:      ${video} (${await playedLength(profile, video)} s)`);
    console.log(`Screenshot: ${screenshot}`);
  } finally {
    await browser.close();
  }
}

/** Sets the service's key by way of the palette: it must go to the secret storage, where nothing else reaches. */
export async function setKey(workbench: Workbench, { key }: Emulator): Promise<void> {
  await workbench.runCommand('Seedance: Set API key');
  await workbench.answer(key);
  await workbench.waitForNotification('The API key works and is stored');
  await closeNotifications(workbench);
}

async function generateAndSave(workbench: Workbench, emulator: Emulator, screenshot: string): Promise<void> {
  await setKey(workbench, emulator);
  done('key set');
  await workbench.openFile(PROMPTS_FILE);
  await workbench.selectText(PROMPT);
  await workbench.runCommand('Seedance: Generate from selection');
  await acceptOffer(workbench);
  done('generation started');
  const row = await rowOf(workbench, PROMPT.slice(0, 12));
  await waitForState(row, /^Ready$/, GENERATED_MS);
  done('generated');
  await waitForPage(await preview(workbench, row), 'ready');
  await closeNotifications(workbench);
  await workbench.screenshot(screenshot);
  done('previewed');
  await workbench.chooseInMenu(row, 'Save to workspace');
  await waitForState(row, /^Saved$/);
  done('saved');
}

function done(what: string): void {
  console.log(`  ✔ ${what}`);
}

/** Plays a file in the browser, outside VS Code, and gives its length in seconds; throws if it is no video. */
async function playedLength(profile: BrowserContext, file: string): Promise<number> {
  const page = await profile.newPage();
  await page.goto(pathToFileURL(file).href);
  // The browser makes a page of its own around a video, and refuses with an error what is none.
  const length: unknown = await page.evaluate(`new Promise((resolve) => {
    const video = document.querySelector('video');
    const tell = () => resolve(video.videoWidth > 0 && video.currentTime > 0 ? video.duration : undefined);
    if (!video) resolve(undefined);
    else Object.assign(video, { muted: true, ontimeupdate: tell, onerror: tell }).play().catch(tell);
  })`);
  assert.ok(typeof length === 'number' && length > 0, `${file} is no video that a browser plays`);
  return Math.round(length * 10) / 10;
}
