import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { retry, type Workbench } from '../vscode/workbench';
import {
  acceptOffer,
  answer,
  closeNotifications,
  generate,
  offered,
  preview,
  question,
  READY_MS,
  rowOf,
  setKey,
  until,
  waitForState,
} from './actions';
import { filesIn, fixture } from './setup';

const PICTURES = path.resolve('out', 'ui');
const USUAL = 'Seedance 1 Pro · 1080P · 5 s';

/** The rows of the quick pick that is open, as they read. */
async function rows(workbench: Workbench, title: string | RegExp): Promise<string[]> {
  const list = question(workbench, title).locator('.monaco-list-row');
  await list.first().waitFor();
  return Promise.all(
    (await list.all()).map(async (row) => ((await row.getAttribute('aria-label')) ?? '').replaceAll('\u00a0', ' ')),
  );
}

/** The text of the status bar item. */
async function waitForNext(workbench: Workbench, text: string): Promise<void> {
  await until(
    'the status bar says',
    () => workbench.statusBarItem(/₽|price unknown/).allInnerTexts(),
    (texts) => texts.some((shown) => shown.replaceAll('\u00a0', ' ').trim() === text),
  );
}

async function enter(workbench: Workbench): Promise<void> {
  await workbench.page.keyboard.press('Enter');
}

describe('models and prices', () => {
  it('shows the next generation in the status bar, where a click changes it for the workspace', async () => {
    const { workbench, folder } = await fixture.open({ 'shots.txt': 'A fox' });
    await workbench.openContainer('Seedance');
    assert.equal(await workbench.statusBarItem('₽').count(), 0, 'without a key there is nothing to say');
    await setKey(workbench);
    await waitForNext(workbench, `${USUAL} · 16:9 · 122 ₽`);

    await workbench.statusBarItem('₽').locator('a').click();
    const first = await rows(workbench, 'Model');
    assert.match(first[0] ?? '', /Seedance 1 Pro · 1080P · 5 s, 122 ₽/);
    assert.match(first.join('\n'), /Seedance 2, from 140 ₽ · 480P, 720P, 1080P, 4K · with sound/);
    assert.ok(first.length < 15, `${first.length} rows`);
    await workbench.pick('from 140');
    // Resolution and duration stay as they were: the second Enter is enough.
    const second = await rows(workbench, /^Seedance 2 · with sound$/);
    assert.ok(
      second.some((row) => row.startsWith('4K · 5 s, 1,560 ₽')),
      second.join('\n'),
    );
    assert.ok(!second.some((row) => row.includes('· 2 s,')), 'only what exists');
    await enter(workbench);
    await question(workbench, 'Keep as default').waitFor();
    await workbench.pick('For this workspace');
    await waitForNext(workbench, 'Seedance 2 · 1080P · 5 s · 16:9 · 408 ₽');
    const settings = JSON.parse(await readFile(path.join(folder, '.vscode', 'settings.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    assert.deepEqual(settings, { 'seedance.model': 'seedance-2-1080P-5s' });
  });

  it('takes the last choice with two keystrokes, and keeps the price that was shown', async () => {
    const { emulator } = fixture;
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await workbench.runCommand('Seedance: Generate video…');
    await answer(workbench, 'Generate video', 'A fox');
    await offered(workbench);
    await workbench.pick('Model:');
    await rows(workbench, 'Model');
    await workbench.pick('Seedance 1 Pro Fast');
    await rows(workbench, 'Seedance 1 Pro Fast');
    await workbench.pick('480P · 2 s');
    assert.match((await offered(workbench))[0] ?? '', /Generate – 4\s₽/);
    await acceptOffer(workbench);
    await waitForState(await rowOf(workbench, 'A fox'), /^Ready$/);

    await workbench.runCommand('Seedance: Generate video…');
    await waitForNext(workbench, 'Seedance 1 Pro Fast · 480P · 2 s · 16:9 · 4 ₽');
    await answer(workbench, 'Generate video', 'A hen');
    assert.match((await offered(workbench))[0] ?? '', /Generate – 4\s₽/, 'what was chosen last is proposed');
    await workbench.page.keyboard.press('ArrowDown');
    await enter(workbench);
    assert.match((await rows(workbench, 'Model'))[0] ?? '', /Seedance 1 Pro Fast · 480P · 2 s, 4 ₽/);
    await enter(workbench);
    assert.match((await offered(workbench))[0] ?? '', /Generate – 4\s₽/);
    // The service changes its mind between question and answer: on the record is what the user saw.
    emulator.behaviour.models = emulator.behaviour.models.map((model) => ({ ...model, price: 999 }));
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 2,
    );
    assert.deepEqual(
      emulator.ledger.creates().map(({ body }) => (body as { model: string }).model),
      ['seedance-1-pro-fast-480P-2s', 'seedance-1-pro-fast-480P-2s'],
    );
    const page = await preview(workbench, await rowOf(workbench, 'A hen'));
    await page.locator('#facts', { hasText: /4\s₽/ }).waitFor();
  });

  it('offers the other makers by id and price, and an unknown price as unknown', async () => {
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await workbench.runCommand('Seedance: Generate video…');
    await answer(workbench, 'Generate video', 'A fox');
    await offered(workbench);
    await workbench.pick('Model:');
    await rows(workbench, 'Model');
    await workbench.page.keyboard.type('Other');
    await enter(workbench);
    const others = await rows(workbench, 'Other models of the service');
    assert.ok(
      others.some((row) => row.startsWith('sora-2-1280x720-8s, 160 ₽')),
      others.join('\n'),
    );
    await workbench.pick('wan-2-5-720P-5s');
    assert.match((await offered(workbench))[0] ?? '', /Generate, price unknown/);
    await acceptOffer(workbench);
    await until(
      'creates',
      () => fixture.emulator.ledger.charged().length,
      (count) => count === 1,
    );
  });

  it('leads from a refused model to the picker with the list of the service', async () => {
    const { emulator } = fixture;
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await waitForNext(workbench, `${USUAL} · 16:9 · 122 ₽`);
    emulator.behaviour.models = [
      { id: 'seedance-9-480P-5s', price: 7 },
      { id: 'seedance-2-480P-5s', price: 140 },
    ];
    await generate(workbench, 'A fox');
    await workbench.pressInNotification('The service did not accept the request', 'Choose another model');
    const list = await rows(workbench, 'Model');
    assert.match(list.join('\n'), /^Seedance 9, [^\n]*\nSeedance 2, [^\n]*$/);
    await enter(workbench);
    await rows(workbench, 'Seedance 9');
    await enter(workbench);
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 1,
    );
    assert.deepEqual(
      emulator.ledger.creates().map(({ body }) => (body as { model: string }).model),
      ['seedance-1-pro-1080P-5s', 'seedance-9-480P-5s'],
    );
  });

  it('leads from a forbidden model to the others', async () => {
    const { emulator } = fixture;
    const { workbench } = await fixture.open();
    await setKey(workbench);
    emulator.world.account.forbidden.push('seedance-1-pro-1080P-5s');
    await generate(workbench, 'A fox');
    await workbench.pressInNotification('Your organisation may not use this model', 'Choose another model');
    const list = await rows(workbench, 'Model');
    assert.ok(!list.some((row) => row.includes(USUAL)), list.join('\n'));
    await workbench.pick('Seedance 1 Pro');
    await rows(workbench, 'Seedance 1 Pro');
    await workbench.pick('1080P · 2 s');
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 1,
    );
  });
});

