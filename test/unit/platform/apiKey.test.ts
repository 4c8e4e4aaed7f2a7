import assert from 'node:assert/strict';
import { ApiError } from '../../../src/api/apiError';
import { HttpApiClient } from '../../../src/api/httpApiClient';
import type { Fetch } from '../../../src/common/http';
import { getKeyFingerprint } from '../../../src/common/keyFingerprint';
import { VirtualClock } from '../../support/clocks';
import { changeSetting, EventEmitter, settings } from '../../support/vscodeStub';

const { ApiKey } = await import('../../../src/platform/apiKey');
const { readBaseUrl } = await import('../../../src/platform/settings');

const HOME = 'https://gptunnel.ru/v1';
const KEY = 'shds-MARKED-5b1f0c77e9d2';

/** SecretStorage of a machine, which all its windows share. */
class Secrets {
  readonly values = new Map<string, string>();
  readonly #changed = new EventEmitter<{ key: string }>();
  readonly onDidChange = this.#changed.event;
  get = (name: string) => Promise.resolve(this.values.get(name));
  fire = (key: string) => this.#changed.fire({ key });
  keys = () => Promise.resolve([...this.values.keys()]);
  store = (name: string, value: string) => {
    this.values.set(name, value);
    this.#changed.fire({ key: name });
    return Promise.resolve();
  };
  delete = (name: string) => {
    this.values.delete(name);
    this.#changed.fire({ key: name });
    return Promise.resolve();
  };
}

type Trouble = 'rejects' | 'hangs' | 'throws';

/** SecretStorage of a keyring that is locked: so many calls of a kind fail, and some of them are answered late. */
class LockedSecrets extends Secrets {
  readonly calls: string[] = [];
  /** What happens to the next calls of each kind. */
  readonly troubles: Record<'get' | 'store' | 'delete', Trouble[]> = { get: [], store: [], delete: [] };
  readonly #late: (() => void)[] = [];

  override get = (name: string) => this.#run('get', () => Promise.resolve(this.values.get(name)));
  override store = (name: string, value: string) => {
    return this.#write('store', () => void this.values.set(name, value), name);
  };
  override delete = (name: string) => this.#write('delete', () => void this.values.delete(name), name);

  /** The user opens the keyring: what hangs is answered. */
  open(): void {
    this.#late.splice(0).forEach((answer) => answer());
  }

