import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getKeyFingerprint } from '../../../src/common/keyFingerprint';
import type { ExtensionServices } from '../../../src/container';
import type { TaskRecord } from '../../../src/tasks/model/taskRecord';
import { accepted, refused, submitting, createDraft } from '../../../src/tasks/model/transitions';
import { createGenerationServices } from '../../support/generationServices';
import { createHarness, KEY, startHarness, type TestHarness } from '../../support/harness';
import { messages, settings, user, workspaceSettings, type FakeMessage } from '../../support/vscodeStub';

const { generateVideo } = await import('../../../src/commands/generate');
const { submit } = await import('../../../src/generation/submitGeneration');
const { GenerationRequest } = await import('../../../src/generation/generationRequest');

const MODEL = 'seedance-1-pro-480P-2s';
const PRICE = 30;
const DAY_MS = 24 * 3_600_000;
const plain = ({ text, detail }: FakeMessage) => `${text}\n${detail}`.replace(/[\u00a0\u202f]/g, ' ');

describe('money that is spent without looking', function () {
  this.timeout(60_000);
  let harness: TestHarness;
  const windows: TestHarness[] = [];
  /** Where a catalog says that the service is. */
  let address: string;

  beforeEach(async () => {
    harness = await startHarness({ service: { account: { balance: 1e9 } } });
    windows.push(harness);
    address = harness.emulator.baseUrl;
    // So that no test begins near midnight by chance.
    harness.clock.jump(new Date(2026, 5, 10, 12).getTime() - harness.clock.now());
    setPrice(PRICE);
    settings.set('seedance.apiBaseUrl', address);
    settings.set('seedance.confirmAbove', 1e6);
  });

  afterEach(async () => {
    settings.clear();
    workspaceSettings.clear();
    messages.length = 0;
    user.onMessage = undefined;
    const { emulator } = harness;
    for (const window of windows.splice(0).reverse()) {
      await window.end();
    }
    await emulator.close();
  });

  function setPrice(price: number | undefined): void {
    harness.emulator.behaviour.models = harness.emulator.behaviour.models.map(({ price: before, ...model }) =>
      model.id !== MODEL ? { ...model, price: before } : { ...model, ...(price === undefined ? {} : { price }) },
    ) as typeof harness.emulator.behaviour.models;
  }

  async function openWindow(name: string): Promise<TestHarness> {
    const { emulator, directory, clock, processes, credentials } = harness;
    const window = await createHarness({
      emulator,
      directory,
      clock,
      processes,
      credentials,
      name,
      seed: 100 + windows.length,
    });
    windows.push(await window.start());
    return window;
  }

  const servicesOf = (window: TestHarness) => createGenerationServices(window, MODEL, () => address);

  const order = (services: ExtensionServices, prompt: string) =>
    generateVideo(services, { prompt, model: MODEL, ask: false });
  const orderMany = (services: ExtensionServices, count: number) =>
    harness.run(Promise.all(Array.from({ length: count }, (_, n) => order(services, `prompt ${n}`))));
  const answerWith = (isAgreed: (message: FakeMessage) => boolean) => {
    user.onMessage = (message) => message.answer(isAgreed(message) ? message.buttons[0] : undefined);
  };
  const charged = () => harness.emulator.ledger.charged().length;
  const asked = () => messages.filter(({ buttons }) => buttons.some((button) => button.startsWith('Generate')));

  describe('the daily budget', () => {
    it('holds for calls at the same time: what does not fit is asked about, one after the other', async () => {
      settings.set('seedance.dailyBudget', 100);
      let open = 0;
      user.onMessage = ({ answer }) => {
        assert.equal(++open, 1, 'questions at a time');
        setImmediate(() => {
          open--;
          answer();
        });
      };
      const ids = await orderMany(servicesOf(harness), 20);
      assert.deepEqual(
        { charged: charged(), ids: ids.filter((id) => id !== undefined).length, questions: asked().length },
        { charged: 3, ids: 3, questions: 17 },
      );
    });

    it('goes on with what the user agrees to, and asks about each once, with what it is by then', async () => {
      settings.set('seedance.dailyBudget', 100);
      answerWith(() => true);
      await orderMany(servicesOf(harness), 8);
      assert.equal(charged(), 8);
      assert.deepEqual(
        asked().map((message) => /With this: (\d+) ₽/.exec(plain(message))?.[1]),
        ['120', '150', '180', '210', '240'],
      );
    });

    it('holds for windows at the same time', async () => {
      settings.set('seedance.dailyBudget', 100);
      answerWith(() => false);
      const others = [await openWindow('window-2'), await openWindow('window-3')];
      const services = [harness, ...others].map(servicesOf);
      await harness.run(
        Promise.all(services.flatMap((one, w) => [0, 1, 2, 3].map((n) => order(one, `window ${w} prompt ${n}`)))),
      );
      assert.equal(charged(), 3, 'what fits is ordered, and no more');
    });

    it('holds for what the user confirms in a list, for several prompts at once, and for every way that submits', async () => {
      settings.set('seedance.dailyBudget', 100);
      answerWith(() => false);
      const other = await openWindow('window-2');
      const request = (prompts: string[]) => new GenerationRequest({ prompts, model: MODEL, aspectRatio: '16:9' });
      const results = await harness.run(
        Promise.all([
          submit(servicesOf(harness), request(['a', 'b']), PRICE),
          submit(servicesOf(other), request(['c', 'd']), PRICE),
          submit(servicesOf(harness), request(['e']), PRICE),
        ]),
      );
      assert.ok(charged() <= 3, `${charged()} were charged`);
      await harness.store.rescan();
      const withdrawn = harness.store.list().filter(({ error }) => error?.kind === 'not-confirmed');
      assert.equal(withdrawn.length, 5 - charged());
      assert.ok(withdrawn.every(({ state, request: { prompt } }) => state === 'failed' && prompt !== ''));
      assert.ok(results.some((records) => records === undefined));
    });

    it('is looked at again after an upload: what others spent meanwhile counts', async () => {
      settings.set('seedance.dailyBudget', 100);
      const other = await openWindow('window-2');
      let agrees = false;
      answerWith(() => agrees);
      const ordering = (prompt: string) => {
        const image = { source: 'file:///a.png', label: 'a.png', link: 'https://images.example/a.png' };
        const request = new GenerationRequest({
          prompts: [prompt],
          frames: [{ image, delivery: 'link' }],
          model: MODEL,
          aspectRatio: '16:9',
        });
        return submit(servicesOf(harness), request, PRICE);
      };
      await orderMany(servicesOf(other), 3);
      assert.equal(asked().length, 0);
      // The question about the budget was before all that: there was none.
      assert.equal(await harness.run(ordering('meanwhile')), undefined);
      assert.match(plain(asked()[0]!), /Today so far: 90 ₽\.\nWith this: 120 ₽, which is 20 ₽ more than the budget\./);
      assert.equal(charged(), 3);
      const [kept] = harness.store.list().filter(({ request }) => request.prompt === 'meanwhile');
      assert.deepEqual(
        { state: kept?.state, why: kept?.error?.kind, frame: kept?.request.firstFrame?.label },
        { state: 'failed', why: 'not-confirmed', frame: 'a.png' },
      );
      // What was withdrawn takes nothing.
      agrees = true;
      await harness.run(ordering('after all'));
      assert.match(plain(asked()[1]!), /Today so far: 90 ₽\./);
      assert.equal(charged(), 4);
    });

    it('is asked about once more when others spent while the question was open', async () => {
      settings.set('seedance.dailyBudget', 50);
      const other = await openWindow('window-2');
      await orderMany(servicesOf(harness), 1);
      let questions = 0;
      user.onMessage = ({ answer, buttons }) => {
        questions++;
        if (questions > 1) {
          answer(undefined);
          return;
        }
        // Another program of another window is allowed to spend on.
        void other.generate
          .generate([{ model: MODEL, prompt: 'other', quotedPrice: PRICE }])
          .then(() => answer(buttons[0]));
      };
      assert.equal(await harness.run(order(servicesOf(harness), 'a')), undefined);
      assert.equal(questions, 2);
      assert.equal(charged(), 2);
    });

    it('is read anew for each order', async () => {
      settings.set('seedance.dailyBudget', 1_000);
      answerWith(() => false);
      await orderMany(servicesOf(harness), 2);
      settings.set('seedance.dailyBudget', 70);
      await orderMany(servicesOf(harness), 1);
      assert.deepEqual({ charged: charged(), asked: asked().length }, { charged: 2, asked: 1 });
    });

    for (const nonsense of ['500', ' 5 ', -5, null, NaN, Infinity, [], {}]) {
      it(`written as ${typeof nonsense === 'number' ? nonsense : JSON.stringify(nonsense)} is asked about, and says why`, async () => {
        settings.set('seedance.dailyBudget', nonsense);
        answerWith(() => false);
        await orderMany(servicesOf(harness), 2);
        assert.equal(charged(), 0);
        assert.equal(asked().length, 2);
        assert.match(
          plain(asked()[0]!),
          /^The daily budget cannot be read\.[^]*seedance\.dailyBudget has to be a number of roubles/,
        );
      });
    }

    it('is asked about when a task of today has no price, and a task that was made elsewhere is none of it', async () => {
      settings.set('seedance.dailyBudget', 100);
      answerWith(() => false);
      const put = async (id: string, more: Partial<TaskRecord>) =>
        harness.store.create({
          ...createDraft({ id, request: { model: 'm', prompt: 'p' }, at: harness.clock.now() }),
          state: 'waiting',
          ...more,
        });
      await put('a1', { origin: 'added', gatewayId: 'made0elsewhere' });
      await orderMany(servicesOf(harness), 1);
      assert.deepEqual({ charged: charged(), asked: asked().length }, { charged: 1, asked: 0 });
      await put('b1', { gatewayId: 'unpriced' });
      await orderMany(servicesOf(harness), 1);
      assert.deepEqual({ charged: charged(), asked: asked().length }, { charged: 1, asked: 1 });
      assert.match(plain(asked()[0]!), /not everything is known[^]*Tasks of unknown price besides: 1\./);
    });

    it('is asked about when a task of today cannot be read', async () => {
      settings.set('seedance.dailyBudget', 100);
      answerWith(() => false);
      await orderMany(servicesOf(harness), 1);
      await writeFile(join(harness.directory, 'tasks', `${harness.store.newId(harness.clock.now())}.1.json`), '{"for');
      await orderMany(servicesOf(harness), 1);
      assert.deepEqual({ charged: charged(), asked: asked().length }, { charged: 1, asked: 1 });
      await orderMany(servicesOf(harness), 1);
      assert.equal(asked().length, 2, 'it is still not known what it cost');
      harness.clock.jump(DAY_MS);
      await orderMany(servicesOf(harness), 1);
      assert.deepEqual({ charged: charged(), asked: asked().length }, { charged: 2, asked: 2 });
    });

    it('counts a cost of 0 as what was listed', async () => {
      settings.set('seedance.dailyBudget', 50);
      answerWith(() => false);
      harness.emulator.behaviour.resultFields = { cost: 0 };
      await orderMany(servicesOf(harness), 1);
      const [{ id }] = harness.store.list() as [TaskRecord];
      await harness.until(id, 'done');
      assert.equal(harness.get(id).cost, 0);
      await orderMany(servicesOf(harness), 1);
      assert.deepEqual({ charged: charged(), asked: asked().length }, { charged: 1, asked: 1 });
    });

    it('begins anew at midnight, also for what was reserved before and is sent after it', async () => {
      settings.set('seedance.dailyBudget', 100);
      answerWith(() => false);
      harness.clock.jump(new Date(2026, 5, 10, 23, 59, 59).getTime() - harness.clock.now());
      await orderMany(servicesOf(harness), 1);
      // The first of three takes until after midnight; by then another window has spent most of the new day.
      const other = await openWindow('window-2');
      const request = new GenerationRequest({ prompts: ['a', 'b'], model: MODEL, aspectRatio: '16:9' });
      let isStruck = false;
      harness.requests.before = async ({ url }) => {
        if (url.endsWith('/create') && !isStruck) {
          isStruck = true;
          harness.clock.jump(5_000);
          await other.generate.generate(
            [1, 2, 3].map((n) => ({ model: MODEL, prompt: `tomorrow ${n}`, quotedPrice: PRICE })),
          );
        }
      };
      const records = await harness.run(submit(servicesOf(harness), request, PRICE));
      assert.deepEqual(
        records?.map(({ state, error }) => [state, error?.kind]),
        [
          ['waiting', undefined],
          ['failed', 'not-confirmed'],
        ],
      );
      assert.equal(asked().length, 1);
      assert.match(plain(asked()[0]!), /Today so far: 90 ₽/);
      assert.equal(charged(), 5);
    });

    it('forgets nothing when the clock is set back', async () => {
      settings.set('seedance.dailyBudget', 50);
      answerWith(() => false);
      await orderMany(servicesOf(harness), 1);
      for (const back of [3_600_000, 6 * 3_600_000, DAY_MS, 400 * DAY_MS]) {
        harness.clock.jump(-back);
        await orderMany(servicesOf(harness), 1);
      }
      assert.deepEqual({ charged: charged(), asked: asked().length }, { charged: 1, asked: 4 });
    });

    it('takes nothing for a draft that was removed, and sends none', async () => {
      settings.set('seedance.dailyBudget', 50);
      answerWith(() => false);
      const draft = createDraft({
        id: 'a1',
        request: { model: 'm', prompt: 'p' },
        quotedPrice: 40,
        at: harness.clock.now(),
      });
      await harness.store.create(draft);
      await harness.store.remove('a1');
      await orderMany(servicesOf(harness), 1);
      assert.deepEqual({ charged: charged(), asked: asked().length }, { charged: 1, asked: 0 });
    });

    it('takes a draft of yesterday for what is about to be sent today', async () => {
      settings.set('seedance.dailyBudget', 50);
      answerWith(() => false);
      const at = harness.clock.now() - DAY_MS;
      await harness.store.create(
        createDraft({ id: 'a1', request: { model: 'm', prompt: 'p' }, quotedPrice: 40, sender: 'window-1', at }),
      );
      await orderMany(servicesOf(harness), 1);
      assert.deepEqual({ charged: charged(), asked: asked().length }, { charged: 0, asked: 1 });
    });
  });

  describe('a draft that awaits consent', () => {
    it('is not sent, and is withdrawn with its prompt when its window dies', async () => {
      settings.set('seedance.dailyBudget', 10);
      user.onMessage = () => undefined;
      const request = new GenerationRequest({ prompts: ['a boat'], model: MODEL, aspectRatio: '16:9' });
      void submit(servicesOf(harness), request, PRICE);
      await harness.clock.until(() => asked().length === 1);
      const [draft] = harness.store.list() as [TaskRecord];
      assert.deepEqual({ state: draft.state, awaits: draft.awaitsConsent }, { state: 'draft', awaits: true });
      assert.equal(submitting(1)(draft), draft);
      const next = await harness.reopen();
      windows.push(next);
      await next.clock.until(() => next.get(draft.id).state === 'failed');
      assert.deepEqual(next.get(draft.id).error?.kind, 'never-sent');
      assert.equal(next.get(draft.id).request.prompt, 'a boat');
      assert.equal(charged(), 0);
    });

    it('waits for as long as the question is open, whatever other windows take it for', async () => {
      settings.set('seedance.dailyBudget', 10);
      user.onMessage = () => undefined;
      const other = await openWindow('window-2');
      const request = new GenerationRequest({ prompts: ['a boat'], model: MODEL, aspectRatio: '16:9' });
      const submitted = submit(servicesOf(harness), request, PRICE);
      await harness.clock.until(() => asked().length === 1);
      await other.store.rescan();
      await other.generate.recover();
      await harness.clock.pass(3 * 3_600_000);
      const [question] = asked();
      question?.answer(question.buttons[0]);
      assert.equal((await harness.run(submitted))?.[0]?.state, 'waiting');
      assert.equal(charged(), 1);
    });

    it('goes on like any other when it is withdrawn, or found at the service', () => {
      const draft = { ...createDraft({ id: 'a', request: { model: 'm', prompt: 'p' }, at: 0 }), awaitsConsent: true };
      assert.equal(refused({ kind: 'not-confirmed', at: 1 })(draft).state, 'failed');
      assert.equal(accepted({ gatewayId: 'g', at: 1 })(draft).state, 'waiting');
    });
  });

  describe('a price', () => {
    const cache = async (more: Record<string, unknown>) => {
      await mkdir(harness.directory, { recursive: true });
      await writeFile(
        join(harness.directory, 'models.json'),
        JSON.stringify({
          format: 1,
          account: getKeyFingerprint(KEY),
          address,
          fetchedAt: harness.clock.now(),
          entries: [{ id: MODEL, price: 5 }],
          ...more,
        }),
      );
    };
    const down = () =>
      harness.emulator.faults.add({ kind: 'httpError', status: 503, match: { route: 'models' }, times: 'always' });

    it('that the service lists now is spent below confirmAbove', async () => {
      await orderMany(servicesOf(harness), 2);
      assert.deepEqual({ charged: charged(), asked: asked().length }, { charged: 2, asked: 0 });
    });

    it('that is old is asked for anew, and the new one counts', async () => {
      await cache({ fetchedAt: harness.clock.now() - 90 * DAY_MS });
      settings.set('seedance.confirmAbove', 10);
      answerWith(() => false);
      await orderMany(servicesOf(harness), 1);
      assert.deepEqual(
        { charged: charged(), asked: asked().map(({ buttons }) => buttons[0]?.replace('\u00a0', ' ')) },
        {
          charged: 0,
          asked: ['Generate – 30 ₽'],
        },
      );
    });

    const DOUBTS: [string, () => Promise<void> | void, RegExp][] = [
      [
        'of 90 days ago',
        async () => {
          await cache({ fetchedAt: harness.clock.now() - 90 * DAY_MS });
          down();
        },
        /This is the price of .*2026.*: the service did not give a newer list/,
      ],
      [
        'of the future',
        async () => {
          await cache({ fetchedAt: harness.clock.now() + DAY_MS });
          down();
        },
        /This is the price of .*2026.*: the service did not give a newer list/,
      ],
      [
        'of an hour before the clock was set a year ahead',
        async () => {
          await cache({});
          harness.clock.jump(365 * DAY_MS);
          down();
        },
        /This is the price of .*2026/,
      ],
      [
        'of another key',
        async () => {
          await cache({ account: 'another1' });
          down();
        },
        // The list of another key is given up when the one of this key cannot be had.
        /This is the built-in price/,
      ],
      [
        'of another address',
        async () => {
          await cache({ address: 'https://other.example/v1' });
          down();
        },
        /This is the price of another address/,
      ],
      [
        'of a cache that does not say of which address',
        async () => {
          await cache({ address: undefined });
          down();
        },
        /This is the price of another address/,
      ],
      ['that is built in', down, /This is the built-in price/],
      ['of 0', () => setPrice(0), /The service lists a price of 0 for this model/],
      ['that is missing', () => setPrice(undefined), /The service lists no price for this model/],
    ];
    for (const [what, arrange, why] of DOUBTS) {
      for (const budget of [0, 1e6]) {
        it(`${what} is asked about, and the question says why${budget === 0 ? '' : ', also within a budget'}`, async () => {
          settings.set('seedance.dailyBudget', budget);
          await arrange();
          answerWith(() => false);
          await orderMany(servicesOf(harness), 1);
          assert.deepEqual({ charged: charged(), asked: asked().length }, { charged: 0, asked: 1 });
          assert.match(plain(asked()[0]!), why);
        });
      }
    }

    it('does not hold for another key that is set before the order leaves', async () => {
      answerWith(() => false);
      const services = servicesOf(harness);
      const quote = services.modelCatalog.quote.bind(services.modelCatalog);
      services.modelCatalog.quote = async (model) => {
        const told = await quote(model);
        harness.credentials.set('shds-another-key');
        return told;
      };
      await orderMany(services, 1);
      assert.equal(asked().length, 1);
      assert.match(plain(asked()[0]!), /^The API key was changed after the price had been looked up\./);
      assert.equal(harness.emulator.ledger.creates().length, 0);
      assert.equal(harness.store.list()[0]?.error?.kind, 'not-confirmed');
    });
  });

  describe('confirmAbove', () => {
    it('of a workspace orders nothing without a question, whatever its tasks.json executes', async () => {
      settings.delete('seedance.confirmAbove');
      workspaceSettings.set('seedance.confirmAbove', 1e6);
      answerWith(() => false);
      await orderMany(servicesOf(harness), 2);
      assert.deepEqual({ charged: charged(), asked: asked().length }, { charged: 0, asked: 2 });
    });

    for (const nonsense of ['500', ' 5 ', -5, null, NaN, Infinity, [], {}]) {
      it(`written as ${typeof nonsense === 'number' ? nonsense : JSON.stringify(nonsense)} is asked about, and says why`, async () => {
        settings.set('seedance.confirmAbove', nonsense);
        answerWith(() => false);
        await orderMany(servicesOf(harness), 1);
        assert.deepEqual({ charged: charged(), asked: asked().length }, { charged: 0, asked: 1 });
        assert.match(plain(asked()[0]!), /seedance\.confirmAbove has to be a number of roubles, 0 or more/);
      });
    }
  });
});
