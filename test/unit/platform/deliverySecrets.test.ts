import assert from 'node:assert/strict';
import { DeliveryError, type DeliveryErrorKind } from '../../../src/images/delivery/deliveryError';
import { DeliverySecrets } from '../../../src/platform/deliverySecrets';
import { VirtualClock } from '../../support/clocks';
import '../../support/vscodeStub';

const { describeDeliveryError } = await import('../../../src/messages/imageErrors');

const KEYS = { accessKeyId: 'AKID', secretAccessKey: 'secret' };

describe('the keys of bucket and upload', () => {
  const drawer = new Map<string, string>();
  const hidden: string[] = [];
  const storage: ConstructorParameters<typeof DeliverySecrets>[0] = {
    get: (name) => Promise.resolve(drawer.get(name)),
    store: (name, value) => Promise.resolve(void drawer.set(name, value)),
    delete: (name) => Promise.resolve(void drawer.delete(name)),
  };
  const secrets = new DeliverySecrets(storage, { addSecret: (secret) => void hidden.push(secret) });

  beforeEach(() => {
    drawer.clear();
    hidden.length = 0;
  });

  it('are given out for the address that they were given for, and hidden from the log before that', async () => {
    await secrets.storeBucketKeys('https://storage.example', KEYS);
    await secrets.storeUploadHeader('https://files.example', 'Bearer x');
    assert.deepEqual(await secrets.getBucketKeys('https://storage.example'), KEYS);
    assert.equal(await secrets.getUploadHeader('https://files.example'), 'Bearer x');
    assert.deepEqual(hidden, ['AKID', 'secret', 'Bearer x']);
    assert.equal(await secrets.getBucketKeys('https://elsewhere.example'), undefined);
    assert.equal(await secrets.getUploadHeader('https://files.example:8443'), undefined);
  });

  it('can be forgotten, each for itself', async () => {
    await secrets.storeBucketKeys('https://storage.example', KEYS);
    await secrets.storeUploadHeader('https://files.example', 'Bearer x');
    await secrets.delete('bucket');
    assert.equal(await secrets.getBucketKeys('https://storage.example'), undefined);
    assert.equal(await secrets.getUploadHeader('https://files.example'), 'Bearer x');
    await secrets.delete('upload');
    assert.equal(drawer.size, 0);
  });

  it('can be forgotten also when the address has changed since', async () => {
    assert.equal(await secrets.has('upload'), false);
    await secrets.storeUploadHeader('https://files.example', 'Bearer x');
    assert.deepEqual(
      {
        elsewhere: await secrets.getUploadHeader('https://elsewhere.example'),
        upload: await secrets.has('upload'),
        bucket: await secrets.has('bucket'),
      },
      { elsewhere: undefined, upload: true, bucket: false },
    );
  });

  for (const [how, fails] of [
    ['rejects', () => Promise.reject(new Error('locked'))],
    ['hangs', () => new Promise<never>(() => undefined)],
  ] as const) {
    it(`are never taken for missing where the keyring ${how}, and are given out once it answers`, async () => {
      await secrets.storeBucketKeys('https://storage.example', KEYS);
      await secrets.storeUploadHeader('https://files.example', 'Bearer x');
      const before = new Map(drawer);
      let isLocked = true;
      const clock = new VirtualClock(() => new Promise((resolve) => setImmediate(resolve)));
      const locked = new DeliverySecrets(
        {
          get: (name) => (isLocked ? fails() : storage.get(name)),
          store: (name, value) => (isLocked ? fails() : storage.store(name, value)),
          delete: (name) => (isLocked ? fails() : storage.delete(name)),
        },
        { addSecret: () => undefined },
        clock,
      );
      for (const call of [
        () => locked.getBucketKeys('https://storage.example'),
        () => locked.getUploadHeader('https://files.example'),
        () => locked.has('bucket'),
        () => locked.storeBucketKeys('https://storage.example', { accessKeyId: 'new', secretAccessKey: 'new' }),
        () => locked.storeUploadHeader('https://files.example', 'new'),
        () => locked.delete('upload'),
      ]) {
        const failed = assert.rejects(
          call(),
          (error) => error instanceof DeliveryError && error.kind === 'secret-unreadable',
        );
        let isOver = false;
        void failed.finally(() => void (isOver = true));
        await clock.until(() => isOver, 'the limit', 10 * 60_000);
        await failed;
      }
      isLocked = false;
      assert.deepEqual(drawer, before);
      assert.deepEqual(await locked.getBucketKeys('https://storage.example'), KEYS);
      assert.equal(await locked.getUploadHeader('https://files.example'), 'Bearer x');
    });
  }

  it('are hidden from the log also without the word before a token', async () => {
    await secrets.storeUploadHeader('https://files.example', 'Bearer abcdef0123456789');
    await secrets.getUploadHeader('https://files.example');
    assert.deepEqual(hidden, ['Bearer abcdef0123456789', 'abcdef0123456789']);
  });

  it('are none where something else is stored', async () => {
    for (const wrong of [
      '',
      '{',
      'null',
      '[]',
      '{"origin":"https://storage.example"}',
      '{"origin":"https://storage.example","accessKeyId":1,"secretAccessKey":2}',
    ]) {
      drawer.set('seedance.bucketKeys', wrong);
      assert.equal(await secrets.getBucketKeys('https://storage.example'), undefined, wrong);
    }
  });
});

/** A record, so that the compiler asks for a new kind here too. */
const KINDS: Record<DeliveryErrorKind, true> = {
  'not-set-up': true,
  'secret-unreadable': true,
  'page-answer': true,
  'bucket-in-host': true,
  'needs-token': true,
  'expired-keys': true,
  'no-answer': true,
  'unknown-key': true,
  'wrong-secret': true,
  denied: true,
  'no-bucket': true,
  'wrong-region': true,
  clock: true,
  redirected: true,
  refused: true,
  'answer-too-long': true,
  'no-link': true,
  'private-address': true,
  'unreadable-link': true,
  'other-image': true,
};

describe('what kept an image from the service', () => {
  it("has words of its own for every kind, and shows a server's words as text", () => {
    const texts = Object.keys(KINDS).map((kind) =>
      describeDeliveryError(new DeliveryError(kind as DeliveryErrorKind, { host: 'storage.example', status: 403 })),
    );
    assert.equal(new Set(texts).size, texts.length);
    assert.ok(
      texts.every((text) => /^\S.*\.$/.test(text)),
      texts.join('\n'),
    );
    const hostile = describeDeliveryError(
      new DeliveryError('refused', {
        host: 'h',
        status: 500,
        code: '[x](command:evil)',
        message: `a\n${'b'.repeat(5000)}`,
      }),
    );
    assert.ok(!hostile.includes('](') && hostile.length < 500 && !hostile.includes('\n'), hostile);
    assert.match(describeDeliveryError(new DeliveryError('wrong-region', { region: 'ru-central1' })), /ru-central1/);
  });
});