describe('settings.json', () => {
  it('completes the model', async () => {
    const { workbench } = await fixture.open({ '.vscode/settings.json': '{\n  "seedance.model": ""\n}\n' });
    await workbench.openFile('settings.json');
    await workbench.page.locator('.editor-group-container.active .monaco-editor .view-lines').first().click();
    for (const key of ['Control+Home', 'ArrowDown', 'End', 'ArrowLeft']) await workbench.page.keyboard.press(key);
    const suggestion = workbench.page.locator('.suggest-widget.visible .monaco-list-row', {
      hasText: 'seedance-2-mini-4K-15s',
    });
    await retry(30_000, async () => {
      await workbench.page.keyboard.press('Escape');
      await workbench.page.keyboard.press('Control+Space');
      await workbench.page
        .locator('.suggest-widget.visible .monaco-list-row', { hasText: 'seedance-' })
        .first()
        .waitFor({ timeout: 3_000 });
    });
    await workbench.page.keyboard.type('seedance-2-mini-4K');
    await suggestion.waitFor();
    await enter(workbench);
    await workbench.page.locator('.view-lines', { hasText: '"seedance.model": "seedance-2-mini-4K-15s"' }).waitFor();
  });
});

describe('money', () => {
  it('says before sending that the balance is too low, and after a refusal what is missing', async () => {
    const { emulator } = fixture;
    const { workbench } = await fixture.open();
    await setKey(workbench);
    emulator.world.account.balance = 40.5;
    await workbench.runCommand('Seedance: Generate video…');
    await answer(workbench, 'Generate video', 'A fox');
    await until(
      'the offer says',
      () => offered(workbench),
      ([first]) => /Balance: 40\.50\s₽, that is 81\.50\s₽ too little/.test(first ?? ''),
    );
    await acceptOffer(workbench); // said, not enforced
    assert.match(
      await workbench.waitForNotification('not enough money'),
      /Balance: 40\.50\s₽, price: 122\s₽, missing: 81\.50\s₽\./,
    );
    assert.equal(emulator.ledger.creates().length, 1);
    await closeNotifications(workbench);

    emulator.world.account.creditLimit = 15_000;
    await workbench.runCommand('Seedance: Check API key and balance');
    assert.match(
      await workbench.waitForNotification('Personal wallet'),
      /Balance: 40\.50\s₽ \(credit limit 15,000\s₽\)\. Personal wallet: 250\s₽/,
    );
  });

  it('asks past the daily budget in every window, for the user and for programs', async () => {
    const { emulator } = fixture;
    fixture.sandbox.changeSettings({ 'seedance.dailyBudget': 200 });
    await writeFile(
      path.join(fixture.sandbox.userData, 'User', 'keybindings.json'),
      JSON.stringify([
        {
          key: 'ctrl+alt+g',
          command: 'seedance.generate',
          args: { prompt: 'A crow', model: 'seedance-1-pro-fast-1080P-10s', ask: false },
        },
      ]),
    );
    const { workbench: here } = await fixture.open();
    await setKey(here);
    await generate(here, 'A fox');
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 1,
    );
    assert.equal(await here.dialog.count(), 0, 'within the budget nobody asks');

    const { workbench: there } = await fixture.openIn(here.page.context(), await fixture.workspace());
    await waitForNext(there, `${USUAL} · 16:9 · 122 ₽`);
    await generate(there, 'A hen');
    await there.dialog.waitFor();
    const text = (await there.dialog.innerText()).replaceAll('\u00a0', ' ');
    assert.match(
      text,
      /This goes past the daily budget of 200 ₽\.[^]*Today so far: 122 ₽\.[^]*With this: 244 ₽, which is 44 ₽ more than the budget\./,
    );
    await there.page.keyboard.press('Escape');
    // Back at the question: something cheaper may be chosen. Given up here.
    await offered(there);
    await there.page.keyboard.press('Escape');
    assert.equal(emulator.ledger.creates().length, 1);

    await there.page.keyboard.press('Control+Alt+G');
    await there.dialog.waitFor();
    assert.match(await there.dialog.innerText(), /A crow[^]*20\s₽ more than the budget/);
    await there.dialog.locator('.monaco-button', { hasText: 'Generate – 98' }).click();
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 2,
    );
  });

  it('shows what was spent, also for what was removed, and exports it', async () => {
    const { emulator } = fixture;
    const { workbench, folder } = await fixture.open();
    await setKey(workbench);
    await generate(workbench, 'A fox');
    const fox = await rowOf(workbench, 'A fox');
    await waitForState(fox, /^Ready$/);
    await generate(workbench, 'A hen #fail');
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 2,
    );
    await waitForState(await rowOf(workbench, 'A hen'), /Failed/);
    await workbench.runCommand('Seedance: Show spending');
    const page = workbench.webview();
    const shown = async () => (await page.locator('main').innerText()).replaceAll('\u00a0', ' ');
    await until(
      'the page says',
      shown,
      (text) => /Today\s+244 ₽\s+Tasks: 2/.test(text) && /Failed\s+122 ₽/.test(text),
      READY_MS,
    );
    assert.match(await shown(), /Done: 1 · 122 ₽/);
    await closeNotifications(workbench);
    await mkdir(PICTURES, { recursive: true });
    for (const theme of ['light', 'dark', 'highContrast'] as const) {
      await workbench.useTheme(theme);
      await workbench.screenshot(path.join(PICTURES, `spending-${theme}.png`));
    }

    await workbench.chooseInMenu(await rowOf(workbench, 'A hen'), 'Remove from list');
    await until(
      'rows',
      () => workbench.treeRow('A hen').count(),
      (count) => count === 0,
    );
    await workbench.runCommand('Seedance: Show spending');
    assert.match(await shown(), /Today\s+244 ₽/);

    await page.locator('nav a', { hasText: 'Export' }).click();
    await workbench.accept(); // the name that is proposed
    await workbench.waitForNotification('Saved as seedance-');
    const [file = ''] = await filesIn(folder);
    assert.match(file, /^seedance-\d{4}-\d\d-\d\d\.csv$/);
    const lines = (await readFile(path.join(folder, file), 'utf8')).trimEnd().split('\r\n');
    assert.equal(lines.length, 3);
    assert.match(lines[1] ?? '', /"done","seedance-1-pro-1080P-5s",122,"listed",122,,"done","[0-9a-f]{24}","A fox"/);
    assert.match(lines[2] ?? '', /"failed","seedance-1-pro-1080P-5s",122,"listed",122,,"failed","[0-9a-f]{24}",""/);
  });
});
