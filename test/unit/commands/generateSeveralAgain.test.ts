import assert from 'node:assert/strict';
import type { ExtensionServices } from '../../../src/container';
import type { TaskRecord } from '../../../src/tasks/model/taskRecord';
import { createGenerationServices } from '../../support/generationServices';
import { startHarness, type TestHarness } from '../../support/harness';
import { messages, settings, user, type FakeMessage } from '../../support/vscodeStub';

const { generateSeveralAgain } = await import('../../../src/commands/generateSeveralAgain');

const [LITE, PRO, GONE] = ['seedance-1-lite-480P-5s', 'seedance-1-pro-480P-2s', 'seedance-1-lite-720P-5s'] as const;

describe('several tasks generated again', () => {
  let harness: TestHarness;
  let services: ExtensionServices;
  let address: string;

  beforeEach(async () => {
    messages.length = 0;
    harness = await startHarness();
    address = harness.emulator.baseUrl;
    settings.set('seedance.apiBaseUrl', address);
    services = createGenerationServices(harness, PRO, () => address);
  });

  afterEach(async () => {
    settings.clear();
    messages.length = 0;
    user.onMessage = undefined;
    await harness.end();
    await harness.emulator.close();
  });

  const taskOf = (model: string, prompt: string): TaskRecord =>
    ({
      id: prompt,
      state: 'done',
      saved: [],
      request: { model, prompt, aspectRatio: '16:9' },
    }) as unknown as TaskRecord;
  const again = (...tasks: TaskRecord[]) =>
    harness.run(generateSeveralAgain(services, tasks, () => Promise.resolve([])));
  const answer = (choose: (message: FakeMessage) => string | undefined) => {
    user.onMessage = (message) => message.answer(choose(message));
  };
  const first = ({ buttons }: FakeMessage) => buttons[0];
  const ordered = () =>
    harness.emulator.ledger.charged().length === 0
      ? []
      : harness.emulator.ledger.creates().map(({ body }) => (body as { model: string; prompt: string }).prompt);
  const priceOf = (model: string) => services.modelCatalog.priceOf(model)!;

  it('orders each once, after one question, with the price that was shown', async () => {
    answer(first);
    const ids = await again(taskOf(LITE, 'a cat'), taskOf(PRO, 'a dog'));
    assert.deepEqual(ordered(), ['a cat', 'a dog']);
    assert.equal(messages.length, 1);
    assert.match(messages[0]!.text, new RegExp(`Videos: 2, together ${priceOf(LITE) + priceOf(PRO)}\\s₽`));
    assert.deepEqual(
      ids?.map((id) => harness.get(id).quotedPrice),
      [priceOf(LITE), priceOf(PRO)],
    );
  });

  it('makes each a take of the shot that it was generated for', async () => {
    answer(first);
    const shot = (label: string) => ({ document: 'file:///a.storyboard.md', label, title: '' });
    const ids = await again(
      { ...taskOf(LITE, 'a cat'), shot: shot('Shot 1') },
      { ...taskOf(LITE, 'a dog'), shot: shot('Shot 2') },
      { ...taskOf(LITE, 'a cat, once more'), shot: shot('Shot 1') },
      taskOf(LITE, 'a fox'),
    );
    assert.deepEqual(
      Object.fromEntries(ids!.map((id) => [harness.get(id).request.prompt, harness.get(id).shot?.label])),
      { 'a cat': 'Shot 1', 'a dog': 'Shot 2', 'a cat, once more': 'Shot 1', 'a fox': undefined },
    );
    assert.equal(harness.emulator.ledger.charged().length, 4);
    assert.equal(messages.length, 1, 'one question');
  });

  it('asks about flags in their prompts, and orders nothing where the user gives up', async () => {
    answer(({ text, buttons }) => (text.includes('contradicts') ? undefined : buttons[0]));
    assert.equal(await again(taskOf(LITE, 'a cat --dur 10'), taskOf(PRO, 'a dog')), undefined);
    assert.deepEqual(ordered(), []);
    answer(first);
    await again(taskOf(LITE, 'a cat --dur 10'), taskOf(PRO, 'a dog'));
    assert.deepEqual(ordered(), ['a cat', 'a dog'], 'the flag is removed');
  });

  it('asks before the daily budget is passed, and a no ends it and says what was ordered', async () => {
    await services.modelCatalog.refresh();
    settings.set('seedance.dailyBudget', priceOf(LITE));
    answer(({ text, buttons }) => (text.includes('daily budget') ? undefined : buttons[0]));
    const ids = await again(taskOf(LITE, 'a cat'), taskOf(PRO, 'a dog'));
    assert.equal(ids?.length, 1);
    assert.deepEqual(ordered(), ['a cat']);
    assert.match(messages.at(-1)!.text, /Ordered: 1 of 2\. The rest was not sent/);
  });

  it('says that a price is not known, and asks once more where there is a budget', async () => {
    harness.emulator.behaviour.models = harness.emulator.behaviour.models.map((model) =>
      model.id === LITE ? { ...model, price: 0 } : model,
    );
    settings.set('seedance.dailyBudget', 10_000);
    answer(({ text, buttons }) => (text.includes('daily budget') ? undefined : buttons[0]));
    await again(taskOf(LITE, 'a cat'), taskOf(PRO, 'a dog'));
    const [sum, budget] = messages;
    assert.match(sum!.text, /What they cost together is not known/);
    assert.match(sum!.detail, /price unknown[^]*lists a price of 0/);
    assert.match(budget!.text, /daily budget/);
    assert.deepEqual(ordered(), []);
  });

  it('says which model is no longer sold, what comes instead, and takes the price of that', async () => {
    harness.emulator.behaviour.models = harness.emulator.behaviour.models.filter(({ id }) => id !== GONE);
    await harness.run(services.modelCatalog.refresh());
    answer(() => undefined);
    await again(taskOf(GONE, 'a cat'), taskOf(PRO, 'a dog'));
    assert.match(messages[0]!.detail, /Lite[^\n]*720P[^\n]*5\ss is no longer offered by the service\. Instead: /);
    assert.doesNotMatch(messages[0]!.text, /not known/);
    assert.deepEqual(ordered(), []);
  });
});
