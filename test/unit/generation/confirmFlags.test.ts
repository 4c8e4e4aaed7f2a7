import assert from 'node:assert/strict';
import { BUILT_IN_MODELS } from '../../../src/api/models';
import type { ExtensionServices } from '../../../src/container';
import { type FakeMessage, user } from '../../support/vscodeStub';

const { confirmFlags } = await import('../../../src/generation/confirmFlags');
const { GenerationRequest } = await import('../../../src/generation/generationRequest');

const remembered: unknown[] = [];
const services = {
  modelCatalog: { current: () => ({ models: BUILT_IN_MODELS }) },
  defaults: { remember: (choice: unknown) => remembered.push(choice) },
} as unknown as ExtensionServices;
const requestOf = (...prompts: string[]) =>
  new GenerationRequest({ prompts, model: 'seedance-1-pro-1080P-5s', aspectRatio: '16:9' });

describe('a prompt that contradicts what is paid for', () => {
  let asked: FakeMessage[];
  const answer = (choose: (buttons: readonly string[]) => string | undefined) => {
    user.onMessage = (message) => {
      asked.push(message);
      message.answer(choose(message.buttons));
    };
  };

  beforeEach(() => void (asked = []));
  afterEach(() => void (user.onMessage = undefined));

  it('is asked about before anything is paid, with what contradicts', async () => {
    answer(() => undefined);
    assert.equal(await confirmFlags(services, requestOf('a cat --dur 10', 'a dog --ratio 9:16')), undefined);
    assert.match(asked[0]!.detail, /--dur 10, --ratio 9:16[^]*1080P[^]*16:9[^]*Nothing was sent yet/);
  });

  it('is not asked about where nothing contradicts', async () => {
    answer(() => assert.fail('asked'));
    const request = requestOf('a cat --seed 3 --ratio 16:9');
    assert.deepEqual(await confirmFlags(services, request), { request, isOther: false });
  });

  it('loses what contradicts by a quick Enter, and nothing else', async () => {
    answer(([first]) => first);
    const settled = await confirmFlags(services, requestOf('a cat --dur 10 --seed 3', 'a dog'));
    assert.deepEqual(settled?.request.prompts, ['a cat --seed 3', 'a dog']);
    assert.deepEqual([settled?.request.model, settled?.isOther], ['seedance-1-pro-1080P-5s', false]);
  });

  it('leads to the model and ratio that it names, whose price is shown before it is paid', async () => {
    answer((buttons) => buttons[1]);
    const settled = await confirmFlags(services, requestOf('a cat --dur 10 --rs 720p --ratio 9:16'));
    const { model, aspectRatio, prompts } = settled!.request;
    assert.deepEqual(
      { model, aspectRatio, prompts, isOther: settled!.isOther },
      { model: 'seedance-1-pro-720P-10s', aspectRatio: '9:16', prompts: ['a cat'], isOther: true },
    );
    assert.deepEqual(remembered, [{ model, aspectRatio }], 'and is proposed the next time');
  });

  it('is sent as it is where the user wants it so, and no model is offered that there is not', async () => {
    answer((buttons) => buttons.at(-1));
    const request = requestOf('a cat --dur 7');
    assert.deepEqual(await confirmFlags(services, request), { request, isOther: false });
    assert.equal(asked[0]!.buttons.length, 2);
  });
});
