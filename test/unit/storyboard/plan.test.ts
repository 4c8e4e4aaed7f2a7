import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BUILT_IN_MODELS } from '../../../src/api/models';
import { getLenses, type Lens, type LensInput } from '../../../src/storyboard/lenses';
import { planRun, type PlanInput, type ShotProgress } from '../../../src/storyboard/plan';
import { matchTakes } from '../../../src/storyboard/takes';
import { check, LETTER, longFilm, resolve } from '../../support/storyboards';

const prices = new Map(BUILT_IN_MODELS.map(({ id, price }) => [id, price]));

function plan(text: string, progress: Record<number, ShotProgress> = {}, more: Partial<PlanInput> = {}) {
  const resolved = resolve(text);
  return planRun({
    resolved,
    problems: check(text),
    progressOf: ({ shot }) => progress[shot.index] ?? 'missing',
    priceOf: (model) => prices.get(model),
    ...more,
  });
}
const states = ({ steps }: ReturnType<typeof plan>) =>
  steps.map(({ state }) =>
    [state.kind, ...('on' in state ? [state.on] : []), ...('reason' in state ? [state.reason] : [])].join(' '),
  );

const CHAIN = ['', '- continue: Shot 1\n', '- continue: Shot 2\n', '']
  .map((line, n) => `# Shot ${n + 1}\n- model: seedance-1-pro-720P-2s\n${line}\n> A fox, part ${n}.\n`)
  .join('\n');

describe('the plan of a run', () => {
  it('says what is sent, what waits for what, and what it costs', () => {
    const whole = plan(CHAIN);
    assert.deepEqual(states(whole), ['send', 'wait 0', 'wait 1', 'send']);
    assert.deepEqual(whole.order, [0, 1, 2, 3]);
    assert.deepEqual([whole.sum, whole.unpriced], [89.6, 0]);
    assert.deepEqual(
      whole.steps.map(({ price, continues }) => [price, continues]),
      [
        [22.4, undefined],
        [22.4, 0],
        [22.4, 1],
        [22.4, undefined],
      ],
    );
  });

  it('repeats nothing that is done or under way', () => {
    const rest = plan(CHAIN, { 0: 'done', 3: 'underway' });
    assert.deepEqual(states(rest), ['done', 'send', 'wait 1', 'underway']);
    assert.deepEqual([rest.order, rest.sum], [[1, 2], 44.8]);
    assert.deepEqual(states(plan(CHAIN, { 0: 'underway' })).slice(0, 2), ['underway', 'wait 0']);
  });

  it('takes a chosen take for done, whoever generated it', () => {
    assert.deepEqual(states(plan(LETTER)), ['send', 'done']);
  });

  it('stops only what follows from a refusal, and repeats it when the user asks again', () => {
    const going = plan(CHAIN, { 0: 'failed' }, { keepsFailed: () => true });
    assert.deepEqual(states(going), ['stuck failed', 'stuck 0 source', 'stuck 0 source', 'send']);
    assert.deepEqual(states(plan(CHAIN, { 0: 'failed' })), ['send', 'wait 0', 'wait 1', 'send']);
  });

  it('never repeats what may have been sent', () => {
    const lost = plan(CHAIN, { 1: 'unknown' });
    assert.deepEqual(states(lost), ['send', 'stuck unknown', 'stuck 1 source', 'send']);
    assert.deepEqual(lost.order, [0, 3]);
  });

  it('sends nothing of a shot with a mistake, in a circle, skipped or without text', () => {
    const wrong = CHAIN.replace('# Shot 1\n', '# Shot 1\n- ratio: 4:3\n');
    assert.deepEqual(states(plan(wrong)), ['stuck problem', 'stuck 0 source', 'stuck 0 source', 'send']);
    const circle = CHAIN.replace('# Shot 1\n', '# Shot 1\n- continue: Shot 3\n');
    assert.deepEqual(states(plan(circle)), ['stuck problem', 'stuck problem', 'stuck problem', 'send']);
    const skipped = CHAIN.replace('# Shot 1\n', '# Shot 1\n- skip: yes\n');
    assert.deepEqual(states(plan(skipped)), ['skipped', 'stuck 0 source', 'stuck 0 source', 'send']);
    assert.deepEqual(states(plan(CHAIN.replace('> A fox, part 3.', ''))), [
      'send',
      'wait 0',
      'wait 1',
      'stuck no-prompt',
    ]);
  });

  it('sends nothing at all while the file is in conflict', () => {
    const { order, blockers, sum } = plan(`${CHAIN}\n<<<<<<< HEAD\n`);
    assert.deepEqual([order, blockers.map(({ code }) => code), sum], [[], ['conflict'], 0]);
  });

  it('may be of one shot, with what it continues', () => {
    assert.deepEqual(plan(CHAIN, {}, { only: 1 }).order, [0, 1]);
    assert.deepEqual(plan(CHAIN, { 0: 'done' }, { only: 1 }).order, [1]);
    assert.deepEqual(plan(CHAIN, { 1: 'done' }, { only: 1 }).order, []);
  });

  it('counts shots whose price nobody knows', () => {
    const { sum, unpriced } = plan(CHAIN, {}, { priceOf: () => undefined });
    assert.deepEqual([sum, unpriced], [0, 4]);
  });

  it('sends each shot once, after what it waits for, whatever continues what', () => {
    const progress = fc.constantFrom<ShotProgress>('missing', 'done', 'underway', 'unknown', 'failed');
    const shots = fc.array(fc.tuple(fc.option(fc.nat(9), { nil: undefined }), progress), {
      minLength: 1,
      maxLength: 10,
    });
    fc.assert(
      fc.property(shots, fc.boolean(), (film, keepsFailed) => {
        const text = film
          .map(([on], n) => `# Shot ${n}\n${on === undefined ? '' : `- continue: Shot ${on}\n`}\n> Fox ${n}.\n`)
          .join('\n');
        const { order, steps } = plan(text, Object.fromEntries(film.map(([, one], n) => [n, one])), {
          keepsFailed: () => keepsFailed,
        });
        assert.equal(new Set(order).size, order.length);
        for (const [place, index] of order.entries()) {
          const { state, continues } = steps[index]!;
          assert.ok(film[index]![1] === 'missing' || (film[index]![1] === 'failed' && !keepsFailed));
          if (state.kind === 'wait') {
            assert.equal(state.on, continues);
            assert.ok(steps[state.on]!.state.kind === 'underway' || order.indexOf(state.on) < place);
          } else {
            assert.equal(state.kind, 'send');
            assert.ok(continues === undefined || steps[continues]!.state.kind === 'done');
          }
        }
      }),
    );
  });

  it('is one for a chain of 300 shots too', () => {
    const text = longFilm(300).replace(/^- duration: 5$/gm, '');
    assert.equal(plan(text).order.length, 300);
  });
});

