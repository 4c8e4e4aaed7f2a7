import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { Emitter } from '../../../src/common/events';
import type { ExtensionServices } from '../../../src/container';
import type { Form, HostMessage, WebviewMessage } from '../../../src/views/composer/protocol';
import { createGenerationServices } from '../../support/generationServices';
import { startHarness, type TestHarness } from '../../support/harness';
import { messages, settings, user, type FakeMessage } from '../../support/vscodeStub';
import { waitFor } from '../../support/waitFor';

const { Composer } = await import('../../../src/generation/composer');
const { ComposerDraft } = await import('../../../src/generation/composerDraft');
const { GenerationRequest } = await import('../../../src/generation/generationRequest');

const MODEL = 'seedance-1-pro-480P-2s';
const PRICE = 12;
const OTHER = 'seedance-1-pro-720P-2s';

class FakeMemento {
  readonly values = new Map<string, unknown>();
  get = (key: string) => this.values.get(key);
  keys = () => [...this.values.keys()];
  update = (key: string, value: unknown) => Promise.resolve(void this.values.set(key, value));
}

describe('what stands behind "Create"', () => {
  let harness: TestHarness;
  let memento: FakeMemento;
  let services: ExtensionServices;
  let remembered: object[];
  let sent: HostMessage[];
  let page: InstanceType<typeof Composer>;
  let connection: { dispose(): unknown } | undefined;

  beforeEach(async () => {
    messages.length = 0;
    harness = await startHarness({ service: { account: { balance: 1e6 } } });
    settings.set('seedance.apiBaseUrl', harness.emulator.baseUrl);
    settings.set('seedance.confirmAbove', 1_000);
    memento = new FakeMemento();
    remembered = [];
    services = openWindow();
    await mkdir(harness.directory, { recursive: true });
    // As the service lists them: a price that nobody has looked up is asked about.
    await harness.run(services.modelCatalog.refresh({ force: true }));
    await connect();
  });

  afterEach(async () => {
    connection?.dispose();
    settings.clear();
    messages.length = 0;
    user.onMessage = undefined;
    await harness.end();
    await harness.emulator.close();
  });

  function openWindow(): ExtensionServices {
    const window = createGenerationServices(harness, MODEL, () => harness.emulator.baseUrl);
    const never = new Emitter<void>().event;
    const context = { workspaceState: { ...memento }, globalState: new FakeMemento(), secrets: {} };
    return Object.assign(window, {
      context,
      defaults: {
        read: () => ({ model: MODEL, aspectRatio: '16:9' }),
        remember: (choice: object) => remembered.push(choice),
        onDidChange: never,
      },
    });
  }

  async function connect(saved?: { revision: number; form: Form }): Promise<void> {
    const received: HostMessage[] = [];
    sent = received;
    page = new Composer(services);
    connection?.dispose();
    connection = page.connect((message) => received.push(message));
    await harness.run(page.receive({ type: 'ready', saved }));
  }

  const model = () => {
    const last = sent.findLast((message) => message.type === 'model');
    assert.ok(last?.type === 'model');
    return last.model;
  };
  const form = (changes: Partial<Form> = {}): Form => ({ prompt: 'A red fox', model: MODEL, takes: 1, ...changes });
  const edit = (revision: number, changes: Partial<Form> = {}) =>
    harness.run(page.receive({ type: 'edit', revision, form: form(changes) }));
  const press = (
    order: string,
    revision: number,
    changes: Partial<Form> = {},
    seen: Partial<Extract<WebviewMessage, { type: 'generate' }>> = {},
  ) => harness.run(page.receive({ type: 'generate', order, revision, form: form(changes), price: PRICE, ...seen }));
  const created = () => harness.emulator.ledger.creates().map(({ body }) => body as { model: string; prompt: string });
  const plain = ({ text, detail }: FakeMessage) => `${text}\n${detail}`.replace(/[\u00a0\u202f]/g, ' ');

  it('orders each take, without a question where the price was seen and is below the limit', async () => {
    await edit(1, { takes: 3 });
    await press('a', 1, { takes: 3 });
    assert.deepEqual(
      created().map(({ model, prompt }) => [model, prompt]),
      Array.from({ length: 3 }, () => [MODEL, 'A red fox']),
    );
    assert.deepEqual(messages, []);
    assert.equal(model().status, 'Videos on their way: 3');
    assert.equal(model().settledOrder, 'a');
    assert.equal(model().prompt, 'A red fox', 'the words stay');
  });

  it('orders once what is pressed twice, at once and when the second message is late', async () => {
    await edit(1);
    await Promise.all([press('a', 1), press('b', 1), press('a', 1)]);
    await press('a', 1);
    assert.equal(created().length, 1);
    await press('c', 1);
    assert.equal(created().length, 2, 'another press later is another order');
  });

  it('asks when the sum is above the limit, and orders nothing after a "no"', async () => {
    settings.set('seedance.confirmAbove', 2 * PRICE);
    await edit(1, { takes: 3 });
    user.onMessage = ({ answer }) => answer();
    await press('a', 1, { takes: 3 });
    assert.match(plain(messages[0]!), /^Generate 3 videos\?\n.*480P · 2 s · 16:9[^]*A red fox/);
    assert.deepEqual(
      messages[0]!.buttons.map((text) => text.replace('\u00a0', ' ')),
      ['Generate 3 videos – 36 ₽'],
    );
    assert.deepEqual([created(), model().status, model().isBusy], [[], 'Nothing was sent.', false]);
    await edit(2, { takes: 2 });
    await press('b', 2, { takes: 2 });
    assert.equal(created().length, 2);
    assert.equal(messages.length, 1);
  });

  it('asks when the price is another one than the page has shown', async () => {
    await edit(1);
    user.onMessage = ({ answer, buttons }) => answer(buttons[0]);
    await press('a', 1, {}, { price: 5 });
    assert.match(plain(messages[0]!), /The price of one video has changed: it was 5 ₽, and is 12 ₽ now\./);
    await press('b', 1, {}, { price: undefined });
    assert.match(plain(messages[1]!), /it was price unknown, and is 12 ₽ now/);
    assert.equal(created().length, 2);
  });

  it('orders nothing that is not what the page has shown', async () => {
    await edit(4);
    for (const [order, revision, changes, frame] of [
      ['old', 3, {}, undefined],
      ['words', 4, { prompt: 'A blue fox' }, undefined],
      ['model', 4, { model: OTHER }, undefined],
      ['takes', 4, { takes: 2 }, undefined],
      ['ratio', 4, { aspectRatio: '1:1' }, undefined],
      ['frame', 4, {}, 'of an image that is not there'],
    ] as const) {
      await press(order, revision, changes, { frame });
      assert.match(model().status, /The form has changed meanwhile/, order);
      assert.ok(model().revision > 4, 'the page takes over what is here');
      await edit(model().revision + 1);
    }
    assert.deepEqual(created(), []);
  });

  it('asks about flags that contradict what is paid for, and shows what is taken instead before it costs anything', async () => {
    const prompt = 'A red fox --resolution 720p';
    await edit(1, { prompt });
    user.onMessage = ({ answer, buttons }) => answer(buttons.find((button) => button.startsWith('Take ')));
    await press('a', 1, { prompt });
    assert.match(messages[0]!.text, /contradicts what you are about to pay for/);
    assert.deepEqual([created(), model().model, model().prompt], [[], OTHER, 'A red fox']);
    const { revision, price } = model();
    assert.ok(revision > 1);
    await press('b', revision, { prompt: 'A red fox', model: OTHER, aspectRatio: '16:9' }, { price });
    assert.deepEqual(
      created().map(({ model }) => model),
      [OTHER],
    );
  });

  it('says why a prompt cannot be sent, until it is changed', async () => {
    await press('a', 0, { prompt: '' });
    assert.equal(model().promptProblem, 'There is no text to generate from.');
    assert.equal(model().settledOrder, 'a');
    await edit(1);
    assert.equal(model().promptProblem, undefined);
    assert.deepEqual(created(), []);
  });

  it('remembers a chosen model as every dialog does, and takes none that is not listed', async () => {
    await edit(1, { model: OTHER, aspectRatio: '9:16' });
    assert.deepEqual(remembered, [{ model: OTHER }, { aspectRatio: '9:16' }]);
    assert.equal(model().model, OTHER);
    await edit(2, { prompt: 'typed on', model: 'made-up-model' });
    assert.deepEqual([model().model, model().prompt], [OTHER, 'typed on']);
    assert.equal(remembered.length, 2);
  });

  it('shows remarks, and mends the prompt that they are about', async () => {
    await edit(1, { prompt: 'A quiet street, no people' });
    const remarks = await waitFor(() => model().remarks);
    assert.match(remarks.items[0]!.text, /does not follow negations/);
    await harness.run(page.receive({ type: 'fix', revision: 0, remark: 0, fix: 0 }));
    assert.equal(model().prompt, 'A quiet street, no people', 'a press on an older state');
    await harness.run(page.receive({ type: 'fix', revision: 1, remark: 0, fix: 0 }));
    assert.equal(model().prompt, 'A quiet street, deserted');
    assert.equal(model().remarks, undefined);
    assert.ok(model().revision > 1);
    settings.set('seedance.promptChecks', false);
    await edit(5, { prompt: 'A quiet street, no people' });
    await connect();
    assert.equal(model().remarks, undefined);
  });

  it('keeps what was typed for the next page and the next window, whichever of the two knows more', async () => {
    await edit(3, { prompt: 'typed', takes: 4, aspectRatio: '1:1' });
    await connect();
    assert.deepEqual([model().prompt, model().takes, model().ratio, model().revision], ['typed', 4, '1:1', 3]);
    // Another window of this workspace, later.
    services = openWindow();
    await connect({ revision: 2, form: form({ prompt: 'older' }) });
    assert.equal(model().prompt, 'typed');
    services = openWindow();
    await connect({ revision: 5, form: form({ prompt: 'typed on' }) });
    assert.deepEqual([model().prompt, model().revision], ['typed on', 5]);
    memento.values.set('seedance.composer', { prompt: 7 });
    services = openWindow();
    await connect();
    assert.deepEqual([model().prompt, model().takes], ['', 1]);
  });

  it('is filled with a request, and a message that was typed before that changes nothing', async () => {
    await edit(1);
    const request = new GenerationRequest({
      prompts: ['A ship'],
      model: OTHER,
      aspectRatio: '9:16',
      isRatioChosen: true,
    });
    await ComposerDraft.of(services).fill(request);
    const last = sent.at(-1);
    assert.ok(last?.type === 'model' && last.focus);
    assert.deepEqual([model().prompt, model().model, model().ratio], ['A ship', OTHER, '9:16']);
    await edit(2, { prompt: 'A red fox runs' });
    assert.equal(model().prompt, 'A ship');
    assert.ok(model().revision > 2);
  });

  it('says what there is to spend, also of the daily budget, and asks when an order goes past that', async () => {
    settings.set('seedance.dailyBudget', 20);
    await connect();
    assert.match(
      model().money.replace(/[\u00a0\u202f]/g, ' '),
      /^Balance: 1,000,000 ₽\. Left of the daily budget: 20 ₽\.$/,
    );
    await edit(1, { takes: 2 });
    user.onMessage = ({ answer }) => answer();
    await press('a', 1, { takes: 2 });
    assert.match(plain(messages[0]!), /goes past the daily budget of 20 ₽/);
    assert.deepEqual(created(), []);
  });

  it('refuses what is no image, and keeps the form', async () => {
    await edit(1);
    await harness.run(page.receive({ type: 'image', bytes: new TextEncoder().encode('<svg/>').buffer, name: 'a.png' }));
    assert.match(messages[0]!.text, /not an image that the service takes.*Nothing was sent\./);
    assert.deepEqual([model().frame, model().prompt], [undefined, 'A red fox']);
  });

  it('does nothing for a page that is not there', async () => {
    await edit(1, { prompt: 'A quiet street, no people' });
    connection?.dispose();
    const count = sent.length;
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal(sent.length, count);
  });
});
