import '../../support/vscodeStub';
import assert from 'node:assert/strict';
import { BUILT_IN_MODELS } from '../../../src/api/models';
import { applyEdits } from '../../../src/prompting/remark';
import type { Lens } from '../../../src/storyboard/lenses';
import { bundle } from '../../support/vscodeStub';
import { check, LETTER, resolve } from '../../support/storyboards';

const { getCompletions } = await import('../../../src/languageFeatures/completion');
const { describeTakes, getHover } = await import('../../../src/languageFeatures/hover');
const { findDefinition, findNameAt, rename } = await import('../../../src/languageFeatures/names');
const { describeLens, describeProblem, describeProblemFix } = await import('../../../src/messages/storyboardProblems');

/** The text without the mark `|`, and where that was. */
function at(marked: string) {
  const offset = marked.indexOf('|');
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  const resolved = resolve(text);
  return { text, offset, resolved, storyboard: resolved.storyboard };
}

function complete(marked: string, isAskedFor = true) {
  const read = at(marked);
  return getCompletions(read, read.offset, { models: BUILT_IN_MODELS, isAskedFor }).map((one) => ({
    ...one,
    /** The line as it would be. */
    result: applyEdits(read.text, [{ ...one.replace, text: one.insert }]).split('\n')[
      read.text.slice(0, read.offset).split('\n').length - 1
    ],
  }));
}
const results = (marked: string) => complete(marked).map(({ result }) => result);

describe('completion in a storyboard', () => {
  it('offers the keys of a shot that are not there yet, in the language of the file', () => {
    assert.deepEqual(results('# Shot 1\n- model: seedance-2\n- ra|\n\n> a\n'), [
      '- ratio: ',
      '- first frame: ',
      '- continue: ',
      '- duration: ',
      '- resolution: ',
      '- take: ',
      '- in: ',
      '- out: ',
      '- skip: ',
    ]);
    assert.equal(results('# Кадр 1\n- |\n')[0], '- модель: ');
  });

  it('offers models with price and duration, in a shot and in the head of the file', () => {
    const [first] = complete('# Shot 1\n- model: |\n\n> a\n');
    assert.deepEqual([first?.result, first?.detail], [`- model: ${BUILT_IN_MODELS[0]!.id}`, '12\u00a0₽ · 2 s']);
    assert.equal(results('# Shot 1\n- model:|seedance-2\n')[0], `- model: ${BUILT_IN_MODELS[0]!.id}`);
    assert.equal(results('---\nmodel: seed|ance-2\n---\n')[0], `model: ${BUILT_IN_MODELS[0]!.id}`);
    assert.deepEqual(results('---\nratio: "9|:16"\n---\n'), ['ratio: "16:9"', 'ratio: "9:16"', 'ratio: "1:1"']);
    assert.deepEqual(results('---\nstyle: x\n|\n---\n'), ['model: ', 'ratio: ', 'folder: ']);
  });

  it('offers what the family has, with prices', () => {
    const film = (line: string) => `# Shot 1\n- model: seedance-1-pro-720P-5s\n- ${line}|\n\n> a\n`;
    assert.deepEqual(
      results(film('duration: ')),
      ['2', '5', '10', '12'].map((one) => `- duration: ${one}`),
    );
    assert.equal(complete(film('duration: '))[2]?.detail, '10 s · 112\u00a0₽');
    assert.deepEqual(
      results(film('resolution: ')),
      ['480P', '720P', '1080P'].map((one) => `- resolution: ${one}`),
    );
  });

  it('offers the other shots after “continue”', () => {
    assert.deepEqual(results(LETTER.replace('- continue: Shot 1', '- continue: |')), ['- continue: Shot 1']);
    const scenes = '# Scene 1\n## Shot 1\n\n> a\n\n# Scene 2\n## Shot 1\n\n> b\n\n## Shot 2\n- continue: |\n\n> c\n';
    assert.deepEqual(results(scenes), ['- continue: Scene 1 / Shot 1', '- continue: Scene 2 / Shot 1']);
  });

  it('offers the cast in a prompt, and words that models understand only when asked', () => {
    assert.deepEqual(
      results(LETTER.replace('of @Vera at', 'of @V|')).map((line) => line?.slice(0, 17)),
      ['> Close-up of @Ve', '> Close-up of @Li'],
    );
    assert.ok(
      results(LETTER.replace('@Vera waits', '@Vera |waits')).includes(
        '> @Vera close-upwaits under a clear umbrella. Static camera. She says: "It rained so hard that year."',
      ),
    );
    const words = complete('# Shot 1\n\n> A fox. slow p|\n');
    assert.ok(words.some(({ label, filter }) => label === 'slow push in' && filter?.includes('медленный наезд')));
    assert.deepEqual(complete('# Shot 1\n\n> A fox |\n', false), []);
  });

  it('offers nothing in what is the author’s own', () => {
    assert.deepEqual(results('# Film\n- mo|\n'), []);
    assert.deepEqual(results('# Shot 1\n\n> a\n\n- mo|\n'), []);
  });
});

