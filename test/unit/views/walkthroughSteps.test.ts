import assert from 'node:assert/strict';
import { Emitter } from '../../../src/common/events';
import type { TaskRecord } from '../../../src/tasks/model/taskRecord';
import type { TaskChange } from '../../../src/tasks/storage/taskStore';
import { createRecord } from '../../support/records';
import { executed } from '../../support/vscodeStub';

const { WalkthroughSteps } = await import('../../../src/views/walkthroughSteps');

describe('the steps of the walkthrough', () => {
  it('are ticked when something was done, once', () => {
    const changed = new Emitter<readonly TaskChange[]>();
    const loaded = new Emitter<void>();
    const records: TaskRecord[] = [];
    const steps = new WalkthroughSteps({ list: () => records, onDidLoad: loaded.event, onDidChange: changed.event });
    const already = executed.length;
    const ticked = () => executed.slice(already).map(([, key]) => key);
    const change = (after: TaskRecord) => changed.fire([{ id: after.id, before: undefined, after }]);
    try {
      loaded.fire();
      // The user gave up, the service refused, or the task was made elsewhere.
      change(createRecord('draft', { state: 'draft', gatewayId: undefined }));
      change(createRecord('failed', { state: 'failed', gatewayId: undefined }));
      change(createRecord('added', { origin: 'added', gatewayId: '66f0c0ffee0123456789abcd' }));
      assert.deepEqual(ticked(), []);
      change(createRecord('fox', { gatewayId: '66f0c0ffee0123456789abce' }));
      change(createRecord('whale', { gatewayId: '66f0c0ffee0123456789abcf' }));
      assert.deepEqual(ticked(), ['seedance.hasOrdered']);
      records.push(createRecord('fox', { saved: [{ uri: 'file:///films/fox.mp4', at: 1 }] }));
      loaded.fire();
      assert.deepEqual(ticked(), ['seedance.hasOrdered', 'seedance.hasSaved']);
    } finally {
      steps.dispose();
    }
  });
});
