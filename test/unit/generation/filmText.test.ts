import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createDraftFromTexts, readFilmText, readPlainFilmText } from '../../../src/generation/filmText';
import { parseStoryboard } from '../../../src/storyboard/parse';
import { writeStoryboard } from '../../../src/storyboard/write';
import { cleanPrompt } from '../../../src/tasks/model/prompt';
import { HOSTILE_TEXTS } from '../../support/hostileTexts';

const FACTS = { isAtStart: true, isMidLine: false };
const read = (text: string) => readFilmText(text, FACTS);
const prompts = (text: string) => read(text).shots.map(({ prompt }) => prompt);
const plain = (text: string) => readPlainFilmText(text).shots.map(({ prompt }) => prompt);

describe('a Markdown text that becomes a film', () => {
  it('has a shot for each paragraph and each item, however their lines break', () => {
    const text = 'A paper boat\nsails.\n\n> A fox\n> runs.\n\n- A hen\n- A cat\n  jumps.\n\n  It lands.\n\nA dog.';
    assert.deepEqual(prompts(text), [
      'A paper boat sails.',
      'A fox runs.',
      'A hen',
      'A cat jumps.\n\nIt lands.',
      'A dog.',
    ]);
    assert.deepEqual(prompts(text.replaceAll('\n', '\r\n')), prompts(text), 'with the line ends of Windows');
  });

  it('has a shot for each section below a heading, whose label it replaces and whose title it keeps', () => {
    const { title, shots } = read(
      '# The letter\n\n## Shot 3: Rain\n\nVera waits.\n\nRain.\n\n## Сцена 4\n\n- a\n- b\n',
    );
    assert.equal(title, 'The letter');
    assert.deepEqual(shots, [{ title: 'Rain', prompt: 'Vera waits.\n\nRain.' }, { prompt: 'a\nb' }]);
  });

  it('has a shot for each row of a table, with its title, and what stands beside it as a note', () => {
    const table =
      '| # | Title | Prompt | Seconds |\n|---|---|---|---|\n| 1 | Night | a fox | 5 |\n| 2 | | a hen | 10 |\n';
    assert.deepEqual(read(table).shots, [
      { title: 'Night', prompt: 'a fox', notes: 'Seconds: 5' },
      { prompt: 'a hen', notes: 'Seconds: 10' },
    ]);
  });

  it('keeps as notes what no shot can take: introductions, other sections, code', () => {
    const { title, notes, shots } = read(
      '# Film\nFor ourselves.\n## A\na fox\n```js\nx\n```\n```\ny\n```\n## B\na hen\n## C\na cat\n# Later\nmore',
    );
    assert.deepEqual([title, notes], ['Film', ['For ourselves.', 'Later', 'more']]);
    assert.deepEqual(shots, [
      { title: 'A', prompt: 'a fox', notes: 'y' },
      { title: 'B', prompt: 'a hen' },
      { title: 'C', prompt: 'a cat' },
    ]);
    assert.deepEqual(
      [read('Prompts:\n- a fox\n- a hen').notes, prompts('Prompts:\n- a fox\n- a hen')],
      [['Prompts:'], ['a fox', 'a hen']],
    );
  });

  it('has its style and its cast', () => {
    const { style, cast, notes, shots } = read(
      'Style: film grain\n\n## Cast\n- **Vera**: a young woman\n- __Max:__ her *brother*\n- rain\n\n## Scene 1\na fox\n\n## Scene 2\na hen',
    );
    assert.deepEqual([style, notes], ['film grain', ['rain']]);
    assert.deepEqual(cast, [
      { name: 'Vera', description: 'a young woman' },
      { name: 'Max', description: 'her brother' },
    ]);
    assert.deepEqual(shots, [{ prompt: 'a fox' }, { prompt: 'a hen' }]);
  });

  it('has no shot where there is no text', () => {
    for (const text of ['', '\n \n', '# A\n## B\n', '---\na: b\n---\n', '<!-- x -->']) {
      assert.deepEqual(prompts(text), [], text);
    }
  });
});

describe('any other text that becomes a film', () => {
  it('has a shot for each paragraph, each item, and each line that is a text of its own', () => {
    assert.deepEqual(plain('A long line\nof a text.\n\n1. one\n2) two\n\n# no heading'), [
      'A long line of a text.',
      'one',
      'two',
      '# no heading',
    ]);
    assert.deepEqual(plain('A red kite\nA green kite\nA blue kite\n'), ['A red kite', 'A green kite', 'A blue kite']);
    assert.deepEqual(plain('A red kite.\n«Змей», зелёный.\n'), ['A red kite.', '«Змей», зелёный.']);
    assert.deepEqual(plain('A fox runs. It is\nVera who sees it.'), ['A fox runs. It is Vera who sees it.']);
  });
});

describe('the draft of several texts', () => {
  const draft = (...texts: string[]) => createDraftFromTexts(texts.map(read), { language: 'en', title: 'T' });

  it('has the shots of all, with their common style once and styles of their own in their prompts', () => {
    assert.deepEqual(draft('Style: ink\n\na fox', 'Style: ink\n\na hen').settings, { style: 'ink' });
    const { settings, shots, title } = draft('Style: ink\n\na fox', '# Later\n\na hen');
    assert.deepEqual([settings, title, shots.map(({ prompt }) => prompt)], [undefined, 'T', ['a fox. ink', 'a hen']]);
  });

  it('is read back with each prompt as it was selected, whatever that is', () => {
    const line = fc
      .oneof(fc.stringMatching(/^[A-Za-zА-я][ -~а-яё«»—…]{0,60}$/), fc.constantFrom(...HOSTILE_TEXTS))
      .map((text) => cleanPrompt(text).replace(/\s+/g, ' '))
      // Such a line is meant for all shots, or announces them.
      .filter((text) => text !== '' && !/[:：]/.test(text) && !/^(?:[-*+•–—]|\(?\d+[.)]) /.test(text));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        const film = readPlainFilmText(lines.join('\n\n'));
        const { shots } = parseStoryboard(
          writeStoryboard(createDraftFromTexts([film], { language: 'en', title: 'Film' })),
        );
        assert.deepEqual(
          shots.map(({ prompt }) => prompt.text),
          lines,
        );
      }),
      { numRuns: 200 },
    );
  });
});
