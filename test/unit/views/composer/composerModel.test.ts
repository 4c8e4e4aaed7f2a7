import assert from 'node:assert/strict';
import type { KnownModels } from '../../../../src/api/modelCatalog';
import { BUILT_IN_MODELS, toModels } from '../../../../src/api/models';
import type { ComposerState } from '../../../../src/views/composer/composerModel';
import '../../../support/vscodeStub';

const { createComposerModel } = await import('../../../../src/views/composer/composerModel');
const { parseHostMessage } = await import('../../../../src/views/composer/protocol');

const PRO = 'seedance-1-pro-1080P-5s';
const BUILT_IN: KnownModels = { models: BUILT_IN_MODELS, source: 'built-in' };
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

function create(changes: Partial<ComposerState> = {}, known = BUILT_IN) {
  const model = createComposerModel(
    {
      revision: 1,
      prompt: 'A red fox',
      remarks: [],
      model: PRO,
      ratio: '16:9',
      isRatioChosen: false,
      takes: 1,
      isAwaitingFrame: false,
      money: '',
      isShort: false,
      isBusy: false,
      status: '',
      ...changes,
    },
    known,
  );
  assert.ok(parseHostMessage({ type: 'model', model }), 'the page takes it');
  return model;
}

describe('the form in "Create"', () => {
  it('says what each resolution and duration would cost before it is chosen', () => {
    const { resolutions, durations } = create();
    assert.deepEqual(
      resolutions.map(({ label, price, model }) => [label, plain(price), model]),
      [
        ['480P', '30 ₽', 'seedance-1-pro-480P-5s'],
        ['720P', '56 ₽', 'seedance-1-pro-720P-5s'],
        ['1080P', '122 ₽', PRO],
      ],
    );
    assert.deepEqual(
      durations.map(({ label, price }) => [label, plain(price)]),
      [
        ['2 s', '50 ₽'],
        ['5 s', '122 ₽'],
        ['10 s', '244 ₽'],
        ['12 s', '290 ₽'],
      ],
    );
  });

  it('offers each family as what is nearest to the chosen model, and video models of other makers by id', () => {
    const models = [
      ...BUILT_IN_MODELS,
      ...toModels([
        { id: 'kling-2-5s', price: 70 },
        { id: 'gpt-image-1', price: 1 },
      ]),
    ];
    const options = create({}, { models, source: 'live' }).models;
    assert.deepEqual(
      options.map(({ model }) => model),
      [
        'seedance-2-1080P-5s',
        'seedance-2-fast-720P-5s',
        'seedance-2-mini-720P-5s',
        'seedance-1-5-pro-1080P-5s',
        'seedance-1-5-pro-audio-1080P-5s',
        PRO,
        'seedance-1-pro-fast-1080P-5s',
        'seedance-1-lite-1080P-5s',
        'kling-2-5s',
      ],
    );
    assert.equal(plain(options[0]!.label), 'Seedance 2 · from 140 ₽ · with sound');
  });

  it('keeps a model that is not listed, says so, and has no price for it', () => {
    const models = BUILT_IN_MODELS.filter(({ id }) => id !== PRO);
    const model = create({ model: PRO }, { models, source: 'live' });
    assert.match(model.modelWarning ?? '', /does not list this model/);
    assert.equal(model.price, undefined);
    assert.equal(model.generate, 'Generate');
    assert.equal(model.priceNote, 'price unknown');
    assert.ok(model.models.some((option) => option.model === PRO));
    const foreign = create({ model: 'gone-9' }, { models, source: 'live' });
    assert.deepEqual([foreign.resolutions, foreign.durations], [[], []]);
    assert.deepEqual(foreign.models[0], { label: 'gone-9', model: 'gone-9' });
  });

  it('takes a price of 0 for none', () => {
    const models = toModels([{ id: PRO, price: 0 }]);
    const { price, generate, durations } = create({ takes: 2 }, { models, source: 'live' });
    assert.deepEqual([price, generate, durations[0]?.price], [undefined, 'Generate 2 videos', 'price unknown']);
  });

  it('has the sum of all takes on its button', () => {
    const { generate, priceNote, price } = create({ takes: 3 });
    assert.deepEqual(
      [plain(generate), plain(priceNote ?? ''), price],
      ['Generate 3 videos – 366 ₽', '122 ₽ each', 122],
    );
  });

  it('counts the remarks', () => {
    assert.equal(create().remarks, undefined);
    assert.equal(create({ remarks: [{ text: 'One.', fixes: ['Mend'] }] }).remarks?.title, '1 remark');
    const two = [
      { text: 'One.', fixes: [] },
      { text: 'Two.', fixes: [] },
    ];
    assert.equal(create({ remarks: two }).remarks?.title, '2 remarks');
  });
});
