import assert from 'node:assert/strict';
import { readHeadings, readSections } from '../../../src/generation/textSections';
import { addStyle } from '../../../src/tasks/model/prompt';

const FACTS = { isAtStart: true, isMidLine: false };
const read = (text: string, facts = FACTS) => readSections(text, facts);
const prompts = (text: string) => read(text).sections.map(({ prompt }) => prompt);
const titles = (text: string) => read(text).sections.map(({ title }) => title);

describe('the sections of a Markdown text', () => {
  it('are those below headings, which are names and no prompts', () => {
    const text =
      ['# The letter', 'Style: film grain', ''].join('\n') +
      [1, 2, 3, 4, 5, 6].map((n) => `\n## Shot ${n}: Night ${n}\n\nVera waits, part ${n}.\nRain.\n`).join('');
    const { sections, style, isReduced } = read(text);
    assert.deepEqual(sections[0], { title: 'Shot 1: Night 1', prompt: 'Vera waits, part 1.\nRain.' });
    assert.deepEqual([sections.length, style, isReduced], [6, 'film grain', true]);
    assert.deepEqual(read(text.replaceAll('\n', '\r\n')), read(text), 'with the line ends of Windows');
  });

  it('are at the level that has most, with what is below them, and scenes before notes', () => {
    assert.deepEqual(prompts('# Act 1\nSpring.\n## A\na fox\n### Light\ndusk\n## B\na hen\n# Act 2\n## C\na cat'), [
      'a fox\ndusk',
      'a hen',
      'a cat',
    ]);
    const notes = '## Cast\nVera\n## Places\nA house\n## Notes\nRain\n## Сцена 1\nлиса\n## Сцена 2\nкурица';
    assert.deepEqual(titles(notes), ['Сцена 1', 'Сцена 2']);
  });

  for (const line of [
    'Style: film grain',
    '**Style:** film grain',
    '- **Общее**: film grain',
    '* Стиль: film grain',
    'Common: film grain',
    '**Global style**: film grain',
    'Общий стиль: film grain',
    '> Style: film grain',
  ]) {
    it(`share the style of “${line}”, before them and in the first`, () => {
      for (const text of [`${line}\n\n## A\na fox\n## B\na hen`, `## A\n${line}\n\na fox\n## B\na hen`]) {
        assert.deepEqual([prompts(text), read(text).style], [['a fox', 'a hen'], 'film grain'], text);
      }
    });
  }

  it('share a style that has a heading or a section of its own, and keep their own styles', () => {
    assert.equal(read('## Style\nfilm grain\n## A\na fox\n## B\na hen').style, 'film grain');
    assert.equal(read('a fox\n\n---\n\na hen\n\n---\n\nStyle: film grain').style, 'film grain');
    const own = read('## A\nStyle: film\na fox\n## B\nStyle: ink\na hen');
    assert.deepEqual([own.style, own.sections[1]?.prompt], [undefined, 'Style: ink\na hen']);
  });

  it('are named scenes, in either language and any form', () => {
    for (const [one, two] of [
      ['Scene 1:', 'Scene 2:'],
      ['Кадр 1.', 'Кадр 2.'],
      ['**Shot 1**', '**Shot 2**'],
      ['Сцена 1 —', 'Сцена 2 —'],
      ['- **Shot 1:**', '- **Shot 2:**'],
    ]) {
      assert.deepEqual(prompts(`${one} a fox\n\n${two} a hen`), ['a fox', 'a hen'], one);
      assert.deepEqual(prompts(`${one}\na fox\n\n${two}\na hen`), ['a fox', 'a hen'], one);
    }
    assert.deepEqual(prompts('Scene 1 of the film is slow.\nScene 2 of it is not.').length, 1, 'a sentence is no name');
  });

  it('are items of a list, rows of a table, and what separators part', () => {
    assert.deepEqual(prompts('Shots:\n\n1. a fox\n2. a hen\n   at night'), ['a fox', 'a hen\n   at night']);
    assert.deepEqual(prompts('- [ ] a fox\n- [x] a hen'), ['a fox', 'a hen']);
    assert.deepEqual(prompts('A cat, in detail\n- slow\n- golden').length, 1, 'a list within a text');
    assert.deepEqual(
      prompts('| # | Shot | Description | Sec |\n|--|:--|--|--|\n| 1 | A | a fox | 5 |\n| 2 | B | a hen | 5 |'),
      ['a fox', 'a hen'],
    );
    assert.deepEqual(prompts('A red kite\n---\nA green kite\n---\nA blue kite'), [
      'A red kite',
      'A green kite',
      'A blue kite',
    ]);
    assert.deepEqual(prompts('A red kite.\n\n* * *\n\nA green kite.'), ['A red kite.', 'A green kite.']);
  });

  it('have headings of the other form too', () => {
    const text = 'The fox\n=======\na fox\n\nThe hen\n-------\na hen\n\nThe cat\n-------\na cat';
    assert.deepEqual(prompts(text), ['a hen', 'a cat']);
    assert.deepEqual(titles('Shot 1\n---\na fox\n\nShot 2\n---\na hen'), ['Shot 1', 'Shot 2']);
  });

  it('hold no front matter, comments, targets, images, marks and foreign code', () => {
    assert.deepEqual(prompts('---\nmodel: x\n---\n## A\na fox\n## B\na hen'), ['a fox', 'a hen']);
    assert.deepEqual(prompts('A <!-- red --> fox\n<!-- not\n\n## this\n-->runs'), ['A  fox\nruns']);
    assert.deepEqual(prompts('A [fox](https://example.com/a_(b)) ![x](y.png)\n```js\ncode\n```'), ['A fox']);
    assert.deepEqual(prompts('## A\n```prompt\na **fox**\n# dusk\n```\n## B\n```\na hen\n```'), [
      'a **fox**\n# dusk',
      'a hen',
    ]);
    assert.deepEqual(prompts('A **red** _fox_ and `hen`, 2 * 3 * 4, snake_case_name \\*'), [
      'A red fox and hen, 2 * 3 * 4, snake_case_name *',
    ]);
  });

  it('are one where there is one heading, and none where there is no text', () => {
    assert.deepEqual(read('# The fox\nruns').sections, [{ title: 'The fox', prompt: 'runs' }]);
    assert.deepEqual(read('# The fox\n## The hen').sections, []);
    assert.deepEqual(readHeadings('# The fox #\n## The **hen**', FACTS), ['The fox', 'The hen']);
    assert.deepEqual(prompts('## A\n## B\na fox\n## C\n'), ['a fox'], 'headings without text are no videos');
  });

  it('change nothing of plain text, nor of a line that is selected from its middle', () => {
    for (const text of ['A fox runs.\nIt stops.\n\nA hen: 5 > 3, a*b.', 'a --dur 5', '#tag and C# code']) {
      assert.deepEqual(read(text), { sections: [{ prompt: text }], isReduced: false });
    }
    const middle = read('# 1 fan of cats', { isAtStart: false, isMidLine: true });
    assert.deepEqual(middle.sections, [{ prompt: '# 1 fan of cats' }]);
  });
});

describe('a style that all share', () => {
  it('is a sentence at the end of a prompt', () => {
    assert.equal(addStyle('A fox', 'Film grain'), 'A fox. Film grain');
    assert.equal(addStyle('A fox.', 'Film grain'), 'A fox. Film grain');
    assert.equal(addStyle('A fox', undefined), 'A fox');
  });
});
