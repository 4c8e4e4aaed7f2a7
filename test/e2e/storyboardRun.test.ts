import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Workbench } from '../vscode/workbench';
import { offered, question, rowOf, setKey, until } from './actions';
import { fixture } from './setup';

const PICTURES = path.resolve('out', 'ui');
const RESTART_MS = 30_000;
const RUN_MS = 120_000;

/** A chain of three, one that is refused, one whose answer is lost, and one by itself. */
const FILM = `# The fox

## Shot 1: Dawn
> A red fox wakes in the snow.

## Shot 2: Forest
- continue: Shot 1

> The fox runs into the forest.

## Shot 3: Night
- continue: Shot 2

> The fox falls asleep.

## Shot 4: Owl
> An owl turns its head.

## Shot 5: River
> A river carries ice.

## Shot 6: Moon
> The moon rises above the hills.
`;

describe('a storyboard that is run', () => {
  before(async () => {
    await mkdir(PICTURES, { recursive: true });
  });

  it('asks once, is killed in the middle, goes on when the user says so, and pays for each shot once', async function () {
    this.timeout(300_000);
    const { emulator } = fixture;
    emulator.behaviour.video = 'real';
    emulator.behaviour.durations = 3_000;
    fixture.sandbox.changeSettings({ 'seedance.firstFrame.delivery': 'inline' });
    // Of the orders that are sent at once: Shot 1, 4, 5, 6.
    emulator.faults.add({ kind: 'code', code: 1002, match: { route: 'create', nth: 2 } });
    emulator.faults.add({ kind: 'resetAfterRead', match: { route: 'create', nth: 3 } });
    const { workbench, folder } = await fixture.open({ 'fox.storyboard.md': FILM });
    await setKey(workbench);
    await workbench.openFile('fox.storyboard.md');

    await workbench.runCommand('Seedance: Generate missing shots');
    const rows = await offered(workbench);
    assert.match(rows[0]!, /Generate 6 videos – /);
    assert.match(
      rows.find((row) => row.includes('Shot 2: Forest'))!,
      /last frame of Shot 1, and waits for it/,
    );
    await workbench.screenshot(path.join(PICTURES, 'storyboard-question.png'));
    assert.equal(emulator.ledger.creates().length, 0, 'nothing is sent before Enter');
    await workbench.page.keyboard.press('Enter');
    await until(
      'the first shots',
      () => emulator.ledger.creates().length,
      (count) => count === 4,
      RUN_MS,
    );

    // Killed before Shot 1 is there: what waited is not sent by itself.
    const [host] = fixture.server.extensionHosts();
    process.kill(host!, 'SIGKILL');
    await until(
      'the host',
      () => fixture.server.extensionHosts(),
      (hosts) => !hosts.includes(host!),
    );
    const done = await rowOf(workbench, 'red fox wakes');
    await until(
      'Shot 1 is ready',
      () => done.getAttribute('aria-label'),
      (label) => /Ready/.test(label ?? ''),
      RESTART_MS,
    );
    await workbench.page.waitForTimeout(2_000);
    assert.equal(emulator.ledger.creates().length, 4);

    // Once more: the refused one with another text, the lost one not, the chain as it comes. What is typed meanwhile stays.
    await workbench.openFile('fox.storyboard.md');
    await workbench.selectText('An owl turns its head.');
    await workbench.page.keyboard.type('An owl opens its eyes.');
    await workbench.runCommand('Seedance: Generate missing shots');
    await offered(workbench);
    await until(
      'the question',
      () => offered(workbench),
      (items) =>
        /Generate 3 videos – /.test(items[0] ?? '') && items.some((item) => /Shot 5: River.*not known/.test(item)),
    );
    await workbench.page.keyboard.press('Enter');
    await question(workbench, /^Seedance$/).waitFor({ state: 'hidden' });
    await typeAtEnd(workbench, 'Notes that are typed while the last frame is taken.');
    await until(
      'all shots',
      () => emulator.ledger.creates().length,
      (count) => count === 7,
      RUN_MS,
    );
    const prompts = emulator.ledger.creates().map(({ body }) => (body as { prompt: string }).prompt);
    assert.equal(new Set(prompts).size, 7);
    assert.equal(emulator.ledger.charged().length, 6, 'six orders: each shot is paid for once');
    const images = emulator.ledger.creates().filter(({ body }) => (body as { images?: string[] }).images?.length);
    assert.equal(images.length, 2, 'two begin with the last frame of another');
    await workbench.runCommand('File: Save');
    await until(
      'the text',
      () => readFile(path.join(folder, 'fox.storyboard.md'), 'utf8'),
      (text) =>
        text ===
        `${FILM.replace('An owl turns its head.', 'An owl opens its eyes.')}Notes that are typed while the last frame is taken.`,
    );
  });
});

async function typeAtEnd({ page }: Workbench, text: string): Promise<void> {
  await page.keyboard.press('Control+End');
  await page.keyboard.type(text, { delay: 120 });
}
