/** The last frames that the run of a storyboard takes by itself, and what the user notices of it. */
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { freshProfile } from '../vscode/browser';
import type { Workbench } from '../vscode/workbench';
import { acceptOffer, inPage, question, setKey, until, waitForPage } from './actions';
import { expectAccessible } from './audit';
import { fixture } from './setup';
import { assertFrame, FRAMES, sentImage } from './videoPictures';

const PICTURES = path.resolve('out', 'ui');
const NAME = 'boat.storyboard.md';
const FILM = `---
model: seedance-1-pro-480P-2s
---
# The boat

## Shot 1: Street
> A paper boat sails down a rainy street.

## Shot 2: Sea
- continue: Shot 1

> It drifts out to sea.

## Shot 3: Shore
- continue: Shot 2

> It lands on a shore.

Notes: `;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** What the user has in front of them, in each picture of the screen. */
const WATCH = `(() => {
  const seen = (globalThis.seenStates = new Set());
  const look = () => {
    const groups = [...document.querySelectorAll('.editor-group-container')];
    const active = groups.find((group) => group.classList.contains('active'));
    seen.add(JSON.stringify({
      active: active?.querySelector('.tab.active')?.getAttribute('data-resource-name') ?? '',
      types: Boolean(active?.querySelector('.monaco-editor')?.contains(document.activeElement)),
      others: groups.flatMap((group) => [...group.querySelectorAll('.tab')].map((tab) => tab.textContent)).slice(1),
      section: [...document.querySelectorAll('.sidebar .pane-header')].some((header) => /Last frame/i.test(header.textContent)),
    }));
    globalThis.watching = requestAnimationFrame(look);
  };
  look();
})()`;

interface Seen {
  active: string;
  types: boolean;
  others: string[];
  section: boolean;
}

