import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { acceptOffer, answer, offered, question, setKey, until } from './actions';
import { fixture } from './setup';

const PICTURES = path.resolve('out', 'ui');
const PROMPT = 'A quiet street at night, no people, no cars. Slow push in, then pan left.';

describe('remarks about a prompt', () => {
  it('stand in the question, are mended there, and Enter generates as before', async () => {
    const { emulator } = fixture;
    const { workbench } = await fixture.open();
    await mkdir(PICTURES, { recursive: true });
    await setKey(workbench);
    await workbench.runCommand('Seedance: Generate video…');
    await answer(workbench, 'Generate video', PROMPT);
    const rows = () =>
      until(
        'the remarks',
        () => offered(workbench),
        (all) => all.some((row) => /remark/.test(row)),
      );
    const before = await rows();
    assert.match(before[0]!, /Generate – 122/);
    assert.match(
      before.find((row) => row.includes('3 remarks'))!,
      /“no people”: the model does not follow negations/,
    );
    await workbench.screenshot(path.join(PICTURES, 'remarks.png'));

    const choose = async (text: string) => {
      await workbench.quickInput.locator('.monaco-list-row', { hasText: text }).first().click();
    };
    await choose('3 remarks');
    await question(workbench, 'Remarks about the prompt').waitFor();
    await workbench.screenshot(path.join(PICTURES, 'remarks-list.png'));
    await choose('Write: deserted');
    await until(
      'the question',
      () => offered(workbench),
      (all) => all.some((row) => row.includes('2 remarks')),
    );
    await choose('2 remarks');
    await choose('Apply all changes to the text');
    const after = await until(
      'the question',
      () => offered(workbench),
      (all) => all.some((row) => row.includes('night, deserted. Slow push in.')),
    );
    assert.match(after[0]!, /Generate – 122/, 'the price is the same');
    assert.ok(!after.some((row) => row.includes('remark')), after.join('\n'));
    assert.equal(emulator.ledger.creates().length, 0);
    await acceptOffer(workbench);
    await until(
      'created',
      () => emulator.ledger.charged().length,
      (count) => count === 1,
    );
    assert.equal(
      (emulator.ledger.creates()[0]?.body as { prompt: string }).prompt,
      'A quiet street at night, deserted. Slow push in.',
    );
  });

  it('are not there when they are turned off', async () => {
    fixture.sandbox.changeSettings({ 'seedance.promptChecks': false });
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await workbench.runCommand('Seedance: Generate video…');
    await answer(workbench, 'Generate video', PROMPT);
    // What the remarks would come after: the price of the service's list, which is fetched.
    await until(
      'the question',
      () => offered(workbench),
      (all) => all.length > 3,
    );
    await question(workbench, /^Seedance$/)
      .locator('.monaco-list-row', { hasText: 'Aspect ratio' })
      .click();
    await question(workbench, 'Aspect ratio').waitFor();
    await workbench.page.keyboard.press('Enter');
    const rows = await until(
      'the question',
      () => offered(workbench),
      (all) => all.some((row) => row.includes('Generate –')),
    );
    assert.ok(!rows.some((row) => row.includes('remark')), rows.join('\n'));
  });
});
