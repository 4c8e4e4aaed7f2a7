import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  acceptOffer,
  closeNotifications,
  countOf,
  currentTime,
  inPage,
  offered,
  preview,
  question,
  rowOf,
  until,
  waitForPage,
  waitForState,
  wholeMarkup,
} from './actions';
import { filesIn, fixture } from './setup';

const PROMPT = 'A paper boat sails down a rainy street at dusk, slow camera.';

describe('the main job', () => {
  it('goes from a selected text to a video file in the workspace', async () => {
    const { emulator } = fixture;
    emulator.behaviour.video = 'real';
    emulator.behaviour.durations = 7_000;
    const { workbench, folder } = await fixture.open({ 'prompts.md': `# Shots\n\n${PROMPT}\n` });

    // Without a key, the command asks for it and then goes on with what was wanted.
    await workbench.openContainer('Seedance');
    await workbench.openFile('prompts.md');
    await workbench.selectText(PROMPT);
    await workbench.runCommand('Seedance: Generate from selection');
    await question(workbench, 'Set API key').waitFor();
    await workbench.answer(emulator.key);
    await workbench.waitForNotification(/The API key works and is stored\. Balance: 10,000\s₽/);
    assert.match(
      (await offered(workbench)).join('\n'),
      /Generate – 122\s₽[^]*Model: [^]*Aspect ratio: 16:9[^]*First frame: none[^]*Prompt: A paper boat/,
    );
    assert.equal(emulator.ledger.creates().length, 0);
    await acceptOffer(workbench);

    // The row lives: the clock goes on, and nobody is asked for that.
    const row = await rowOf(workbench, 'A paper boat');
    await waitForState(row, /^(Waiting|Generating) since /, 10_000);
    const first = await until(
      'the clock stands at',
      () => countOf(row),
      (text) => /^0:0[1-3]$/.test(text),
    );
    const asked = emulator.ledger.entries.length;
    await until(
      'the clock stands at',
      () => countOf(row),
      (text) => text !== first,
      3_000,
    );
    assert.equal(emulator.ledger.entries.length, asked, 'a second passed, and the service was asked');
    assert.deepEqual(
      emulator.ledger.creates().map(({ body }) => body),
      [{ model: 'seedance-1-pro-1080P-5s', prompt: PROMPT, ar: '16:9' }],
    );

    // The preview counts along, and plays as soon as there is something to play.
    const page = await preview(workbench, row);
    await waitForPage(page, 'waiting');
    assert.match(await page.locator('#elapsed').innerText(), /^0:\d\d$/);
    await waitForPage(page, 'ready');
    await waitForState(row, /^Ready$/);
    const from = await currentTime(page);
    await until(
      'the video stands at',
      () => currentTime(page),
      (at) => at > from + 0.3,
    );
    assert.equal(
      await inPage(
        page,
        '(({ videoWidth, videoHeight }) => videoWidth / videoHeight)(document.querySelector("#video"))',
      ),
      16 / 9,
    );
    await page.locator('#video[data-source="copy"]').waitFor();

    // Saved: byte for byte what was served, and beside it how it was made.
    await closeNotifications(workbench);
    await page.locator('#save').click();
    assert.match(await workbench.waitForNotification('Saved: '), /^Saved: seedance\/A-paper-boat[^/]*\.mp4$/);
    await waitForState(row, /^Saved$/);
    const [json = '', video = ''] = await filesIn(path.join(folder, 'seedance'));
    assert.deepEqual(
      [json, video].map((name) => path.extname(name)),
      ['.json', '.mp4'],
    );
    assert.equal(path.basename(json, '.json'), path.basename(video, '.mp4'));
    const served = await fetch(`${emulator.filesUrl}${emulator.ledger.downloads()[0]?.path}`);
    assert.ok(
      Buffer.from(await served.arrayBuffer()).equals(await readFile(path.join(folder, 'seedance', video))),
      'the file differs from what was served',
    );
    const metadata = JSON.parse(await readFile(path.join(folder, 'seedance', json), 'utf8')) as Record<string, unknown>;
    const { file, prompt, model, aspectRatio, taskId, priceRoubles } = metadata;
    assert.deepEqual(
      { file, prompt, model, aspectRatio, taskId, priceRoubles },
      {
        file: video,
        prompt: PROMPT,
        model: 'seedance-1-pro-1080P-5s',
        aspectRatio: '16:9',
        taskId: emulator.tasks.all()[0]?.id,
        priceRoubles: 122,
      },
    );
    await workbench.pressInNotification('Saved: ', 'Open');
    await workbench.page.locator('.tabs-container .tab.active', { hasText: video }).waitFor();

    assert.equal(emulator.ledger.charged().length, 1);
    assert.deepEqual(emulator.ledger.leaks(), []);
  });

  it('takes no wrong key, and shows and keeps the right one nowhere but in the secret storage', async () => {
    const { emulator, sandbox } = fixture;
    emulator.setKey('shds-5ecret-0f-this-test');
    const { workbench, folder } = await fixture.open();
    await workbench.runCommand('Seedance: Set API key');
    await question(workbench, 'Set API key').waitFor();
    assert.equal(await workbench.quickInput.locator('input').first().getAttribute('type'), 'password');
    await workbench.answer('shds-a-wr0ng-one');
    const told = workbench.quickInput.locator('.quick-input-message');
    await until(
      'the box says',
      () => told.innerText(),
      (text) => text.includes('The service refused this key. Check that it was copied whole.'),
    );

    // White space around it comes with copying.
    await workbench.answer(`  ${emulator.key} `);
    await workbench.waitForNotification('The API key works and is stored');
    await workbench.runCommand('Seedance: Check API key and balance');
    assert.match(
      await workbench.waitForNotification('The API key works. Balance'),
      /Balance: 10,000\s₽\. Personal wallet: 250\s₽/,
    );
    await workbench.runCommand('Seedance: Generate video…');
    await question(workbench, 'Generate video').waitFor();
    await workbench.answer('A lighthouse in a storm');
    await acceptOffer(workbench);
    const row = await rowOf(workbench, 'A lighthouse');
    await waitForState(row, /^Ready$/);
    await waitForPage(await preview(workbench, row), 'ready');
    await workbench.runCommand('Seedance: Show log');
    await workbench.page.locator('.panel .view-lines').first().waitFor();

    assert.ok(emulator.ledger.entries.some(({ headers }) => headers.authorization === emulator.key));
    assert.ok(!(await wholeMarkup(workbench)).includes(emulator.key), 'the page holds the key');
    const holders: string[] = [];
    for (const root of [sandbox.root, folder]) {
      for (const name of await filesIn(root)) {
        if ((await readFile(path.join(root, name)).catch(() => Buffer.alloc(0))).includes(emulator.key))
          holders.push(name);
      }
    }
    assert.deepEqual(holders, [], 'files hold the key');

    assert.ok(await workbench.offersCommand('Seedance: Remove API key'));
    await workbench.runCommand('Seedance: Remove API key');
    await workbench.waitForNotification('The API key was removed from this computer.');
    await until(
      'removing is offered',
      () => workbench.offersCommand('Seedance: Remove API key'),
      (offers) => !offers,
    );
  });
});
