import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { createManualClock, type ManualClock } from '../../support/clocks';
import { executed, focusWindow, messages } from '../../support/vscodeStub';
import { Emitter } from '../../../src/common/events';
import type { TaskRecord } from '../../../src/tasks/model/taskRecord';
import type { TaskChange } from '../../../src/tasks/storage/taskStore';

const { TaskNotifier } = await import('../../../src/ui/taskNotifier');

const NOW = 1_800_000_000_000;
/** Somewhat longer than VS Code shows any message. */
const ON_THE_SCREEN_MS = 20_000;

describe('messages about what has ended', () => {
  let clock: ManualClock;
  let changes: Emitter<readonly TaskChange[]>;
  let records: Map<string, TaskRecord>;
  let notifier: InstanceType<typeof TaskNotifier>;
  /** The tasks of the prompt, oldest first. */
  let takes: string[];

  beforeEach(() => {
    messages.length = 0;
    executed.length = 0;
    clock = createManualClock(NOW);
    changes = new Emitter();
    records = new Map();
    const kept = new Map<string, unknown>();
    const state = {
      get: (key: string) => kept.get(key),
      update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
      keys: () => [...kept.keys()],
    };
    takes = [];
    notifier = new TaskNotifier({ onDidChange: changes.event, get: (id) => records.get(id) }, state as never, clock, {
      takesOf: () => takes,
      takeOf: (id) => (takes.length > 1 ? { number: takes.indexOf(id) + 1, count: takes.length } : undefined),
    });
  });
  afterEach(() => {
    notifier.dispose();
    focusWindow(true);
  });

  /** The user asks for a task, and it ends. */
  async function end(id: string, how: 'done' | 'failed' = 'done'): Promise<void> {
    notifier.watchTask(id);
    const before: TaskRecord = {
      format: 1,
      id,
      state: 'running',
      origin: 'generated',
      request: { model: 'seedance-1-pro-1080P-5s', prompt: id, aspectRatio: '16:9' },
      createdAt: NOW,
      saved: [],
    };
    const after: TaskRecord =
      how === 'done'
        ? { ...before, state: 'done', localCopy: { file: `${id}.mp4`, bytes: 1024, at: NOW } }
        : { ...before, state: 'failed', error: { kind: 'task-failed', at: NOW } };
    records.set(id, after);
    changes.fire([{ id, before, after }]);
    await settled();
  }

  /** Whatever is told without reading a module has been told after these turns. */
  async function settled(): Promise<void> {
    for (let turns = 20; turns > 0; turns--) {
      await setImmediate();
    }
  }

  /** Waits for so many messages, as long as it takes: the words of a failure are read from the disk first. */
  async function said(count: number): Promise<void> {
    while (messages.length < count) {
      await setImmediate();
    }
  }

  const texts = () => messages.map(({ text }) => text);

  it('come one at a time: what ends meanwhile is told together when one is answered', async () => {
    await end('fox');
    await end('hen', 'failed');
    await end('cat');
    assert.deepEqual(texts(), ['Video ready: “fox”']);
    messages[0]!.answer('Preview');
    await said(2);
    assert.deepEqual(texts().slice(1), ['Videos ready: 1, failed: 1']);
    assert.deepEqual(executed, [['seedance.task.preview', 'fox']]);
    assert.equal(clock.armed, 0, 'an answer ends the waiting');
  });

  it('number the takes of a prompt, and offer to compare the newest of those that have a video', async () => {
    await end('a1');
    messages[0]!.answer();
    await end('a2', 'failed');
    await said(2);
    messages[1]!.answer();
    takes = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'];
    await settled();
    for (const [index, id] of ['a3', 'a4', 'a5', 'a6'].entries()) {
      await end(id);
      await said(index + 3);
      if (id !== 'a6') messages.at(-1)!.answer();
      await settled();
    }
    const last = messages.at(-1)!;
    assert.equal(last.text, 'Video ready: “a6” (take 6 of 6)');
    assert.deepEqual(last.buttons, ['Preview', 'Compare', 'Save']);
    assert.deepEqual(messages[0]!.buttons, ['Preview', 'Save']);
    last.answer('Compare');
    await settled();
    assert.deepEqual(executed.at(-1), ['seedance.compare', 'a6', ['a3', 'a4', 'a5', 'a6']]);
  });

  it('do not wait for ever for one that VS Code has put away, whose buttons still work', async () => {
    await end('fox');
    assert.equal(clock.armed, 0, 'nothing waits');
    await end('cat');
    clock.advance(ON_THE_SCREEN_MS - 1);
    await settled();
    assert.equal(messages.length, 1);
    clock.advance(1);
    await said(2);
    assert.deepEqual(texts().slice(1), ['Video ready: “cat”']);
    assert.equal(clock.armed, 0);
    messages[0]!.answer('Save');
    await setImmediate();
    assert.deepEqual(executed, [['seedance.task.save', 'fox']]);

    messages[1]!.answer();
    await setImmediate();
    await end('hen', 'failed');
    await said(3);
    assert.match(texts()[2]!, /^No video: “hen”\./);
  });

  it('come at once after one that was put away before', async () => {
    await end('fox');
    clock.advance(ON_THE_SCREEN_MS);
    focusWindow(false);
    await end('cat');
    clock.advance(0);
    await said(2);
    assert.deepEqual(texts().slice(1), ['Video ready: “cat”']);

    clock.advance(ON_THE_SCREEN_MS);
    await end('dog');
    assert.equal(clock.armed, 0, 'nobody has looked at that one');
  });

  it('wait in a window that nobody looks at', async () => {
    await end('fox');
    focusWindow(false);
    await end('cat');
    await end('dog');
    assert.equal(clock.armed, 0, 'VS Code puts nothing away there');
    focusWindow(true);
    assert.equal(clock.armed, 1);
    focusWindow(false);
    clock.advance(ON_THE_SCREEN_MS);
    await settled();
    assert.equal(messages.length, 1);
    focusWindow(true);
    clock.advance(ON_THE_SCREEN_MS);
    await said(2);
    assert.deepEqual(texts().slice(1), ['Videos ready: 2']);
  });

  it('leave no timer behind', async () => {
    await end('fox');
    await end('cat');
    assert.equal(clock.armed, 1);
    notifier.dispose();
    assert.equal(clock.armed, 0);
  });
});
