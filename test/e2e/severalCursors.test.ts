import assert from 'node:assert/strict';
import { acceptOffer, offered, question, READY_MS, setKey, until } from './actions';
import { fixture } from './setup';

describe('several cursors', () => {
  it('make several tasks, after one question with the sum', async () => {
    const { emulator } = fixture;
    const { workbench } = await fixture.open({ 'shots.txt': 'A red kite\n\nA green kite\n   \nA blue kite' });
    await setKey(workbench);
    await workbench.openFile('shots.txt');
    await workbench.page.locator('.editor-group-container.active .monaco-editor .view-lines').first().click();
    await workbench.page.keyboard.press('Control+A');
    await workbench.page.keyboard.press('Shift+Alt+I'); // a cursor at the end of each line
    await workbench.page.keyboard.press('Shift+Home');
    await workbench.runCommand('Seedance: Generate from selection');

    // Empty and blank lines are no prompts.
    const rows = await offered(workbench);
    assert.match(
      rows.join('\n'),
      /Generate 3 videos – 366\s₽, 122\s₽ each[^]*Prompt 1: A red kite[^]*Prompt 2: A green kite[^]*Prompt 3: A blue kite/,
    );
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 3,
    );
    assert.equal(await question(workbench, /./).count(), 0, 'a second question');
    const prompts = emulator.ledger.creates().map(({ body }) => (body as { prompt: string }).prompt);
    assert.deepEqual(prompts, ['A red kite', 'A green kite', 'A blue kite']);

    await workbench.openContainer('Seedance');
    await until(
      'rows',
      () => workbench.treeRow(/kite/).count(),
      (count) => count === 3,
    );
    const badge = workbench.page
      .locator('.activitybar .action-item', { has: workbench.page.locator('a.action-label[aria-label^="Seedance"]') })
      .locator('.badge-content');
    await until(
      'the badge says',
      () => badge.innerText(),
      (text) => text === '3',
    );
    await until(
      'the badge shows',
      () => badge.isVisible(),
      (visible) => !visible,
      READY_MS,
    );
  });
});

describe('a Markdown file with several sections', () => {
  it('is asked about, and sends the text of each with the shared style, without headings', async () => {
    const { emulator } = fixture;
    const shots = ['red', 'green', 'blue', 'white', 'black', 'grey'].map((colour) => `A ${colour} kite.`);
    const sections = shots.map((shot, index) => `## Shot ${index + 1}\n${shot}\n`).join('\n');
    const { workbench } = await fixture.open({ 'shots.md': `# Scene\n\nStyle: film grain\n\n${sections}` });
    await setKey(workbench);
    await workbench.openFile('shots.md');
    await workbench.page.locator('.editor-group-container.active .monaco-editor .view-lines').first().click();
    await workbench.page.keyboard.press('Control+A');
    await workbench.runCommand('Seedance: Generate from selection');

    const asked = question(workbench, '6 sections: 6 videos, or one?');
    await asked.locator('.monaco-list-row').first().waitFor();
    const labels = (await asked.locator('.monaco-list-rows').first().innerText()).replaceAll('\u00a0', ' ');
    assert.match(labels, /6 videos, one for each section\s*732 ₽[^]*film grain[^]*One video, of all[^]*122 ₽/);
    await workbench.page.keyboard.press('Enter');

    const rows = await offered(workbench);
    assert.match(rows.join('\n'), /Generate 6 videos – 732\s₽[^]*A red kite\./);
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 6,
    );
    const prompts = emulator.ledger.creates().map(({ body }) => (body as { prompt: string }).prompt);
    assert.deepEqual(
      prompts,
      shots.map((shot) => `${shot} film grain`),
    );
  });
});
