import assert from 'node:assert/strict';
import { getTaskCapabilities, isLinkAlive } from '../../../../src/tasks/model/taskCapabilities';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';

const NOW = 1_800_000_000_000;
const copy = { file: 'task1.mp4', bytes: 1024, at: NOW };
const result = { url: 'https://files.example/v.mp4', expiresAt: NOW + 47 * 3_600_000 };

function record(facts: Partial<TaskRecord> = {}): TaskRecord {
  return {
    format: 1,
    id: 'task1',
    state: 'running',
    origin: 'generated',
    request: { model: 'seedance-1-pro-1080P-5s', prompt: 'A red fox in the snow', aspectRatio: '16:9' },
    gatewayId: '66f0c0ffee0123456789abcd',
    createdAt: NOW - 66_000,
    saved: [],
    ...facts,
  };
}

describe('the link to a video', () => {
  it('is alive until the millisecond at which it may die', () => {
    assert.equal(isLinkAlive({ result }, result.expiresAt - 1), true);
    assert.equal(isLinkAlive({ result }, result.expiresAt), false);
  });

  it('is not alive where there is none', () => {
    assert.equal(isLinkAlive({}, 0), false);
  });
});

describe('what can be done with a task', () => {
  const words = (facts: Partial<TaskRecord>, readOnly = false) =>
    [...getTaskCapabilities(record(facts), { now: NOW, readOnly })].join(' ');

  it('while it is made: everything but what needs a video', () => {
    assert.equal(words({}), 'task retryable checkable copyPrompt copyId removable running');
  });

  it('with a copy: everything but asking the service', () => {
    assert.equal(
      words({ state: 'done', localCopy: copy, result }),
      'task previewable savable continuable retryable copyPrompt copyId copyLink removable done local',
    );
  });

  it('with a living link and no copy: also asking the service', () => {
    assert.equal(
      words({ state: 'done', result, saved: [{ uri: 'file:///fox.mp4', at: NOW }] }),
      'task previewable savable continuable retryable checkable copyPrompt copyId copyLink revealable removable done saved',
    );
  });

  it('after the link has died: nothing that needs a video', () => {
    assert.equal(
      words({ state: 'done', result: { ...result, expiresAt: NOW } }),
      'task retryable checkable copyPrompt copyId removable done',
    );
  });

  it('after a lost response: adding its id', () => {
    assert.equal(
      words({ state: 'unknown', gatewayId: undefined }),
      'task retryable copyPrompt bindable removable unknown',
    );
  });

  it('after a lost response: asking about an id that came beside an error, or the balance', () => {
    const lost = { state: 'unknown', gatewayId: undefined } as const;
    assert.match(words({ ...lost, balance: { before: 1, beforeAt: NOW } }), /\bcheckable\b/);
    assert.match(words({ ...lost, error: { kind: 'internal', at: NOW, taskId: 'x' } }), /\bcheckable\b/);
    assert.doesNotMatch(words({ ...lost, balance: { before: 1, beforeAt: NOW } }, true), /\bcheckable\b/);
  });

  it('without a prompt: neither generating again nor copying the prompt', () => {
    assert.equal(
      words({ state: 'failed', request: { model: '', prompt: '' } }),
      'task checkable copyId removable failed',
    );
  });

  it('failed: asking the service again, where it has the task', () => {
    assert.match(words({ state: 'failed' }), /\bcheckable\b/);
    assert.doesNotMatch(words({ state: 'failed', gatewayId: undefined }), /\bcheckable\b/);
  });

  it('made by a newer version: nothing that changes its record', () => {
    assert.equal(
      words({ state: 'done', localCopy: copy }, true),
      'task previewable retryable copyPrompt copyId done local readonly',
    );
    assert.equal(words({ state: 'unknown' }, true), 'task retryable copyPrompt copyId unknown readonly');
  });
});
