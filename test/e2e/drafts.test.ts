import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Workbench } from '../vscode/workbench';
import { question, setKey, until } from './actions';
import { fixture } from './setup';

const PROMPT = 'a red fox runs over fresh snow';

function textOf(workbench: Workbench): Promise<string> {
  return question(workbench, 'Generate video').locator('input').first().inputValue();
}

async function beginsWith(workbench: Workbench, expected: string): Promise<void> {
  await workbench.runCommand('Seedance: Generate video…');
  await until(
    'the box has the draft',
    () => textOf(workbench),
    (text) => text === expected,
  );
}

function readStoredState(page: Page): Promise<string> {
  // A text, since the types of this file are those of Node.
  return page.evaluate(`(async () => {
    const settle = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const texts = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await settle(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        texts.push(JSON.stringify(await settle(database.transaction(store).objectStore(store).getAll())));
      }
      database.close();
    }
    return texts.join(' ').replaceAll(String.fromCharCode(92), '');
  })()`);
}

describe('a draft', () => {
  it('survives Escape, which goes one step back, and a reload; the order ends it', async () => {
    const { workbench } = await fixture.open({ 'other.txt': 'a quite different text' });
    await setKey(workbench);
    const { page } = workbench;
    await workbench.runCommand('Seedance: Generate video…');
    await workbench.answer(PROMPT);
    const confirmation = question(workbench, 'Seedance');

    // Out of a list: to the confirmation, and nowhere else.
    for (const line of ['Model:', 'First frame:', 'Aspect ratio:', 'Prompt:']) {
      await confirmation.waitFor();
      await workbench.pick(line);
      await confirmation.waitFor({ state: 'hidden' });
      await page.keyboard.press('Escape');
    }
    await confirmation.waitFor();
    await workbench.pick('Aspect ratio:');
    await workbench.pick('1:1');
    await workbench.quickInput.getByText('Aspect ratio: 1:1').first().waitFor();

    // Out of the confirmation: to the words. Out of those: away.
    await page.keyboard.press('Escape');
    await until(
      'the words are there',
      () => textOf(workbench),
      (text) => text === PROMPT,
    );
    await page.keyboard.press('End');
    await page.keyboard.type('!');
    await page.keyboard.press('Escape');
    await workbench.quickInput.waitFor({ state: 'hidden' });

    // VS Code in a browser writes its state every few seconds; on the desktop also when the window goes.
    await until(
      'the state is stored',
      () => readStoredState(page),
      (state) => state.includes(`${PROMPT}!`) && /1:1[^]*isRatioChosen/.test(state),
    );
    await page.reload();
    await page.locator('.monaco-workbench .statusbar').waitFor();
    await beginsWith(workbench, `${PROMPT}!`);
    // Another input that takes the place is not answered with the step before.
    await page.keyboard.press('Enter');
    await workbench.quickInput.getByText('Aspect ratio: 1:1').first().waitFor();
    await page.keyboard.press('F1');
    await until(
      'the palette stays',
      () => workbench.quickInput.locator('input').first().inputValue(),
      (text) => text === '>',
    );
    // An Escape before the extension has heard of the palette may still mean the list before it, and do nothing.
    await until(
      'the palette is closed',
      async () => {
        await page.keyboard.press('Escape');
        return workbench.quickInput.isVisible();
      },
      (isVisible) => !isVisible,
    );

    // A selection is what it is.
    await workbench.openFile('other.txt');
    await page.locator('.editor-group-container.active .monaco-editor .view-lines').first().click();
    await page.keyboard.press('Control+A');
    await workbench.runCommand('Seedance: Generate from selection');
    await workbench.quickInput.getByText('Prompt: a quite different text').waitFor();
    await page.keyboard.press('Escape');
    await workbench.quickInput.waitFor({ state: 'hidden' });

    await beginsWith(workbench, `${PROMPT}!`);
    await page.keyboard.press('Enter');
    await workbench.quickInput.getByText('Aspect ratio: 1:1').first().waitFor();
    await workbench.accept();
    await until(
      'it is ordered',
      () => Promise.resolve(fixture.emulator.ledger.charged().length),
      (count) => count === 1,
    );
    await beginsWith(workbench, '');
    await page.keyboard.press('Escape');
    assert.equal(fixture.emulator.ledger.charged().length, 1);
  });
});
