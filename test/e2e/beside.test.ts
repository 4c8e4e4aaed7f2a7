import assert from 'node:assert/strict';
import { generate, rowOf, setKey, until, waitForPage, waitForState } from './actions';
import { fixture } from './setup';

describe('a preview', () => {
  it('opens beside the text, and the next one in the same column', async () => {
    fixture.emulator.behaviour.durations = 300;
    const { workbench } = await fixture.open({ 'prompts.md': '# Shots\n\nA red fox in the snow.\n' });
    await setKey(workbench);
    for (const prompt of ['A red fox', 'A blue whale', 'A green frog']) {
      await generate(workbench, prompt);
      await waitForState(await rowOf(workbench, prompt), /^Ready$/);
    }
    await workbench.openFile('prompts.md');
    const columns = workbench.page.locator('.editor-group-container');
    const tabsIn = async (column: number) =>
      (await columns.nth(column).locator('.tab').allInnerTexts()).join(' ').replaceAll('\n', '');

    // The text has the focus, then a preview has it, and then the text again.
    for (const [prompt, tabs] of [
      ['A red fox', /A red fox/],
      ['A blue whale', /A red fox.*A blue whale/],
      ['A green frog', /A red fox.*A blue whale.*A green frog/],
    ] as const) {
      await (await rowOf(workbench, prompt)).click();
      await until(
        'the second column has',
        () => tabsIn(1),
        (text) => tabs.test(text),
      );
      await waitForPage(workbench.webview(), 'ready');
      assert.equal(await columns.count(), 2);
      assert.match(await tabsIn(0), /^prompts\.md$/);
      if (prompt === 'A blue whale') {
        await columns.nth(0).locator('.view-lines').first().click();
      }
    }
  });

  it('opens below the text where VS Code splits downwards', async () => {
    fixture.emulator.behaviour.durations = 300;
    fixture.sandbox.changeSettings({ 'workbench.editor.openSideBySideDirection': 'down' });
    const { workbench } = await fixture.open({ 'prompts.md': '# Shots\n' });
    await setKey(workbench);
    await generate(workbench, 'A red fox');
    const row = await rowOf(workbench, 'A red fox');
    await waitForState(row, /^Ready$/);
    await workbench.openFile('prompts.md');
    await row.click();
    const columns = workbench.page.locator('.editor-group-container');
    await waitForPage(workbench.webview(), 'ready');
    assert.equal(await columns.count(), 2);
    const [text, preview] = await Promise.all([columns.nth(0).boundingBox(), columns.nth(1).boundingBox()]);
    assert.ok(text && preview && preview.y >= text.y + text.height - 1, JSON.stringify({ text, preview }));
  });
});
