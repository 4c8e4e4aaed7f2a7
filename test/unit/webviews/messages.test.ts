import assert from 'node:assert/strict';
import '../../support/vscodeStub';
import type { TaskRecord } from '../../../src/tasks/model/taskRecord';
import * as cropper from '../../../src/views/cropper/protocol';
import * as preview from '../../../src/views/preview/protocol';
import type { PreviewFacts } from '../../../src/views/preview/previewModel';

const { createModelWithoutRecord, createPreviewModel } = await import('../../../src/views/preview/previewModel');

const NOW = 1_800_000_000_000;
const THUMBNAIL = 'data:image/jpeg;base64,/9j/';
const BYTES = new Uint8Array([1, 2, 3]);

function makeRecord(facts: Partial<TaskRecord>): TaskRecord {
  return {
    format: 1,
    id: 'task1',
    state: 'done',
    origin: 'generated',
    request: {
      model: 'seedance-1-pro-1080P-5s',
      prompt: 'A red fox',
      firstFrame: { source: 'file:///fox.png', delivery: 'inline', label: 'fox.png', thumbnail: THUMBNAIL },
    },
    gatewayId: '66f0c0ffee0123456789abcd',
    createdAt: NOW - 66_000,
    submittedAt: NOW - 65_000,
    saved: [{ uri: 'file:///films/fox.mp4', at: NOW }],
    ...facts,
  };
}

/** As VS Code hands messages on: absent is the same as undefined. */
function sent(message: unknown): unknown {
  return structuredClone(message);
}

describe('messages to the preview page', () => {
  const facts: PreviewFacts = {
    now: NOW,
    readOnly: false,
    copyUrl: 'https://file+.vscode-resource.vscode-cdn.net/task1.mp4',
    formatSavedUri: (uri: string) => uri,
    progress: { id: 'task1', received: 1 },
    estimate: { progress: 0.5, leftMs: 1_000, p20Ms: 900, p80Ms: 1_100, isLong: true },
    origin: makeRecord({}),
  };
  const models = [
    ...(['draft', 'submitting', 'waiting', 'running', 'unknown', 'failed', 'expired', 'done'] as const).map((state) =>
      createPreviewModel(makeRecord({ state, error: { kind: 'interrupted', at: NOW } }), facts),
    ),
    createPreviewModel(makeRecord({ localCopy: { file: 'task1.mp4', bytes: 3, at: NOW } }), facts),
    createPreviewModel(
      makeRecord({ result: { url: 'https://files.example/v.mp4', expiresAt: NOW + 1 }, saved: [] }),
      facts,
    ),
    createModelWithoutRecord('task1', 'loading'),
    createModelWithoutRecord('task1', 'removed'),
  ];

  it('arrive as the host made them, for every state of a task', () => {
    assert.ok(models.some(({ video }) => video?.copy) && models.some(({ video }) => video?.copy === false));
    assert.ok(
      models.some(({ estimate }) => estimate) && models.some(({ facts }) => facts.some((fact) => fact.picture)),
    );
    for (const model of models) {
      const message = { type: 'model', model };
      assert.deepEqual(preview.parseHostMessage(sent(message)), message, model.state);
      const json: unknown = JSON.parse(JSON.stringify(model));
      assert.deepEqual(preview.parsePreviewModel(json), json, model.state);
    }
  });

  it('may bring the sound as a file', () => {
    for (const message of [
      { type: 'sound', id: 'a1', url: 'https://file+.vscode-resource.vscode-cdn.net/videos/a1.sound.wav' },
      { type: 'sound', id: 'a1' },
    ]) {
      assert.deepEqual(preview.parseHostMessage(sent(message)), message);
    }
    for (const url of ['javascript:alert(1)', 'file:///etc/passwd', 'data:audio/wav;base64,']) {
      assert.equal(preview.parseHostMessage({ type: 'sound', id: 'a1', url }), undefined);
    }
  });

  it('may ask for frames', () => {
    for (const message of [
      { type: 'drawFrame', bytes: BYTES },
      { type: 'takeLastFrame', due: { seconds: 4.9, lasts: 0.04 } },
      { type: 'takeLastFrame', due: undefined },
    ]) {
      assert.deepEqual(preview.parseHostMessage(sent(message)), message);
    }
    assert.deepEqual(preview.parseHostMessage({ type: 'takeLastFrame', due: { seconds: 'soon' } }), {
      type: 'takeLastFrame',
      due: undefined,
    });
  });

  it('are ignored when they are not complete, or name what a page must not load', () => {
    const [model] = models;
    for (const message of [
      undefined,
      null,
      'model',
      { type: 'reload' },
      { type: 'drawFrame', bytes: 'JPEG' },
      { type: 'model' },
      { type: 'model', model: null },
      { type: 'model', model: { ...model, heading: undefined } },
      { type: 'model', model: { ...model, state: 'done' } },
      { type: 'model', model: { ...model, lines: ['one', 2] } },
      { type: 'model', model: { ...model, buttons: [{ action: 'quit', label: 'Quit' }] } },
      { type: 'model', model: { ...model, video: { url: 'javascript:alert(1)', copy: true } } },
      { type: 'model', model: { ...model, video: { url: 'file:///etc/passwd', copy: true } } },
      {
        type: 'model',
        model: { ...model, facts: [{ name: 'a', value: 'b', picture: 'https://example.org/pixel.png' }] },
      },
    ]) {
      assert.equal(preview.parseHostMessage(message), undefined, JSON.stringify(message));
    }
  });
});

