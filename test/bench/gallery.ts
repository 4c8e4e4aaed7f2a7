/** Pictures of a long list: the gallery of ten thousand tasks in a real workbench, beside the preview of one. */
import { link, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FrameLocator } from 'playwright-core';
import { encodeClip } from '../support/galleryTasks';
import { EXTENSION_ID } from '../vscode/artefact';
import { freshProfile } from '../vscode/browser';
import { Workbench } from '../vscode/workbench';
import { pastRecord, RECORDS, writeRecords } from './longHistory';
import { median, type Figure } from './report';
import { withWorkbench } from './workbenchParts';

const claim = 'gallery';
const RUNS = 7;
/** Both load their code with the first. */
const WARM_UPS = 2;
const SEE_MS = 60_000;
/** The extension reads its tasks two seconds after the start, and then there is peace. */
const CALM_MS = 10_000;
const MB = 1024 ** 2;

/**
 * In every frame: tells when something was clicked, and when a picture or the first frame of a video is painted;
 * milliseconds of the wall clock, for each frame of a page counts from its own beginning.
 */
const WATCH = `{
  addEventListener('click', (event) => { globalThis.seedanceClickedAt = performance.timeOrigin + event.timeStamp; }, true);
  const { createElement } = Document.prototype;
  Document.prototype.createElement = function (...given) {
    const element = createElement.apply(this, given);
    if (element instanceof HTMLVideoElement) {
      element.requestVideoFrameCallback((now) => globalThis.seedancePainted?.('frame', performance.timeOrigin + now));
    }
    if (element instanceof HTMLImageElement) {
      element.addEventListener('load', () => requestAnimationFrame((now) =>
        globalThis.seedancePainted?.('picture', performance.timeOrigin + now)), { once: true });
    }
    return element;
  };
}`;

/** Scrolls as a wheel does for some seconds, and then in leaps; the time between frames, milliseconds, longest first. */
const SCROLL = `new Promise((resolve) => {
  const scroller = document.querySelector('#scroller');
  const times = [];
  let last = performance.now();
  let frame = 0;
  const step = (now) => {
    times.push(now - last);
    last = now;
    frame += 1;
    if (frame < 180) scroller.scrollTop += 90;
    else if (frame < 260) scroller.scrollTop += 4 * scroller.clientHeight;
    else if (frame < 300) scroller.scrollTop = (scroller.scrollTop + 0.37 * scroller.scrollHeight) % scroller.scrollHeight;
    else return resolve(times.slice(2).sort((a, b) => b - a));
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})`;

/** What a key stroke in the search field takes until its tiles are drawn, milliseconds: the longest of a word. */
const SEARCH = `(async () => {
  const field = document.querySelector('#search');
  const times = [];
  for (const text of ['s', 'sh', 'sho', 'shot', 'shot 7', 'shot 77', '']) {
    const began = performance.now();
    field.value = text;
    field.dispatchEvent(new Event('input'));
    times.push(performance.now() - began);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return Math.max(...times);
})()`;