  #write(kind: 'store' | 'delete', write: () => void, key: string): Promise<void> {
    return this.#run(kind, () => {
      write();
      this.fire(key);
      return Promise.resolve();
    });
  }

  #run<T>(kind: 'get' | 'store' | 'delete', call: () => Promise<T>): Promise<T> {
    this.calls.push(kind);
    switch (this.troubles[kind].shift()) {
      case 'rejects':
        return Promise.reject(new Error('Cannot get secret: the keyring is locked'));
      case 'throws':
        throw new Error('the keyring is locked');
      case 'hangs':
        return new Promise((resolve) => this.#late.push(() => resolve(call())));
      case undefined:
        return call();
    }
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the API key', () => {
  let secrets: Secrets;
  let sent: string[];

  beforeEach(() => {
    settings.set('seedance.apiBaseUrl', HOME);
    secrets = new Secrets();
    sent = [];
  });

  afterEach(() => settings.delete('seedance.apiBaseUrl'));

  const open = () => new ApiKey(secrets, { addSecret: () => undefined, error: (text) => assert.fail(text) });
  /** A client that takes down which hosts get the key. */
  const clientOf = (apiKey: InstanceType<typeof ApiKey>) => {
    const fetch: Fetch = (url, init) => {
      sent.push(`${new URL(url).host} ${(init?.headers as Record<string, string>)['Authorization']}`);
      return Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' }));
    };
    const isKeyFor = (key: string, origin: string) => apiKey.isFor(key, origin);
    return new HttpApiClient({ fetch, baseUrl: readBaseUrl, now: Date.now, isKeyFor });
  };

  it('is given out for the origin that it was entered for, whatever path', async () => {
    const apiKey = open();
    await apiKey.set(KEY);
    assert.equal(await apiKey.get(), KEY);
    changeSetting('seedance.apiBaseUrl', 'https://gptunnel.ru/v2');
    assert.equal(await apiKey.get(), KEY);
    apiKey.dispose();
  });

  it('gets to no address that is being typed, by no call that anybody makes meanwhile', async () => {
    const apiKey = open();
    await apiKey.set(KEY);
    const client = clientOf(apiKey);
    const final = 'https://gptunnel.example.org/v1';
    for (let chars = 1; chars <= final.length; chars++) {
      changeSetting('seedance.apiBaseUrl', final.slice(0, chars));
      await turn();
      const key = await apiKey.get();
      // Also with a key that was read before the setting changed.
      for (const held of new Set([key ?? KEY, KEY])) {
        await client.result('a', { key: held }).catch(() => undefined);
        await client.balance({ key: held }).catch(() => undefined);
        await client.models({ key: held }).catch(() => undefined);
        await client.create({ model: 'm', prompt: 'p' }, { key: held }).catch(() => undefined);
      }
    }
    assert.deepEqual(sent, []);
    assert.deepEqual(
      { key: await apiKey.get(), isHeldBack: apiKey.isHeldBack, other: await apiKey.getOtherAddress() },
      {
        key: undefined,
        isHeldBack: true,
        other: { from: 'https://gptunnel.ru', to: 'https://gptunnel.example.org' },
      },
    );
    apiKey.dispose();
  });

  it('goes to another address once the user has said so, in all windows, and no longer to the first', async () => {
    const [apiKey, other] = [open(), open()];
    await apiKey.set(KEY);
    changeSetting('seedance.apiBaseUrl', 'https://gateway.example/v1');
    let told = 0;
    other.onDidChange(() => told++);
    await apiKey.moveTo('https://gateway.example');
    assert.ok(told > 0, 'the other window goes on');
    assert.equal(await other.get(), KEY);
    await clientOf(other)
      .balance({ key: KEY })
      .catch(() => undefined);
    assert.deepEqual(sent, [`gateway.example ${KEY}`]);
    changeSetting('seedance.apiBaseUrl', HOME);
    assert.equal(await other.get(), undefined);
    apiKey.dispose();
    other.dispose();
  });

  it('of an older version belongs to the address that has got it already, from the start on', async () => {
    secrets.values.set('seedance.apiKey', ` ${KEY}\n`);
    settings.set('seedance.apiBaseUrl', 'https://gateway.example/v1');
    const apiKey = open();
    await turn();
    changeSetting('seedance.apiBaseUrl', HOME);
    assert.equal(await apiKey.get(), undefined);
    assert.deepEqual(await apiKey.getOtherAddress(), { from: 'https://gateway.example', to: 'https://gptunnel.ru' });
    apiKey.dispose();
  });

  it('may be tried where the user has typed it for, before it is stored, and nowhere else', async () => {
    const apiKey = open();
    const client = clientOf(apiKey);
    await client.balance({ key: KEY }).catch(() => undefined);
    assert.deepEqual(sent, []);
    apiKey.tryOut(KEY);
    await client.balance({ key: KEY }).catch(() => undefined);
    changeSetting('seedance.apiBaseUrl', 'https://gptunnel.r');
    await client.balance({ key: KEY }).catch(() => undefined);
    assert.deepEqual(sent, [`gptunnel.ru ${KEY}`]);
    apiKey.dispose();
  });

  it('leaves nothing when it is removed', async () => {
    const apiKey = open();
    await apiKey.set(KEY);
    assert.ok(![...secrets.values].some(([name, value]) => name !== 'seedance.apiKey' && value.includes('MARKED')));
    await apiKey.remove();
    assert.deepEqual([...secrets.values], []);
    assert.equal(await apiKey.get(), undefined);
    assert.equal(apiKey.isHeldBack, false);
    apiKey.dispose();
  });
});

