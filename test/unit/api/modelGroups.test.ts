import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { BUILT_IN_MODELS, RESOLUTIONS, toModels } from '../../../src/api/models';
import {
  getDurations,
  getFamilies,
  getNearestModel,
  getOtherModels,
  getResolutions,
} from '../../../src/api/modelGroups';

/** Any list that the service might give: some of the table, some strangers, prices here and there. */
const anyModels = fc
  .array(
    fc.record(
      {
        id: fc.oneof(
          fc.constantFrom(...BUILT_IN_MODELS.map(({ id }) => id)),
          fc.constantFrom(
            'sora-2',
            'veo-3',
            'gpt-image-1',
            'seedance-3-720P-7s',
            'seedance-3',
            'seedance-2-5s',
            'seedance-9-2K-5s',
          ),
        ),
        price: fc.integer({ min: 0, max: 5000 }),
      },
      { requiredKeys: ['id'] },
    ),
  )
  .map((entries) => toModels(entries.map(({ id, price }) => (price === undefined ? { id } : { id, price }))));

describe('choosing a model', () => {
  it('offers families newest first, the plain kind before its variants', () => {
    const expected = [
      { title: 'Seedance 2', fromPrice: 140, audio: true, resolutions: ['480P', '720P', '1080P', '4K'] },
      { title: 'Seedance 2 Fast', fromPrice: 112, audio: true, resolutions: ['480P', '720P'] },
      { title: 'Seedance 2 Mini', fromPrice: 36, audio: true, resolutions: ['480P', '720P', '4K'] },
      { title: 'Seedance 1.5 Pro', fromPrice: 15, audio: false, resolutions: ['480P', '720P', '1080P'] },
      { title: 'Seedance 1.5 Pro Audio', fromPrice: 30, audio: true, resolutions: ['480P', '720P', '1080P'] },
      { title: 'Seedance 1 Pro', fromPrice: 12, audio: false, resolutions: ['480P', '720P', '1080P'] },
      { title: 'Seedance 1 Pro Fast', fromPrice: 4, audio: false, resolutions: ['480P', '720P', '1080P'] },
      { title: 'Seedance 1 Lite', fromPrice: 6.8, audio: false, resolutions: ['480P', '720P', '1080P'] },
    ];
    // Examples: a family that is added to the built-in models needs no row here.
    assert.deepEqual(
      getFamilies(BUILT_IN_MODELS)
        .filter((family) => expected.some(({ title }) => title === family.title))
        .map(({ title, fromPrice, audio, resolutions }) => ({ title, fromPrice, audio, resolutions })),
      expected,
    );
  });

  it('offers every family of the built-in models once', () => {
    assert.deepEqual(
      getFamilies(BUILT_IN_MODELS)
        .map(({ family }) => family)
        .sort(),
      [...new Set(BUILT_IN_MODELS.map(({ name }) => name?.family))].sort(),
    );
  });

  it('puts a family that was never seen where its version belongs', () => {
    const ids = ['seedance-1-zoom', 'seedance-2', 'seedance-3-pro', 'seedance-2-5', 'seedance-1-pro', 'seedance-next'];
    assert.deepEqual(
      getFamilies(toModels(ids.map((id) => ({ id })))).map(({ family }) => family),
      ['seedance-3-pro', 'seedance-2-5', 'seedance-2', 'seedance-1-pro', 'seedance-1-zoom', 'seedance-next'],
    );
  });

  it('offers the resolutions of a family, the bare id last', () => {
    assert.deepEqual(getResolutions(BUILT_IN_MODELS, 'seedance-2-mini'), [
      { resolution: '480P', seconds: [5, 10, 12, 15], fromPrice: 48 },
      { resolution: '720P', seconds: [5, 10, 12, 15], fromPrice: 102.6 },
      { resolution: '4K', seconds: [15], fromPrice: 307.5 },
      { seconds: [], fromPrice: 36 },
    ]);
  });

  it('offers the durations with their prices', () => {
    assert.deepEqual(getDurations(BUILT_IN_MODELS, 'seedance-1-pro', '1080P'), [
      { seconds: 2, id: 'seedance-1-pro-1080P-2s', price: 50 },
      { seconds: 5, id: 'seedance-1-pro-1080P-5s', price: 122 },
      { seconds: 10, id: 'seedance-1-pro-1080P-10s', price: 244 },
      { seconds: 12, id: 'seedance-1-pro-1080P-12s', price: 290 },
    ]);
    assert.deepEqual(getDurations(BUILT_IN_MODELS, 'seedance-2', undefined), [{ id: 'seedance-2', price: 140 }]);
    assert.deepEqual(getDurations(toModels([{ id: 'seedance-2-5s' }, { id: 'seedance-2' }]), 'seedance-2', undefined), [
      { seconds: 5, id: 'seedance-2-5s' },
      { id: 'seedance-2' },
    ]);
  });

  it('names no price where none is known', () => {
    const models = toModels([{ id: 'seedance-2-720P-5s' }, { id: 'seedance-2-480P-5s', price: 0 }]);
    assert.deepEqual(getFamilies(models)[0]?.fromPrice, 0);
    assert.deepEqual(getResolutions(models, 'seedance-2'), [
      { resolution: '480P', seconds: [5], fromPrice: 0 },
      { resolution: '720P', seconds: [5] },
    ]);
  });

  it('reaches every model of any list by exactly one way, and nothing that is not in it', () => {
    fc.assert(
      fc.property(anyModels, (models) => {
        const reached = getFamilies(models).flatMap(({ family }) =>
          getResolutions(models, family).flatMap(({ resolution }) => getDurations(models, family, resolution)),
        );
        const all = [...reached, ...getOtherModels(models)].map(({ id, price }) => `${id} ${price}`);
        assert.deepEqual(all.sort(), models.map(({ id, price }) => `${id} ${price}`).sort());
      }),
    );
  });

  it('keeps other makers reachable, those of video first', () => {
    const models = toModels([
      { id: 'gpt-image-1' },
      { id: 'wan-2-5' },
      { id: 'seedance-2' },
      { id: 'kling-2', price: 70 },
      { id: 'wander' },
      { id: 'seedance-9-2K-5s' },
    ]);
    assert.deepEqual(getOtherModels(models), [
      { id: 'kling-2', price: 70, video: true },
      { id: 'seedance-9-2K-5s', video: true },
      { id: 'wan-2-5', video: true },
      { id: 'gpt-image-1', video: false },
      { id: 'wander', video: false },
    ]);
  });
});

