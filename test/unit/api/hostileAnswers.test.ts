import assert from 'node:assert/strict';
import { findTaskId } from '../../../src/api/answerText';

describe('an answer of a megabyte of numbers', () => {
  // A search of the text for each of them holds up all extensions of VS Code for minutes: then mocha ends the test.
  it('is looked through for an id once', () => {
    const ids = Array.from({ length: 100_000 }, (_, index) => index + 1_000_000);
    assert.equal(findTaskId(JSON.stringify({ ids }, undefined, 1), 0), undefined);
  });
});
