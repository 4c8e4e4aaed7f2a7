import assert from 'node:assert/strict';
import {
  MAX_EXPORT_BYTES,
  MAX_EXPORT_FRAMES,
  parseExportModel,
  parseHostMessage,
  parseWebviewMessage,
} from '../../../../src/views/export/protocol';

const request = { kind: 'gif', width: 480, height: 270, durations: [80, 90] };
const begin = (changes: object) => parseWebviewMessage({ type: 'begin', request: { ...request, ...changes } });

describe('messages of the export page', () => {
  it('are taken as they are documented', () => {
    assert.deepEqual(begin({}), { type: 'begin', request });
    assert.deepEqual(parseWebviewMessage({ type: 'file', bytes: new ArrayBuffer(3) }), {
      type: 'file',
      bytes: new Uint8Array(3),
    });
    assert.ok(parseWebviewMessage({ type: 'frame', index: 0, bytes: new ArrayBuffer(1) }));
    assert.ok(parseWebviewMessage({ type: 'cancel', why: 'user' }));
  });

  it('are bounded: sizes, counts, times and bytes', () => {
    for (const changes of [
      { kind: 'exe' },
      { width: 0 },
      { width: 480.5 },
      { height: 100_000 },
      { durations: [] },
      { durations: Array<number>(MAX_EXPORT_FRAMES + 1).fill(1) },
      { durations: [NaN] },
      { durations: [-1] },
      { durations: ['80'] },
    ]) {
      assert.equal(begin(changes), undefined, JSON.stringify(changes));
    }
    for (const message of [
      { type: 'file', bytes: new ArrayBuffer(0) },
      { type: 'file', bytes: new ArrayBuffer(MAX_EXPORT_BYTES + 1) },
      { type: 'file', bytes: 'GIF89a' },
      { type: 'frame', index: -1, bytes: new ArrayBuffer(1) },
      { type: 'frame', index: MAX_EXPORT_FRAMES, bytes: new ArrayBuffer(1) },
      { type: 'frame', index: 0, name: '../a.png' },
      { type: 'cancel', why: 'fun' },
      null,
      'begin',
    ]) {
      assert.equal(parseWebviewMessage(message), undefined);
    }
  });

  it('name no file: what else is in them is dropped', () => {
    const message = parseWebviewMessage({ type: 'frame', index: 0, bytes: new ArrayBuffer(1), name: '../../x' });
    assert.deepEqual(Object.keys(message!).sort(), ['bytes', 'index', 'type']);
  });
});

describe('messages to the export page', () => {
  it('are complete or dropped', () => {
    assert.ok(parseHostMessage({ type: 'ended', text: 'Exported', isProblem: false }));
    assert.equal(parseHostMessage({ type: 'ended', text: 'Exported' }), undefined);
    assert.equal(parseHostMessage({ type: 'kind', kind: 'mp4' }), undefined);
    const model = { title: 'A boat', kind: 'gif', url: 'https://file.example/a.mp4', times: [0, 1] };
    assert.deepEqual(parseExportModel(model), model);
    assert.equal(parseExportModel({ ...model, url: 'javascript:alert(1)' }), undefined);
    assert.equal(parseExportModel({ ...model, times: [] }), undefined);
  });
});
