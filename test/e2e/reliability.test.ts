import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { getKeyFingerprint } from '../../src/common/keyFingerprint';
import type { TaskRecord } from '../../src/tasks/model/taskRecord';
import { makeMp4 } from '../support/mp4';
import type { Workbench } from '../vscode/workbench';
import {
  answer,
  closeNotifications,
  generate,
  preview,
  question,
  rowOf,
  setKey,
  until,
  waitForPage,
  waitForState,
} from './actions';
import { fixture } from './setup';

/** VS Code restarts a host that has died, and the extension starts its work some seconds later. */
const RESTART_MS = 30_000;
const HAND_OVER_MS = 15_000;
const NEWS_MS = 2_000;
const LONG_MS = 300_000;
const HOUR_MS = 60 * 60_000;

describe('a killed extension host', () => {
  it('in mid-task loses nothing: the task goes on and is paid once', async () => {
    const { emulator } = fixture;
    emulator.behaviour.durations = LONG_MS;
    const { workbench } = await openWithKey();
    await generate(workbench, 'A tortoise wins');
    await until(
      'questions',
      () => emulator.ledger.results().length,
      (count) => count > 0,
    );

    const asked = emulator.ledger.results().length;
    await killHost(onlyHost());
    const row = await rowOf(workbench, 'A tortoise');
    await waitForState(row, /^(Waiting|Generating) since /, RESTART_MS);
    await until(
      'questions',
      () => emulator.ledger.results().length,
      (count) => count > asked,
      RESTART_MS,
    );
    emulator.advance(LONG_MS);
    await waitForState(row, /^Ready$/);
    assert.equal(await workbench.treeRow('A tortoise').count(), 1);
    assert.deepEqual(
      {
        creates: emulator.ledger.creates().length,
        charged: emulator.ledger.charged().length,
        downloads: emulator.ledger.downloads().length,
      },
      { creates: 1, charged: 1, downloads: 1 },
    );
  });

  it('in mid-download goes on from where it was, and keeps a whole file', async () => {
    const { emulator } = fixture;
    const whole = makeMp4(3_000_000);
    emulator.behaviour.video = whole;
    emulator.faults.add({ kind: 'slowBody', bytesPerSecond: 200_000, match: { route: 'file' } });
    const { workbench } = await openWithKey();
    await generate(workbench, 'A long river');
    await until(
      'bytes',
      () => bytesOf('.part'),
      (bytes) => bytes > 300_000,
      30_000,
    );

    await killHost(onlyHost());
    const had = bytesOf('.part');
    assert.deepEqual(
      { isIncomplete: had < whole.length, videos: filesOf('.mp4') },
      { isIncomplete: true, videos: [] },
      'half a file is never taken for a whole one',
    );
    await waitForState(await rowOf(workbench, 'A long river'), /^Ready$/, RESTART_MS);
    const [first, second, ...more] = emulator.ledger.downloads();
    assert.equal(first?.headers.range, undefined);
    assert.equal(second?.headers.range, `bytes=${had}-`);
    assert.deepEqual(
      { status: second.outcome.status, hasIfRange: second.headers['if-range'] !== undefined, laterDownloads: more },
      { status: 206, hasIfRange: true, laterDownloads: [] },
    );
    const [file] = filesOf('.mp4');
    assert.ok(
      file !== undefined && readFileSync(path.join(fixture.storage, 'videos', file)).equals(whole),
      'the same bytes',
    );
    assert.equal(emulator.ledger.charged().length, 1);
  });

  it('while the request is on its way leaves it unknown, sends nothing again, and the ID heals it', async () => {
    const { emulator } = fixture;
    emulator.faults.add({ kind: 'hang', afterCharge: true, match: { route: 'create' } });
    const { workbench } = await openWithKey();
    await generate(workbench, 'A coin in the air');
    await until(
      'charged',
      () => emulator.ledger.charged().length,
      (count) => count === 1,
    );

    await killHost(onlyHost());
    const row = await rowOf(workbench, 'A coin');
    await waitForState(row, /^No answer; may have been charged$/, RESTART_MS);
    const page = await preview(workbench, row);
    await waitForPage(page, 'unknown');
    assert.match(
      await page.locator('#lines').innerText(),
      /VS Code was closed while the request was on its way\.[^]*122\s₽ may have been charged, once at most\.[^]*Or wait:[^]*another 122\s₽/,
    );
    assert.deepEqual(await menuOf(workbench, row, /ID|again|Remove/), [
      "Add the task's ID…",
      'Generate again',
      'Remove from list',
    ]);
    assert.equal(emulator.ledger.creates().length, 1);

    await page.locator('#stage-addId').click();
    await answer(workbench, "Add the task's ID", emulator.tasks.all()[0]?.id ?? '');
    await waitForState(row, /^Ready$/);
    assert.deepEqual(
      { creates: emulator.ledger.creates().length, charged: emulator.ledger.charged().length },
      { creates: 1, charged: 1 },
    );
  });
});

