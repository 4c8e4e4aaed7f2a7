import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { Emitter } from '../../../../src/common/events';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import type { TaskChange } from '../../../../src/tasks/storage/taskStore';
import type { CompareModel, HostMessage } from '../../../../src/views/compare/protocol';
import { createManualClock } from '../../../support/clocks';
import { createAcceptedRecord } from '../../../support/records';
import { executed, FakeWebviewPanel, panels, serializers, Uri } from '../../../support/vscodeStub';

const { CompareManager } = await import('../../../../src/views/compare/compareManager');

const NOW = 1_800_000_000_000;

describe('comparisons', () => {
  let records: Map<string, TaskRecord>;
  let changes: Emitter<readonly TaskChange[]>;
  let fetched: string[];
  let fails: boolean;
  let manager: InstanceType<typeof CompareManager>;

  beforeEach(() => {
    panels.length = 0;
    serializers.length = 0;
    executed.length = 0;
    fetched = [];
    fails = false;
    changes = new Emitter();
    records = new Map(['a', 'b', 'c'].map((id) => [id, done(id)]));
    manager = new CompareManager({
      extensionUri: Uri.file('/extension') as never,
      store: {
        videosDirectory: '/storage/videos',
        isLoaded: true,
        load: () => Promise.resolve(),
        get: (id) => records.get(id),
        isReadOnly: () => false,
        videoPath: ({ localCopy }) => localCopy && `/storage/videos/${localCopy.file}`,
        onDidChange: changes.event,
        onDidLoad: new Emitter<void>().event,
      },
      downloader: {
        onDidProgress: new Emitter<never>().event,
        getProgress: () => undefined,
        ensureCopy: async (id) => {
          fetched.push(id);
          await setImmediate();
          if (fails) throw new Error('offline');
          change(id, { localCopy: { file: `${id}.mp4`, bytes: 1, at: NOW + 1 } });
          return `/storage/videos/${id}.mp4`;
        },
      },
      takes: { takeOf: () => undefined, takesOf: () => [] },
      getSound: (id) => Promise.resolve(id === 'a' ? '/storage/videos/a.wav' : undefined),
      clock: createManualClock(NOW),
    });
  });

  afterEach(() => manager.dispose());

  function done(id: string, more: Partial<TaskRecord> = {}): TaskRecord {
    return createAcceptedRecord(NOW, {
      id,
      state: 'done',
      result: { url: `https://files.example/${id}.mp4`, expiresAt: NOW + 3_600_000 },
      localCopy: { file: `${id}.mp4`, bytes: 1, at: NOW },
      ...more,
    });
  }

  function change(id: string, more: Partial<TaskRecord> | undefined): void {
    const before = records.get(id)!;
    const after = more && { ...before, ...more };
    if (after) records.set(id, after);
    else records.delete(id);
    changes.fire([{ id, before, ...(after ? { after } : {}) }]);
  }

  async function settled(): Promise<void> {
    for (let turns = 6; turns > 0; turns--) await setImmediate();
  }

  async function open(...ids: string[]): Promise<FakeWebviewPanel> {
    await manager.show(ids);
    const panel = panels.at(-1) as FakeWebviewPanel;
    panel.say({ type: 'ready' });
    await settled();
    return panel;
  }

  const modelOf = (panel: FakeWebviewPanel): CompareModel =>
    (panel.sent as HostMessage[]).flatMap((message) => (message.type === 'model' ? [message.model] : [])).at(-1)!;

  it('of the same tasks are one panel, which comes to the front', async () => {
    const panel = await open('a', 'b');
    await manager.show(['b', 'a']);
    assert.equal(panel.reveals.length, 1);
    await manager.show(['a', 'c']);
    assert.equal(panels.length, 2);
  });

  it('lose a task that is removed, and say so when one is left', async () => {
    const panel = await open('a', 'b', 'c');
    change('b', undefined);
    assert.deepEqual(
      modelOf(panel).takes.map(({ id }) => id),
      ['a', 'c'],
    );
    change('a', undefined);
    assert.deepEqual([modelOf(panel).state, modelOf(panel).heading], ['over', 'One take is left']);
    panel.say({ type: 'action', id: 'c', action: 'preview' });
    await settled();
    assert.deepEqual(executed.at(-1), ['seedance.task.preview', 'c']);
    change('c', undefined);
    assert.equal(modelOf(panel).takes.length, 0);
  });

  it('fetch a video that has no copy once, and say in words that it cannot be had', async () => {
    records.set('b', done('b', { localCopy: undefined }));
    fails = true;
    const panel = await open('a', 'b');
    assert.deepEqual(fetched, ['b']);
    assert.match(modelOf(panel).takes[1]!.notice ?? '', /could not be copied/);
    change('a', { quotedPrice: 1 });
    assert.deepEqual(fetched, ['b'], 'not again by itself');
    fails = false;
    panel.say({ type: 'action', id: 'b', action: 'reload' });
    assert.equal(modelOf(panel).takes[1]!.notice, 'Fetching the video…');
    await settled();
    assert.deepEqual(fetched, ['b', 'b']);
    assert.ok(modelOf(panel).takes[1]!.video);
  });

  it('fetch a copy again that something else has deleted', async () => {
    const panel = await open('a', 'b');
    panel.say({ type: 'videoError', id: 'a', code: 4 });
    for (let waits = 0; fetched.length === 0 && waits < 1_000; waits++) await setImmediate();
    assert.deepEqual(fetched, ['a']);
  });

  it('run the commands of the extension with the task of the button, and nothing for another task', async () => {
    const panel = await open('a', 'b');
    for (const action of ['save', 'again', 'remove']) {
      panel.say({ type: 'action', id: 'b', action });
    }
    panel.say({ type: 'action', id: 'c', action: 'remove' });
    panel.say({ type: 'action', id: 'b', action: 'workbench.action.quit' });
    await settled();
    assert.deepEqual(executed, [
      ['seedance.task.save', 'b'],
      ['seedance.task.again', 'b'],
      ['seedance.task.remove', 'b'],
    ]);
  });

  it('send the sound of a task as a file where the page needs one', async () => {
    const panel = await open('a', 'b');
    panel.say({ type: 'soundNeeded', id: 'a' });
    panel.say({ type: 'soundNeeded', id: 'b' });
    await settled();
    const sounds = (panel.sent as HostMessage[]).filter(({ type }) => type === 'sound');
    assert.deepEqual(sounds, [
      { type: 'sound', id: 'a', url: 'file:///storage/videos/a.wav' },
      { type: 'sound', id: 'b' },
    ]);
  });

  it('are there again after a reload of the window, unless their state is no state of theirs', async () => {
    const panel = new FakeWebviewPanel();
    await serializers[0]!.deserializeWebviewPanel(panel, { ids: ['b', 'a'] });
    panel.say({ type: 'ready' });
    await settled();
    assert.deepEqual(
      modelOf(panel).takes.map(({ id }) => id),
      ['b', 'a'],
    );
    const hostile = new FakeWebviewPanel();
    await serializers[0]!.deserializeWebviewPanel(hostile, { ids: ['../a', 'b'] });
    assert.equal(hostile.isDisposed, true);
  });
});