describe('messages to the cropper page', () => {
  const model = {
    label: 'fox.png',
    reason: 'Too wide',
    width: 900,
    height: 300,
    choices: [
      { id: '16:9', ratio: 16 / 9, crop: { x: 1, y: 0, width: 533, height: 300 }, pad: { width: 900, height: 506 } },
      { id: '1:1', ratio: 1, pad: { width: 900, height: 900 } },
    ],
    chosen: '16:9',
    lossless: true,
  };

  it('arrive as the host made them, bytes in either form', () => {
    for (const message of [
      { type: 'fit', model },
      { type: 'problem', text: 'It cannot be drawn.' },
      { type: 'image', mime: 'image/png' },
      { type: 'image', mime: 'image/png', bytes: BYTES },
    ]) {
      assert.deepEqual(cropper.parseHostMessage(sent(message)), message);
    }
    const buffer = { type: 'image', mime: 'image/png', bytes: BYTES.buffer };
    assert.deepEqual(cropper.parseHostMessage(sent(buffer)), { ...buffer, bytes: BYTES });
  });

  it('are ignored when they are not complete, or no numbers to draw with', () => {
    for (const message of [
      null,
      { type: 'fit' },
      { type: 'problem' },
      { type: 'image', mime: 'image/png', bytes: [1, 2, 3] },
      { type: 'image', bytes: BYTES },
      { type: 'fit', model: { ...model, width: NaN } },
      { type: 'fit', model: { ...model, height: Infinity } },
      { type: 'fit', model: { ...model, choices: [{ id: '1:1', ratio: 1, pad: { width: 900 } }] } },
      { type: 'fit', model: { ...model, choices: [{ id: '21:9', ratio: 1, pad: { width: 1, height: 1 } }] } },
    ]) {
      assert.equal(cropper.parseHostMessage(message), undefined, JSON.stringify(message));
    }
  });
});

describe('messages of the cropper page', () => {
  it('have their bytes in one form', () => {
    for (const bytes of [BYTES, BYTES.slice().buffer]) {
      assert.deepEqual(cropper.parseWebviewMessage({ type: 'use', bytes, thumbnail: THUMBNAIL }), {
        type: 'use',
        bytes: BYTES,
        thumbnail: THUMBNAIL,
      });
    }
  });

  it('are ignored when a page has no reason to send them', () => {
    for (const message of [
      undefined,
      { type: 'use', bytes: 'PNG', thumbnail: THUMBNAIL },
      { type: 'use', bytes: BYTES, thumbnail: 'https://example.org/pixel.png' },
      { type: 'offered', bytes: BYTES, name: 'a'.repeat(1_001) },
      { type: 'decoded', width: 0, height: 1 },
      { type: 'decoded', width: 1.5, height: 1 },
      { type: 'decoded', width: 100_001, height: 1 },
      { type: 'command', command: 'workbench.action.quit' },
    ]) {
      assert.equal(cropper.parseWebviewMessage(message), undefined, JSON.stringify(message));
    }
  });
});
