import assert from 'node:assert/strict';
import {
  acceptOffer,
  answer,
  closeNotifications,
  generate,
  offered,
  preview,
  question,
  rowOf,
  setKey,
  until,
  waitForPage,
  waitForState,
} from './actions';
import { fixture } from './setup';

describe('what goes wrong', () => {
  it('in the making says why, what became of the money, and what to do', async () => {
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await generate(workbench, 'A whale in a teacup #fail');
    const row = await rowOf(workbench, 'A whale');
    await waitForState(row, /^Failed · The service could not make this video$/);
    assert.match(
      await workbench.waitForNotification('No video: '),
      /“A whale in a teacup #fail”\. The service could not make this video\. Whether a failed task is charged is decided by the service/,
    );
    await closeNotifications(workbench);

    const page = await preview(workbench, row);
    await waitForPage(page, 'failed');
    assert.equal(await page.locator('#heading').innerText(), 'No video came of it');
    assert.match(
      await page.locator('#lines').innerText(),
      /could not make this video\.\s+Whether a failed task is charged is decided by the service; your balance shows it\.\s+Change the prompt/,
    );
    assert.equal(
      await page.locator('#quote').innerText(),
      'The service said: The video could not be generated. Please try again.',
    );
    assert.equal(await page.locator('#save').isVisible(), false);
    await page.locator('#stage-remedy').click();
    assert.match((await offered(workbench)).join('\n'), /Prompt: A whale in a teacup #fail/);
    await workbench.page.keyboard.press('Escape');
    assert.equal(fixture.emulator.ledger.creates().length, 1);
  });

  it('is told also when the message before it was left alone', async () => {
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await closeNotifications(workbench);
    await generate(workbench, 'A fox');
    await workbench.waitForNotification('Video ready: “A fox”');
    await generate(workbench, 'A hen #fail');
    await waitForState(await rowOf(workbench, 'A hen'), /^Failed/);
    // VS Code puts the first away after a while, and says so to nobody.
    await workbench.notification('No video: “A hen #fail”').waitFor({ timeout: 45_000 });
    assert.equal(await workbench.notification('Video ready').count(), 0);
  });

  it('at the door is told at once, and nothing is charged', async () => {
    const { emulator } = fixture;
    const { workbench } = await fixture.open();
    await setKey(workbench);

    await generate(workbench, 'A golden palace #5');
    assert.equal(
      await workbench.waitForNotification('There is not enough money'),
      'There is not enough money on the account. Nothing was charged. Top up the account at the service, then generate again. Balance: 10,000 ₽. The service said: Insufficient balance',
    );
    await waitForState(
      await rowOf(workbench, 'A golden palace'),
      /^Failed · There is not enough money on the account$/,
    );
    await workbench.pressInNotification('There is not enough money', 'Show balance');
    await workbench.waitForNotification(/The API key works\. Balance: 10,000\s₽/);
    await closeNotifications(workbench);

    await generate(workbench, 'Something shocking #1001');
    assert.match(
      await workbench.waitForNotification('sensitive content'),
      /^The service found sensitive content in the prompt or in the first frame\. Nothing was charged\. Change the prompt or the image\. Repeating it unchanged may get the account restricted\./,
    );
    await workbench.pressInNotification('sensitive content', 'Change and generate…');
    assert.match((await offered(workbench)).join('\n'), /Prompt: Something shocking #1001/);
    await workbench.pick('Prompt: ');
    await answer(workbench, /^Prompt$/, 'Something tender');
    await acceptOffer(workbench);
    await waitForState(await rowOf(workbench, 'Something tender'), /^Ready$/);
    assert.deepEqual(
      { creates: emulator.ledger.creates().length, charged: emulator.ledger.charged().length },
      { creates: 3, charged: 1 },
    );
  });

  it('on the way leaves a task that is never sent again by itself, and is healed by its ID', async () => {
    const { emulator } = fixture;
    emulator.faults.add({ kind: 'resetAfterRead', match: { route: 'create' } });
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await generate(workbench, 'A letter in a bottle');
    assert.match(
      await workbench.waitForNotification('122'),
      /122\s₽ may have been charged, once at most\. The balance is 122\s₽ less than before: it was probably charged\. If you find the task in your account at the service, add its ID here\. It is never sent again by itself/,
    );
    await waitForState(await rowOf(workbench, 'A letter'), /^No answer; may have been charged$/);

    await workbench.reload();
    const row = await rowOf(workbench, 'A letter');
    await waitForState(row, /^No answer; may have been charged$/);
    const page = await preview(workbench, row);
    await waitForPage(page, 'unknown');
    assert.deepEqual(await page.locator('.stageButtons button').allInnerTexts(), [
      'Check now',
      'Add its ID…',
      'Send again…',
      'Dismiss…',
    ]);

    // To send it again is a decision that is asked for.
    await page.locator('#stage-again').click();
    await workbench.dialog.waitFor();
    assert.match(
      await workbench.dialog.innerText(),
      /This video may already be on its way[^]*122\s₽ may have been charged\. Generating again may cost it a second time/,
    );
    await workbench.page.keyboard.press('Escape');
    await workbench.dialog.waitFor({ state: 'detached' });

    const [task] = emulator.tasks.all();
    await page.locator('#stage-addId').click();
    await answer(workbench, "Add the task's ID", `https://gptunnel.example/v1/media/result?task_id=${task?.id}`);
    await waitForPage(page, 'ready');
    await waitForState(row, /^Ready$/);
    assert.deepEqual(
      { creates: emulator.ledger.creates().length, charged: emulator.ledger.charged().length },
      { creates: 1, charged: 1 },
    );
    assert.equal(await workbench.treeRow('A letter').count(), 1);
  });

  it('with the key while tasks run pauses them all, and another key lets them go on', async () => {
    const { emulator } = fixture;
    emulator.behaviour.durations = 3_000;
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await generate(workbench, 'A clock without hands');
    await until(
      'created',
      () => emulator.ledger.charged().length,
      (count) => count === 1,
    );
    emulator.setKey('shds-another-key');
    const row = await rowOf(workbench, 'A clock');
    await waitForState(row, /^Paused: API key refused$/);
    await workbench.pressInNotification('The service refused the API key', 'Set API key');
    await question(workbench, 'Set API key').waitFor();
    await workbench.answer(emulator.key);
    await waitForState(row, /^Ready$/);
    assert.equal(emulator.ledger.creates().length, 1);
  });
});
