import assert from 'node:assert/strict';
import type { ExportTarget } from '../../../../src/views/export/exportManager';
import type { ExportRequest } from '../../../../src/views/export/protocol';
import { waitFor } from '../../../support/waitFor';
import { panels, Uri } from '../../../support/vscodeStub';

const { ExportPanel } = await import('../../../../src/views/export/exportPanel');

const FRAMES: ExportRequest = { kind: 'frames', width: 480, height: 270, durations: [40, 40] };
const GIF: ExportRequest = { ...FRAMES, kind: 'gif' };

/** A page whose messages the test sends, and a place that notes what is done to it. */
function open(changes: Partial<ExportTarget> = {}, place: 'found' | 'given up' = 'found') {
  const done: string[] = [];
  const target: ExportTarget = {
    writeFile: (bytes) => Promise.resolve(`file of ${bytes.length}`),
    writeFrame: (index) => Promise.resolve(void done.push(`frame ${index}`)),
    finish: () => Promise.resolve('all frames'),
    discard: () => Promise.resolve(done.push('discarded')).then(() => ''),
    ...changes,
  };
  const output = {
    open: () => Promise.resolve(place === 'found' ? target : undefined),
    showError: (error: unknown) => void done.push(`shown: ${(error as Error).message}`),
  };
  const task = { id: 'a', title: 'A boat', path: '/videos/a.mp4', times: [0, 0.04], output };
  const panel = new ExportPanel({ extensionUri: Uri.file('/extension') as never }, task, 'gif', () => {
    done.push('closed');
  });
  const page = panels.at(-1)!;
  const answers = page.sent as { type: string; text?: string; isProblem?: boolean }[];
  const send = async (message: unknown, count: number) => {
    page.say(message);
    await waitFor(() => answers.length >= count);
  };
  return { panel, page, send, answers, done };
}

const frame = (index: number) => ({ type: 'frame', index, bytes: new ArrayBuffer(8) });

describe('the page of an export', () => {
  it('allows the extension’s own files, a worker of its own, and nothing else', () => {
    const { page, panel } = open();
    assert.match(page.webview.html, /default-src &#39;none&#39;/);
    assert.match(page.webview.html, /worker-src blob:/);
    assert.doesNotMatch(page.webview.html, /unsafe|https:(?=[ ;])/);
    panel.dispose();
  });

  it('gets each frame written before the next one may come, and takes none out of turn', async () => {
    const { send, answers, done, page } = open();
    page.say(frame(0));
    await send({ type: 'begin', request: FRAMES }, 1);
    page.say(frame(1));
    await send(frame(0), 2);
    await send(frame(1), 3);
    assert.deepEqual(done, ['frame 0', 'frame 1']);
    assert.deepEqual(
      answers.map(({ type, text }) => text ?? type),
      ['go', 'written', 'all frames'],
    );
  });

  it('writes one file for one announcement', async () => {
    const { send, answers } = open();
    await send({ type: 'begin', request: GIF }, 1);
    await send({ type: 'file', bytes: new ArrayBuffer(8) }, 2);
    assert.deepEqual(answers[1], { type: 'ended', text: 'file of 8', isProblem: false });
    await send({ type: 'file', bytes: new ArrayBuffer(9) }, 2);
    await send({ type: 'cancel', why: 'user' }, 3);
    assert.equal(answers.length, 3, 'the second file was of no announcement');
  });

  it('removes what was written when it is cancelled, and says so', async () => {
    const { send, answers, done } = open();
    await send({ type: 'begin', request: FRAMES }, 1);
    await send(frame(0), 2);
    await send({ type: 'cancel', why: 'user' }, 3);
    assert.deepEqual(done, ['frame 0', 'discarded']);
    assert.deepEqual(answers[2], { type: 'ended', text: 'Cancelled. Nothing was left behind.', isProblem: false });
  });

  it('says what stays when not all could be removed', async () => {
    const { send, answers } = open({ discard: () => Promise.resolve('Not all of it could be removed: x') });
    await send({ type: 'begin', request: FRAMES }, 1);
    await send({ type: 'cancel', why: 'too-large' }, 2);
    assert.match(answers[1]?.text ?? '', /^It became larger than .*fewer frames\. Not all of it could be removed: x$/);
    assert.equal(answers[1]?.isProblem, true);
  });

  it('removes what was written when the disk fails, or the page is closed', async () => {
    const failing = open({ writeFrame: () => Promise.reject(new Error('disk full')) });
    await failing.send({ type: 'begin', request: FRAMES }, 1);
    await failing.send(frame(0), 2);
    assert.deepEqual(failing.done, ['shown: disk full', 'discarded']);
    assert.equal(failing.answers[1]?.isProblem, true);

    const closed = open();
    await closed.send({ type: 'begin', request: FRAMES }, 1);
    closed.panel.dispose();
    await waitFor(() => closed.done.includes('discarded'));
    assert.deepEqual(closed.done, ['closed', 'discarded']);
  });

  it('ends without a place when the user gives up', async () => {
    const { send, answers } = open({}, 'given up');
    await send({ type: 'begin', request: GIF }, 1);
    assert.deepEqual(answers, [{ type: 'ended', text: 'Cancelled.', isProblem: false }]);
  });
});
