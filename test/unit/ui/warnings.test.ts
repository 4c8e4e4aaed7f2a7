import assert from 'node:assert/strict';
import type { TaskRecord } from '../../../src/tasks/model/taskRecord';
import { Emitter } from '../../../src/common/events';
import { createManualClock } from '../../support/clocks';
import { messages } from '../../support/vscodeStub';

const { Warnings } = await import('../../../src/ui/warnings');

function create() {
  messages.length = 0;
  const clock = createManualClock(1_800_000_000_000);
  const damage = new Emitter<readonly string[]>();
  const expiring = new Emitter<TaskRecord>();
  const warnings = new Warnings({
    store: { directory: '/storage', onDidFindDamage: damage.event },
    polling: { pause: undefined, onDidChangePause: new Emitter<void>().event },
    expiry: { onDidWarn: expiring.event },
    clock,
  });
  return { clock, damage, expiring, warnings };
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
    const { expiring } = create();
    expiring.fire({
      format: 1,
      id: 'task1',
      state: 'done',
      origin: 'generated',
      request: { model: 'seedance-1-pro-1080P-5s', prompt: '[fox](command:workbench.action.quit)' },
      createdAt: 0,
      saved: [],
    });
    assert.match(messages[0]!.text, /The video “\[fox\] \(command:workbench\.action\.quit\)” could not be fetched/);
  });
});
