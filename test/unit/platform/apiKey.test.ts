import assert from 'node:assert/strict';
import { HttpApiClient } from '../../../src/api/httpApiClient';
import type { Fetch } from '../../../src/common/http';
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
