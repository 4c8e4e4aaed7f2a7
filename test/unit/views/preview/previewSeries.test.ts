import assert from 'node:assert/strict';
import { Emitter } from '../../../../src/common/events';
import type { PreviewModel } from '../../../../src/views/preview/protocol';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import type { TaskChange } from '../../../../src/tasks/storage/taskStore';
import { createManualClock } from '../../../support/clocks';
import { createAcceptedRecord } from '../../../support/records';
import { FakeWebviewPanel, panels, serializers, Uri } from '../../../support/vscodeStub';

const { PreviewManager } = await import('../../../../src/views/preview/previewManager');

const NOW = 1_800_000_000_000;

describe('previews of several tasks', () => {
  let records: Map<string, TaskRecord>;
  let changes: Emitter<readonly TaskChange[]>;
  let manager: InstanceType<typeof PreviewManager>;

  beforeEach(() => {
    panels.length = 0;
    serializers.length = 0;
    changes = new Emitter();
    records = new Map(
      ['a', 'b', 'c', 'd'].map((id) => [
        id,
        createAcceptedRecord(NOW, { id, state: 'failed', request: { model: 'm', prompt: `Scene ${id}` } }),
      ]),
    );
    manager = new PreviewManager({
      extensionUri: Uri.file('/extension') as never,
      store: {
        directory: '/storage',
        isLoaded: true,
        load: () => Promise.resolve(),
        get: (id) => records.get(id),
        isReadOnly: () => false,
        videoPath: () => undefined,
        onDidChange: changes.event,
        onDidLoad: new Emitter<void>().event,
      },
      downloader: {
        onDidProgress: new Emitter<never>().event,
        getProgress: () => undefined,
        ensureCopy: () => Promise.reject(new Error('none')),
      },
      polling: { getPauseReason: () => undefined, onDidChangePauseReason: new Emitter<void>().event },
      onDidCaptureImage: () => Promise.resolve(),
      keepThumbnail: () => Promise.resolve(),
      clock: createManualClock(NOW),
    });
  });

  afterEach(() => manager.dispose());

  const remove = (id: string) => {
    const before = records.get(id)!;
    records.delete(id);
    changes.fire([{ id, before }]);
  };
  const open = () => panels.filter(({ isDisposed }) => !isDisposed);
  const modelOf = (panel: FakeWebviewPanel) => (panel.sent.at(-1) as { model: PreviewModel }).model;
  const seriesOf = (panel: FakeWebviewPanel) => modelOf(panel).series;
  const press = (panel: FakeWebviewPanel, action: 'previous' | 'next') => panel.say({ type: 'action', action });

  it('are one panel that shows them in turn, says where it is and ends at both ends', async () => {
    await manager.show('b', { series: ['a', 'b', 'c'] });
    const [panel] = panels as [FakeWebviewPanel];
    panel.say({ type: 'ready' });
    assert.deepEqual(seriesOf(panel), { ids: ['a', 'b', 'c'], label: '2 of 3', hasPrevious: true, hasNext: true });
    press(panel, 'next');
    assert.deepEqual([modelOf(panel).id, panel.title, seriesOf(panel)?.label], ['c', 'Scene c', '3 of 3']);
    assert.equal(seriesOf(panel)?.hasNext, false);
    press(panel, 'next');
    assert.equal(modelOf(panel).id, 'c');
    press(panel, 'previous');
    press(panel, 'previous');
    press(panel, 'previous');
    assert.deepEqual([modelOf(panel).id, seriesOf(panel)?.hasPrevious], ['a', false]);
    assert.equal(panels.length, 1);
  });

  it('pass what was removed meanwhile, and lead on from it', async () => {
    await manager.show('a', { series: ['a', 'b', 'c', 'd'] });
    const [panel] = panels as [FakeWebviewPanel];
    panel.say({ type: 'ready' });
    remove('b');
    assert.equal(seriesOf(panel)?.label, '1 of 3');
    press(panel, 'next');
    assert.equal(modelOf(panel).id, 'c');
    remove('c');
    assert.deepEqual([modelOf(panel).state, seriesOf(panel)?.label], ['removed', '2 of 3']);
    press(panel, 'next');
    assert.deepEqual([modelOf(panel).id, seriesOf(panel)?.label], ['d', '2 of 2']);
    remove('a');
    assert.equal(seriesOf(panel), undefined, 'one alone is no series');
  });

  it('are there again after a reload of the window', async () => {
    const panel = new FakeWebviewPanel();
    await serializers[0]!.deserializeWebviewPanel(panel, { id: 'b', ids: ['a', 'b', 'c'] });
    panel.say({ type: 'ready' });
    assert.equal(seriesOf(panel)?.label, '2 of 3');
    press(panel, 'next');
    assert.equal(modelOf(panel).id, 'c');
    const alone = new FakeWebviewPanel();
    await serializers[0]!.deserializeWebviewPanel(alone, { id: 'a', ids: ['../x'] });
    alone.say({ type: 'ready' });
    assert.deepEqual([modelOf(alone).id, seriesOf(alone)], ['a', undefined]);
  });

  it('leave one panel a task', async () => {
    await manager.show('b');
    await manager.show('a', { series: ['a', 'b'] });
    const panel = panels[1]!;
    press(panel, 'next');
    assert.deepEqual(open(), [panel]);
    await manager.show('b');
    assert.deepEqual([open(), panel.reveals], [[panel], [undefined]]);
    await manager.show('a');
    assert.equal(open().length, 2);
  });

  it('follow a list in one panel that takes no focus, and only the chosen one stays', async () => {
    await manager.show('d');
    await manager.peek('a');
    await manager.peek('b');
    await manager.peek('d');
    await manager.peek('c');
    assert.equal(open().length, 2);
    assert.deepEqual([panels[0]!.title, panels[1]!.title], ['Scene d', 'Scene c']);
    assert.ok([...panels[0]!.reveals, ...panels[1]!.reveals].every((isKept) => isKept === true));
    await manager.endPeek();
    assert.deepEqual(open(), [panels[0]]);
    await manager.peek('a');
    await manager.endPeek('a');
    assert.deepEqual(
      open().map(({ title }) => title),
      ['Scene d', 'Scene a'],
    );
    assert.deepEqual(panels[2]!.reveals, [undefined], 'the chosen one gets the focus');
    await manager.peek('b');
    await manager.endPeek('c');
    assert.deepEqual(
      open().map(({ title }) => title),
      ['Scene d', 'Scene a', 'Scene c'],
    );
  });
});
