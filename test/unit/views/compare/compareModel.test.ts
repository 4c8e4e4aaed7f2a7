import '../../../support/vscodeStub';
import assert from 'node:assert/strict';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import type { TakeFacts } from '../../../../src/views/compare/compareModel';
import { parseCompareModel } from '../../../../src/views/compare/protocol';
import { createAcceptedRecord } from '../../../support/records';

const { createCompareModel, createLoadingModel, getCompareStrings } =
  await import('../../../../src/views/compare/compareModel');

const NOW = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const FIRST_FRAME = { source: 'file:///fox.png', delivery: 'inline', label: 'fox.png', hash: 'aa' };

function take(id: string, more: Partial<TaskRecord> = {}, facts: Partial<TakeFacts> = {}): TakeFacts {
  return {
    record: createAcceptedRecord(NOW, {
      id,
      state: 'done',
      createdAt: NOW - 2 * HOUR_MS,
      localCopy: { file: `${id}.mp4`, bytes: 1024, at: NOW },
      ...more,
    }),
    readOnly: false,
    copyUrl: `https://webview.example/${id}.mp4`,
    ...facts,
  };
}

const request = (more: Partial<TaskRecord['request']> = {}): Pick<TaskRecord, 'request'> => ({
  request: { model: 'seedance-1-pro-1080P-5s', prompt: 'A red fox in the snow', aspectRatio: '16:9', ...more },
});
const compare = (takes: readonly TakeFacts[], isOnePrompt = false) => {
  const model = createCompareModel(takes, { now: NOW, isOnePrompt });
  // As it comes to the page.
  const sent: unknown = JSON.parse(JSON.stringify(model));
  assert.deepEqual(parseCompareModel(sent), sent);
  return model;
};
const names = (buttons: { action: string }[]) => buttons.map(({ action }) => action);

describe('a comparison: the model', () => {
  it('numbers takes of one prompt, and names others by their place and prompt', () => {
    const numbered = compare(
      [take('a', {}, { take: { number: 1, count: 3 } }), take('b', {}, { take: { number: 3, count: 3 } })],
      true,
    );
    assert.deepEqual(
      numbered.takes.map(({ name, about }) => [name, about]),
      [
        ['Take 1 of 3', '2 h'],
        ['Take 3 of 3', '2 h'],
      ],
    );
    const others = compare([take('a'), take('b', request({ prompt: 'A hen' }), { take: { number: 1, count: 3 } })]);
    assert.deepEqual(
      others.takes.map(({ name, about }) => [name, about]),
      [
        ['Video 1', 'A red fox in the snow'],
        ['Video 2', 'Take 1 · 2 h · A hen'],
      ],
    );
  });

  it('tells what differs from the first, fact by fact, and what is the same', () => {
    const model = compare([
      take('a', { quotedPrice: 122 }),
      take('b', { ...request({ model: 'seedance-1-pro-720P-5s', prompt: 'A red hen in the snow' }), quotedPrice: 60 }),
    ]);
    assert.deepEqual(
      model.differences.map(({ name }) => name),
      ['Prompt', 'Model', 'Price'],
    );
    assert.deepEqual(model.differences[0]!.values, [
      [{ text: 'A red fox in the snow' }],
      [
        { text: 'A red ' },
        { text: 'fox', change: 'removed' },
        { text: ' ' },
        { text: 'hen', change: 'inserted' },
        { text: ' ' },
        { text: 'in the snow' },
      ],
    ]);
    assert.deepEqual(
      model.same.map(({ name, value }) => `${name}: ${value}`),
      ['Aspect ratio: 16:9', 'First frame: none'],
    );
  });

  it('tells first frames apart that have the same name', () => {
    const model = compare([
      take('a', request({ firstFrame: FIRST_FRAME })),
      take('b', request({ firstFrame: { ...FIRST_FRAME, hash: 'bb' } })),
      take('c', request({ firstFrame: FIRST_FRAME })),
    ]);
    assert.deepEqual(
      model.differences.map(({ name, values }) => [name, values.map((parts) => parts.at(-1)?.text)]),
      [['First frame', ['fox.png (image 1)', 'fox.png (image 2)', 'fox.png (image 1)']]],
    );
  });

  it('shows the copy alone, and says in words why there is nothing to see', () => {
    const result = { url: 'https://files.example/v.mp4', expiresAt: NOW + HOUR_MS };
    const noticeOf = (more: Partial<TaskRecord>, facts: Partial<TakeFacts>) => {
      const [first] = compare([take('a', more, { copyUrl: undefined, ...facts }), take('b')]).takes;
      assert.equal(first!.video, undefined);
      return first!.notice ?? '';
    };
    assert.equal(noticeOf({ localCopy: undefined, result }, {}), 'Fetching the video…');
    assert.equal(
      noticeOf({ localCopy: undefined, result }, { progress: { id: 'a', received: 50, total: 100 } }),
      'Copying to this computer · 50 %',
    );
    assert.match(noticeOf({ localCopy: undefined, result }, { problem: 'unavailable' }), /not lost, and nothing is/);
    assert.match(noticeOf({ localCopy: undefined }, { problem: 'unavailable' }), /its link has expired/);
    assert.match(noticeOf({ state: 'running', localCopy: undefined }, {}), /no video/);
    assert.match(noticeOf({}, { problem: 'codec', copyUrl: 'https://x/' }), /lacks the H.264 decoder/);
    assert.match(noticeOf({}, { problem: 'only-sound', copyUrl: 'https://x/' }), /sound only/);
  });

  it('offers what can be done with each, and nothing that cannot', () => {
    const buttons = (more: Partial<TaskRecord>, facts: Partial<TakeFacts> = {}) =>
      names(compare([take('a', more, facts), take('b')]).takes[0]!.buttons);
    assert.deepEqual(buttons({}), ['save', 'again', 'remove']);
    assert.deepEqual(buttons({}, { readOnly: true }), ['again']);
    assert.deepEqual(buttons(request({ prompt: '' })), ['save', 'remove']);
    assert.deepEqual(buttons({}, { problem: 'codec' }), ['reload', 'openExternal', 'save', 'again', 'remove']);
  });

  it('says when one is left, whose preview it offers, or none', () => {
    const one = compare([take('a')]);
    assert.deepEqual([one.state, one.heading], ['over', 'One take is left']);
    assert.deepEqual(names(one.takes[0]!.buttons), ['preview']);
    const none = compare([]);
    assert.deepEqual([none.state, none.takes.length], ['over', 0]);
    assert.ok(none.lines.every((line) => !line.includes('preview')));
    assert.equal(createLoadingModel().state, 'loading');
  });

  it('takes hostile texts of records as texts', () => {
    const prompt = '<img src=x onerror=alert(1)>\u202e\u0000 $(zap)';
    const model = compare([take('a', request({ prompt })), take('b', request({ prompt: `${prompt} more` }))]);
    assert.ok(!JSON.stringify(model).includes('\\u0000'));
    assert.ok(Object.values(getCompareStrings()).every((text) => text !== ''));
  });
});