describe('several windows', () => {
  it('have one that asks and fetches; the other shows every change within two seconds', async () => {
    const { emulator } = fixture;
    emulator.behaviour.durations = LONG_MS;
    const { here, there } = await twoWindows();
    await openTree(there.workbench);
    await generate(here.workbench, 'Twins');
    await until(
      'charged',
      () => emulator.ledger.charged().length,
      (count) => count === 1,
    );
    await rowOf(here.workbench, 'Twins');
    await there.workbench.treeRow('Twins').waitFor({ timeout: NEWS_MS });

    // Nobody touches a window from here on, since coming back to one is a reason to ask out of turn. The
    // first questions are left aside: one that such a touch brought on may stand close to the regular first.
    const [, , ...times] = (
      await until(
        'questions',
        () => emulator.ledger.results(),
        (questions) => questions.length >= 5,
        40_000,
      )
    ).map(({ at }) => at);
    const gaps = times.slice(1).map((at, n) => at - (times[n] ?? 0));
    assert.ok(Math.min(...gaps) > 2_000, `two are asking: ${gaps.join(', ')} ms apart`);

    emulator.advance(LONG_MS);
    await waitForState(await rowOf(here.workbench, 'Twins'), /^Ready$/);
    await waitForState(there.workbench.treeRow('Twins'), /^Ready$/, NEWS_MS);
    assert.deepEqual(
      { charged: emulator.ledger.charged().length, downloads: emulator.ledger.downloads().length },
      { charged: 1, downloads: 1 },
    );
  });

  for (const [how, end] of [
    ['closed', (window: OpenWindow) => window.workbench.close()],
    ['killed', (window: OpenWindow) => killHost(window.host)],
  ] as const) {
    it(`hand the work over within 15 seconds when the working one is ${how}`, async () => {
      const { emulator } = fixture;
      emulator.behaviour.durations = LONG_MS;
      const { here, there } = await twoWindows();
      await openTree(there.workbench);
      await generate(here.workbench, 'A baton');
      await until(
        'questions',
        () => emulator.ledger.results().length,
        (count) => count > 0,
      );
      const working = worker();
      const [worked, waits] = working === here.host ? [here, there] : [there, here];
      assert.equal(working, worked.host);

      const asked = emulator.ledger.results().length;
      await end(worked);
      await until('the worker', worker, (pid) => pid !== undefined && pid !== working, HAND_OVER_MS);
      await until(
        'questions',
        () => emulator.ledger.results().length,
        (count) => count > asked,
        HAND_OVER_MS,
      );
      emulator.advance(LONG_MS);
      await waitForState(await rowOf(waits.workbench, 'A baton'), /^Ready$/);
      assert.deepEqual(
        {
          creates: emulator.ledger.creates().length,
          charged: emulator.ledger.charged().length,
          downloads: emulator.ledger.downloads().length,
        },
        { creates: 1, charged: 1, downloads: 1 },
      );
    });
  }
});

