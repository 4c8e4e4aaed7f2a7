import assert from 'node:assert/strict';
import {
  escapeCodicons,
  escapeForNotification,
  escapeMarkdown,
  stripControlChars,
  toSingleLine,
  truncate,
} from '../../../src/common/text';
import { HOSTILE_TEXTS } from '../../support/hostileTexts';

describe('text from outside', () => {
  it('keeps no character that is not seen or that turns text around', () => {
    for (const text of HOSTILE_TEXTS) {
      assert.doesNotMatch(
        stripControlChars(text),
        /[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u,
        text,
      );
      assert.doesNotMatch(toSingleLine(text, 60), /[\n\r]/);
    }
    const invisible = ['\u00ad', '\u061c', '\u200b', '\u2060', '\ufeff', '\ue000', '\u{e0041}', '\u{10fffd}'];
    for (const character of invisible) {
      assert.equal(stripControlChars(`a${character}b`), 'ab', `U+${character.codePointAt(0)!.toString(16)}`);
    }
  });

  it('keeps what readers need: joined emoji, Persian, signs before Arabic numbers', () => {
    for (const text of ['👩‍👩‍👧', 'می‌خواهم', '\u0601\u0661\u0662', 'café — “fox”, 狐']) {
      assert.equal(toSingleLine(text, 60), text);
    }
  });

  it('shows half of a surrogate pair as damaged', () => {
    assert.equal(stripControlChars('\ud800 fox'), '\ufffd fox');
  });

  it('has one rule for every single line', () => {
    for (const text of HOSTILE_TEXTS) {
      const line = toSingleLine(text, 60);
      assert.equal(escapeForNotification(text, 60), line.replaceAll('](', '] ('));
      assert.equal(escapeCodicons(text, 60), line.replaceAll('$(', '\\$('));
    }
  });

  it('is one line in which a control character separates words', () => {
    assert.equal(toSingleLine('  a \n\t b  ', 10), 'a b');
    assert.equal(escapeForNotification('a\n\tb\u202ec\u0000d'), 'a bc d');
  });

  it('is cut by characters, after a word where it can', () => {
    assert.equal(toSingleLine('one two three four', 12), 'one two…');
    assert.equal(Array.from(toSingleLine('🦊'.repeat(100), 10)).length, 10);
    assert.equal(Array.from(escapeForNotification('😀'.repeat(1000), 10)).length, 10);
    assert.ok(toSingleLine('word '.repeat(100_000), 70).length <= 70);
    assert.equal(truncate('a\n\n\n\nb', 100, 10), 'a\n\nb');
    assert.equal(truncate('a\nb\nc', 100, 2), 'a\nb…');
  });

  it('makes no links in notifications', () => {
    assert.equal(
      escapeForNotification('[click](command:workbench.action.quit)'),
      '[click] (command:workbench.action.quit)',
    );
    assert.doesNotMatch(escapeForNotification('[a](b)[c](https://d)'), /\]\(/);
    assert.doesNotMatch(escapeForNotification('[a]\u200b(https://d)'), /\]\(/);
  });

  it('makes no icons in lists', () => {
    assert.equal(escapeCodicons('$(trash) all'), '\\$(trash) all');
    assert.doesNotMatch(escapeCodicons('$\u200b(trash)'), /(?<!\\)\$\(/);
  });

  it('is Markdown in which every punctuation mark is text', () => {
    for (const text of HOSTILE_TEXTS) {
      const markdown = escapeMarkdown(text);
      assert.doesNotMatch(markdown.replace(/\\[!-/:-@[-`{-~]/g, ''), /[!-/:-@[-`{-~]/, text);
      assert.doesNotMatch(markdown, /^[ \t]/m, text);
    }
  });
});
