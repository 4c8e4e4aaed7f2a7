import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { Workbench } from '../vscode/workbench';
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

  it('has no label that runs into another in two columns of a window of 1024 px', async () => {
    const { workbench, row } = await openTextWithVideo();
    await workbench.page.setViewportSize({ width: 1024, height: 800 });
    await row.click();
    const page = workbench.webview();
    await waitForPage(page, 'ready');
    const [time, speed] = await Promise.all([
      page.locator('#time').boundingBox(),
      page.locator('#speed').boundingBox(),
    ]);
    const isApart = time && speed && (time.x + time.width + 4 <= speed.x || time.y + time.height <= speed.y);
    assert.ok(isApart, JSON.stringify({ time, speed }));
  });

  it('opens below the text where VS Code splits downwards', async () => {
    fixture.sandbox.changeSettings({ 'workbench.editor.openSideBySideDirection': 'down' });
    const { workbench, row } = await openTextWithVideo();
    await row.click();
    const columns = workbench.page.locator('.editor-group-container');
    await waitForPage(workbench.webview(), 'ready');
    assert.equal(await columns.count(), 2);
    const [text, preview] = await Promise.all([columns.nth(0).boundingBox(), columns.nth(1).boundingBox()]);
    assert.ok(text && preview && preview.y >= text.y + text.height - 1, JSON.stringify({ text, preview }));
  });
});

/** A window with a text in front and a video that is ready in the list. */
async function openTextWithVideo(): Promise<{ workbench: Workbench; row: Locator }> {
  fixture.emulator.behaviour.durations = 300;
  const { workbench } = await fixture.open({ 'prompts.md': '# Shots\n' });
  await setKey(workbench);
  await generate(workbench, 'A red fox');
  const row = await rowOf(workbench, 'A red fox');
  await waitForState(row, /^Ready$/);
  await workbench.openFile('prompts.md');
  return { workbench, row };
}
