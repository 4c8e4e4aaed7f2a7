import assert from 'node:assert/strict';
import { type Emulator, startEmulator } from '../../emulator/emulator';
import { Probe } from '../../emulator/probe';
import { RemoteEmulator } from '../../emulator/remote';

describe('emulator: controls for other processes', () => {
  let emulator: Emulator;
  let remote: RemoteEmulator;
  let probe: Probe;

  beforeEach(async () => {
    emulator = await startEmulator();
    remote = new RemoteEmulator(emulator.controlUrl);
    probe = new Probe(emulator);
  });

  afterEach(() => emulator.close());

  it('say where everything is', async () => {
    const { baseUrl, filesUrl, foreignUrl, key } = await remote.about();
    assert.deepEqual(
      { baseUrl, filesUrl, foreignUrl, key },
      { baseUrl: emulator.baseUrl, filesUrl: emulator.filesUrl, foreignUrl: emulator.foreignUrl, key: emulator.key },
    );
  });

  it('add, count and clear faults', async () => {
    await remote.addFaults({ kind: 'code', code: 6, times: Infinity, match: { route: 'create' } });
    assert.equal((await probe.create()).code, 6);
    assert.equal((await probe.create()).code, 6);
    const [fault] = await remote.faults();
    assert.deepEqual({ kind: fault?.spec.kind, hits: fault?.hits }, { kind: 'code', hits: 2 });
    await remote.clearFaults();
    assert.equal((await probe.create()).code, 0);
  });

  it('hand out the ledger, with its questions', async () => {
    const { id } = await probe.create();
    const ledger = await remote.ledger();
    assert.equal(ledger.charged()[0]?.taskId, id);
    assert.equal(ledger.spent(), 12);
    await remote.clearLedger();
    assert.equal(emulator.ledger.entries.length, 0);
  });

  it('move the clock, change tasks and behaviour', async () => {
    const { id } = await probe.create();
    await remote.advance(500);
    assert.equal((await probe.result(id)).status, 'running');
    await remote.changeTask({ id, fields: { message: 'hm' }, durationMs: 0 });
    const { status, message } = await probe.result(id);
    assert.deepEqual({ status, message }, { status: 'done', message: 'hm' });
    assert.equal((await remote.tasks())[0]?.id, id);
    await remote.behave({ statuses: ['queued', 'success'] });
    assert.equal((await probe.result(id)).status, 'success');
  });

  it('change key and account', async () => {
    await remote.changeAccount({ balance: 1 });
    assert.equal((await probe.create()).code, 5);
    await remote.setKey('another-key');
    assert.equal(emulator.key, 'another-key');
  });

  it('stop and start the service, themselves staying up', async () => {
    await remote.stop();
    await assert.rejects(probe.create());
    await remote.start();
    assert.equal((await probe.create()).code, 0);
  });

  it('say what they do not understand', async () => {
    await assert.rejects(remote.changeTask({ id: 'none' }), /no task none/);
    await assert.rejects(remote.addFaults({ kind: 'fileEmpty', match: { route: 'create' } }), /only strike files/);
    assert.equal((await fetch(`${emulator.controlUrl}/nothing`)).status, 404);
  });
});
