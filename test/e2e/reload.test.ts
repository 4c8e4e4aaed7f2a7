import assert from 'node:assert/strict';
import { currentTime, generate, preview, rowOf, setKey, until, waitForPage, waitForState } from './actions';
import { fixture } from './setup';

describe('a reload of the window', () => {
  it('in mid-task costs nothing: the task goes on, and so does its preview', async () => {
    const { emulator } = fixture;
    emulator.behaviour.durations = 300_000;
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await generate(workbench, 'A snail crosses a road');
    await waitForPage(await preview(workbench, await rowOf(workbench, 'A snail')), 'waiting');
    await until(
      'asked',
      () => emulator.ledger.results().length,
      (count) => count > 0,
    );

    await workbench.reload();
    const row = await rowOf(workbench, 'A snail');
    await waitForState(row, /^(Waiting|Generating) since /);
    await workbench.page.locator('.tabs-container .tab.active', { hasText: 'A snail' }).waitFor();
    const page = workbench.webview();
    await waitForPage(page, 'waiting');
    const before = await page.locator('#elapsed').innerText();
    await until(
      'the clock stands at',
      () => page.locator('#elapsed').innerText(),
      (text) => text !== before,
    );

    // It took its five minutes, and the next question learns of it.
    emulator.advance(300_000);
    await workbench.chooseInMenu(row, 'Check now');
    await waitForPage(page, 'ready');
    await waitForState(row, /^Ready$/);
    await until(
      'the video stands at',
      () => currentTime(page),
      (at) => at > 0.2,
    );
    assert.equal(emulator.ledger.creates().length, 1);

    // And once more, when all is done: nothing is asked, nothing is fetched again.
    const asked = emulator.ledger.entries.length;
    await workbench.reload();
    await waitForState(await rowOf(workbench, 'A snail'), /^Ready$/);
    await waitForPage(workbench.webview(), 'ready');
    await workbench.webview().locator('#video[data-source="copy"]').waitFor();
    assert.equal(emulator.ledger.entries.length, asked);
  });
});