describe('the key', () => {
  it('refused pauses all tasks with one message; a new one of the account lets them go on', async () => {
    const { emulator } = fixture;
    emulator.behaviour.durations = LONG_MS;
    const { workbench } = await openWithKey();
    for (const prompt of ['First guest', 'Second guest']) {
      await generate(workbench, prompt);
      await rowOf(workbench, prompt);
    }
    await until(
      'charged',
      () => emulator.ledger.charged().length,
      (count) => count === 2,
    );
    emulator.setKey('shds-made-anew');
    const rows = [await rowOf(workbench, 'First guest'), await rowOf(workbench, 'Second guest')];
    for (const row of rows) await waitForState(row, /^Paused: API key refused$/);
    await workbench.waitForNotification('The service refused the API key');
    assert.equal(await workbench.notification('The service refused the API key').count(), 1);
    assert.match(
      await workbench.page.locator('.sidebar .pane-body .message').innerText(),
      /The tasks wait and nothing is lost/,
    );

    await workbench.pressInNotification('The service refused the API key', 'Set API key');
    await question(workbench, 'Set API key').waitFor();
    await workbench.answer('shds-made-anew');
    emulator.advance(LONG_MS);
    for (const row of rows) await waitForState(row, /^Ready$/);
    assert.equal(emulator.ledger.creates().length, 2);
  });

  it('of another account lets the tasks wait for their own', async () => {
    const { emulator } = fixture;
    emulator.behaviour.durations = LONG_MS;
    emulator.world.accounts.add('shds-of-another-account');
    const { workbench } = await openWithKey();
    await generate(workbench, 'A letter to myself');
    const row = await rowOf(workbench, 'A letter');
    await until(
      'charged',
      () => emulator.ledger.charged().length,
      (count) => count === 1,
    );
    await fixture.setKey(workbench, 'shds-of-another-account');
    await waitForState(row, /^Waits for its key$/);
    const page = await preview(workbench, row);
    await waitForPage(page, 'held');
    assert.equal(await page.locator('#heading').innerText(), 'Waiting for its API key');
    assert.match(await page.locator('#lines').innerText(), /made with another API key[^]*waits until that key is set/);

    emulator.advance(LONG_MS);
    await closeNotifications(workbench);
    await fixture.setKey(workbench);
    await waitForState(row, /^Ready$/);
    assert.deepEqual(
      { creates: emulator.ledger.creates().length, charged: emulator.ledger.charged().length },
      { creates: 1, charged: 1 },
    );
  });
});

