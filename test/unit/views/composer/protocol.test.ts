import assert from 'node:assert/strict';
import { MAX_READ_CHARS } from '../../../../src/tasks/model/prompt';
import {
  MAX_IMAGE_BYTES,
  MAX_TAKES,
  parseHostMessage,
  parseSavedForm,
  parseWebviewMessage,
} from '../../../../src/views/composer/protocol';

const FORM = { prompt: 'A red fox', model: 'seedance-1-pro-1080P-5s', takes: 1 };
const PRESS = { type: 'generate', order: 'a', revision: 1, form: FORM, price: 122 };

describe('messages of "Create"', () => {
  it('are taken when they are whole', () => {
    for (const message of [
      { type: 'ready' },
      { type: 'ready', saved: { revision: 3, form: FORM } },
      { type: 'edit', revision: 1, form: { ...FORM, aspectRatio: '9:16' } },
      PRESS,
      { ...PRESS, price: undefined, frame: 'abc' },
      { type: 'fix', revision: 1, remark: 0, fix: 1 },
      { type: 'frame', action: 'crop' },
      { type: 'image', bytes: new ArrayBuffer(8), name: 'cat.png' },
      { type: 'topUp' },
    ]) {
      assert.deepEqual(parseWebviewMessage(message), message);
    }
  });

  it('are dropped when anything in them is out of its bounds', () => {
    const edit = (form: unknown, revision: unknown = 1) => ({ type: 'edit', revision, form });
    for (const message of [
      undefined,
      'edit',
      { type: 'order' },
      edit({ ...FORM, prompt: 'x'.repeat(MAX_READ_CHARS + 1) }),
      edit({ ...FORM, model: '' }),
      edit({ ...FORM, model: 'x'.repeat(201) }),
      edit({ ...FORM, aspectRatio: '4:3' }),
      ...[0, 1.5, MAX_TAKES + 1, NaN, '2'].map((takes) => edit({ ...FORM, takes })),
      ...[-1, 0.5, Infinity, '1'].map((revision) => edit(FORM, revision)),
      { ...PRESS, order: '' },
      { ...PRESS, order: 'x'.repeat(65) },
      ...[-1, NaN, Infinity, '122'].map((price) => ({ ...PRESS, price })),
      { type: 'fix', revision: 1, remark: -1, fix: 0 },
      { type: 'frame', action: 'seedance.task.remove' },
      { type: 'image', bytes: new ArrayBuffer(0) },
      { type: 'image', bytes: new ArrayBuffer(MAX_IMAGE_BYTES + 1) },
      { type: 'image', bytes: new ArrayBuffer(8), thumbnail: 'data:image/svg+xml;base64,AAAA' },
      { type: 'thumbnail', key: 'a', thumbnail: 'https://example.org/a.jpg' },
    ]) {
      assert.equal(parseWebviewMessage(message), undefined, JSON.stringify(message)?.slice(0, 120));
    }
  });

  it('of the host are dropped by the page unless they are whole, and so is what it has kept', () => {
    assert.equal(parseHostMessage({ type: 'model', model: { prompt: '' } }), undefined);
    assert.equal(parseHostMessage({ type: 'draw', key: 'a', bytes: 'x' }), undefined);
    assert.deepEqual(parseSavedForm({ revision: 1, form: FORM }), { revision: 1, form: FORM });
    for (const state of [undefined, null, {}, { revision: -1, form: FORM }, { revision: 1 }]) {
      assert.equal(parseSavedForm(state), undefined);
    }
  });
});
