import assert from 'node:assert/strict';
import type { TaskRecord } from '../../../src/tasks/model/taskRecord';
import { Emitter } from '../../../src/common/events';
import { createDoneRecord } from '../../support/records';
import { createManualClock } from '../../support/clocks';
import { messages } from '../../support/vscodeStub';

const { Warnings } = await import('../../../src/ui/warnings');

function create() {
  messages.length = 0;
  const clock = createManualClock(1_800_000_000_000);
  const damage = new Emitter<readonly string[]>();
  const expiring = new Emitter<TaskRecord>();
  const keyChanged = new Emitter<void>();
  const address: { other?: { from: string; to: string } } = {};
  const records = new Map<string, TaskRecord>();
  const expire = (record: TaskRecord) => {
    records.set(record.id, record);
    expiring.fire(record);
  };
  const warnings = new Warnings({
    store: { directory: '/storage', onDidFindDamage: damage.event, get: (id) => records.get(id) },
    polling: { pause: undefined, onDidChangePause: new Emitter<void>().event },
    apiKey: { onDidChange: keyChanged.event, getOtherAddress: () => Promise.resolve(address.other) },
    expiry: { onDidWarn: expiring.event },
    clock,
  });
  return { clock, damage, expire, records, warnings, keyChanged, address };
}

describe('warnings', () => {
  it('tell once of all corrupt records that a start finds', () => {
    const { clock, damage } = create();
    damage.fire(['a']);
    damage.fire(['b', 'c']);
    assert.equal(messages.length, 0);
    clock.advance(1_000);
    assert.equal(messages.length, 1);
    assert.match(messages[0]!.text, /Records: 3\./);
  });

  it('tell of nothing after their window has closed', () => {
    const { clock, damage, warnings } = create();
    damage.fire(['a']);
    warnings.dispose();
    assert.equal(clock.armed, 0);
  });

  it('name a video that is about to be lost, without making a link of its prompt', () => {
    const { clock, expire } = create();
    expire(
      endangered('task1', {
        request: { model: 'seedance-1-pro-1080P-5s', prompt: '[fox](command:workbench.action.quit)' },
      }),
    );
    clock.advance(10_000);
    assert.match(messages[0]!.text, /The video “\[fox\] \(command:workbench\.action\.quit\)” could not be fetched/);
  });

  it('tell of a hundred of them at once, and of later ones not before an hour has passed', () => {
    const { clock, expire } = create();
    for (let n = 0; n < 100; n++) {
      expire(endangered(`task${n}`));
      clock.advance(50);
    }
    clock.advance(10_000);
    assert.equal(messages.length, 1);
    assert.match(messages[0]!.text, /^Videos that could not be fetched so far: 100\./);
    for (let n = 100; n < 130; n++) {
      expire(endangered(`task${n}`));
      clock.advance(60_000);
    }
    assert.equal(messages.length, 1);
    clock.advance(60 * 60_000);
    assert.equal(messages.length, 2);
    assert.match(messages[1]!.text, /: 30\./);
  });

  it('tell once of an address that the key was not entered for, when it has been typed', async () => {
    const { clock, keyChanged, address } = create();
    for (const to of ['https://e', 'https://else', 'https://else.example']) {
      address.other = { from: 'https://gptunnel.ru', to };
      keyChanged.fire();
      clock.advance(1_000);
    }
    for (let n = 0; n < 2; n++) {
      clock.advance(5_000);
      await Promise.resolve();
      await Promise.resolve();
      assert.equal(messages.length, 1);
      assert.match(messages[0]!.text, /now names https:\/\/else\.example\. .* entered for https:\/\/gptunnel\.ru/);
      keyChanged.fire();
    }
  });

  it('do not tell of a video that was fetched meanwhile', () => {
    const { clock, expire, records } = create();
    expire(endangered('task1'));
    records.set('task1', endangered('task1', { localCopy: { file: 'task1.mp4', bytes: 1, at: 0 } }));
    expire(endangered('task2'));
    records.delete('task2');
    clock.advance(60_000);
    assert.deepEqual([messages.length, clock.armed], [0, 0]);
  });
});

const endangered = (id: string, more: Partial<TaskRecord> = {}): TaskRecord =>
  createDoneRecord(id, 'https://files.example/v.mp4', 1_800_000_000_000, more);
