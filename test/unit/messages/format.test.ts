import assert from 'node:assert/strict';
import { estimateRemainingTime } from '../../../src/tasks/polling/remainingTime';
import '../../support/vscodeStub';

const { formatRemainingTime } = await import('../../../src/messages/format');

const at = (seconds: number, medianSeconds = 60, sigma = 0.3) =>
  formatRemainingTime(estimateRemainingTime(seconds * 1000, { mu: Math.log(medianSeconds * 1000), sigma }));

describe('the time left, in words', () => {
  it('is one number while most tasks end near it', () => {
    assert.equal(at(20), 'about 40 s left');
    assert.equal(at(60, 600), 'about 9 min left');
  });

  it('is a span where they do not', () => {
    assert.equal(at(50), '5–30 s left');
    assert.equal(at(60, 600, 0.8), '4–19 min left');
  });

  it('names no number of seconds that it could not keep', () => {
    assert.equal(at(20, 15), 'up to 5 s left');
  });
});