describe('the API key in a keyring that is locked', () => {
  const DEPTH = 3;
  const troubles: Trouble[] = ['rejects', 'hangs', 'throws'];
  /** Every way to fail up to three times. */
  const schedules = (depth: number): Trouble[][] =>
    depth === 0
      ? [[]]
      : [[], ...troubles.flatMap((first) => schedules(depth - 1).map((rest): Trouble[] => [first, ...rest]))];

  let secrets: LockedSecrets;
  let clock: VirtualClock;
  let logged: string[];

  beforeEach(() => {
    settings.set('seedance.apiBaseUrl', HOME);
    secrets = new LockedSecrets();
    clock = new VirtualClock(() => turn().then(() => undefined));
    logged = [];
  });

  afterEach(() => settings.delete('seedance.apiBaseUrl'));

  const open = () =>
    new ApiKey(secrets, { addSecret: () => undefined, error: (text) => void logged.push(text) }, clock);
  const keep = () => {
    secrets.values.set('seedance.apiKey', KEY);
    secrets.values.set(
      'seedance.apiKeyAddress',
      JSON.stringify({ origin: 'https://gptunnel.ru', fingerprint: getKeyFingerprint(KEY) }),
    );
  };
  /** The outcome, with time passing for as long as it takes. */
  const outcome = async <T>(promise: Promise<T>): Promise<T | 'unreadable' | 'error'> => {
    let ended = false;
    const end = () => void (ended = true);
    promise.then(end, end);
    await clock.until(() => ended, 'an answer', 10 * 60_000);
    return promise.catch((error: unknown) =>
      error instanceof ApiError && error.kind === 'key-unreadable' ? 'unreadable' : 'error',
    );
  };

  it('is an error and never "no key", and is given out once the keyring answers, for every way to fail', async () => {
    for (const schedule of schedules(DEPTH)) {
      secrets = new LockedSecrets();
      keep();
      const before = new Map(secrets.values);
      secrets.troubles.get.push(...schedule);
      const apiKey = open();
      let changes = 0;
      apiKey.onDidChange(() => changes++);
      const outcomes = new Set<unknown>();
      for (let tries = 0; tries <= schedule.length; tries++) {
        outcomes.add(await outcome(apiKey.get()));
      }
      await clock.settle();
      assert.equal(await outcome(apiKey.get()), KEY, schedule.join());
      assert.ok(!outcomes.has(undefined) && !outcomes.has('error'), schedule.join());
      assert.deepEqual(
        { isUnreadable: apiKey.isUnreadable, told: changes > 0, values: secrets.values, writes: writes() },
        { isUnreadable: false, told: schedule.length > 0, values: before, writes: 0 },
        schedule.join(),
      );
      apiKey.dispose();
    }
  });

  const writes = () => secrets.calls.filter((call) => call !== 'get').length;

  it('has its limit also where nothing ever answers, and one question at a time is open', async () => {
    keep();
    secrets.troubles.get.push(...Array<Trouble>(100).fill('hangs'));
    const apiKey = open();
    const all = await Promise.all(Array.from({ length: 20 }, () => outcome(apiKey.get())));
    assert.deepEqual([...new Set(all)], ['unreadable']);
    assert.equal(secrets.calls.length, 1);
    assert.equal(apiKey.isUnreadable, true);
    let told = 0;
    apiKey.onDidChange(() => told++);
    secrets.troubles.get.length = 0;
    secrets.open();
    await clock.settle();
    assert.ok(told > 0, 'the answer that came late says that the keyring is open');
    assert.equal(await outcome(apiKey.get()), KEY);
    apiKey.dispose();
  });

  it('that always takes its time is waited for longer, not asked without end', async () => {
    keep();
    const apiKey = open();
    await clock.settle();
    secrets.get = (name) =>
      new Promise((resolve) => void clock.setTimeout(() => resolve(secrets.values.get(name)), 25_000));
    apiKey.onDidChange(() => void apiKey.get().catch(() => undefined));
    await outcome(apiKey.get());
    await clock.pass(10 * 60_000);
    assert.equal(await outcome(apiKey.get()), KEY);
    assert.equal(clock.timers, 0);
    apiKey.dispose();
  });

  it('is not taken from an answer that was on its way when another key was set', async () => {
    keep();
    secrets.troubles.get.push('hangs');
    const apiKey = open();
    const early = apiKey.get();
    await apiKey.set('shds-another-key-0001');
    const late = apiKey.get();
    // The older value is answered last.
    const old = secrets.values.get('seedance.apiKey');
    assert.equal(old, 'shds-another-key-0001');
    assert.equal(await outcome(late), 'shds-another-key-0001');
    secrets.open();
    assert.notEqual(await outcome(early), KEY);
    apiKey.dispose();
  });

  it('stays, with its own address, when another one cannot be stored', async () => {
    for (const trouble of troubles) {
      for (const failing of [0, 1]) {
        secrets = new LockedSecrets();
        settings.set('seedance.apiBaseUrl', HOME);
        keep();
        const apiKey = open();
        await clock.settle();
        changeSetting('seedance.apiBaseUrl', 'https://elsewhere.example/v1');
        await clock.settle();
        // Either its address, or the key itself after that.
        secrets.troubles.store.push(...(failing === 0 ? [trouble] : [undefined as never, trouble]));
        const set = await outcome(apiKey.set('shds-another-key-0001'));
        assert.equal(set, 'error', `${trouble} ${failing}`);
        assert.equal(secrets.values.get('seedance.apiKey'), KEY);
        assert.equal(await outcome(apiKey.get()), undefined, 'the first key goes to no address but its own');
        assert.equal(apiKey.isHeldBack, true);
        changeSetting('seedance.apiBaseUrl', HOME);
        assert.equal(await outcome(apiKey.get()), KEY);
        apiKey.dispose();
      }
    }
  });

  it('of an older version is given out also where its address cannot be stored, and to that address only', async () => {
    secrets.values.set('seedance.apiKey', KEY);
    secrets.troubles.store.push(...Array<Trouble>(20).fill('rejects'));
    const apiKey = open();
    assert.equal(await outcome(apiKey.get()), KEY);
    changeSetting('seedance.apiBaseUrl', 'https://elsewhere.example/v1');
    assert.equal(await outcome(apiKey.get()), undefined);
    changeSetting('seedance.apiBaseUrl', HOME);
    assert.equal(await outcome(apiKey.get()), KEY);
    apiKey.dispose();
  });

  it('sends nothing and names no outcome that costs money when it fails between the order and its request', async () => {
    keep();
    const apiKey = open();
    await clock.settle();
    let sent = 0;
    const client = new HttpApiClient({
      fetch: () => Promise.reject(new Error(`sent ${++sent}`)),
      baseUrl: readBaseUrl,
      now: () => clock.now(),
      isKeyFor: (key, origin) => apiKey.isFor(key, origin),
    });
    for (const trouble of troubles) {
      secrets.troubles.get.push(trouble);
      const error = await outcome(client.create({ model: 'm', prompt: 'p' }, { key: KEY }));
      assert.equal(error, 'unreadable', trouble);
    }
    assert.equal(sent, 0);
    apiKey.dispose();
  });
});
