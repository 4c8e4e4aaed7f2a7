import assert from 'node:assert/strict';
import { setKey } from './actions';
import { fixture } from './setup';

const MB = 1024 * 1024;

describe('a document of more than 50 MB', () => {
  it('is told to be out of reach, with what to do, and nothing is sent', async () => {
    // Otherwise VS Code asks first whether it should open a large file of a remote.
    fixture.sandbox.changeSettings({ 'workbench.editorLargeFileConfirmation': 1_024 });
    const line = 'A lighthouse in the fog, seen from a boat that comes nearer\n';
    const { workbench } = await fixture.open({ 'lines.txt': line.repeat(Math.ceil((51 * MB) / line.length)) });
    await setKey(workbench);
    await workbench.openFile('lines.txt');
    await workbench.page.locator('.monaco-editor .view-line').first().click();
    await workbench.page.keyboard.press('Shift+End');
    await workbench.runCommand('Seedance: Generate from selection');
    assert.match(
      await workbench.waitForNotification('above 50 MB'),
      /does not hand out the text of files above 50 MB to extensions\. Copy the text of the video into a new file and select it there\. Nothing was sent\./,
    );
    assert.deepEqual(fixture.emulator.ledger.creates(), []);
  });
});