export async function gallery(): Promise<Figure[]> {
  return withWorkbench({}, async ({ sandbox, server, browser }) => {
    const storage = path.join(sandbox.userData, 'User', 'globalStorage', EXTENSION_ID);
    await writeRecords(storage, RECORDS);
    const profile = await freshProfile(browser);
    await writeMedia(path.join(storage, 'videos'), await drawJpeg(await profile.newPage()));
    let painted: (kind: string, at: number) => void = () => undefined;
    const workbench = await Workbench.open(profile, server, sandbox.folder('workspace'), {
      prepare: async (page) => {
        await page.exposeFunction('seedancePainted', (kind: string, at: number) => painted(kind, at));
        await page.addInitScript(WATCH);
      },
    });
    const { page } = workbench;
    await workbench.openContainer('Seedance');
    const row = workbench.treeRow('Shot ').first();
    await row.waitFor({ timeout: SEE_MS });
    await sleep(CALM_MS);
    // The last click is that on the row of the palette.
    const openGallery = () => workbench.runCommand('Seedance: Open gallery');

    const timed = async (kind: string, open: () => Promise<void>): Promise<number> => {
      const at = new Promise<number>((resolve, reject) => {
        painted = (what, time) => what === kind && resolve(time);
        setTimeout(() => reject(new Error(`no ${kind} was painted`)), SEE_MS).unref();
      });
      await open();
      const ms = (await at) - (await page.evaluate<number>('globalThis.seedanceClickedAt'));
      if (kind === 'picture') await isComplete(workbench.webview());
      await workbench.runCommand('View: Close All Editors');
      return ms;
    };
    const pictures: number[] = [];
    const frames: number[] = [];
    for (let run = 0; run < WARM_UPS + RUNS; run++) {
      pictures.push(await timed('picture', openGallery));
      frames.push(await timed('frame', () => row.click()));
    }
    const [picture, frame] = [pictures, frames].map((times) => median(times.slice(WARM_UPS)));

    const cdp = await page.context().newCDPSession(page);
    // Of the workbench, too: its pages share its process.
    const getHeap = async () => {
      await cdp.send('HeapProfiler.collectGarbage');
      return (await cdp.send('Runtime.getHeapUsage')).usedSize;
    };
    const heapBefore = await getHeap();
    await openGallery();
    const inside = workbench.webview();
    await isComplete(inside);
    await sleep(2_000);
    const inPage = <T>(expression: string) => inside.locator('html').evaluate<T, void>(expression as never);
    const between = await inPage<number[]>(SCROLL);
    await sleep(1_000);
    const nodes = await inPage<number>('document.querySelectorAll("*").length');
    const tiles = await inPage<number>('document.querySelectorAll(".tile").length');
    const search = await inPage<number>(SEARCH);
    const heap = (await getHeap()) - heapBefore;
    const what = `${RECORDS} tasks: `;
    return [
      { claim, what: `${what}click on “Open gallery” to the first picture`, value: picture!, unit: 'ms' },
      { claim, what: 'click on a task to the first frame of its preview', value: frame!, unit: 'ms' },
      { claim, what: 'pictures beside the preview', value: picture! / frame!, unit: '×', limit: { atMost: 1.5 } },
      { claim, what: 'the first time: pictures', value: pictures[0]!, unit: 'ms' },
      {
        claim,
        what: `${what}longest time between frames while scrolling`,
        // Three frames of a screen are 50 ms; the clock of a page has an error of a tenth.
        value: Math.round(between[0]!),
        unit: 'ms',
        limit: { atMost: 50 },
      },
      { claim, what: 'the same, of 99 in 100 frames', value: between[Math.floor(between.length / 100)]!, unit: 'ms' },
      { claim, what: 'elements in the page after that', value: nodes, unit: '', limit: { atMost: 2_000 } },
      { claim, what: 'of them tiles', value: tiles, unit: '' },
      {
        claim,
        what: `${what}a key stroke in the search, the longest of a word`,
        value: search,
        unit: 'ms',
        limit: { atMost: 50 },
      },
      {
        claim,
        what: `${what}memory that the gallery adds (JavaScript)`,
        value: heap / MB,
        unit: 'MB',
        limit: { atMost: 60 },
      },
    ];
  });
}

/** Waits until the page has all tasks. */
async function isComplete(page: FrameLocator): Promise<void> {
  await page.locator('#state[aria-busy="false"]').waitFor({ timeout: SEE_MS });
}

/** A poster of ten kilobytes or so, as a page draws it. */
async function drawJpeg(page: {
  evaluate<T>(expression: string): Promise<T>;
  close(): Promise<void>;
}): Promise<Buffer> {
  const base64 = await page.evaluate<string>(`(async () => {
    const canvas = new OffscreenCanvas(480, 270);
    const context = canvas.getContext('2d');
    for (let n = 0; n < 400; n++) {
      context.fillStyle = 'hsl(' + ((n * 47) % 360) + ' 60% ' + (20 + (n % 60)) + '%)';
      context.fillRect((n * 37) % 480, (n * 53) % 270, 90, 60);
    }
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
    return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
  })()`);
  await page.close();
  return Buffer.from(base64, 'base64');
}

/** Each task has a copy and a poster: links to two files, for ten thousand would be gigabytes. */
async function writeMedia(videos: string, jpeg: Buffer): Promise<void> {
  await mkdir(videos, { recursive: true });
  const [film, poster] = [path.join(videos, 'film'), path.join(videos, 'poster')];
  await writeFile(film, await encodeClip(0));
  await writeFile(poster, jpeg);
  for (let n = 0; n < RECORDS; n++) {
    const { id } = pastRecord(n);
    await link(film, path.join(videos, `${id}.mp4`));
    await link(poster, path.join(videos, `${id}.poster.jpg`));
  }
}