describe('the lenses of a storyboard', () => {
  const lensesOf = (whole: ReturnType<typeof plan>, more: Partial<LensInput> = {}) =>
    getLenses({
      plan: whole,
      problems: [],
      priceOf: (model) => prices.get(model),
      isUnderway: () => false,
      titleAt: 0,
      takesOf: () => 0,
      hasFailed: () => false,
      looseTakes: 0,
      waiting: [],
      ...more,
    });
  const told = (lenses: readonly Lens[], text = CHAIN) =>
    lenses.map((lens) => {
      const { at, kind } = lens;
      const more = 'source' in lens ? lens.source : 'count' in lens ? lens.count : 'after' in lens ? lens.after : '';
      return `${text.slice(at, at + 8)} ${kind} ${more}`.trim();
    });

  it('say what can be done, and where', () => {
    const lenses = lensesOf(plan(CHAIN, { 0: 'done', 3: 'unknown' }), {
      takesOf: (n) => (n === 0 ? 2 : 0),
      looseTakes: 3,
    });
    assert.deepEqual(told(lenses), [
      '# Shot 1 generate-missing 2',
      '# Shot 1 loose-takes 3',
      '# Shot 1 another',
      '# Shot 1 takes 2',
      '# Shot 1 compare',
      '# Shot 2 generate',
      '# Shot 2 continues Shot 1',
      '# Shot 3 generate-chain 2',
      '# Shot 3 continues Shot 2',
      '# Shot 4 stuck',
    ]);
    const [missing] = lenses;
    assert.deepEqual(missing?.kind === 'generate-missing' && [missing.count, missing.sum], [2, 44.8]);
    const chain = lenses.find(({ kind }) => kind === 'generate-chain');
    assert.deepEqual(chain?.kind === 'generate-chain' && [chain.sum, chain.unpriced], [44.8, 0]);
  });

  it('say what would be sent behind a video that is on its way, when nothing of this window sends it', () => {
    const after = plan(CHAIN, { 0: 'underway', 3: 'done' });
    assert.deepEqual(told(lensesOf(after)), [
      '# Shot 1 go-on Shot 1',
      '# Shot 1 underway',
      '# Shot 2 generate Shot 1',
      '# Shot 2 continues Shot 1',
      '# Shot 3 generate-chain 2',
      '# Shot 3 continues Shot 2',
      '# Shot 4 another',
    ]);
    const more = lensesOf(plan(CHAIN, { 0: 'underway' }));
    assert.deepEqual(told(more).slice(0, 2), ['# Shot 1 go-on Shot 1', '# Shot 1 generate-missing 3']);
  });

  it('say what a run waits for, and offer none of it a second time', () => {
    const waiting = [
      { label: 'Shot 2', title: '', source: 'Shot 1' },
      { label: 'Shot 3', title: '', source: 'Shot 2' },
      { label: 'Shot 9', title: 'Gone', source: 'Shot 8' },
    ];
    assert.deepEqual(
      told(lensesOf(plan(CHAIN, { 0: 'underway', 3: 'failed' }), { waiting, hasFailed: (n) => n === 3 })),
      [
        '# Shot 1 run 3',
        '# Shot 1 stop',
        '# Shot 1 generate-missing 1',
        '# Shot 1 underway',
        '# Shot 2 waits Shot 1',
        '# Shot 3 waits Shot 2',
        '# Shot 4 generate',
        '# Shot 4 failed',
      ],
    );
  });

  it('of a file with git’s marks, or that cannot be written, send nothing', () => {
    const kinds = (lenses: readonly Lens[]) => [...new Set(lenses.map(({ kind }) => kind))];
    const conflict = `${CHAIN}\n<<<<<<< HEAD\n`;
    assert.deepEqual(kinds(lensesOf(plan(conflict, { 0: 'underway' }))), ['underway', 'continues']);
    assert.deepEqual(kinds(lensesOf(plan(CHAIN, { 3: 'underway' }), { isReadOnly: true })), ['continues', 'underway']);
  });

  it('offer one more take of a shot that has one, unless it is being made or something is wrong', () => {
    const done = plan(CHAIN, { 0: 'done', 1: 'done', 2: 'done', 3: 'done' });
    const kinds = (more: Partial<LensInput>) => lensesOf(done, more).map(({ kind }) => kind);
    const problems = check(CHAIN.replaceAll('- model: seedance-1-pro-720P-2s', '- model: other'));
    assert.deepEqual(
      kinds({}).filter((kind) => kind !== 'continues'),
      Array.from({ length: 4 }, () => 'another'),
    );
    assert.deepEqual(kinds({ problems }), ['continues', 'continues']);
    assert.equal(kinds({ isUnderway: (n) => n === 0 })[0], 'underway');
  });

  it('are told of a chain of 10,000 shots at once', () => {
    const text = Array.from(
      { length: 10_000 },
      (_, n) => `# Shot ${n + 1}\n${n > 0 ? `- continue: Shot ${n}\n` : ''}\n> A fox.\n\n`,
    ).join('');
    const resolved = resolve(text);
    const whole = planRun({ resolved, problems: [], progressOf: () => 'missing', priceOf: () => 22.4 });
    const last = lensesOf(whole).findLast(({ kind }) => kind === 'generate-chain');
    assert.deepEqual(last?.kind === 'generate-chain' && [last.count, last.sum], [10_000, 224_000]);
  });
});

