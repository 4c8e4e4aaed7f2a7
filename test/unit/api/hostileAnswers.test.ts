import assert from 'node:assert/strict';
import { findTaskId } from '../../../src/api/answerText';
import { readOwnAnswer } from '../../../src/api/ownAnswer';
import { toDocumentedShape } from '../../../src/api/resultShape';

describe('an answer of a megabyte of numbers', () => {
  // A search of the text for each of them holds up all extensions of VS Code for minutes: then mocha ends the test.
  it('is looked through for an id once', () => {
    const ids = Array.from({ length: 100_000 }, (_, index) => index + 1_000_000);
    assert.equal(findTaskId(JSON.stringify({ ids }, undefined, 1), 0), undefined);
  });
});

describe('a megabyte in the place of a result', () => {
  const ID = '687fbd658a5526000178d729';
  const OTHER = '687fbd658a5526000178d730';
  const of = (part: string) => part.repeat(Math.floor(1_000_000 / part.length));

  // What takes longer than its size holds up all extensions of VS Code: then mocha ends the test.
  for (const [name, text] of [
    ['open brackets', of('{')],
    ['empty objects', of('{}')],
    ['what is no JSON', of('{x}')],
    ['events', of('data: {"a":1}\n\n')],
    ['tasks', `[${of(`{"id":"${OTHER}","x":{"id":"${OTHER}"}},`)}{}]`],
    ['a task again and again', `[${of(`{"id":"${ID}","status":"x"},`)}{}]`],
    ['links', `{"id":"${OTHER}","output":[${of(`{"id":"${OTHER}","url":"x"},`)}{}]}`],
    ['wrappers', `${'{"output":'.repeat(90_000)}1${'}'.repeat(90_000)}`],
    ['lists in texts', `{"output":[${of('"[[[[",')}1]}`],
  ] as const) {
    it(`is read at once: ${name}`, () => {
      const told = toDocumentedShape(readOwnAnswer(text, ID), ID) as { url?: unknown } | undefined;
      assert.equal(told?.url, undefined);
    });
  }
});
