import assert from 'node:assert/strict';
import { install, type Clock as FakeTimers } from '@sinonjs/fake-timers';
import type { Balance } from '../../../src/api/apiClient';
import { parseModelId, type ModelInfo } from '../../../src/api/models';
import { Emitter } from '../../../src/common/events';
import type { ExtensionServices } from '../../../src/container';
import { FakeQuickPick } from '../../support/fakeQuickPick';
import { env, EventEmitter, messages, settings, user, window } from '../../support/vscodeStub';
import { waitFor } from '../../support/waitFor';

const { confirmGeneration, keepLateItems } = await import('../../../src/generation/confirmGeneration');
const { askAboutBudget } = await import('../../../src/generation/confirmBudget');
const { GenerationRequest } = await import('../../../src/generation/generationRequest');

const PRO = 'seedance-1-pro-1080P-5s';

describe('the money in the question', () => {
  let timers: FakeTimers | undefined;
  let picks: FakeQuickPick[];
  let answers: ((balance: Balance | Error) => void)[];
  let opened: string[];
  let today: { roubles: number; unpriced: number; isKnown: boolean };
  let catalog: { models: ModelInfo[]; source: string };
  let catalogChanged: Emitter<void>;
  let windowState: EventEmitter<{ focused: boolean }>;
  let services: ExtensionServices;
  let stubs: [object, object][];

  beforeEach(() => {
    stubs = [window, env].map((stub) => [stub, { ...stub }]);
    [picks, answers, opened, messages.length] = [[], [], [], 0];
    today = { roubles: 222, unpriced: 0, isKnown: true };
    catalog = { models: [], source: 'built-in' };
    catalogChanged = new Emitter();
    windowState = new EventEmitter();
    Object.assign(window, {
      createQuickPick: () => {
        picks.push(new FakeQuickPick());
        return picks.at(-1);
      },
      onDidChangeWindowState: windowState.event,
    });
    Object.assign(env, {
      openExternal: (uri: { toString(): string }) => {
        opened.push(uri.toString());
        return Promise.resolve(true);
      },
    });
    services = {
      composer: { isVisible: false },
      apiKey: { get: () => Promise.resolve('key') },
      apiClient: {
        balance: () =>
          new Promise<Balance>((resolve, reject) => {
            answers.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
          }),
      },
      modelCatalog: {
        priceOf: () => 122,
        refresh: () => Promise.resolve(),
        current: () => catalog,
        onDidChange: catalogChanged.event,
      },
      submission: { noteBalance: () => undefined, getToday: () => Promise.resolve(today) },
      log: { debug: () => undefined, warn: () => undefined },
      defaults: { read: () => ({ model: PRO, aspectRatio: '16:9' }), remember: () => undefined },
    } as unknown as ExtensionServices;
  });

  afterEach(() => {
    timers?.uninstall();
    timers = undefined;
    settings.clear();
    user.onMessage = undefined;
    for (const [stub, before] of stubs) {
      Object.keys(stub).forEach((name) => Reflect.deleteProperty(stub, name));
      Object.assign(stub, before);
    }
  });

  const request = () =>
    new GenerationRequest({ prompts: ['A cat'], model: PRO, aspectRatio: '16:9', scope: undefined });
  const detail = () => picks.at(-1)!.items[0]!.detail?.replace(/[\u00a0\u202f]/g, ' ');
  const shows = (expected: RegExp) => waitFor(() => expected.test(detail() ?? ''), { what: `${expected}` });
  const ask = async () => {
    const confirmed = confirmGeneration(services, request());
    await waitFor(() => picks.length > 0 && answers.length > 0, { what: 'the question' });
    return confirmed;
  };

  it('is unknown after a while, and filled in when it comes after all', async () => {
    timers = install({ toFake: ['setTimeout', 'clearTimeout'] });
    const confirmed = confirmGeneration(services, request());
    await flush();
    assert.equal(detail(), 'Balance: …');
    timers.tick(4_999);
    assert.equal(detail(), 'Balance: …');
    timers.tick(1);
    assert.equal(detail(), 'Balance unknown.');
    answers[0]!({ balance: 500 });
    await flush();
    assert.equal(detail(), 'Balance: 500 ₽.');
    picks[0]!.choose('generate');
    assert.equal(((await confirmed) as { price: number }).price, 122);
  });

  it('is unknown at once where it cannot be had', async () => {
    void ask();
    await waitFor(() => answers.length > 0, { what: 'the request' });
    answers[0]!(new Error('no network'));
    await shows(/^Balance unknown\.$/);
  });

  it('moves no line while more becomes known: a click must not take another one', async () => {
    settings.set('seedance.dailyBudget', 300);
    void ask();
    await waitFor(() => answers.length > 0, { what: 'the request' });
    // The height of a line is one row, or two with a detail.
    const layout = () => picks[0]!.items.map(({ action, detail: second }) => [action?.kind, second !== undefined]);
    const first = layout();
    assert.equal(first[0]?.[0], 'generate');
    answers[0]!({ balance: 5 });
    await shows(/too little.*Left of the daily budget/);
    assert.deepEqual(layout().slice(0, first.length), first);
    assert.deepEqual(layout().slice(first.length), [['topUp', false]]);
  });

  it('moves no line either when the list of the service comes late and does not have the model', async () => {
    void ask();
    await waitFor(() => answers.length > 0, { what: 'the request' });
    answers[0]!({ balance: 5 });
    await shows(/too little/);
    const layout = () => picks[0]!.items.map(({ action, detail: second }) => [action?.kind, second !== undefined]);
    const first = layout();
    const nearest = 'seedance-1-pro-720P-5s';
    catalog = { models: [{ id: nearest, price: 56, name: parseModelId(nearest)! }], source: 'live' };
    catalogChanged.fire();
    assert.deepEqual(layout(), [...first, ['substitute', true]]);
    assert.match(picks[0]!.items.find(({ action }) => action?.kind === 'model')!.description!, /not in the list/);
    answers[0]!({ balance: 500 });
  });

  it('keeps late lines in the order in which they came', () => {
    const line = (kind: 'remarks' | 'topUp' | 'otherModel', text = '') => ({ action: { kind } as const, text });
    const shown = [line('remarks'), line('topUp')];
    assert.deepEqual(keepLateItems([], shown), shown);
    assert.deepEqual(keepLateItems(shown, [line('topUp', 'new')]), [line('remarks'), line('topUp', 'new')]);
    assert.deepEqual(keepLateItems(shown, [line('remarks')]), [line('remarks')]);
    assert.deepEqual(keepLateItems(shown, []), []);
    assert.deepEqual(keepLateItems(shown, [line('otherModel'), line('remarks')]), [...shown, line('otherModel')]);
  });

  it('has what is left of the daily budget beside it, never less than nothing', async () => {
    settings.set('seedance.dailyBudget', 300);
    void ask();
    await waitFor(() => answers.length > 0, { what: 'the request' });
    answers[0]!({ balance: 500 });
    await shows(/^Balance: 500 ₽\. Left of the daily budget: 78 ₽\.$/);
    today = { roubles: 301, unpriced: 1, isKnown: true };
    void ask();
    await shows(/Left of the daily budget: 0 ₽ at most\./);
  });

  it('leads to the site of the service where it does not suffice, and looks again when the user is back', async () => {
    const confirmed = ask();
    await waitFor(() => answers.length > 0, { what: 'the request' });
    answers[0]!({ balance: 100 });
    await shows(/warning.*22 ₽ too little/);
    picks[0]!.choose('topUp');
    await waitFor(() => picks.length === 2, { what: 'the question once more' });
    assert.deepEqual(opened, ['https://gptunnel.ru/']);
    assert.equal(picks[1]!.activeItems[0]?.action?.kind, 'topUp', 'the next Enter spends nothing');
    windowState.fire({ focused: true });
    await waitFor(() => answers.length === 2, { what: 'another look' });
    answers[1]!({ balance: 1_100 });
    await shows(/^Balance: 1,100 ₽\.$/);
    assert.ok(!picks[1]!.items.some(({ action }) => action?.kind === 'topUp'));
    picks[1]!.choose('generate');
    assert.ok(await confirmed);
  });

  it('is in the question about the daily budget too', async () => {
    user.onMessage = ({ answer }) => answer();
    const check = { budget: 300, today: { ...today, certain: 0, possible: 0 }, past: 44 };
    const asked = askAboutBudget(services, check as never, [{ request: request(), price: 122 }]);
    await waitFor(() => answers.length > 0, { what: 'the request' });
    answers[0]!({ balance: 500 });
    assert.equal(await asked, false);
    assert.match(messages[0]!.detail.replace(/[\u00a0\u202f]/g, ' '), /Balance: 500 ₽\.$/);
  });
});

/** Lets promises that are settled run; the timers stand still. */
async function flush(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
