import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { BUILT_IN_MODELS } from '../../../src/api/models';
import { checkPrompt, checkWithSteps, fixAll, getEdits, MAX_CHECKED_CHARS } from '../../../src/prompting/checkPrompt';
import { applyEdits, RULES, type PromptContext } from '../../../src/prompting/remark';
import { ROOT } from '../../support/root';
import { CORPUS_FIRST } from './corpusFirst';
import { CORPUS_SECOND } from './corpusSecond';
import { frame, pro, two, two15, withSound } from './corpusTypes';

/** The same numbers on every run. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const CORPUS = [...CORPUS_FIRST, ...CORPUS_SECOND];

/** Pieces of the corpus in any order: sentences that nobody would write find what nobody thought of. */
function* mixed(count: number): Generator<[string, PromptContext]> {
  const random = createRandom(7);
  const pieces = CORPUS.filter(([text]) => text.length < 500).flatMap(([text]) => text.split(/(?<=[.,;:\n])/));
  pieces.push(
    'no people, ',
    'Cut to ',
    '\n',
    ' - ',
    '"',
    '(',
    '0-3s: ',
    '--dur 9 ',
    '\u0000',
    'static camera, ',
    '@Vira ',
  );
  const contexts = [pro, two, two15, withSound, frame, { ...pro, cast: ['Vera'], models: BUILT_IN_MODELS }];
  for (let index = 0; index < count; index++) {
    const text = Array.from({ length: 1 + random(7) }, () => pieces[random(pieces.length)]!).join(random(2) ? ' ' : '');
    yield [text, contexts[random(contexts.length)]!];
  }
}

const CASES = [...CORPUS.map(([text, , context = pro]) => [text, context] as const), ...mixed(1_500)];

describe('remarks', () => {
  it('point at what they name', () => {
    for (const [text, context] of CASES) {
      for (const { start, end, excerpt, rule } of checkPrompt(text, context)) {
        assert.equal(text.slice(start, end), excerpt, `${rule} in ${text}`);
        assert.ok(rule === 'person-photo' || excerpt !== '', `${rule} in ${text}`);
        assert.ok(RULES.includes(rule));
      }
    }
  });

  it('are the same again for the same text', () => {
    for (const [text, context] of CASES.slice(0, 300)) {
      assert.deepEqual(checkPrompt(text, context), checkPrompt(text, context));
    }
  });

  it('are gone when their fix is applied, and no other of their kind comes instead', () => {
    let fixes = 0;
    for (const [text, context] of CASES) {
      const before = checkPrompt(text, context);
      for (const remark of before) {
        const edits = getEdits(remark);
        if (edits) {
          fixes++;
          const after = checkPrompt(applyEdits(text, edits), context);
          const count = (all: typeof after) => all.filter(({ rule }) => rule === remark.rule).length;
          assert.ok(
            count(after) < count(before),
            `${remark.rule} “${remark.excerpt}” of “${text}” → “${applyEdits(text, edits)}”`,
          );
        }
      }
    }
    assert.ok(fixes > 300, `${fixes} fixes`);
  });

  it('that can be mended are gone when all are, and then nothing changes any more', () => {
    for (const [text, context] of CASES) {
      const fixed = fixAll(text, context);
      assert.deepEqual(checkPrompt(fixed, context).filter(getEdits), [], text);
      assert.equal(fixAll(fixed, context), fixed);
      assert.ok(fixed.trim() !== '' || text.trim() === '' || text.includes('\u0000'), text);
    }
  });

  it('leave the rest of a text as it is', () => {
    for (const [text, context] of CASES) {
      for (const edits of checkPrompt(text, context).flatMap((remark) => [getEdits(remark) ?? []])) {
        const sorted = [...edits].sort((a, b) => a.start - b.start);
        sorted.forEach(({ start, end }, index) => {
          assert.ok(start >= (sorted[index - 1]?.end ?? 0) && end >= start && end <= text.length, text);
        });
      }
    }
  });

  it('split a prompt into one for each shot, all of whose words come from it', () => {
    for (const [text, context] of CASES) {
      for (const { fixes } of checkPrompt(text, context)) {
        for (const fix of fixes) {
          if (fix.kind === 'split') {
            assert.ok(fix.prompts.length > 1 && fix.prompts.every((prompt) => prompt.trim() !== ''), text);
            const words = new Set(text.split(/\s+/));
            const others = fix.prompts.flatMap((prompt) => prompt.split(/\s+/)).filter((word) => !words.has(word));
            assert.ok(
              others.every((word) => text.includes(word)),
              `${others.join(' ')} of ${text}`,
            );
          }
        }
      }
    }
  });
});

