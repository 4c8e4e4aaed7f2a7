import assert from 'node:assert/strict';
import type { Workbench } from '../vscode/workbench';
import { acceptOffer, offered, preview, rowOf, setKey, waitForPage, waitForState } from './actions';
import { fixture } from './setup';

const SCRIPT = 'globalThis.pwned = true; alert(1)';
/** What a page, a Markdown text, a label and a reader's eye could each be fooled by. */
const HOSTILE = `<img src=x onerror="${SCRIPT}"> [x](command:seedance.removeApiKey) $(alert) \u202Egnp.exe <script>${SCRIPT}</script>`;

describe('hostile text', () => {
  it('of prompt and service is shown as text everywhere, and runs nothing', async () => {
    const { emulator } = fixture;
    emulator.behaviour.failure = { code: 0, status: 'failed', message: HOSTILE };
    const prompt = `#fail ${HOSTILE} `.padEnd(8_000, 'word ');
    const { workbench } = await fixture.open({ 'hostile.txt': prompt });
    const dialogs: string[] = [];
    workbench.page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await setKey(workbench);
    await workbench.openFile('hostile.txt');
    await workbench.page.locator('.editor-group-container.active .monaco-editor .view-lines').first().click();
    await workbench.page.keyboard.press('Control+A');
    await workbench.runCommand('Seedance: Generate from selection');
    const offer = await offered(workbench);
    assert.match(offer.join('\n'), /Prompt: #fail <img src=x onerror/);
    await offerShowsText(workbench);
    await acceptOffer(workbench);

    // The message.
    const told = await workbench.waitForNotification('No video: ');
    assert.match(told, /<img src=x/);
    await onlyText(workbench, '.notification-list-item-message');

    // The row and its hover.
    const row = await rowOf(workbench, '#fail');
    await waitForState(row, /^Failed/);
    assert.match(await row.locator('.label-name').innerText(), /^#fail <img src=x/);
    assert.equal(await row.locator('img').count(), 0);
    await row.hover();
    const hover = workbench.page.locator('.monaco-hover:visible').filter({ hasText: 'The service said:' });
    await hover.waitFor();
    const hovered = await hover.innerText();
    for (const part of ['<img src=x onerror=', '[x](command:seedance.removeApiKey)', '$(alert)'])
      assert.ok(hovered.includes(part), `${part} in ${hovered}`);
    assert.equal(hovered.includes('\u202e'), false);
    assert.equal(await hover.locator('a, img, script, .codicon-alert').count(), 0);

    // The preview.
    const page = await preview(workbench, row);
    await waitForPage(page, 'failed');
    const shown = await page.locator('#prompt').innerText();
    assert.match(shown, /^#fail <img src=x onerror=[^]*\[x\]\(command:seedance\.removeApiKey\) \$\(alert\) gnp\.exe/);
    assert.ok(shown.length > 7_900);
    assert.match(await page.locator('#quote').innerText(), /<img src=x[^]*\[x\]\(command:/);
    assert.equal(await page.locator('#state').locator('a, img, script').count(), 0);
    const tab = workbench.page.locator('.tabs-container .tab.active', { hasText: '#fail' });
    assert.equal((await tab.innerText()).includes('\u202e'), false);

    for (const frame of workbench.page.frames())
      assert.equal(await frame.evaluate('globalThis.pwned').catch(() => undefined), undefined);
    assert.deepEqual(dialogs, []);
    assert.ok(await workbench.offersCommand('Seedance: Remove API key'), 'the key is gone');
    assert.equal(
      (emulator.ledger.creates()[0]?.body as { prompt: string }).prompt,
      prompt.replaceAll('\u202e', '').trim(),
    );
  });

  it('of a refusal is shown as text', async () => {
    fixture.emulator.faults.add({ kind: 'code', code: 1002, message: HOSTILE, match: { route: 'create' } });
    const { workbench } = await fixture.open({ 'prompt.txt': 'A fox' });
    await setKey(workbench);
    await workbench.openFile('prompt.txt');
    await workbench.selectText('A fox');
    await workbench.runCommand('Seedance: Generate from selection');
    await acceptOffer(workbench);
    assert.match(
      await workbench.waitForNotification('The prompt did not pass the safety check'),
      /Nothing was charged\.[^]*<img src=x[^]*\[x\] \(command:/,
    );
    await onlyText(workbench, '.notification-list-item-message');
    await waitForState(await rowOf(workbench, 'A fox'), /^Failed · The prompt did not pass/);
  });
});

/** No link, picture or icon came out of the text. */
async function onlyText(workbench: Workbench, place: string): Promise<void> {
  assert.equal(await workbench.page.locator(place).locator('a, img, script, .codicon').count(), 0);
}

async function offerShowsText(workbench: Workbench): Promise<void> {
  const row = workbench.quickInput.locator('.monaco-list-row', { hasText: 'Prompt: ' });
  assert.equal(await row.locator('img, .codicon-alert').count(), 0);
}