describe('what lies in the store', () => {
  it('damaged is set aside and told once, of a newer version is left as it is, and the rest is there', async () => {
    const at = Date.now() - HOUR_MS;
    const newer = JSON.stringify({
      format: 99,
      id: 'b',
      state: 'dreaming',
      createdAt: at,
      request: { model: 'seedance-9', prompt: 'From the future' },
      dream: { depth: 3 },
    });
    await put({
      'a.3.json': JSON.stringify(record({ id: 'a', prompt: 'An old friend', createdAt: at })),
      'b.7.json': newer,
      'c.2.json': '{"format":1,"id":"c","sta',
    });
    const { workbench } = await fixture.open();
    await waitForState(await rowOf(workbench, 'An old friend'), /^Failed$/);
    assert.match(
      await workbench.waitForNotification('could not read some of its task records'),
      /set them aside, undeleted, in the folder “damaged”\. Records: 1\./,
    );
    assert.equal(
      await readFile(path.join(fixture.storage, 'damaged', 'c.2.json'), 'utf8'),
      '{"format":1,"id":"c","sta',
    );

    const row = await rowOf(workbench, 'From the future');
    await waitForState(row, /^Made by a newer version$/);
    assert.deepEqual(await menuOf(workbench, row, /./), [
      'Generate again',
      'New storyboard',
      'Copy prompt',
      'Copy diagnostics',
    ]);
    const page = await preview(workbench, row);
    await waitForPage(page, 'readonly');
    assert.equal(await page.locator('#heading').innerText(), 'Made by a newer version of the extension');
    assert.equal(await readFile(path.join(fixture.storage, 'tasks', 'b.7.json'), 'utf8'), newer);
    assert.deepEqual(fixture.emulator.ledger.entries, []);
  });

  it('goes out to a file and comes back from it', async () => {
    const { emulator } = fixture;
    const { workbench, folder } = await openWithKey();
    await generate(workbench, 'A suitcase');
    const row = await rowOf(workbench, 'A suitcase');
    await waitForState(row, /^Ready$/);
    await closeNotifications(workbench);
    const file = path.join(folder, 'tasks.json');

    await workbench.runCommand('Seedance: Export tasks');
    await answerFileDialog(workbench, file);
    await workbench.waitForNotification('Tasks exported: 1.');
    const text = await readFile(file, 'utf8');
    assert.match(text, /"prompt": "A suitcase"/);
    assert.ok(!text.includes(emulator.key), 'no key in it');

    await workbench.chooseInMenu(row, 'Remove from list');
    await workbench.dialog.locator('.monaco-button', { hasText: 'Remove' }).click();
    await until(
      'rows',
      () => workbench.treeRow('A suitcase').count(),
      (count) => count === 0,
    );
    assert.deepEqual(filesOf('.mp4'), []);
    await workbench.runCommand('Seedance: Import tasks');
    await answerFileDialog(workbench, file);
    assert.match(await workbench.dialog.innerText(), /Import tasks: 1\?[^]*The service will be asked about 1 of them/);
    await workbench.dialog.locator('.monaco-button', { hasText: 'Import' }).click();
    await workbench.waitForNotification('Tasks imported: 1; already in the list: 0.');
    // Its link lives: the video is fetched again, and nothing is paid again.
    await waitForState(await rowOf(workbench, 'A suitcase'), /^Ready$/);
    assert.deepEqual(
      { videos: filesOf('.mp4').length, charged: emulator.ledger.charged().length },
      { videos: 1, charged: 1 },
    );
  });

  it('gives room back: what is saved elsewhere is ticked, an only copy is not', async () => {
    const { workbench, folder } = await openWithKey();
    for (const prompt of ['A saved one', 'An only one']) {
      await generate(workbench, prompt);
      await waitForState(await rowOf(workbench, prompt), /^Ready$/);
    }
    await workbench.chooseInMenu(await rowOf(workbench, 'A saved one'), 'Save to workspace');
    await waitForState(await rowOf(workbench, 'A saved one'), /^Saved$/);
    assert.equal(filesOf('.mp4').length, 2);
    await workbench.runCommand('Seedance: Clean up local copies');
    await question(workbench, /^Local copies: /).waitFor();
    const rows = workbench.quickInput.locator('.monaco-list-row');
    const ticked = (text: string) => rows.filter({ hasText: text }).getByRole('checkbox', { checked: true }).count();
    assert.deepEqual(
      { saved: await ticked('A saved one'), unsaved: await ticked('An only one') },
      { saved: 1, unsaved: 0 },
    );
    await workbench.page.keyboard.press('Enter');
    await workbench.waitForNotification('Local copies deleted, room freed:');
    assert.equal(filesOf('.mp4').length, 1);
    assert.equal(
      readdirSync(path.join(folder, 'seedance')).filter((name) => name.endsWith('.mp4')).length,
      1,
      'what is saved stays',
    );
    await waitForState(await rowOf(workbench, 'An only one'), /^Ready$/);
  });
});

interface OpenWindow {
  readonly workbench: Workbench;
  readonly folder: string;
  /** Process id of its extension host. */
  readonly host: number;
}

async function openWithKey(): Promise<OpenWindow> {
  const window = await fixture.open();
  await setKey(window.workbench);
  return { ...window, host: onlyHost() };
}

