import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { Workbench } from '../vscode/workbench';
import { offered, question, setKey, until } from './actions';
import { fixture } from './setup';

const LONG =
  'a red fox runs over fresh snow between birches, its breath steams, the camera follows it low above the ground';

function tabOf(workbench: Workbench): Locator {
  return workbench.page.locator('.tab', { hasText: /^Prompt$/ });
}

/** The lines of the prompt, as the active editor shows them. */
async function linesOf(workbench: Workbench): Promise<string> {
  const lines = workbench.page.locator('.editor-group-container.active .monaco-editor .view-lines').first();
  return (await lines.innerText()).replaceAll('\u00a0', ' ');
}

async function showsText(workbench: Workbench, ...words: string[]): Promise<void> {
  await until(
    'the editor has the words',
    () => linesOf(workbench),
    (text) => words.every((word) => text.includes(word)),
  );
}

const charged = () => fixture.emulator.ledger.charged().length;
const sentPrompts = () => fixture.emulator.ledger.creates().map(({ body }) => (body as { prompt: string }).prompt);

describe('a prompt in an editor', () => {
  it('keeps its lines over closing and a reload, sends nothing before the money question, and ends with the order', async () => {
    const { workbench } = await fixture.open({});
    await setKey(workbench);
    const { page } = workbench;
    await workbench.runCommand('Seedance: Generate video…');
    const box = question(workbench, 'Generate video');
    await box.waitFor();
    await page.keyboard.type('first line');
    await box.getByRole('button', { name: 'Write in an editor' }).click();
    await tabOf(workbench).waitFor();
    await page.getByText('Use this prompt (Ctrl/Cmd+Enter)').first().waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('second line');
    await showsText(workbench, 'first line', 'second line');

    // At once: VS Code must not ask whether to save.
    await workbench.runCommand('View: Close Editor');
    await tabOf(workbench).waitFor({ state: 'hidden' });
    assert.equal(await workbench.dialog.isVisible(), false);
    await workbench.runCommand('Seedance: Generate video…');
    await tabOf(workbench).waitFor();
    await showsText(workbench, 'first line', 'second line');

    await page.keyboard.press('Enter');
    await page.keyboard.type('third line');
    await until(
      'it is written down',
      () => page.locator('.tab.dirty', { hasText: 'Prompt' }).count(),
      (count) => count === 0,
    );
    await workbench.reload();
    await tabOf(workbench).waitFor();
    await showsText(workbench, 'first line', 'third line');
    assert.equal(charged(), 0);
    await page.locator('.editor-group-container.active .monaco-editor .view-lines').first().click();
    await page.keyboard.press('Control+Enter');
    assert.match((await offered(workbench)).join('\n'), /Prompt: first line/);
    await tabOf(workbench).waitFor({ state: 'hidden' });
    assert.equal(charged(), 0);
    await workbench.accept();
    await until('it is ordered', charged, (count) => count === 1);
    assert.deepEqual(sentPrompts(), ['first line\nsecond line\nthird line']);
  });

  it('is where a prompt that is longer than the box is changed, and refuses what cannot be sent', async () => {
    const { workbench } = await fixture.open({ 'long.txt': LONG });
    await setKey(workbench);
    const { page } = workbench;
    await workbench.openFile('long.txt');
    await page.locator('.editor-group-container.active .monaco-editor .view-lines').first().click();
    await page.keyboard.press('Control+A');
    await workbench.runCommand('Seedance: Generate from selection');
    await offered(workbench);
    await workbench.pick('Aspect ratio:');
    await workbench.pick('9:16');
    await offered(workbench);
    await workbench.pick('Prompt:');
    await tabOf(workbench).waitFor();
    await showsText(workbench, 'follows it low above the ground');
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');
    await page.keyboard.press('Control+Enter');
    await workbench.waitForNotification('There is no text to generate from. Nothing was sent.');
    await page.keyboard.type('a whale in a teacup');
    await page.keyboard.press('Control+Enter');
    const rows = (await offered(workbench)).join('\n');
    assert.match(rows, /Prompt: a whale in a teacup/);
    assert.match(rows, /Aspect ratio: 9:16/);
    await tabOf(workbench).waitFor({ state: 'hidden' });
    assert.equal(charged(), 0);
    // There is no step before this one, and the words are kept: with a line break, in an editor.
    await page.keyboard.press('Escape');
    await workbench.runCommand('Seedance: Generate video…');
    const box = question(workbench, 'Generate video');
    await box.waitFor();
    assert.equal(await box.locator('input').first().inputValue(), 'a whale in a teacup');
    await page.keyboard.press('End');
    await box.getByRole('button', { name: 'Write in an editor' }).click();
    await tabOf(workbench).waitFor();
    await showsText(workbench, 'a whale in a teacup');
    await page.keyboard.press('Enter');
    await page.keyboard.type('at dawn');
    await page.locator('.editor-actions').getByRole('button', { name: 'Use this prompt' }).click();
    assert.match((await offered(workbench)).join('\n'), /Aspect ratio: 9:16/);
    // One step back is the editor.
    await page.keyboard.press('Escape');
    await tabOf(workbench).waitFor();
    await showsText(workbench, 'a whale in a teacup', 'at dawn');
    assert.equal(charged(), 0);
  });
});