describe('the hover of a storyboard', () => {
  const hover = (marked: string) => {
    const read = at(marked);
    const found = getHover(read, read.offset, (model) => BUILT_IN_MODELS.find(({ id }) => id === model)?.price);
    return (
      found && {
        at: read.text.slice(found.span.start, found.span.end),
        text: found.blocks.join('\n').replaceAll('\\', ''),
      }
    );
  };

  it('says what is sent, and what it costs', () => {
    const { text } = hover(LETTER.replace('waits under', 'wai|ts under'))!;
    assert.match(text, /Vera \(a young woman with long black hair and a cream sweater\) waits under a clear umbrella/);
    assert.match(text, /film grain\.\nSeedance 1\.5 Pro Audio · 720P · 5 s · 9:16 · 56\s₽$/);
    assert.match(hover('# Sh|ot 1\n')!.text, /no prompt yet/);
  });

  it('says that a long text goes on', () => {
    const long = (words: number) => hover(`# Shot 1\n\n> A f|ox${' runs'.repeat(words)}.\n`)!.text;
    assert.match(long(500), /…\nAll of it is shown where you confirm that it is sent\.\n/);
    assert.doesNotMatch(long(300), /All of it/);
  });

  it('says who a name is, what a model costs and what is continued', () => {
    assert.deepEqual(hover(LETTER.replace('@Vera waits', '@Ve|ra waits')), {
      at: 'Vera',
      text: '**Vera**\na young woman with long black hair and a cream sweater.',
    });
    assert.match(hover(LETTER.replace('pro-720P', 'pro-7|20P'))!.text, /^Seedance 1 Pro · 720P · 10 s · 112\s₽$/);
    assert.match(hover(LETTER.replace('continue: Shot', 'continue: Sh|ot'))!.text, /Close-up of Vera/);
    assert.match(hover(LETTER.replace('audio-720P', 'audio-7|20P'))!.text, /56\s₽/);
    assert.equal(hover(LETTER.replace('Notes for', 'No|tes for')), undefined);
  });

  it('shows takes with their pictures, two in a row, and the one that counts', () => {
    const take = { createdAt: Date.UTC(2026, 5, 1, 12), price: 56 };
    const blocks = describeTakes([
      { ...take, number: 1, counts: 'chosen', poster: new Uint8Array([0xff, 0xd8, 0xff]) },
      { ...take, number: 3, poster: undefined },
      { ...take, number: 4, price: undefined },
    ]);
    assert.equal(blocks.length, 2);
    const [head, , pictures, facts] = blocks[0]!.split('\n');
    assert.equal(head, '| Take 1 ✓ chosen | Take 3 |');
    // A bar would end the cell.
    assert.match(pictures!, /^\| !\[A frame of the video\]\(data:image\/jpeg;base64,\/9j\/\\\|height=110\) \|\s+\|$/);
    assert.match(facts!.replaceAll('\\', ''), /56\s₽ \| .*56\s₽ \|$/);
    assert.equal(blocks[1]!.split('\n').length, 3, 'no row of pictures where there are none');
    assert.deepEqual(describeTakes([]), []);
  });

  it('keeps tables below what VS Code cuts', () => {
    const poster = new Uint8Array(32 * 1024);
    const takes = Array.from({ length: 4 }, (_, n) => ({ number: n + 1, createdAt: 0, price: 56, poster }));
    assert.ok(describeTakes(takes).every((block) => block.length < 100_000));
  });

  it('shows text as text', () => {
    const text = getHover(at('# Shot 1\n\n> A \\[link\\](command:x) \\<b> | fox\n'), 20, () => undefined)!.blocks.join(
      '',
    );
    assert.doesNotMatch(text, /(?<!\\)\[link/);
  });
});

describe('a name of the cast', () => {
  it('is renamed wherever it is spoken of, and nothing else changes', () => {
    const read = at(LETTER.replace('@Vera waits', '@Ve|ra waits').replace('a wooden', 'a Vera-wooden'));
    const edits = rename(read, findNameAt(read, read.offset)!, 'Anna Maria');
    assert.equal(
      applyEdits(read.text, edits),
      read.text.replace('**Vera**', '**Anna Maria**').replaceAll('@Vera', '@Anna Maria'),
    );
    for (const wrong of ['', '@', 'a*b', 'Lighthouse', 'x'.repeat(80), 'a\nb']) {
      assert.throws(() => rename(read, findNameAt(read, read.offset)!, wrong), Error, wrong);
    }
    assert.equal(findNameAt(read, read.text.indexOf('wooden')), undefined);
  });

  it('leads to the cast, as “continue” leads to the shot', () => {
    const name = at(LETTER.replace('@Vera waits', '@Ve|ra waits'));
    assert.equal(findDefinition(name, name.offset)?.to.start, LETTER.indexOf('Vera'));
    const shot = at(LETTER.replace('continue: Shot', 'continue: Sh|ot'));
    assert.equal(findDefinition(shot, shot.offset)?.to.start, LETTER.indexOf('Shot 1: Late'));
    assert.equal(findDefinition(shot, 0), undefined);
  });
});

describe('what is said of a storyboard', () => {
  const wrong = `---
model: seedance-9
ratio: 4:3
style: [a]
folder:
---
# Cast
- **Vera**: a
- **Vera**: b

# Shot 1: One
- model: seedance-1-pro-720P-5s
- duration: 7
- resolution: 8K
- ratio: round
- first frame: command:x
- in: soon
- out: 0:30
- skip: perhaps
- take: the second
- skip: yes

> A fox without people.

- model: x

# Shot 1: One
- continue: Shot 7
- model:

# Shot 2
- continue: Shot 3
- first frame: a.png

> a

# Shot 3
- continue: Shot 2
- in: 3
- out: 2
- model: sora
- duration: 3

> @Nobody runs.

<<<<<<< HEAD
`;

  it('has words for each problem and each fix', () => {
    const problems = [
      ...check(wrong),
      ...check('---\na: "\n---\n'),
      ...check(
        '# Scene 1\n## Shot 1\n\n> a\n\n# Scene 2\n## Shot 1\n\n> a\n\n# Scene 3\n## Shot 2\n- continue: Shot 1\n\n> a\n',
      ),
      ...check('# Shot 1\n- take: a.mp4\n- first frame: a.png\n\n> a\n', {
        image: () => ({ kind: 'missing' }),
        hasVideo: () => false,
      }),
      ...(['outside', 'unsaved'] as const).flatMap((kind) =>
        check('# Shot 1\n- first frame: ../a.png\n\n> a\n', { image: () => ({ kind }) }),
      ),
      ...check('# Shot 1\n- first frame: ![](data:image/png;base64,AAAA)\n\n> a\n'),
      ...check(`# Cast\n${'> '.repeat(60)}\n# Notes\n${'a '.repeat(20_000)}\n# Shot 1\n${'> '.repeat(60)}\n`),
      ...check(`# Cast\n- **A**: ${'a '.repeat(3_900)}\n${'# Shot 1\n\n> @A\n'.repeat(500)}`).slice(0, 1),
    ];
    assert.ok(
      new Set(problems.map(({ code }) => code)).size >= 29,
      [...new Set(problems.map(({ code }) => code))].join(),
    );
    for (const problem of problems) {
      assert.match(describeProblem(problem), /^[^{}]+[.…:>]/, problem.code);
      assert.ok(
        problem.fixes.every((fix) => /^[^{}]+$/.test(describeProblemFix(fix))),
        problem.code,
      );
    }
  });

  it('has words for each lens', () => {
    const shot = 0;
    const lenses: Lens[] = [
      { at: 0, kind: 'generate-missing', count: 4, sum: 224, unpriced: 0 },
      { at: 0, kind: 'generate-missing', count: 1, sum: 0, unpriced: 1 },
      { at: 0, kind: 'generate-missing', count: 3, sum: 112, unpriced: 1 },
      { at: 0, kind: 'go-on', count: 2, source: 'Shot 1', sum: 112, unpriced: 0 },
      { at: 0, kind: 'go-on', count: 1, source: 'Shot 1', sum: 56, unpriced: 0 },
      { at: 0, kind: 'run', count: 3, sources: ['Shot 1', 'Shot 4'], sourceAt: 0 },
      { at: 0, kind: 'run', count: 1, sources: ['Shot 1'], sourceAt: 0 },
      { at: 0, kind: 'stop' },
      { at: 0, kind: 'loose-takes', count: 1 },
      { at: 0, kind: 'loose-takes', count: 3 },
      { at: 0, kind: 'generate', shot, price: 56, seconds: 5 },
      { at: 0, kind: 'generate', shot, price: 56, seconds: undefined },
      { at: 0, kind: 'generate', shot, price: 56, seconds: 5, after: 'Shot 1' },
      { at: 0, kind: 'another', shot, price: 56, seconds: 5 },
      { at: 0, kind: 'generate-chain', shot, count: 3, sum: 168, unpriced: 0 },
      { at: 0, kind: 'underway', shot },
      { at: 0, kind: 'waits', shot, source: 'Shot 1', sourceAt: 0 },
      { at: 0, kind: 'stuck', shot, reason: 'unknown' },
      { at: 0, kind: 'stuck', shot, reason: 'failed' },
      { at: 0, kind: 'stuck', shot, reason: 'source', source: 'Shot 1', sourceAt: 0 },
      { at: 0, kind: 'failed', shot },
      { at: 0, kind: 'takes', shot, count: 0 },
      { at: 0, kind: 'takes', shot, count: 1 },
      { at: 0, kind: 'takes', shot, count: 2 },
      { at: 0, kind: 'compare', shot },
      { at: 0, kind: 'continues', shot, source: 'Shot 1', sourceAt: 0 },
    ];
    assert.deepEqual(
      lenses.map((lens) => describeLens(lens).replaceAll('\u00a0', ' ')),
      [
        'Generate 4 missing shots (224 ₽)',
        'Generate 1 missing shot (price unknown)',
        'Generate 3 missing shots (112 ₽ and more)',
        '2 shots wait for Shot 1’s take: continue (112 ₽)',
        '1 shot waits for Shot 1’s take: continue (56 ₽)',
        '3 shots are sent as soon as they can begin. Wait for Shot 1, Shot 4',
        '1 shot is sent as soon as it can begin. Waits for Shot 1',
        'Stop the run',
        '1 take without a shot',
        '3 takes without a shot',
        'Generate (56 ₽ · 5 s)',
        'Generate (56 ₽)',
        'Generate after Shot 1 (56 ₽ · 5 s)',
        'Another take (56 ₽ · 5 s)',
        'Generate up to here: 3 shots (168 ₽)',
        'Being generated',
        'Waits for Shot 1',
        'It is not known whether it was sent',
        'Failed',
        'Cannot begin: Shot 1 has no take',
        'Failed',
        'Take chosen',
        '1 take',
        '2 takes',
        'Compare',
        'Continues Shot 1',
      ],
    );
    assert.equal(
      describeLens({ at: 0, kind: 'underway', shot }, 'Waiting · about 30 s left'),
      'Waiting · about 30 s left',
    );
    assert.equal(bundle.size, 0);
  });
});
