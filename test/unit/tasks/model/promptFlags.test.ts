import assert from 'node:assert/strict';
import { ASPECT_RATIOS } from '../../../../src/api/aspectRatio';
import { BUILT_IN_MODELS } from '../../../../src/api/models';
import { findContradictions, findFlags, fitToFlags, removeFlags } from '../../../../src/tasks/model/promptFlags';

const PAID_FOR = { model: 'seedance-1-pro-1080P-5s', aspectRatio: '16:9' as const };
const contradicts = (prompt: string, paidFor = PAID_FOR) => findContradictions(prompt, paidFor).map(({ text }) => text);
const isOffered = (id: string) => BUILT_IN_MODELS.some((model) => model.id === id);

describe('flags in a prompt', () => {
  const told: [prompt: string, flags: string[]][] = [
    ['a cat --ratio 9:16', ['--ratio 9:16']],
    ['a cat --rt 1:1', ['--rt 1:1']],
    ['a cat --ar 9:16.', ['--ar 9:16']],
    ['a cat --aspect-ratio=9x16', ['--aspect-ratio=9x16']],
    ['a cat --ratio adaptive', ['--ratio adaptive']],
    ['a cat --ratio 21:9', ['--ratio 21:9']],
    ['a cat --rs 720p', ['--rs 720p']],
    ['a cat --resolution 4K', ['--resolution 4K']],
    ['a cat --Resolution 1280x720', ['--Resolution 1280x720']],
    ['a cat --dur 10', ['--dur 10']],
    ['a cat --duration 10s, at night', ['--duration 10s']],
    ['--dur 12 a cat --rs 480p --ratio 1:1', ['--dur 12', '--rs 480p', '--ratio 1:1']],
    ['a cat —dur 10', ['—dur 10']],
    ['a cat –ratio 9:16', ['–ratio 9:16']],
    ['a cat\n--dur 10', ['--dur 10']],
    ['a cat --frames 57', ['--frames 57']],
    ['(a cat --dur 10)', ['--dur 10']],
  ];
  for (const [prompt, flags] of told) {
    it(`${JSON.stringify(prompt)}: ${flags.join(' ')}`, () => assert.deepEqual(contradicts(prompt), flags));
  }

  for (const prompt of [
    'a cat',
    'a cat --ratio 16:9 --rs 1080p --dur 5 --duration 5s --resolution 1080P',
    'a cat --ar 32:18',
    'a cat --seed 10 --cf true --camerafixed false --watermark false',
    'a cat — duration of a breath',
    'a cat – ratio 2 to 1',
    'a high--dur 10 word',
    'a cat --ratio of light to dark',
    'a cat --dur',
    'git commit --amend --no-edit',
  ]) {
    it(`${JSON.stringify(prompt)}: none`, () => assert.deepEqual(contradicts(prompt), []));
  }

  it('of a model whose length and size are not known contradict the ratio alone', () => {
    assert.deepEqual(contradicts('x --dur 10 --rs 480p --ar 1:1', { ...PAID_FOR, model: 'sora-9' }), ['--ar 1:1']);
  });

  it('go without their blanks, and leave the rest as it is', () => {
    for (const [prompt, rest] of [
      ['a cat --dur 10', 'a cat'],
      ['--dur 10 a cat', 'a cat'],
      ['a cat --dur 10, at night', 'a cat, at night'],
      ['a cat --rs 480p --seed 7\n\nIt jumps --ratio 1:1', 'a cat --seed 7\n\nIt jumps'],
    ] as const) {
      assert.equal(removeFlags(prompt, findContradictions(prompt, PAID_FOR)), rest);
    }
  });

  it('for every model and ratio: those of another contradict, lead to it, and contradict nothing then', () => {
    const seedance = BUILT_IN_MODELS.filter(({ name }) => name?.resolution && name.seconds !== undefined);
    for (const { id, name } of seedance) {
      for (const other of seedance.filter((candidate) => candidate.name?.family === name!.family)) {
        for (const aspectRatio of ASPECT_RATIOS) {
          const { resolution, seconds } = other.name!;
          const prompt = `a cat --rs ${resolution!.toLowerCase()} --dur ${seconds} --ratio ${aspectRatio}`;
          const paidFor = { model: id, aspectRatio: '16:9' as const };
          const flags = findContradictions(prompt, paidFor);
          const isSame = other.id === id && aspectRatio === '16:9';
          assert.equal(flags.length === 0, isSame, prompt);
          const fitting = fitToFlags(flags, paidFor, isOffered);
          assert.deepEqual(fitting, { model: other.id, aspectRatio });
          assert.deepEqual(findContradictions(prompt, fitting), []);
        }
      }
    }
  });

  it('lead to no model that there is not', () => {
    assert.equal(fitToFlags(findFlags('x --dur 7'), PAID_FOR, isOffered), undefined);
    assert.equal(fitToFlags(findFlags('x --ratio 21:9'), PAID_FOR, isOffered), undefined);
    assert.deepEqual(fitToFlags(findFlags('x --ratio 9:16'), { ...PAID_FOR, model: 'sora-9' }, isOffered), {
      model: 'sora-9',
      aspectRatio: '9:16',
    });
  });
});
