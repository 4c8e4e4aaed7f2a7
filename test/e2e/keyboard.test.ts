import assert from 'node:assert/strict';
import type { FrameLocator, Page } from 'playwright-core';
import { retry, type Workbench } from '../vscode/workbench';
import { currentTime, inPage, offered, question, setKey, until, waitForPage, waitForState } from './actions';
import { expectAccessible } from './audit';
import { fixture } from './setup';

/** What has the focus in the preview: its id, and how a screen reader calls it. */
interface Focus {
  readonly id: string;
  readonly name: string;
  readonly visible: boolean;
}

describe('without a mouse', () => {
  it('the main job is done, and everything on the way has a name', async () => {
    const { emulator } = fixture;
    emulator.behaviour.video = 'real';
    emulator.behaviour.durations = 300_000;
    const { workbench } = await fixture.open({ 'prompt.txt': 'A cat on a piano' });
    const { keyboard } = workbench.page;

    await workbench.container('Seedance').waitFor();
    await retry(20_000, async () => {
      await keyboard.press('Escape');
      await keyboard.press('Control+P');
      await workbench.quickInput.waitFor({ timeout: 2_000 });
      await keyboard.type('prompt.txt');
      await workbench.quickInput.getByRole('option', { name: 'prompt.txt' }).first().waitFor({ timeout: 2_000 });
    });
    await keyboard.press('Enter');
    await workbench.page.locator('.editor-group-container.active .view-line', { hasText: 'A cat' }).waitFor();
    await keyboard.press('Control+A');
    await command(workbench, 'Seedance: Generate from selection');
    await question(workbench, 'Set API key').waitFor();
    await keyboard.type(emulator.key);
    await keyboard.press('Enter');
    await offered(workbench);
    await keyboard.press('Enter');

    // The row says what it is, without a clock that would be read aloud each second.
    await retry(20_000, async () => {
      await command(workbench, 'Seedance: Focus on Videos View');
      await workbench.page.locator('[role="tree"][aria-label="Videos"]:focus').waitFor({ timeout: 3_000 });
    });
    await workbench.treeRow('A cat').waitFor();
    await keyboard.press('ArrowDown');
    const row = workbench.page.locator('.sidebar .pane-body .monaco-list.element-focused .monaco-list-row.focused');
    assert.match(
      (await row.getAttribute('aria-label')) ?? '',
      /^A cat on a piano\. (Sending|Waiting since|Generating since) [^]*Seedance 1 Pro[^]*122\s₽\./,
    );
    emulator.advance(300_000);
    await waitForState(row, /^Ready$/);
    assert.match((await row.getAttribute('aria-label')) ?? '', /^A cat on a piano\. Ready\./);
    await keyboard.press('Enter');

    const page = workbench.webview();
    await waitForPage(page, 'ready');
    const reached = await walk(workbench.page, page);
    for (const id of [
      'timeline',
      'play',
      'stepBack',
      'stepForward',
      'speed',
      'loop',
      'size',
      'fullscreen',
      'help',
      'save',
      'saveAs',
      'again',
      'openExternal',
      'copyPrompt',
      'prompt',
    ]) {
      assert.ok(reached.has(id), `Tab does not reach ${id}, only ${[...reached.keys()].join(', ')}`);
    }
    for (const { id, name, visible } of reached.values()) {
      assert.notEqual(name, '', `${id} has no name`);
      assert.ok(visible, `the focus on ${id} cannot be seen`);
    }

    await page.locator('#play').focus();
    await keyboard.press('k');
    await until('paused', () => inPage<boolean>(page, 'document.querySelector("#video").paused'), Boolean);
    const before = await currentTime(page);
    await keyboard.press('.');
    await until(
      'one frame on',
      () => currentTime(page),
      (at) => at !== before && Math.abs(at - before) < 0.1,
    );
    await keyboard.press('Home');
    await until(
      'at the beginning',
      () => currentTime(page),
      (at) => at === 0,
    );
    await keyboard.press('l');
    assert.equal(await page.locator('#loop').getAttribute('aria-pressed'), 'false');
    await keyboard.press('Space');
    await until(
      'plays',
      () => currentTime(page),
      (at) => at > 0.1,
    );
    await page.locator('#save').focus();
    await keyboard.press('Enter');
    await workbench.waitForNotification('Saved: seedance/A-cat-on-a-piano.mp4');
  });

  it('the preview is well-formed for those who listen to it', async () => {
    const { workbench } = await fixture.open();
    await setKey(workbench);
    const task = fixture.emulator.world.makeTask({
      owner: fixture.emulator.world.account,
      model: 'seedance-1-pro-480P-2s',
      prompt: 'A bell',
      durationMs: 0,
    });
    await workbench.runCommand('Seedance: Add task by ID');
    await question(workbench, 'Add task by ID').waitFor();
    await workbench.answer(task.id);
    const page = workbench.webview();
    await waitForPage(page, 'ready');
    await expectAccessible(page);
  });
});

/** Runs in the page. */
const FOCUS = `(() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
  return {
    id: element.id,
    name: (element.getAttribute('aria-label') ?? element.textContent).trim(),
    visible: (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none',
  };
})()`;

/** Runs a command from the palette with keys alone. */
async function command(workbench: Workbench, title: string): Promise<void> {
  const { page, quickInput } = workbench;
  await retry(30_000, async () => {
    if (await quickInput.isVisible()) await page.keyboard.press('Escape');
    await page.keyboard.press('F1');
    await quickInput.waitFor({ timeout: 2_000 });
    await page.keyboard.type(title);
    await quickInput.getByRole('option', { name: title }).first().waitFor({ timeout: 2_000 });
  });
  await page.keyboard.press('Enter');
}

/** Presses Tab through the whole preview, and tells what had the focus on the way. */
async function walk(outer: Page, page: FrameLocator): Promise<Map<string, Focus>> {
  const reached = new Map<string, Focus>();
  await page.locator('body').focus();
  for (let presses = 0; presses < 40; presses++) {
    await outer.keyboard.press('Tab');
    const focus = await inPage<Focus | null>(page, FOCUS);
    if (focus && reached.has(focus.id)) break; // once around
    if (focus) reached.set(focus.id, focus);
  }
  return reached;
}
