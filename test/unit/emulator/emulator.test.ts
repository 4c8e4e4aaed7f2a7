import assert from 'node:assert/strict';
import { request } from 'node:http';
import { type Emulator, startEmulator } from '../../emulator/emulator';
import { Probe, type Reply } from '../../emulator/probe';

const PNG =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('emulator: the API', () => {
  const clock = { ms: Date.UTC(2026, 0, 2) };
  let emulator: Emulator;
  let probe: Probe;

  beforeEach(async () => {
    emulator = await startEmulator({ now: () => clock.ms });
    probe = new Probe(emulator);
  });

  afterEach(() => emulator.close());

  describe('create', () => {
    it('answers in the documented shape', async () => {
      const reply = await probe.create({ ar: '1:1' });
      assert.deepEqual(reply, {
        code: 0,
        id: reply.id,
        model: 'seedance-1-pro-480P-2s',
        prompt: 'a cat --ar 1:1',
        created_at: clock.ms / 1000,
        status: 'idle',
        url: null,
      });
      assert.match(reply.id, /^[0-9a-f]{24}$/);
      assert.equal(parseInt(reply.id.slice(0, 8), 16), reply.created_at);
    });

    it('takes the price off the balance and enters it into the ledger', async () => {
      emulator.world.account.balance = 20.5;
      await probe.create();
      assert.equal(emulator.world.account.balance, 8.5);
      assert.equal(emulator.ledger.spent(), 12);
      assert.equal((await probe.create()).code, 5);
      assert.equal(emulator.ledger.creates().length, 2);
      assert.equal(emulator.ledger.charged().length, 1);
    });

    it('goes below zero as far as the credit reaches', async () => {
      Object.assign(emulator.world.account, { balance: 0, creditLimit: 12 });
      assert.equal((await probe.create()).code, 0);
      assert.equal((await probe.create()).code, 5);
    });

    it('lists all models when it does not know one', async () => {
      const { code, issues } = await probe.create({ model: 'seedance-9' });
      assert.equal(code, 3);
      assert.equal(issues?.[0]?.path, 'model');
      assert.deepEqual(
        issues?.[0]?.expected.split(' | '),
        emulator.behaviour.models.map(({ id }) => id),
      );
    });

    it('says everything that is wrong', async () => {
      const { issues } = await probe.create({ prompt: ' ', ar: '4:3', images: ['a', 'b'] });
      assert.deepEqual(
        issues?.map(({ path }) => path),
        ['prompt', 'ar', 'images'],
      );
    });

    it('reads JSON alone', async () => {
      const response = await probe.fetch('POST', '/media/create', undefined, { body: 'model=x' });
      assert.equal(((await response.json()) as Reply).code, 3);
      assert.equal(emulator.ledger.creates()[0]?.body, 'model=x');
    });

    it('takes links and data URLs as images', async () => {
      assert.equal((await probe.create({ images: ['https://example.com/a.png'] })).code, 0);
      assert.equal((await probe.create({ images: [] })).code, 0);
      const { id } = await probe.create({ images: [PNG] });
      assert.equal(emulator.tasks.need(id).firstFrame?.note, '1x1 PNG');
    });

    it('refuses what is no link and no image', async () => {
      for (const image of ['cat.png', 'file:///cat.png', 'data:image/png;base64,AAAA', 'data:text/plain,cat', 7]) {
        const { code, issues } = await probe.create({ images: [image] });
        assert.deepEqual({ code, path: issues?.[0]?.path }, { code: 3, path: 'images.0' }, String(image));
      }
    });

    it('refuses data URLs if so told', async () => {
      emulator.behaviour.acceptDataUrls = false;
      const { code, issues } = await probe.create({ images: [PNG] });
      assert.deepEqual(
        { code, path: issues?.[0]?.path, expected: issues?.[0]?.expected },
        { code: 3, path: 'images.0', expected: 'url' },
      );
    });

    it('looks behind a link if so told, without credentials', async () => {
      emulator.behaviour.fetchImages = true;
      const other = await startEmulator({ video: Buffer.from(PNG.split(',')[1] ?? '', 'base64') });
      try {
        const link = await new Probe(other).link();
        const { id } = await probe.create({ images: [link] });
        assert.equal(emulator.tasks.need(id).firstFrame?.note, '1x1 PNG');
        assert.deepEqual(other.ledger.leaks(), []);
        assert.equal((await probe.create({ images: [`${other.filesUrl}/no.png`] })).issues?.[0]?.path, 'images.0');
        other.faults.add({ kind: 'fileHtml' });
        assert.equal((await probe.create({ images: [link] })).issues?.[0]?.path, 'images.0');
      } finally {
        await other.close();
      }
    });

    it('answers with the code that the prompt asks for', async () => {
      for (const code of [1, 6, 7, 500, 1001, 1002]) {
        assert.equal((await probe.create({ prompt: `a cat #${code} on a roof` })).code, code);
      }
      assert.equal((await probe.create({ prompt: 'cats #10015' })).code, 0);
      assert.equal(emulator.ledger.charged().length, 1);
    });

    it('knows what the organisation may not use', async () => {
      emulator.world.account.forbidden = ['seedance-2'];
      assert.equal((await probe.create({ model: 'seedance-2' })).code, 7);
    });

    it('charges nothing for a model without a price', async () => {
      assert.equal((await probe.create({ model: 'wan-2-5-720P-5s' })).code, 0);
      assert.equal(emulator.ledger.charged()[0]?.made?.price, null);
      assert.equal(emulator.ledger.spent(), 0);
    });
  });

  describe('result', () => {
    it('goes through the words until done, by GET and by POST', async () => {
      emulator.behaviour.statuses = ['idle', 'queued', 'weird', 'succeeded'];
      emulator.behaviour.durations = 900;
      const { id } = await probe.create();
      const seen: unknown[] = [];
      for (let step = 0; step < 4; step += 1) {
        const posted = await probe.result(id);
        assert.deepEqual(await probe.ask('GET', `/media/result?task_id=${id}`), posted);
        seen.push([posted.status, posted.url === null]);
        clock.ms += 300;
      }
      assert.deepEqual(seen, [
        ['idle', true],
        ['queued', true],
        ['weird', true],
        ['succeeded', false],
      ]);
      assert.equal(emulator.ledger.results(id).length, 8);
    });

    it('ends in failure where the prompt asks for it', async () => {
      const { id } = await probe.create({ prompt: 'a cat #fail' });
      assert.equal((await probe.result(id)).status, 'idle');
      emulator.advance(1_000);
      const { code, status, message, url } = await probe.result(id);
      assert.deepEqual({ code, status, url }, { code: 0, status: 'failed', url: null });
      assert.equal(message, emulator.behaviour.failure.message);
    });

    it('fails with a code if so told', async () => {
      emulator.behaviour.failure = { code: 1, status: 'error', message: 'no' };
      const { id } = await probe.create({ prompt: '#fail' });
      emulator.advance(1_000);
      const { code, status } = await probe.result(id);
      assert.deepEqual({ code, status }, { code: 1, status: 'error' });
    });

    it('says whatever a test puts into its mouth', async () => {
      emulator.behaviour.resultFields = { cost: 12, mime: 'video/mp4' };
      const { id } = await probe.create();
      emulator.tasks.need(id).fields = { error: { message: '<b>‮\0</b>' }, status: 'cancelled', cost: '12 ₽' };
      const { error, status, cost, mime } = await probe.result(id);
      assert.deepEqual(
        { error, status, cost, mime },
        { error: { message: '<b>‮\0</b>' }, status: 'cancelled', cost: '12 ₽', mime: 'video/mp4' },
      );
    });

    it('knows no task of another account, and no malformed id', async () => {
      const { id } = await probe.create();
      emulator.world.accounts.add('another-key');
      assert.equal((await new Probe(emulator, 'another-key').result(id)).code, 4);
      assert.equal((await probe.result('0'.repeat(24))).code, 4);
      assert.equal((await probe.result('no id')).code, 4);
      emulator.behaviour.malformedIdCode = 3;
      assert.equal((await probe.result('no id')).code, 3);
      assert.equal((await probe.ask('GET', '/media/result')).code, 3);
    });
  });

  describe('durations', () => {
    it('follow a function of model and number', async () => {
      emulator.behaviour.durations = (model, index) => model.length + index;
      await probe.create();
      const { id } = await probe.create();
      assert.equal(emulator.tasks.need(id).durationMs, 'seedance-1-pro-480P-2s'.length + 1);
    });

    it('spread around their median, the same for the same seed', async () => {
      const draw = async (seed: number): Promise<number[]> => {
        const other = await startEmulator({ seed, durations: { medianMs: 60_000, sigma: 0.3 } });
        const { account } = other.world;
        const made = Array.from({ length: 400 }, () =>
          other.world.makeTask({ owner: account, model: 'm', prompt: 'p' }),
        );
        await other.close();
        return made.map(({ durationMs }) => durationMs).sort((one, two) => one - two);
      };
      const durations = await draw(7);
      assert.ok(Math.abs((durations[200] ?? 0) - 60_000) < 4_000);
      assert.ok((durations[40] ?? 0) < 50_000 && (durations[360] ?? 0) > 75_000);
      assert.deepEqual(await draw(7), durations);
      assert.notDeepEqual(await draw(8), durations);
    });
  });

  describe('models and balance', () => {
    it('lists models by GET and by POST, with the documented prices', async () => {
      const reply = await probe.ask('GET', '/media/models');
      assert.deepEqual(await probe.ask('POST', '/media/models', {}), reply);
      const models = reply['models'] as { id: string; price?: number }[];
      const price = (id: string): number | undefined => models.find((model) => model.id === id)?.price;
      assert.equal(price('seedance-1-pro-1080P-5s'), 122);
      assert.equal(price('seedance-1-pro-fast-720P-12s'), 52.8);
      assert.equal(price('seedance-1-5-pro-audio-480P-10s'), 60);
      assert.equal(price('seedance-2-1080P-8s'), 652.8);
      assert.equal(price('seedance-2-4K-15s'), 4680);
      assert.equal(price('seedance-2-mini-4K-15s'), 307.5);
      assert.equal(new Set(models.map(({ id }) => id)).size, models.length);
      assert.ok(models.some((model) => model.price === undefined));
    });

    it('shows the balance of the organisation and of the wallet', async () => {
      Object.assign(emulator.world.account, { balance: -51.54397, creditLimit: 15_000, walletBalance: 3 });
      assert.deepEqual(await probe.ask('GET', '/balance'), {
        orgId: 'org-1',
        object: 'balance',
        balance: -51.54397,
        creditLimit: 15_000,
      });
      assert.equal((await probe.ask('GET', '/balance?useWalletBalance=true'))['balance'], 3);
    });
  });

  describe('keys', () => {
    /** Unlike fetch, this sends a header's spaces. */
    const codeFor = (authorization: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const sent = request(`${emulator.baseUrl}/media/models`, { headers: { authorization } }, (response) => {
          let text = '';
          response.on('data', (chunk) => (text += String(chunk)));
          response.on('end', () => resolve((JSON.parse(text) as Reply).code));
        });
        sent.on('error', reject).end();
      });

    it('are taken raw, and no other way', async () => {
      assert.equal(await codeFor(emulator.key), 0);
      assert.equal(await codeFor(`Bearer ${emulator.key}`), 2);
      assert.equal(await codeFor(` ${emulator.key}`), 2);
      assert.equal(await codeFor('another'), 2);
    });

    it('are refused by the balance in the shape of the OpenAI API', async () => {
      const response = await new Probe(emulator, 'wrong').fetch('GET', '/balance');
      assert.equal(response.status, 401);
      const { error } = (await response.json()) as { error: { type: string } };
      assert.equal(error.type, 'unauthorized_request_error');
    });

    it('can be changed; tasks stay', async () => {
      const old = emulator.key;
      const { id } = await probe.create();
      emulator.setKey('new-key');
      assert.equal(emulator.key, 'new-key');
      assert.equal((await new Probe(emulator, old).result(id)).code, 2);
      assert.equal((await probe.result(id)).code, 0);
    });
  });

  it('answers 404 and code 99 for what it does not know', async () => {
    for (const [method, path] of [
      ['GET', '/media/create'],
      ['POST', '/media/upload'],
      ['GET', '/'],
    ] as const) {
      const response = await probe.fetch(method, path);
      assert.equal(response.status, 404);
      assert.equal(((await response.json()) as Reply).code, 99);
    }
  });

  it('keeps a ledger of all that was asked', async () => {
    const { id } = await probe.create({ prompt: 'лиса' });
    await probe.ask('GET', `/media/result?task_id=${id}`);
    const [create, result] = emulator.ledger.entries;
    assert.equal(create?.at, clock.ms);
    assert.deepEqual(
      { origin: create?.origin, method: create?.method, path: create?.path },
      { origin: 'api', method: 'POST', path: '/v1/media/create' },
    );
    assert.equal((create?.body as Reply).prompt, 'лиса');
    assert.equal(create?.headers.authorization, emulator.key);
    assert.deepEqual(create?.made, { taskId: id, price: 12 });
    assert.deepEqual(create?.outcome, { status: 200, code: 0, fault: null });
    assert.deepEqual({ query: result?.query, taskId: result?.taskId }, { query: { task_id: id }, taskId: id });
  });

  describe('outages', () => {
    it('refuse connections, and end on the same addresses with the same tasks', async () => {
      const { id } = await probe.create();
      await emulator.stop();
      await assert.rejects(probe.result(id));
      await emulator.start();
      assert.equal((await probe.result(id)).code, 0);
    });

    it('can be a new emulator that takes over the world of the old', async () => {
      const { id } = await probe.create();
      const port = Number(new URL(emulator.baseUrl).port);
      await emulator.close();
      emulator = await startEmulator({ world: emulator.world, port });
      assert.equal((await probe.result(id)).code, 0);
      assert.equal(emulator.ledger.creates().length, 1);
    });
  });
});