describe('changing the family', () => {
  for (const [family, wanted, expected] of [
    ['seedance-1-lite', { resolution: '720P', seconds: 10 }, 'seedance-1-lite-720P-10s'],
    ['seedance-2-fast', { resolution: '1080P', seconds: 10 }, 'seedance-2-fast-720P-10s'],
    ['seedance-1-pro', { resolution: '4K', seconds: 15 }, 'seedance-1-pro-1080P-12s'],
    ['seedance-1-5-pro', { resolution: '480P', seconds: 2 }, 'seedance-1-5-pro-480P-5s'],
    ['seedance-1-pro', { resolution: '720P', seconds: 8 }, 'seedance-1-pro-720P-10s'],
    ['seedance-2-mini', { resolution: '1080P', seconds: 8 }, 'seedance-2-mini-720P-10s'],
    ['seedance-2', { resolution: '4K', seconds: 9 }, 'seedance-2-4K-8s'],
    ['seedance-2-mini', { resolution: '4K', seconds: 5 }, 'seedance-2-mini-4K-15s'],
    ['seedance-2-mini', {}, 'seedance-2-mini'],
    ['seedance-1-pro', {}, 'seedance-1-pro-1080P-5s'],
    ['seedance-1-pro', undefined, 'seedance-1-pro-1080P-5s'],
    ['seedance-2-fast', undefined, 'seedance-2-fast-720P-5s'],
    ['seedance-7', undefined, undefined],
  ] as const) {
    it(`${family}, before ${JSON.stringify(wanted) ?? 'another maker’s'}: ${expected ?? 'nothing'}`, () => {
      assert.equal(getNearestModel(BUILT_IN_MODELS, family, wanted)?.id, expected);
    });
  }

  it('stays where it is in its own family', () => {
    for (const { id, name } of BUILT_IN_MODELS) {
      assert.ok(name);
      assert.equal(getNearestModel(BUILT_IN_MODELS, name.family, name)?.id, id);
    }
  });

  it('finds something in every family of any list, and keeps resolution and seconds where they exist', () => {
    const wanted = fc.record({ resolution: fc.constantFrom(...RESOLUTIONS), seconds: fc.integer({ min: 1, max: 20 }) });
    fc.assert(
      fc.property(anyModels, wanted, (models, before) => {
        for (const { family, resolutions } of getFamilies(models)) {
          const found = getNearestModel(models, family, before);
          assert.equal(found?.name?.family, family);
          assert.ok(!resolutions.includes(before.resolution) || found.name.resolution === before.resolution);
          const durations = getDurations(models, family, found.name.resolution).map(({ seconds }) => seconds);
          assert.ok(!durations.includes(before.seconds) || found.name.seconds === before.seconds);
        }
      }),
    );
  });
});
