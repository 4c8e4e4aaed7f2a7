import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fetch from 'node-fetch';
import { BUILT_IN_MODELS } from '../../../src/api/models';
import { HttpApiClient } from '../../../src/api/httpApiClient';
import { getFamilies } from '../../../src/api/modelGroups';
import {
  CATALOG_FRESH_MS,
  CATALOG_RETRY_MS,
  ModelCatalog,
  type ModelCatalogOptions,
} from '../../../src/api/modelCatalog';
import { startEmulator, type Emulator } from '../../emulator/emulator';

const START = Date.UTC(2026, 4, 20, 12);
const MODEL = 'seedance-1-pro-1080P-5s';
const SECOND_KEY = 'shds-second-key';

describe('catalogue', () => {
  let emulator: Emulator;
  let directory: string;
  let now: number;
  let key: string | undefined;
  let trace: string[];
  const made: ModelCatalog[] = [];

  beforeEach(async () => {
    emulator = await startEmulator();
    directory = await mkdtemp(join(tmpdir(), 'seedance-catalogue-'));
    now = START;
    key = emulator.key;
    trace = [];
  });

  afterEach(async () => {
    for (const catalogue of made.splice(0)) {
      catalogue.dispose();
    }
    await emulator.close();
    await rm(directory, { recursive: true, force: true });
  });

  function catalogue(overrides: Partial<ModelCatalogOptions> = {}): ModelCatalog {
    const apiClient = new HttpApiClient({
      fetch,
      baseUrl: () => new URL(emulator.baseUrl),
      now: () => now,
      timeLimitsMs: { models: 2_000 },
    });
    const one = new ModelCatalog({
      apiClient: apiClient,
      credentials: { get: () => Promise.resolve(key) },
      directory,
      clock: { now: () => now },
      trace: (line) => trace.push(line),
      ...overrides,
    });
    made.push(one);
    return one;
  }

  const asked = () => emulator.ledger.entries.filter(({ route }) => route === 'models').length;
  const cacheFile = () => join(directory, 'models.json');
  const setPrice = (price: number) => {
    emulator.behaviour.models = emulator.behaviour.models.map((model) =>
      model.id === MODEL ? { ...model, price } : model,
    );
  };
  function countChanges(one: ModelCatalog): { count: number } {
    const changes = { count: 0 };
    one.onDidChange(() => changes.count++);
    return changes;
  }

  describe('without a list', () => {
    it('knows the built-in table, without a request and without a file', async () => {
      const one = catalogue();
      assert.deepEqual(one.current(), { models: BUILT_IN_MODELS, source: 'built-in' });
      assert.equal(one.priceOf(MODEL), 122);
      assert.equal(one.priceOf('never-seen'), undefined);
      assert.equal(one.current(), one.current());
      assert.equal(asked(), 0);
      assert.deepEqual(await readdir(directory), []);
      assert.deepEqual(trace, []);
    });

    it('does nothing without a key', async () => {
      key = undefined;
      assert.deepEqual(await catalogue().refresh({ force: true }), {});
      assert.equal(asked(), 0);
    });

    it('does nothing where the key cannot be read', async () => {
      const one = catalogue({ credentials: { get: () => Promise.reject(new Error('no keyring')) } });
      assert.deepEqual(await one.refresh(), {});
      assert.equal(one.current().source, 'built-in');
      assert.deepEqual(trace, ['models: no key, no keyring']);
    });
  });

  describe('fresh', () => {
    it('is fetched when first needed, announced, and kept for the next start', async () => {
      setPrice(99);
      const one = catalogue();
      const changes = countChanges(one);
      assert.deepEqual(await one.refresh(), {});
      assert.equal(one.current().source, 'live');
      assert.equal(one.current().fetchedAt, START);
      assert.equal(one.priceOf(MODEL), 99);
      assert.equal(changes.count, 1);
      assert.deepEqual(await readdir(directory), ['models.json']);

      await emulator.stop();
      const next = catalogue();
      assert.deepEqual(next.current(), one.current());
      assert.equal(next.priceOf(MODEL), 99);
      assert.equal(asked(), 1);
    });

    it('is not fetched again within a day, also by another window', async () => {
      await catalogue().refresh();
      now += CATALOG_FRESH_MS - 1;
      const other = catalogue();
      assert.deepEqual(await other.refresh(), {});
      assert.equal(asked(), 1);
    });

    it('is fetched again on demand, and announced only when it is different', async () => {
      const one = catalogue();
      await one.refresh();
      const changes = countChanges(one);
      now += 1000;
      const { models } = one.current();
      await one.refresh({ force: true });
      assert.equal(asked(), 2);
      assert.equal(changes.count, 0);
      assert.equal(one.current().models, models);
      assert.equal(one.current().fetchedAt, START + 1000);
      setPrice(7);
      await one.refresh({ force: true });
      assert.equal(changes.count, 1);
      assert.equal(one.priceOf(MODEL), 7);
    });

    it('takes GET where a proxy refuses POST', async () => {
      emulator.faults.add({
        kind: 'httpError',
        status: 405,
        match: { route: 'models', method: 'POST' },
        times: 'always',
      });
      const one = catalogue();
      assert.deepEqual(await one.refresh(), {});
      assert.equal(one.current().source, 'live');
    });

    it('writes no key into its file', async () => {
      await catalogue().refresh();
      const text = await readFile(cacheFile(), 'utf8');
      assert.ok(key !== undefined && !text.includes(key));
    });
  });

  describe('stale', () => {
    it('is used at once and fetched when asked for', async () => {
      setPrice(99);
      await catalogue().refresh();
      now += CATALOG_FRESH_MS;
      setPrice(101);
      const one = catalogue();
      assert.equal(one.priceOf(MODEL), 99);
      const changes = countChanges(one);
      await one.refresh();
      assert.equal(one.priceOf(MODEL), 101);
      assert.equal(one.current().fetchedAt, START + CATALOG_FRESH_MS);
      assert.equal(changes.count, 1);
    });

    it('is taken from the file when another window has fetched it', async () => {
      const one = catalogue();
      await one.refresh();
      now += CATALOG_FRESH_MS;
      setPrice(101);
      await catalogue().refresh();
      assert.equal(asked(), 2);
      const changes = countChanges(one);
      await one.refresh();
      assert.equal(asked(), 2);
      assert.equal(one.priceOf(MODEL), 101);
      assert.equal(changes.count, 1);
    });

    it('a list from the future is stale: the clock was wrong', async () => {
      await catalogue().refresh();
      now -= 1000;
      await catalogue().refresh();
      assert.equal(asked(), 2);
    });
  });

  describe('while the service is down', () => {
    it('falls back to the table, and says why', async () => {
      await emulator.stop();
      const one = catalogue();
      const changes = countChanges(one);
      const { error } = await one.refresh();
      assert.equal(error?.kind, 'not-sent');
      assert.equal(one.current().source, 'built-in');
      assert.equal(changes.count, 0);
    });

    it('keeps an old list, which is better than the table', async () => {
      setPrice(99);
      await catalogue().refresh();
      await emulator.stop();
      now += 30 * CATALOG_FRESH_MS;
      const one = catalogue();
      assert.equal((await one.refresh()).error?.kind, 'not-sent');
      assert.equal(one.priceOf(MODEL), 99);
      assert.equal(one.current().fetchedAt, START);
    });

    it('asks again after a while, or at once on demand', async () => {
      emulator.faults.add({ kind: 'httpError', status: 502, match: { route: 'models' }, times: 2 });
      const one = catalogue();
      assert.equal((await one.refresh()).error?.kind, 'in-between');
      assert.equal((await one.refresh()).error?.kind, 'in-between');
      assert.equal(asked(), 1);
      assert.equal((await one.refresh({ force: true })).error?.kind, 'in-between');
      assert.equal(asked(), 2);
      now += CATALOG_RETRY_MS;
      assert.deepEqual(await one.refresh(), {});
      assert.equal(one.current().source, 'live');
    });

    it('waits as long as the service asks', async () => {
      emulator.faults.add({ kind: 'rateLimit', retryAfter: 600, match: { route: 'models' } });
      const one = catalogue();
      assert.equal((await one.refresh()).error?.kind, 'overloaded');
      now += 599_000;
      assert.equal((await one.refresh()).error?.kind, 'overloaded');
      assert.equal(asked(), 1);
      now += 1_000;
      assert.deepEqual(await one.refresh(), {});
    });

    it('gives up on a service that never answers', async () => {
      emulator.faults.add({ kind: 'hang', match: { route: 'models' } });
      const one = catalogue({
        apiClient: new HttpApiClient({
          fetch,
          baseUrl: () => new URL(emulator.baseUrl),
          now: () => now,
          timeLimitsMs: { models: 100 },
        }),
      });
      assert.equal((await one.refresh()).error?.kind, 'no-answer');
    });

    it('types even what the service should never throw', async () => {
      const one = catalogue({ apiClient: { models: () => Promise.reject(new TypeError('a bug')) } });
      assert.equal((await one.refresh()).error?.kind, 'internal');
    });
  });

  describe('garbage', () => {
    for (const fault of [
      { kind: 'brokenJson' },
      { kind: 'wrongTypes', fields: { models: 'many' } },
      { kind: 'emptyBody' },
      { kind: 'cutBody' },
      { kind: 'hugeBody' },
    ] as const) {
      it(`${fault.kind} leaves what was known`, async () => {
        const one = catalogue();
        await one.refresh();
        const before = one.current();
        const file = await readFile(cacheFile(), 'utf8');
        emulator.faults.add({ ...fault, match: { route: 'models' } });
        const { error } = await one.refresh({ force: true });
        assert.ok(error);
        assert.equal(one.current(), before);
        assert.equal(await readFile(cacheFile(), 'utf8'), file);
      });
    }

    it('an empty list is a fault and not a catalogue', async () => {
      emulator.behaviour.models = [];
      const one = catalogue();
      assert.equal((await one.refresh()).error?.kind, 'bad-answer');
      assert.equal(one.current().source, 'built-in');
    });

    it('senseless entries are left out, the others stay, prices are not made up', async () => {
      emulator.faults.add({
        kind: 'wrongTypes',
        match: { route: 'models' },
        fields: {
          models: [
            null,
            7,
            {},
            { id: '' },
            { id: MODEL },
            { id: 'seedance-2', price: 'dear' },
            { id: 'seedance-2-mini', price: -1 },
            { id: 'wan', price: 3 },
          ],
        },
      });
      const one = catalogue();
      assert.deepEqual(await one.refresh(), {});
      assert.deepEqual(
        one.current().models.map(({ id, price }) => [id, price]),
        [
          [MODEL, undefined],
          ['seedance-2', undefined],
          ['seedance-2-mini', undefined],
          ['wan', 3],
        ],
      );
      assert.equal(one.priceOf(MODEL), undefined);
      assert.deepEqual(catalogue().current(), one.current());
    });

    it('missing prices stay missing although the table has some', async () => {
      emulator.behaviour.models = emulator.behaviour.models.map(({ id }) => ({ id }));
      const one = catalogue();
      await one.refresh();
      assert.equal(one.priceOf(MODEL), undefined);
      assert.ok(one.current().models.every((model) => !('price' in model)));
    });

    it('5,000 entries are no difficulty', async () => {
      emulator.behaviour.models = Array.from({ length: 5_000 }, (_, index) => ({
        id: `seedance-2-kind${index}-720P-5s`,
        price: index,
      }));
      const one = catalogue();
      assert.deepEqual(await one.refresh(), {});
      assert.equal(one.current().models.length, 5_000);
      const next = catalogue();
      assert.equal(next.priceOf('seedance-2-kind4999-720P-5s'), 4_999);
      assert.equal(getFamilies(next.current().models).length, 5_000);
      assert.equal(next.current().models.length, 5_000);
    });
  });

  describe('cache file', () => {
    for (const [what, text] of [
      ['empty', ''],
      ['cut', '{"format":1,"account":"a","fetchedAt":1,"entr'],
      ['another shape', '[]'],
      ['null', 'null'],
      ['a newer format', JSON.stringify({ format: 2, account: 'a', fetchedAt: START, entries: [{ id: 'a' }] })],
      ['without entries', JSON.stringify({ format: 1, account: 'a', fetchedAt: START, entries: [] })],
      [
        'wrong prices',
        JSON.stringify({ format: 1, account: 'a', fetchedAt: START, entries: [{ id: 'a', price: 'x' }] }),
      ],
    ] as const) {
      it(`${what}: ignored and rewritten`, async () => {
        await writeFile(cacheFile(), text);
        const one = catalogue();
        assert.equal(one.current().source, 'built-in');
        assert.match(trace[0] ?? '', /^models: cache not used, /);
        assert.deepEqual(await one.refresh(), {});
        assert.deepEqual(catalogue().current(), one.current());
        assert.equal(one.current().source, 'live');
      });
    }

    it('is not touched before first use', async () => {
      const one = catalogue();
      await catalogue().refresh();
      assert.equal(one.current().source, 'live');
    });

    it('is made with its folder', async () => {
      directory = join(directory, 'not', 'yet');
      await catalogue().refresh();
      assert.deepEqual(await readdir(directory), ['models.json']);
    });

    it('that cannot be written spoils nothing and leaves nothing behind', async () => {
      await mkdir(cacheFile());
      const one = catalogue();
      assert.deepEqual(await one.refresh(), {});
      assert.equal(one.current().source, 'live');
      assert.deepEqual(await readdir(directory), ['models.json']);
      assert.ok(trace.some((line) => line.startsWith('models: cache not written')));
    });

    it('in a folder that may not be written spoils nothing', async () => {
      // For root, and on Windows, it may be written all the same.
      await chmod(directory, 0o500);
      try {
        const one = catalogue();
        assert.deepEqual(await one.refresh(), {});
        assert.equal(one.current().source, 'live');
      } finally {
        await chmod(directory, 0o700);
      }
    });
  });

  describe('another key', () => {
    beforeEach(() => emulator.world.accounts.add(SECOND_KEY));

    it('has its own list', async () => {
      const one = catalogue();
      await one.refresh();
      key = SECOND_KEY;
      setPrice(55);
      await one.refresh();
      assert.equal(asked(), 2);
      assert.equal(one.priceOf(MODEL), 55);
    });

    it('does not get the old one’s prices when its own cannot be fetched', async () => {
      setPrice(99);
      const one = catalogue();
      await one.refresh();
      const changes = countChanges(one);
      key = SECOND_KEY;
      await emulator.stop();
      assert.ok((await one.refresh()).error);
      assert.equal(one.current().source, 'built-in');
      assert.equal(one.priceOf(MODEL), 122);
      assert.equal(changes.count, 1);
      key = emulator.key;
      await one.refresh();
      assert.equal(one.priceOf(MODEL), 99, 'its list is still in the file');
    });

    it('is asked with at once after the old one was refused', async () => {
      key = 'revoked';
      const one = catalogue();
      assert.equal((await one.refresh()).error?.kind, 'invalid-key');
      key = emulator.key;
      assert.deepEqual(await one.refresh(), {});
    });

    it('overtakes a request that is still on its way', async () => {
      emulator.faults.add({ kind: 'delay', ms: 300, match: { route: 'models', nth: 1 } });
      const one = catalogue();
      const first = one.refresh();
      while (asked() === 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      key = SECOND_KEY;
      setPrice(55);
      assert.deepEqual(await one.refresh(), {});
      assert.deepEqual(await first, {});
      assert.equal(one.priceOf(MODEL), 55);
      assert.equal(catalogue().priceOf(MODEL), 55);
    });
  });

  describe('at the same time', () => {
    it('many askers share one request', async () => {
      const one = catalogue();
      const changes = countChanges(one);
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, index) => one.refresh({ force: index % 2 === 0 })),
      );
      assert.ok(outcomes.every(({ error }) => error === undefined));
      assert.equal(asked(), 1);
      assert.equal(changes.count, 1);
    });

    it('many askers share one failure', async () => {
      emulator.faults.add({ kind: 'httpError', status: 502, match: { route: 'models' }, times: 'always' });
      const one = catalogue();
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => one.refresh()));
      assert.ok(outcomes.every(({ error }) => error?.kind === 'in-between'));
      assert.equal(asked(), 1);
    });

    it('windows that write together leave one whole file', async () => {
      await Promise.all(Array.from({ length: 10 }, () => catalogue().refresh({ force: true })));
      assert.deepEqual(await readdir(directory), ['models.json']);
      assert.equal(catalogue().current().source, 'live');
    });

    it('a disposed one is silent', async () => {
      emulator.faults.add({ kind: 'hang', match: { route: 'models' } });
      const one = catalogue();
      const changes = countChanges(one);
      const outcome = one.refresh();
      while (asked() === 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      one.dispose();
      assert.deepEqual(await outcome, {});
      assert.deepEqual(await one.refresh(), {});
      assert.equal(changes.count, 0);
    });
  });
});
