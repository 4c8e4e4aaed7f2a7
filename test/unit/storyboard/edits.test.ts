import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyEdits } from '../../../src/prompting/remark';
import { setSetting, setTake } from '../../../src/storyboard/edits';
import { parseStoryboard } from '../../../src/storyboard/parse';
import { resolveStoryboard } from '../../../src/storyboard/resolve';
import { writeStoryboard, type StoryboardDraft } from '../../../src/storyboard/write';
import { CONTEXT, LETTER } from '../../support/storyboards';

function take(text: string, shot: number, label = 'take 3', path = 'seedance/a film/shot (1).mp4'): string {
  const storyboard = parseStoryboard(text);
  return applyEdits(text, [setTake(text, storyboard, storyboard.shots[shot]!, { label, path })]);
}
const LINE = '[take 3](seedance/a%20film/shot%20%281%29.mp4)';

describe('the line of a chosen take', () => {
  it('replaces the one before, and nothing else', () => {
    assert.equal(take(LETTER, 1), LETTER.replace('[take 2](seedance/the-letter/shot-2-take-2.mp4)', LINE));
  });

  it('is added below the other settings, as they are written', () => {
    assert.equal(take(LETTER, 0), LETTER.replace('720P-10s\n', `720P-10s\n- take: ${LINE}\n`));
    const text = '## Кадр 1\r\n* формат: 1:1\r\n\r\n> Лиса.\r\n';
    assert.equal(take(text, 0), `## Кадр 1\r\n* формат: 1:1\r\n* дубль: ${LINE}\r\n\r\n> Лиса.\r\n`);
  });

  it('is added below the heading where there are no settings', () => {
    assert.equal(take('# Shot 1\n\n> a\n', 0), `# Shot 1\n- take: ${LINE}\n\n> a\n`);
    assert.equal(take('# Shot 1\n> a\n', 0), `# Shot 1\n- take: ${LINE}\n> a\n`);
    assert.equal(take('# Shot 1\nA fox.\n', 0), `# Shot 1\n- take: ${LINE}\n\nA fox.\n`, 'the text stays a text');
    assert.equal(take('# Shot 1', 0), `# Shot 1\n- take: ${LINE}`);
    assert.equal(take('Shot 1\n===\n* mine\n', 0), `Shot 1\n===\n* take: ${LINE}\n* mine\n`);
  });

  it('is behind the colon that waits for it', () => {
    assert.equal(take('# Shot 1\n- take:\n\n> a\n', 0), `# Shot 1\n- take: ${LINE}\n\n> a\n`);
  });

  it('leaves a line alone that follows without an empty one', () => {
    const text = '# Shot 1\n- take: old\nA note.\n- ratio: 1:1\nAnother.\n';
    assert.equal(take(text, 0), text.replace('old', LINE));
    const [shot] = parseStoryboard(text).shots;
    assert.deepEqual(
      shot?.settings.map(({ key, value }) => [key, value]),
      [
        ['take', 'old'],
        ['ratio', '1:1'],
      ],
    );
  });

  it('is what is read back, and changes no other line', () => {
    const line = fc.constantFrom(
      '- ratio: 1:1',
      '* mood: dark',
      '- take: old',
      '- take:',
      '',
      '> A fox.',
      'A note.',
      '### Notes',
      '<!-- x -->',
      '1. model: seedance-2',
      '```',
      '  - nested',
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), (lines, eol) => {
        const text = ['# Film', '# Shot 1: Rain', ...lines, '# Shot 2', '> b'].join(eol);
        const before = parseStoryboard(text);
        const after = take(text, 0);
        const read = resolveStoryboard(parseStoryboard(after), CONTEXT);
        assert.equal(read.shots[0]?.take?.target, 'seedance/a%20film/shot%20%281%29.mp4', after);
        assert.equal(read.shots[0].shot.prompt.text, before.shots[0]!.prompt.text);
        assert.equal(read.shots.length, before.shots.length);
        const rest = after.split(eol);
        const kept = text.split(eol).filter((one) => {
          const index = rest.indexOf(one);
          if (index >= 0) {
            rest.splice(index, 1);
          }
          return index >= 0;
        });
        assert.ok(kept.length >= text.split(eol).length - 1);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a setting', () => {
  it('is written in the language of the file', () => {
    const text = '## Кадр 1\n\n> Лиса.\n';
    const storyboard = parseStoryboard(text);
    assert.equal(
      applyEdits(text, [setSetting(text, storyboard, storyboard.shots[0]!, 'model', 'seedance-2')]),
      '## Кадр 1\n- модель: seedance-2\n\n> Лиса.\n',
    );
  });
});

describe('a storyboard that is written', () => {
  it('reads well', () => {
    const text = writeStoryboard({
      language: 'en',
      settings: { model: 'seedance-2', ratio: '9:16', style: 'Film grain.' },
      title: 'The letter',
      notes: 'Rain in every exterior.',
      cast: [{ name: 'Vera', description: 'a young woman', image: 'cast/vera 1.png' }],
      shots: [
        { title: 'Night', prompt: '@Vera at a desk.', firstFrame: 'frames/desk.png' },
        { prompt: 'Rain.\nHail.\n\nSnow.', settings: { continue: 'Shot 1' }, take: { label: 'take 1', path: 'a.mp4' } },
      ],
    });
    assert.equal(
      text,
      `---
model: seedance-2
ratio: "9:16"
style: Film grain.
---
# The letter

Rain in every exterior.

## Cast
- **Vera**: a young woman ![](cast/vera%201.png)

## Shot 1: Night
- first frame: ![](frames/desk.png)

> @Vera at a desk.

## Shot 2
- continue: Shot 1
- take: [take 1](a.mp4)

> Rain.\\
> Hail.
>
> Snow.
`,
    );
  });

  it('says what was given, whatever that is', () => {
    const words = fc
      .stringMatching(/^[\p{L}\p{N}][ -~а-яё«»—…]{0,40}$/u)
      .map((text) => text.replace(/\s+/g, ' ').trim());
    const draft: fc.Arbitrary<StoryboardDraft> = fc.record({
      language: fc.constantFrom('en' as const, 'ru' as const),
      settings: fc.record({ style: words, folder: words }),
      title: words.map((text) => `The ${text}`),
      cast: fc.array(fc.record({ name: fc.stringMatching(/^[A-Za-zА-я]{1,10}$/), description: words }), {
        maxLength: 2,
      }),
      shots: fc.array(
        fc.record({
          title: words,
          prompt: fc
            .array(
              fc.oneof(
                fc.stringMatching(/^[ -~а-яё«»—…]{1,60}$/),
                fc.constantFrom('| --- |', ':-|', 'a | b', '\\', ''),
              ),
              { minLength: 1, maxLength: 5 },
            )
            .map((lines) => lines.join('\n')),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    });
    const plain = (text: string) => text.replace(/\s+/g, ' ').trim();
    const lines = (text: string) =>
      text
        .split('\n')
        .map(plain)
        .join('\n')
        .replace(/\n{3,}/g, '\n\n')
        .trim();
    fc.assert(
      fc.property(draft, (given) => {
        const text = writeStoryboard(given);
        const read = parseStoryboard(text);
        assert.equal(plain(read.title?.text ?? ''), plain(given.title), text);
        assert.deepEqual(
          read.shots.map(({ title, prompt }) => [plain(title), lines(prompt.text)]),
          given.shots.map(({ title, prompt }) => [plain(title ?? ''), lines(prompt)]),
          text,
        );
        assert.deepEqual(
          read.cast.map(({ name }) => name),
          given.cast!.map(({ name }) => name),
          text,
        );
        assert.deepEqual(
          read.frontMatter?.settings.map(({ value }) => plain(value ?? '')),
          [given.settings!.style, given.settings!.folder].map((value) => plain(value ?? '')),
          text,
        );
      }),
      { numRuns: 300 },
    );
  });
});