describe('the last frame for the next shot', () => {
  beforeEach(async () => {
    await mkdir(PICTURES, { recursive: true });
    fixture.emulator.behaviour.video = 'real';
    fixture.emulator.behaviour.durations = 3_000;
    fixture.sandbox.changeSettings({ 'seedance.firstFrame.delivery': 'inline' });
  });

  it('is taken while the user writes, who keeps the editor and the focus', async function () {
    this.timeout(180_000);
    const { workbench, folder } = await fixture.open({ [NAME]: FILM });
    await setKey(workbench);
    await workbench.openFile(NAME);
    await workbench.container('Explorer').click();
    await startRun(workbench);

    // Without the list, a column is there for a moment.
    const first = await write(workbench, 2);
    assert.deepEqual(
      first.seen.filter(({ active, types }) => active !== NAME || !types),
      [],
    );
    assert.deepEqual(new Set(first.seen.flatMap(({ others }) => others)), new Set(['Last frame']));
    assertFrame(sentImage(1), FRAMES - 1);

    // With the list, the editors stay as they are.
    await workbench.openContainer('Seedance');
    const second = await write(workbench, 3);
    assert.deepEqual(
      second.seen.filter(({ active, types, others }) => active !== NAME || !types || others.length > 0),
      [],
    );
    assert.ok(second.seen.some(({ section }) => section));
    assertFrame(sentImage(2), FRAMES - 1, 1);

    await workbench.page.keyboard.press('Control+S');
    await until(
      'the text',
      () => readFile(path.join(folder, NAME), 'utf8'),
      (text) => text === FILM + first.text + second.text,
    );
    await until(
      'what is left open',
      () => look(workbench),
      ({ others, section }) => others.length === 0 && !section,
    );
  });

  it('waits for a window that is hidden, and is told to be missing when its page is closed', async function () {
    this.timeout(180_000);
    const profile = await freshProfile(fixture.browser);
    // As a browser tab behind another one: pages are told so, and the workbench itself, which paints, is not.
    await profile.addInitScript(`if (window !== window.top) {
      Object.defineProperty(Document.prototype, 'visibilityState', { get: () => globalThis.isSeen ? 'visible' : 'hidden' });
    }`);
    const { workbench } = await fixture.openIn(profile, await fixture.workspace({ [NAME]: FILM }));
    await setKey(workbench);
    await workbench.openFile(NAME);
    await workbench.container('Explorer').click();
    await startRun(workbench);

    const page = await takingPage(workbench);
    for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as const) {
      await workbench.useTheme(theme);
      await expectAccessible(page);
      await workbench.screenshot(path.join(PICTURES, `last-frame-${theme}.png`));
    }
    await workbench.page.locator('.tab', { hasText: 'Last frame' }).click({ button: 'middle' });
    const told = await workbench.waitForNotification('The last frame could not be taken');
    assert.match(told, /Shot 2.*the page that draws it did not open, or was closed\. Nothing was charged\./);
    assert.equal(fixture.emulator.ledger.creates().length, 1);

    await startRun(workbench);
    await inPage(
      await takingPage(workbench),
      "globalThis.isSeen = true; document.dispatchEvent(new Event('visibilitychange'))",
    );
    await waitForOrders(2);
    assertFrame(sentImage(1), FRAMES - 1);
  });

  it('is drawn by a preview that is open, which shows what it showed', async function () {
    this.timeout(180_000);
    const { workbench } = await fixture.open({ [NAME]: FILM.replace(/## Shot 3[^]*(?=Notes)/, '') });
    await setKey(workbench);
    await workbench.openFile(NAME);
    await startRun(workbench);
    await workbench.openContainer('Seedance');
    await workbench.treeRow('A paper boat').first().click();
    await waitForPage(workbench.webview(), 'waiting');
    await workbench.page.locator('.editor-group-container').first().locator('.view-lines').first().click();
    const { seen } = await write(workbench, 2);
    assert.ok(seen.every(({ active, types, section }) => active === NAME && types && !section));
    assert.equal(new Set(seen.flatMap(({ others }) => others)).size, 1);
    assertFrame(sentImage(1), FRAMES - 1);
    await waitForPage(workbench.webview(), 'ready');
  });
});

async function startRun(workbench: Workbench): Promise<void> {
  await workbench.runCommand('Seedance: Generate missing shots');
  await acceptOffer(workbench);
  await question(workbench, /^Seedance$/).waitFor({ state: 'hidden' });
}

async function waitForOrders(count: number): Promise<void> {
  await until(
    'orders',
    () => fixture.emulator.ledger.creates().length,
    (orders) => orders === count,
    60_000,
  );
}

/** Writes until so many shots are ordered. Returns what was typed, and all that was seen meanwhile. */
async function write(workbench: Workbench, orders: number): Promise<{ text: string; seen: Seen[] }> {
  const { page } = workbench;
  await page.locator('.editor-group-container.active .view-lines').first().click();
  await page.keyboard.press('Control+End');
  await page.evaluate(WATCH);
  let text = '';
  const { ledger } = fixture.emulator;
  for (let at = 0; ledger.creates().length < orders && at < 600; at++) {
    const letter = LETTERS[at % LETTERS.length]!;
    await page.keyboard.type(letter, { delay: 60 });
    text += letter;
  }
  assert.equal(ledger.creates().length, orders);
  await page.waitForTimeout(1_000);
  const seen: string[] = await page.evaluate('cancelAnimationFrame(globalThis.watching), [...globalThis.seenStates]');
  return { text, seen: seen.map((state) => JSON.parse(state) as Seen) };
}

async function look(workbench: Workbench): Promise<Seen> {
  await workbench.page.evaluate(WATCH);
  const [state] = await workbench.page.evaluate<string[]>(
    'cancelAnimationFrame(globalThis.watching), [...globalThis.seenStates]',
  );
  return JSON.parse(state!) as Seen;
}

async function takingPage(workbench: Workbench): Promise<FrameLocator> {
  await workbench.page.locator('.tab', { hasText: 'Last frame' }).waitFor({ timeout: 60_000 });
  const page = workbench.webview();
  await page.locator('#taking').waitFor();
  return page;
}
