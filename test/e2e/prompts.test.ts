import assert from 'node:assert/strict';
import { closeNotifications, question, setKey, until } from './actions';
import { fixture } from './setup';

describe('a prompt that cannot be sent', () => {
  it('is answered before anything is sent', async () => {
    const { workbench } = await fixture.open({
      'blank.txt': '   \n\t\n  ',
      'long.txt': 'я'.repeat(8_001),
    });
    await setKey(workbench);
    const asked = fixture.emulator.ledger.entries.length;

    for (const [file, told] of [
      ['blank.txt', /^There is no text to generate from\. Nothing was sent\.$/],
      ['long.txt', /^The prompt has 8,001 characters; at most 8,000 can be sent\. Shorten it\. Nothing was sent\.$/],
    ] as const) {
      await workbench.openFile(file);
      await workbench.page.locator('.editor-group-container.active .monaco-editor .view-lines').first().click();
      await workbench.page.keyboard.press('Control+A');
      await workbench.runCommand('Seedance: Generate from selection');
      await workbench.waitForNotification(told);
      await closeNotifications(workbench);
    }

    await workbench.runCommand('Seedance: Generate video…');
    const box = question(workbench, 'Generate video');
    for (const [text, told] of [
      ['', 'There is no text to generate from.'],
      ['   ', 'There is no text to generate from.'],
      ['x'.repeat(8_001), 'The prompt has 8,001 characters; at most 8,000 can be sent. Shorten it.'],
    ] as const) {
      await workbench.answer(text);
      await until(
        'the box says',
        () => box.locator('.quick-input-message').innerText(),
        (message) => message.includes(told),
      );
    }
    await workbench.page.keyboard.press('Escape');
    assert.equal(fixture.emulator.ledger.entries.length, asked);
  });

  it('is not offered from an editor without a selection', async () => {
    const { workbench } = await fixture.open({ 'empty.txt': '' });
    await workbench.openContainer('Seedance');
    await workbench.openFile('empty.txt');
    assert.ok(
      await until('Generate video… is offered', () => workbench.offersCommand('Seedance: Generate video…'), Boolean),
    );
    assert.equal(await workbench.offersCommand('Seedance: Generate from selection'), false);
  });
});
