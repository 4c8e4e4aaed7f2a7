import assert from 'node:assert/strict';
import { BUILT_IN_MODELS, toModels } from '../../../src/api/models';
import { getSubstitute } from '../../../src/api/modelGroups';
import type { ExtensionServices } from '../../../src/container';
import type { TaskRequest } from '../../../src/tasks/model/taskRecord';
import { imageOf } from '../../support/delivery';
import { png } from '../../support/imageHeaders';
import '../../support/vscodeStub';

const { continueVideos, proposeModel } = await import('../../../src/generation/modelOfTask');
const { GenerationRequest } = await import('../../../src/generation/generationRequest');

const [PRO, LITE] = ['seedance-1-pro-1080P-5s', 'seedance-1-lite-480P-5s'] as const;

describe('what continues or repeats a video', () => {
  const without = (...gone: RegExp[]) => BUILT_IN_MODELS.filter(({ id }) => !gone.some((one) => one.test(id)));
  const servicesOf = (models = BUILT_IN_MODELS, tasks: Record<string, Partial<TaskRequest>> = {}) =>
    ({
      modelCatalog: {
        current: () => ({ models, source: 'live' }),
        priceOf: (id: string) => models.find((model) => model.id === id)?.price,
      },
      store: {
        load: () => Promise.resolve(),
        get: (id: string) => (id in tasks ? { request: { prompt: '', model: '', ...tasks[id] } } : undefined),
      },
    }) as unknown as ExtensionServices;
  const frameOf = (task: string | undefined, width = 640, height = 360) => ({
    image: { ...imageOf(png(width, height)), ...(task ? { from: { task, seconds: 4.9, isLast: true } } : {}) },
    delivery: 'inline' as const,
  });
  const request = (...frames: ReturnType<typeof frameOf>[]) =>
    new GenerationRequest({ prompts: ['a cat'], frames, model: PRO, aspectRatio: '16:9' });

  it('begins with its model and ratio, and not with the default', async () => {
    const services = servicesOf(undefined, { lite: { model: LITE, aspectRatio: '9:16' } });
    const begun = await continueVideos(services, request(frameOf('lite', 360, 640)));
    assert.deepEqual(
      [begun.model, begun.aspectRatios, begun.isRatioChosen, begun.modelNote],
      [LITE, ['9:16'], true, { kind: 'continued' }],
    );
  });

  it('keeps the shape of a frame that is not the ratio that was asked for', async () => {
    const services = servicesOf(undefined, { lite: { model: LITE, aspectRatio: '16:9' } });
    const begun = await continueVideos(services, request(frameOf('lite', 500, 500)));
    assert.deepEqual([begun.model, begun.aspectRatios], [LITE, ['1:1']]);
  });

  it('begins with the cheapest of several models, and with a ratio only if all have it', async () => {
    const services = servicesOf(undefined, {
      pro: { model: PRO, aspectRatio: '16:9' },
      lite: { model: LITE, aspectRatio: '9:16' },
    });
    const begun = await continueVideos(services, request(frameOf('pro'), frameOf('lite', 360, 640)));
    assert.deepEqual([begun.model, begun.aspectRatios, begun.isRatioChosen], [LITE, ['16:9', '9:16'], false]);
  });

  it('leaves a request alone whose images are no frames of a video', async () => {
    const plain = request(frameOf(undefined));
    assert.equal(await continueVideos(servicesOf(), plain), plain);
  });

  it('says that the model is not known where the video is gone from the list', async () => {
    const begun = await continueVideos(servicesOf(), request(frameOf('gone')));
    assert.deepEqual([begun.model, begun.modelNote], [PRO, { kind: 'unknown' }]);
    assert.deepEqual(proposeModel(servicesOf(), '', PRO), { model: PRO, modelNote: { kind: 'unknown' } });
  });

  it('says that the model is no longer sold, and proposes the nearest, until another one is chosen', async () => {
    const services = servicesOf(without(/^seedance-1-lite-480P/), { lite: { model: LITE } });
    const begun = await continueVideos(services, request(frameOf('lite')));
    assert.deepEqual([begun.model, begun.modelNote], ['seedance-1-lite-720P-5s', { kind: 'replaced', wanted: LITE }]);
    assert.equal(begun.with({ model: PRO }).modelNote, undefined);
    assert.deepEqual(begun.with({ aspectRatio: '1:1' }).modelNote, begun.modelNote);
  });

  it('finds the nearest in family, resolution and duration; without the family in sound and price', () => {
    const nearest = (id: string, ...gone: RegExp[]) => getSubstitute(without(...gone), id)?.id;
    assert.equal(nearest('seedance-1-lite-480P-7s'), LITE);
    assert.equal(nearest(LITE, /^seedance-1-lite-/), 'seedance-1-pro-fast-480P-5s');
    assert.equal(nearest('seedance-3-480P-5s'), 'seedance-1-pro-fast-480P-5s');
    assert.equal(
      nearest('seedance-1-5-pro-audio-720P-10s', /^seedance-1-5-pro-audio-/),
      'seedance-2-mini-720P-10s',
      'with sound, as before',
    );
    const others = toModels([
      { id: 'wan-2-5-720P-10s', price: 90 },
      { id: 'wan-2-5-720P-5s', price: 45 },
      { id: 'kling-2-5s', price: 1 },
    ]);
    assert.equal(getSubstitute(others, 'wan-2-5-1080P-5s')?.id, 'wan-2-5-720P-5s');
    assert.equal(getSubstitute(others, 'sora-2-8s'), undefined);
    assert.equal(proposeModel(servicesOf(others), 'sora-2-8s', PRO).model, PRO);
  });
});
