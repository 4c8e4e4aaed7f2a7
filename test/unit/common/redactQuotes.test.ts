import assert from 'node:assert/strict';
import { hideQuotes } from '../../../src/common/redact';

describe('redact: what a text quotes of another one', () => {
  const PROMPT = 'A red fox runs through the snow, кот спит';

  it('is hidden as a whole, in parts, in another case and as JSON spells it', () => {
    for (const [text, hidden] of [
      [`cannot make "${PROMPT}" today`, 'cannot make "… … … … … … …, … …" today'],
      ['refused: "a RED fox runs…"', 'refused: "… … … ……"'],
      ['{"prompt":"the snow, \\u043a\\u043e\\u0442"}', '{"prompt":"… …, …"}'],
    ] as const) {
      assert.equal(hideQuotes(text, PROMPT), hidden);
    }
  });

  it('leaves what only shares a word or two with it', () => {
    for (const text of ['the fox is red', 'try again', '', 'a red flag']) {
      assert.equal(hideQuotes(text, PROMPT), text);
    }
    assert.equal(hideQuotes('as it is', ''), 'as it is');
    assert.equal(hideQuotes('one cat and a car', 'cat'), 'one … and a car');
  });

  it('reads long texts to their end', () => {
    const hidden = hideQuotes(`${'a b '.repeat(50_000)}end`, 'a b '.repeat(2_000));
    assert.match(hidden, /^(?:… )+end$/);
  });
});
