import assert from 'node:assert/strict';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import type { TaskChange } from '../../../../src/tasks/storage/taskStore';
import { Emitter } from '../../../../src/common/events';
import { createManualClock } from '../../../support/clocks';
import { panels, Uri } from '../../../support/vscodeStub';

const { SpendingPanel } = await import('../../../../src/views/spending/spendingPanel');

const NOON = new Date(2026, 5, 1, 12).getTime();
const HOUR_MS = 3_600_000;

function open() {
  const clock = createManualClock(NOON);
  const changes = new Emitter<readonly TaskChange[]>();
  const records: TaskRecord[] = [];
  const store = { list: () => records, removed: () => [], onDidChange: changes.event };
  let closed = 0;
  const panel = new SpendingPanel({ extensionUri: Uri.file('/extension') as never, store, clock }, () => closed++);
  const view = panels.at(-1)!;
  const spend = (roubles: number) => {
    records.push({
      format: 1,
      id: `task${records.length}`,
      state: 'done',
      origin: 'generated',
      request: { model: 'seedance-1-pro-1080P-5s', prompt: 'A red fox' },
      gatewayId: '66f0c0ffee0123456789abcd',
      quotedPrice: roubles,
      createdAt: clock.now(),
      submittedAt: clock.now(),
      saved: [],
    });
    changes.fire([]);
  };
  return { clock, panel, view, spend, timesClosed: () => closed };
}

describe('the spending panel', () => {
  it('redraws once for changes that come together', () => {
    const { clock, view, spend } = open();
    spend(122);
    spend(50);
    assert.doesNotMatch(view.webview.html, /172/);
    clock.advance(200);
    assert.match(view.webview.html, /172/);
  });

  it('notices a new day while it is visible', () => {
    const { clock, view, spend } = open();
    spend(122);
    clock.advance(200);
    const today = view.webview.html;
    clock.advance(60_000);
    assert.equal(view.webview.html, today);
    clock.advance(24 * HOUR_MS);
    assert.notEqual(view.webview.html, today);
  });

  it('has no timer while it is hidden, and is drawn when it is shown again', () => {
    const { clock, view, spend } = open();
    assert.equal(clock.armed, 1);
    view.show(false);
    assert.equal(clock.armed, 0);
    spend(122);
    clock.advance(HOUR_MS);
    assert.equal(clock.armed, 0);
    assert.doesNotMatch(view.webview.html, /122/);
    view.show(true);
    assert.match(view.webview.html, /122/);
    assert.equal(clock.armed, 1);
  });

  it('leaves no timer behind', () => {
    const { clock, view, spend, timesClosed } = open();
    spend(122);
    view.dispose();
    assert.equal(clock.armed, 0);
    assert.equal(timesClosed(), 1);
  });
});