/** On different folders in one profile, both with the key. */
async function twoWindows(): Promise<{ here: OpenWindow; there: OpenWindow }> {
  const profile = await fixture.emptyProfile();
  const first = await fixture.openIn(profile, await fixture.workspace());
  await setKey(first.workbench);
  const here = { ...first, host: onlyHost() };
  const second = await fixture.openIn(profile, await fixture.workspace());
  const [host, ...more] = await until(
    'hosts',
    () => fixture.server.extensionHosts().filter((pid) => pid !== here.host),
    (hosts) => hosts.length > 0,
  );
  assert.ok(host !== undefined && more.length === 0);
  return { here, there: { ...second, host } };
}

async function openTree(workbench: Workbench): Promise<void> {
  await workbench.openContainer('Seedance');
}

function onlyHost(): number {
  const [host, ...more] = fixture.server.extensionHosts();
  assert.ok(host !== undefined && more.length === 0, 'one extension host');
  return host;
}

/** As the system does it when memory runs out: nobody is told, nothing is closed. */
async function killHost(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await until(
    'hosts',
    () => fixture.server.extensionHosts(),
    (hosts) => !hosts.includes(pid),
  );
}

/** Process id of the window that asks and fetches. */
function worker(): number | undefined {
  const folder = path.join(fixture.storage, 'worker');
  const newest = Math.max(...(existsSync(folder) ? readdirSync(folder) : []).map(Number));
  if (!Number.isFinite(newest)) return undefined;
  try {
    return Number(readFileSync(path.join(folder, String(newest)), 'utf8').split(':')[1]);
  } catch {
    return undefined; // given back meanwhile
  }
}

/** Files of the extension's own folder of videos. */
function filesOf(ending: string): string[] {
  const folder = path.join(fixture.storage, 'videos');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(ending)) : [];
}

function bytesOf(ending: string): number {
  return filesOf(ending).reduce(
    (sum, name) => sum + (statSync(path.join(fixture.storage, 'videos', name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

/** The entries of a row's context menu, in their order. */
async function menuOf(workbench: Workbench, row: Locator, fitting: RegExp): Promise<string[]> {
  await row.click({ button: 'right' });
  const entries = workbench.page.locator('.monaco-menu .action-menu-item .action-label:not(.separator)');
  await entries.first().waitFor();
  const texts = await entries.allInnerTexts();
  await workbench.page.keyboard.press('Escape');
  return texts.map((text) => text.trim()).filter((text) => text !== '' && fitting.test(text));
}

/** VS Code's own file dialog, which its server shows in place of the system's. */
async function answerFileDialog(workbench: Workbench, file: string): Promise<void> {
  const field = workbench.quickInput.locator('input').first();
  await until(
    'the dialog suggests',
    () => field.inputValue(),
    (text) => text.startsWith('/'),
  );
  // It goes on suggesting for a while, into what was typed, and an Enter while it lists a folder is lost.
  await until(
    'the dialog is open',
    async () => {
      // It may close between two of these steps; then there is no field any more.
      const typed = await field.inputValue({ timeout: 1_000 }).catch(() => undefined);
      if (typed === file) {
        await workbench.page.keyboard.press('Enter');
      } else if (typed !== undefined) {
        await field.fill(file, { timeout: 1_000 }).catch(() => undefined);
      }
      return workbench.quickInput.isVisible();
    },
    (isOpen) => !isOpen,
    20_000,
  );
}

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  const folder = path.join(fixture.storage, 'tasks');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
}

function record({ id, prompt, createdAt }: { id: string; prompt: string; createdAt: number }): TaskRecord {
  return {
    format: 1,
    id,
    state: 'failed',
    origin: 'generated',
    account: getKeyFingerprint(fixture.emulator.key),
    request: { model: 'seedance-1-pro-480P-2s', prompt },
    createdAt,
    finishedAt: createdAt,
    saved: [],
  };
}
