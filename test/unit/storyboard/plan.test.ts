import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BUILT_IN_MODELS } from '../../../src/api/models';
import { getLenses } from '../../../src/storyboard/lenses';
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
  it('say what can be done, and where', () => {
    const lenses = getLenses({
      plan: plan(CHAIN, { 0: 'done', 3: 'unknown' }),
      titleAt: 0,
      takesOf: (n) => (n === 0 ? 2 : 0),
      waiting: [1],
    });
    assert.deepEqual(
      lenses.map(({ at, ...lens }) => [CHAIN.slice(at, at + 8), lens.kind, 'source' in lens ? lens.source : '']),
      [
        ['# Shot 1', 'go-on', 'Shot 1'],
        ['# Shot 1', 'generate-missing', ''],
        ['# Shot 1', 'takes', ''],
        ['# Shot 2', 'generate', ''],
        ['# Shot 2', 'continues', 'Shot 1'],
        ['# Shot 3', 'waits', 'Shot 2'],
        ['# Shot 3', 'continues', 'Shot 2'],
        ['# Shot 4', 'stuck', ''],
      ],
    );
    const [, missing] = lenses;
    assert.deepEqual(missing?.kind === 'generate-missing' && [missing.count, missing.sum], [2, 44.8]);
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