describe('takes', () => {
  const film = resolve('# Shot 1: Rain\n\n> It rains.\n\n# Shot 2: Snow\n\n> It snows.\n\n# Shot 3\n\n> A fox.\n');
  const match = (label: string, title: string, text: string) => {
    const { ofShot, withoutShot } = matchTakes(film, [{ label, title, text }], (take) => take);
    return withoutShot.length > 0 ? 'none' : [...ofShot.keys()].join();
  };

  it('stay with their shot when it is moved, renumbered, renamed or rewritten', () => {
    assert.equal(match('Shot 1', 'Rain', 'Another text'), '0', 'rewritten');
    assert.equal(match('Shot 2', 'Rain', ''), '0', 'renumbered');
    assert.equal(match('Shot 2', 'Storm', 'It rains.'), '0', 'the text says which');
    assert.equal(match('Shot 2', 'Storm', ''), '1', 'renamed');
    assert.equal(match('shot 03', '', ''), '2');
    assert.equal(match('Shot 9', 'Gone', 'Nothing like it'), 'none');
  });

  it('of a shot that two could be are not guessed', () => {
    const twins = resolve('# Shot 1: Rain\n\n> a\n\n# Shot 1: Rain\n\n> b\n');
    const take = { label: 'Shot 1', title: 'Rain', text: 'c' };
    assert.deepEqual(matchTakes(twins, [take], (one) => one).withoutShot, [take]);
  });

  it('keep their order', () => {
    const takes = [3, 1, 2].map((n) => ({ n, label: 'Shot 1', title: 'Rain', text: '' }));
    assert.deepEqual(
      matchTakes(film, takes, (take) => take)
        .ofShot.get(0)
        ?.map(({ n }) => n),
      [3, 1, 2],
    );
  });
});
