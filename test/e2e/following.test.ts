import assert from 'node:assert/strict';
import {
  acceptOffer,
  answer,
  closeNotifications,
  generate,
  offered,
  rowOf,
  setKey,
  until,
  waitForPage,
  waitForState,
} from './actions';
import { fixture } from './setup';

describe('tasks of before', () => {
  it('made elsewhere are followed by their ID', async () => {
    const { emulator } = fixture;
    const task = emulator.world.makeTask({
      owner: emulator.world.account,
      model: 'seedance-1-pro-fast-480P-5s',
      prompt: 'A train in the snow',
      ar: '1:1',
      durationMs: 0,
    });
    const { workbench } = await fixture.open();
    await setKey(workbench);

    await workbench.runCommand('Seedance: Add task by ID');
    await answer(workbench, 'Add task by ID', 'no such thing');
    await until(
      'the box says',
      () => workbench.quickInput.innerText(),
      (text) => text.includes('There is no task ID in this.'),
    );
    await workbench.answer('0123456789abcdef01234567');
    assert.match(
      await workbench.waitForNotification('does not know this task'),
      /^The service does not know this task\. Nothing was charged\. Check the ID/,
    );
    await closeNotifications(workbench);

    await workbench.runCommand('Seedance: Add task by ID');
    await answer(workbench, 'Add task by ID', ` ${task.id}\n`);
    await waitForPage(workbench.webview(), 'ready');
    assert.match(await workbench.webview().locator('#prompt').innerText(), /^A train in the snow/);
    const row = await rowOf(workbench, 'A train');
    await waitForState(row, /^Ready$/);
    await workbench.chooseInMenu(row, 'Copy task ID');
    await until(
      'the clipboard holds',
      () => workbench.clipboard(),
      (text) => text === task.id,
    );
    await workbench.runCommand('Seedance: Add task by ID');
    await answer(workbench, 'Add task by ID', task.id);
    assert.equal(await workbench.treeRow('A train').count(), 1);
    assert.equal(emulator.ledger.creates().length, 0);
  });

  it('are generated again with everything as it was', async () => {
    const { emulator, sandbox } = fixture;
    sandbox.changeSettings({ 'seedance.model': 'seedance-1-pro-fast-720P-2s', 'seedance.aspectRatio': '9:16' });
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await generate(workbench, 'A tree grows');
    const row = await rowOf(workbench, 'A tree');
    await waitForState(row, /^Ready$/);
    sandbox.changeSettings({ 'seedance.model': undefined, 'seedance.aspectRatio': undefined });

    await workbench.chooseInMenu(row, 'Generate again');
    assert.match(
      (await offered(workbench)).join('\n'),
      /Generate – 8\.80\s₽[^]*Model: [^]*720P[^]*Aspect ratio: 9:16[^]*First frame: none[^]*Prompt: A tree grows/,
    );
    assert.equal(emulator.ledger.creates().length, 1);
    await acceptOffer(workbench);
    await until(
      'creates',
      () => emulator.ledger.charged().length,
      (count) => count === 2,
    );
    const [first, second] = emulator.ledger.creates().map(({ body }) => body);
    assert.deepEqual(second, first);
    await until(
      'rows',
      () => workbench.treeRow('A tree').count(),
      (count) => count === 2,
    );
  });
});
