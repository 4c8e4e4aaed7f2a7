import assert from 'node:assert/strict';
import { relatePrompts, type SelectedText } from '../../../src/generation/relatedPrompts';

describe('the prompts of several selections', () => {
  /** Selects columns of the lines, as a column selection does; whole lines by default. */
  const select = (lines: readonly string[], from = 0, to?: number): SelectedText[] =>
    lines.map((line, index) => ({
      text: line.slice(from, to),
      before: line.slice(0, from),
      after: to === undefined ? '' : line.slice(to),
      start: index,
      end: index,
    }));
  const fragmentsOf = (...args: Parameters<typeof select>) => relatePrompts(select(...args)).fragments;

  it('are counted where they are the same, and each is kept once in its order', () => {
    const { equal, distinct } = relatePrompts(select(['A cat', 'A dog', 'a  cat.', 'A cat', 'A fox', 'A hen']));
    assert.deepEqual({ equal, distinct }, { equal: 3, distinct: ['A cat', 'A dog', 'A fox', 'A hen'] });
  });

  it('are pieces where a column cuts words, in any script that has words', () => {
    assert.equal(fragmentsOf(['A red kite in the sky', 'A green kite at sea'], 0, 9), 'cut-words');
    assert.equal(fragmentsOf(['Красный змей в небе', 'Зелёный змей у моря'], 3), 'cut-words');
    assert.equal(fragmentsOf(['红色风筝在天空中飞', '绿色风筝在海上飞翔'], 2, 6), undefined);
  });

  it('are pieces where a sentence is broken over lines, and are joined as it reads', () => {
    const lines = ['A red kite rises over', 'the bay, and the sun', 'sets behind it.'];
    assert.equal(fragmentsOf(lines), 'pieces');
    assert.equal(relatePrompts(select(lines)).joined, 'A red kite rises over the bay, and the sun sets behind it.');
    assert.equal(fragmentsOf(['Красный змей летит', 'над тихой бухтой.']), 'pieces');
  });

  it('are pieces where only a word or two of each line is selected', () => {
    assert.equal(fragmentsOf(['red kite in the sky', 'big boat in the bay'], 0, 8), 'few-words');
  });

  it('are left alone where they are whole sentences or lines', () => {
    for (const lines of [
      ['A red kite.', 'A green kite.', 'A blue kite.'],
      ['A red kite', 'A green kite'],
      ['a red kite', 'a green kite', 'a blue kite'],
      ['Fireflies', 'Rain'],
      ['Red kite', 'green kite', 'blue kite'],
      ['A red kite.', 'a green kite.'],
      ['Красный змей', 'Зелёный змей'],
    ]) {
      const { equal, fragments } = relatePrompts(select(lines));
      assert.deepEqual({ equal, fragments }, { equal: 0, fragments: undefined }, lines.join(' | '));
    }
    assert.equal(fragmentsOf(['- A red kite flies', '- a green kite flies'], 2), undefined, 'items of a list');
    const apart = select(['A red kite over', 'the bay']).map((one) => ({
      ...one,
      start: one.start * 2,
      end: one.end * 2,
    }));
    assert.equal(relatePrompts(apart).fragments, undefined, 'a line is between them');
    const sentences = { before: 'A cat. ', after: ' A hen.', start: 0, end: 0 };
    assert.equal(
      relatePrompts([
        { ...sentences, text: 'A dog runs off.' },
        { ...sentences, text: 'A fox comes by.' },
      ]).fragments,
      undefined,
    );
  });
});
