import assert from 'node:assert/strict';
import { diffTexts, diffWhole } from '../../../../src/views/compare/textDiff';
import type { DiffPart } from '../../../../src/views/compare/protocol';

/** `[-removed-]`, `{+inserted+}`, and the rest as it is. */
const written = (parts: readonly DiffPart[]) =>
  parts
    .map(({ text, change }) => (change === 'removed' ? `[-${text}-]` : change === 'inserted' ? `{+${text}+}` : text))
    .join('');

describe('the difference of two texts', () => {
  it('is told by words, in Latin, Cyrillic and scripts without blanks', () => {
    assert.equal(
      written(diffTexts('A red fox runs through the snow', 'A grey fox runs through deep snow')),
      'A [-red-] {+grey+} fox runs through [-the-] {+deep+} snow',
    );
    assert.equal(
      written(diffTexts('Рыжий кот запрыгивает на подоконник', 'Рыжий пёс запрыгивает на белый подоконник')),
      'Рыжий [-кот-] {+пёс+} запрыгивает на {+белый+} подоконник',
    );
    assert.equal(written(diffTexts('一只红狐狸在雪地里', '一只灰狐狸在雪地里')), '一只[-红-]{+灰+}狐狸在雪地里');
  });

  it('is none for white space, and all of what is after can be read from it', () => {
    const [before, after] = ['One  shot.\nSlow camera', 'One shot.\n\nSlow camera'];
    const parts = diffTexts(before, after);
    assert.ok(parts.every(({ change }) => change === undefined));
    const kept = diffTexts('a b c', 'a d c').filter(({ change }) => change !== 'removed');
    const read = kept.map(({ text }) => text).join('');
    assert.equal(read.replace(/\s+/g, ' '), 'a d c');
  });

  it('of texts that have nothing in common is the whole, however long they are', () => {
    const text = (word: string) => Array.from({ length: 5_000 }, (_, index) => `${word}${index}`).join(' ');
    assert.equal(written(diffTexts(text('a'), text('b'))), `[-${text('a')}-] {+${text('b')}+}`);
  });

  it('of values is the whole value', () => {
    assert.equal(written(diffWhole('16:9', '9:16')), '[-16:9-] {+9:16+}');
    assert.equal(written(diffWhole('36 ₽', '36 ₽')), '36 ₽');
    assert.equal(written(diffWhole('', 'x')), ' {+x+}');
  });
});
