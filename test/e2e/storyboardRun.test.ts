import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Workbench } from '../vscode/workbench';
import { offered, question, rowOf, setKey, until } from './actions';
import { fixture } from './setup';

const PICTURES = path.resolve('out', 'ui');
const RESTART_MS = 30_000;
const RUN_MS = 120_000;
const FILE = 'fox.storyboard.md';

/** Of a chain of three, one that is refused, one whose answer is lost, and one by itself. */
const PARAGRAPHS = [
  'A red fox wakes in the snow.',
  'The fox runs into the forest.',
  'The fox falls asleep.',
  'An owl turns its head.',
  'A river carries ice.',
  'The moon rises above the hills.',
];

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
    const { workbench, folder } = await fixture.open({ 'fox.md': `${PARAGRAPHS.join('\n\n')}\n` });
    const { page } = workbench;
    await setKey(workbench);

    // From a selection of six paragraphs to a storyboard, and a chain in it.
    await workbench.openFile('fox.md');
    await page.locator('.editor-group-container.active .monaco-editor .view-lines').first().click();
    await page.keyboard.press('Control+A');
    await workbench.runCommand('Seedance: New storyboard');
    await question(workbench, 'New storyboard').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.tabs-container .tab.active', { hasText: FILE }).waitFor();
    for (const [shot, source] of [
      ['## Shot 2', 'Shot 1'],
      ['## Shot 3', 'Shot 2'],
    ] as const) {
      await workbench.selectText(shot);
      await page.keyboard.press('End');
      await page.keyboard.type('\n');
      await page.keyboard.insertText(`- continue: ${source}`);
    }
    const film = () => readFile(path.join(folder, FILE), 'utf8');
    await page.keyboard.press('Control+S');
    await until('the chain', film, (text) => text.includes('- continue: Shot 2'));

    await workbench.runCommand('Seedance: Generate missing shots');
    const rows = await offered(workbench);
    assert.match(rows[0]!, /Generate 6 videos – /);
    assert.match(
      rows.find((row) => row.includes('Shot 2'))!,
      /last frame of Shot 1, and waits for it/,
    );
    await workbench.screenshot(path.join(PICTURES, 'storyboard-question.png'));
    assert.equal(emulator.ledger.creates().length, 0, 'nothing is sent before Enter');
    await page.keyboard.press('Enter');
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
    await workbench.openFile(FILE);
    await workbench.selectText('An owl turns its head.');
    await page.keyboard.type('An owl opens its eyes.');
    await workbench.runCommand('Seedance: Generate missing shots');
    await offered(workbench);
    await until(
      'the question',
      () => offered(workbench),
      (items) =>
        /Generate 3 videos – /.test(items[0] ?? '') &&
        items.some((item) => /Shot 5.*may have been sent and charged/.test(item)),
    );
    await page.keyboard.press('Enter');
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
    await page.keyboard.press('Control+S');
    await until('the text', film, (text) => text.endsWith('\nNotes that are typed while the last frame is taken.'));

    // The take is chosen: a line of the file.
    await until(
      'Shot 3',
      () => workbench.treeRow('falls asleep').first().getAttribute('aria-label'),
      (label) => /Ready/.test(label ?? ''),
      RUN_MS,
    );
    await workbench.selectText('The fox falls asleep.');
    await workbench.runCommand('Seedance: Choose take…');
    await question(workbench, /^Take of “Shot 3/).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.view-line', { hasText: 'shot-3-take-1.mp4' }).waitFor();
    await page.keyboard.press('Control+S');
    await until('the take', film, (text) =>
      text.includes('- continue: Shot 2\n- take: [take 1](seedance/fox/shot-3-take-1.mp4)\n'),
    );
  });
});

async function typeAtEnd({ page }: Workbench, text: string): Promise<void> {
  await page.keyboard.press('Control+End');
  await page.keyboard.type(text, { delay: 120 });
}