describe('checking a prompt', () => {
  const HOSTILE = [
    'no ',
    'not not ',
    '"',
    '— ',
    '« ',
    "'a ",
    '0-',
    '0:00-',
    '[(',
    'cut to ',
    'camera slowly ',
    'a-',
    'a.',
    '@',
    '--',
    '--ar ',
    ' ',
    '\n',
    '\u0000',
    'не ',
    '`',
    '{"',
    'Shot 1: ',
    'the camera pans and ',
  ];

  it('takes steps in proportion to its length, whatever it says', () => {
    for (const piece of [...HOSTILE, ...CORPUS.slice(0, 120).map(([text]) => `${text} `)]) {
      const steps = (chars: number) =>
        checkWithSteps(piece.repeat(Math.ceil(chars / piece.length)).slice(0, chars), { ...pro, firstFrame: {} }).steps;
      const [short, long] = [steps(2_000), steps(8_000)];
      assert.ok(long <= 5 * short + 2_000, `${long} after ${short}: ${piece.slice(0, 40)}`);
      assert.ok(long <= 120 * 8_000, `${long}: ${piece.slice(0, 40)}`);
    }
  });

  it('reads no more of megabytes than can be sent', () => {
    const text = 'no people, the camera pans left and zooms in. '.repeat(100_000);
    const { remarks, steps } = checkWithSteps(text, pro);
    assert.equal(steps, checkWithSteps(text.slice(0, MAX_CHECKED_CHARS), pro).steps);
    assert.ok(remarks.every(({ end }) => end <= MAX_CHECKED_CHARS));
  });

  it('uses no expression in which one repetition is within another, but where a sign parts them', () => {
    const folder = path.join(ROOT, 'src/prompting');
    const nested = readdirSync(folder).flatMap((name) =>
      [...readFileSync(path.join(folder, name), 'utf8').matchAll(/\([^()]*[*+][^()]*\)[*+]/g)].map(([found]) => found),
    );
    assert.deepEqual(nested, [String.raw`(?:['’\-‑][\p{L}\p{N}][\p{L}\p{M}\p{N}_]*)*`, String.raw`(?:[.:]\d+)*`]);
  });

  it('knows nothing of how the models of others read a prompt', () => {
    const text = 'no people. 0-3s: the camera pans left and zooms in --ar 9:16';
    const rules = checkPrompt(text, { model: 'veo-3', aspectRatio: '16:9' }).map(({ rule }) => rule);
    assert.deepEqual(rules, ['flag']);
  });

  it('looks at names only where there is a cast, and proposes the one that is meant', () => {
    const of = (text: string, cast?: string[]) => checkPrompt(text, { ...pro, cast });
    assert.deepEqual(of('@Vira waits, mail vera@example.com'), []);
    const [remark, ...more] = of('@Vira waits for @Vera and @Mary Ann, @Image1, mail vera@example.com', [
      'Vera',
      'Mary Ann',
    ]);
    assert.deepEqual([remark?.excerpt, more], ['@Vira', []]);
    assert.equal(fixAll('@Vira waits', { ...pro, cast: ['Vera'] }), '@Vera waits');
    assert.deepEqual(
      of('@Bob waits', ['Vera']).map(({ fixes }) => fixes),
      [[]],
    );
    assert.deepEqual(
      of('@Вера, у @Веры письмо', ['Вера']).map(({ excerpt }) => excerpt),
      ['@Веры'],
    );
  });

  it('names a model with sound at its price, and one that the flags ask for', () => {
    const context = { ...pro, models: BUILT_IN_MODELS };
    const [silent] = checkPrompt('She says: "Hello there"', context);
    assert.ok(silent?.rule === 'silent-model');
    assert.deepEqual(silent.params.other?.id, 'seedance-1-5-pro-audio-1080P-5s');
    const [flag] = checkPrompt('a cat --dur 10', context);
    assert.deepEqual(flag?.fixes[1], {
      kind: 'choose',
      model: 'seedance-1-pro-1080P-10s',
      aspectRatio: '16:9',
      edits: [],
    });
  });

  it('reads seconds as the model does', () => {
    const rules = (model: string) =>
      checkPrompt('0-3s: a fox. 3-9s: a hare.', { model, aspectRatio: '16:9' }).map(({ rule }) => rule);
    assert.deepEqual(rules('seedance-2-720P-10s'), ['seconds']);
    assert.deepEqual(rules('seedance-2-5-720P-10s'), []);
    assert.deepEqual(rules('seedance-1-5-pro-720P-10s'), ['seconds']);
  });

  it('speaks of photographs with Seedance 2 alone', () => {
    const rules = (model: string, isPhotograph: boolean) =>
      checkPrompt('She smiles', { model, aspectRatio: '16:9', firstFrame: { isPhotograph } }).map(({ rule }) => rule);
    assert.deepEqual(rules('seedance-2-720P-5s', true), ['person-photo']);
    assert.deepEqual(rules('seedance-2-720P-5s', false), []);
    assert.deepEqual(rules('seedance-1-pro-720P-5s', true), []);
  });
});
