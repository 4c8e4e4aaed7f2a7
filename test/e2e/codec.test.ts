import assert from 'node:assert/strict';
import { freshProfile } from '../vscode/browser';
import { generate, preview, rowOf, setKey, waitForPage, waitForState } from './actions';
import { fixture } from './setup';

describe('a VS Code that cannot play the video', () => {
  it('says so, and opens it outside', async () => {
    const profile = await freshProfile(fixture.browser);
    // As in a browser that was built without the licensed decoders.
    await profile.addInitScript("HTMLMediaElement.prototype.canPlayType = () => '';");
    const { workbench } = await fixture.openIn(profile, await fixture.workspace());
    await setKey(workbench);
    await generate(workbench, 'An owl turns its head');
    const row = await rowOf(workbench, 'An owl');
    await waitForState(row, /^Ready$/);
    const page = await preview(workbench, row);
    await waitForPage(page, 'codec');
    assert.equal(await page.locator('#heading').innerText(), 'This VS Code cannot play the video');
    assert.match(await page.locator('#lines').innerText(), /H\.264[^]*The file itself is fine/);
    assert.ok(await page.locator('#save').isVisible());

    // Between two machines the link is what can be opened outside.
    const opened = profile.waitForEvent('page');
    await page.locator('#stage-openExternal').click();
    assert.match((await opened).url(), /_result\.mp4/);
  });

  it('notices a picture that it cannot decode', async () => {
    const { behaviour } = fixture.emulator;
    behaviour.video = async (task) => {
      const { videoOf } = await import('../emulator/video/library');
      const bytes = Buffer.from(await videoOf({ ...behaviour, video: 'tiny' }, task));
      // Whole as a file, but not one picture in it is.
      return bytes.fill(
        0xff,
        bytes.indexOf('mdat') + 8,
        bytes.indexOf('moov') > bytes.indexOf('mdat') ? bytes.indexOf('moov') - 4 : bytes.length,
      );
    };
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await generate(workbench, 'Snow on a screen');
    const row = await rowOf(workbench, 'Snow');
    await waitForState(row, /^Ready$/);
    await waitForPage(await preview(workbench, row), 'codec');
  });
});
