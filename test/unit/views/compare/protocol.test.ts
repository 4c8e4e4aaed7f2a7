import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  parseCompareModel,
  parseHostMessage,
  parseSavedState,
  parseWebviewMessage,
  TAKE_ACTIONS,
} from '../../../../src/views/compare/protocol';

describe('the messages of a comparison', () => {
  it('of the page are actions on a task by its id, errors of a video, and nothing else', () => {
    for (const action of TAKE_ACTIONS) {
      assert.ok(parseWebviewMessage({ type: 'action', id: '01fox', action }), action);
    }
    assert.ok(parseWebviewMessage({ type: 'ready' }));
    assert.ok(parseWebviewMessage({ type: 'videoError', id: '01fox', code: 5 }));
    assert.ok(parseWebviewMessage({ type: 'soundNeeded', id: '01fox' }));
    for (const hostile of [
      undefined,
      null,
      'ready',
      [],
      {},
      { type: 'action', action: 'save' },
      { type: 'action', id: '../01fox', action: 'save' },
      { type: 'action', id: ['01fox'], action: 'save' },
      { type: 'action', id: '01fox', action: 'workbench.action.quit' },
      { type: 'action', id: '01fox', action: '__proto__' },
      { type: 'action', id: 'a'.repeat(65), action: 'save' },
      { type: 'videoError', id: '01fox', code: 6 },
      { type: 'videoError', id: '01fox', code: '4' },
      { type: 'model' },
    ]) {
      assert.equal(parseWebviewMessage(hostile), undefined, JSON.stringify(hostile));
    }
  });

  it('that nobody thought of are refused without an error', () => {
    fc.assert(
      fc.property(fc.anything(), (message) => {
        parseHostMessage(message);
        parseCompareModel(message);
        assert.equal(parseSavedState(message), undefined);
        assert.equal(parseWebviewMessage(message), undefined);
      }),
    );
  });

  it('of the host bring no video but from the files of the extension', () => {
    const take = { id: '01fox', name: 'Take 1 of 2', about: '', ratio: 1.7, buttons: [] };
    const model = (url: string) => ({
      title: '',
      state: 'ready',
      heading: '',
      lines: [],
      takes: [{ ...take, video: { url, isOther: false } }],
      differences: [],
      same: [],
    });
    assert.ok(parseHostMessage({ type: 'model', model: model('https://file+.vscode-resource.example/01fox.mp4') }));
    assert.equal(parseHostMessage({ type: 'model', model: model('javascript:alert(1)') }), undefined);
    assert.equal(parseHostMessage({ type: 'model', model: model('data:text/html,x') }), undefined);
    const five = { ...model('https://x'), takes: Array<unknown>(5).fill(take) };
    assert.equal(parseHostMessage({ type: 'model', model: five }), undefined);
    assert.equal(parseHostMessage({ type: 'frames', id: '01fox', times: [0, 'x'] }), undefined);
    assert.ok(parseHostMessage({ type: 'frames', id: '01fox' }));
    assert.ok(parseHostMessage({ type: 'sound', id: '01fox', url: 'https://file+.vscode-resource.example/01fox.wav' }));
    assert.equal(parseHostMessage({ type: 'sound', id: '01fox', url: 'file:///etc/passwd' }), undefined);
  });

  it('keep up to four tasks over a reload', () => {
    assert.deepEqual(parseSavedState({ ids: ['01fox', '02fox'], more: 1 }), ['01fox', '02fox']);
    assert.deepEqual(parseSavedState({ ids: ['01fox'] }), ['01fox']);
    for (const ids of [[], ['a', 'a'], ['a', 'b', 'c', 'd', 'e'], ['a', '../b'], ['a', 1], 'ab', undefined]) {
      assert.equal(parseSavedState({ ids }), undefined, JSON.stringify(ids));
    }
  });
});
