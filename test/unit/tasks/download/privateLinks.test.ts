import assert from 'node:assert/strict';
import { createDoneRecord, HOUR_MS } from '../../../support/records';
import { withHarness } from '../../../support/harness';
import { StubServer } from '../../../support/stubServer';

describe('downloads: a link into this computer or its network', () => {
  it(
    'is never opened, whoever wrote the record, and the task says why',
    withHarness(async (harness) => {
      const { store, clock, requests } = harness;
      const admin = await new StubServer().open();
      try {
        const { port } = new URL(admin.origin);
        const hosts = ['localhost', 'localhost.', '192.168.0.1', 'nas', '2130706434', '[::ffff:7f00:1]', '100.64.0.1'];
        for (const [n, host] of hosts.entries()) {
          const url = `http://${host}:${port}/admin?reboot=1`;
          await store.create(createDoneRecord(`task${n}`, url, clock.now() + 40 * HOUR_MS));
        }
        await clock.until(() => store.list().every(({ trouble }) => trouble !== undefined), 'each link to be refused');
        await clock.pass(HOUR_MS);
        assert.deepEqual(
          store.list().map(({ state, trouble }) => [state, trouble?.kind]),
          hosts.map(() => ['done', 'private-address']),
        );
        assert.deepEqual(admin.heard, []);
        assert.deepEqual(requests.sent, []);
      } finally {
        await admin.close();
      }
    }),
  );
});
