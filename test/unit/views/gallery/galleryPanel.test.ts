import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { Emitter } from '../../../../src/common/events';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import type { TaskChange } from '../../../../src/tasks/storage/taskStore';
import type { HostMessage } from '../../../../src/views/gallery/protocol';
import { createManualClock } from '../../../support/clocks';
import { createDoneRecord } from '../../../support/records';
import { executed, FakeWebviewPanel, messages, panels, serializers, Uri, user } from '../../../support/vscodeStub';

const { GalleryManager } = await import('../../../../src/views/gallery/galleryManager');

const NOW = new Date(2026, 10, 26, 23, 59, 30).getTime();
const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0]);

describe('the panel of the gallery', () => {
  let records: Map<string, TaskRecord>;
  let posters: Map<string, Uint8Array>;
  let manager: InstanceType<typeof GalleryManager>;
  let changed: Emitter<readonly TaskChange[]>;
  let loaded: Emitter<void>;
  let store: { isLoaded: boolean };
  let clock: ReturnType<typeof createManualClock>;

  beforeEach(() => {
    panels.length = executed.length = messages.length = serializers.length = 0;
    records = new Map();
    posters = new Map();
    changed = new Emitter();
    loaded = new Emitter();
    clock = createManualClock(NOW);
    const whole = {
      videosDirectory: '/storage/videos',
      isLoaded: true,
      load: () => Promise.resolve(),
      list: () => [...records.values()].reverse(),
      get: (id: string) => records.get(id),
      isReadOnly: () => false,
      videoPath: ({ localCopy }: TaskRecord) => localCopy && `/storage/videos/${localCopy.file}`,
      onDidChange: changed.event,
      onDidLoad: loaded.event,
    };
    store = whole;
    manager = new GalleryManager({
      extensionUri: Uri.file('/extension') as never,
      store: whole,
      posters: {
        find: (id) => Promise.resolve(posters.has(id) ? `/storage/videos/${id}.poster.jpg` : undefined),
        keep: (id, bytes) => Promise.resolve(posters.set(id, bytes).has(id)),
      },
      polling: { getPauseReason: () => undefined, onDidChangePauseReason: new Emitter<void>().event },
      takes: { takeOf: () => undefined },
      clock,
    });
  });

  afterEach(() => {
    manager.dispose();
    user.onMessage = undefined;
  });

  const settle = async () => {
    for (let turn = 0; turn < 40; turn++) await setImmediate();
  };
  function add(count: number, facts: Partial<TaskRecord> = {}): void {
    for (let n = 0; n < count; n++) {
      const id = `t${String(records.size).padStart(5, '0')}`;
      records.set(id, createDoneRecord(id, 'https://files.example/v.mp4', NOW + 3_600_000, facts));
    }
  }
  async function open(): Promise<FakeWebviewPanel> {
    await manager.show();
    await settle();
    return panels.at(-1)!;
  }
  async function openReady(): Promise<FakeWebviewPanel> {
    const panel = await open();
    panel.say({ type: 'ready' });
    await settle();
    return panel;
  }
  const sent = <T extends HostMessage['type']>(panel: FakeWebviewPanel, type: T) =>
    panel.sent.filter(
      (message): message is Extract<HostMessage, { type: T }> => (message as HostMessage).type === type,
    );

  it('is one, and is restored as one', async () => {
    const panel = await open();
    await manager.show();
    assert.equal(panels.length, 1);
    assert.equal(panel.reveals.length, 1);
    const restored = new FakeWebviewPanel();
    await serializers[0]!.deserializeWebviewPanel(restored, { anything: true });
    assert.equal(restored.isDisposed, true);
    panel.dispose();
    const next = new FakeWebviewPanel();
    await serializers[0]!.deserializeWebviewPanel(next, undefined);
    await settle();
    assert.match(next.webview.html, /gallery\.js/);
    next.dispose();
    assert.equal(clock.armed, 0);
  });

  it('has the newest tiles and their pictures in its page, and is told all of them in parts', async () => {
    add(1_201, { localCopy: { file: 'x.mp4', bytes: 1, at: NOW } });
    posters.set('t01200', JPEG);
    const panel = await open();
    const { html } = panel.webview;
    assert.match(html, /t01200\.poster\.jpg/);
    assert.match(html, /t01199/);
    assert.ok(!html.includes('t00600'));
    assert.deepEqual(panel.sent, []);
    panel.say({ type: 'ready' });
    await settle();
    const parts = sent(panel, 'tiles');
    assert.deepEqual(
      parts.map(({ isFirst, isLast, tiles }) => [isFirst, isLast, tiles.length]),
      [
        [true, false, 500],
        [false, false, 500],
        [false, true, 201],
      ],
    );
    assert.equal(parts[0]!.tiles[0]!.id, 't01200');
    // A page that was loaded again meanwhile gets all from the beginning, and no rest of the first telling.
    panel.sent.length = 0;
    panel.say({ type: 'ready' });
    panel.say({ type: 'ready' });
    await settle();
    assert.equal(sent(panel, 'tiles').filter(({ isLast }) => isLast).length, 1);
  });

  it('is told changes together, and nothing while it is hidden', async () => {
    add(3);
    const panel = await openReady();
    const change = (id: string, after: TaskRecord | undefined) => {
      const before = records.get(id);
      if (after) {
        records.set(id, after);
      } else {
        records.delete(id);
      }
      changed.fire([{ id, before, after }]);
    };
    change('t00001', { ...records.get('t00001')!, saved: [{ uri: 'file:///a.mp4', at: NOW }] });
    change('t00000', undefined);
    assert.deepEqual(sent(panel, 'changes'), []);
    clock.advance(200);
    assert.deepEqual(
      sent(panel, 'changes').map(({ tiles, removed }) => [tiles.map(({ id }) => id), removed]),
      [
        [['t00001'], []],
        [[], ['t00000']],
      ],
    );
    panel.sent.length = 0;
    panel.show(false);
    assert.equal(clock.armed, 0);
    change('t00001', { ...records.get('t00001')!, saved: [] });
    clock.advance(60_000);
    assert.deepEqual(panel.sent, []);
    panel.show(true);
    panel.say({ type: 'ready' });
    await settle();
    assert.equal(sent(panel, 'tiles')[0]!.tiles.find(({ id }) => id === 't00001')!.saved, undefined);
  });

  it('shows what is loaded late, and learns of a new day', async () => {
    store.isLoaded = false;
    const panel = await openReady();
    assert.deepEqual(sent(panel, 'tiles'), []);
    assert.deepEqual(sent(panel, 'today'), [{ type: 'today', today: '2026-11-26' }]);
    add(1);
    store.isLoaded = true;
    loaded.fire();
    await settle();
    assert.equal(sent(panel, 'tiles')[0]!.tiles.length, 1);
    clock.advance(60_000);
    assert.equal(sent(panel, 'today').at(-1)!.today, '2026-11-27');
  });

  it('keeps posters of the videos that it was asked about and had none of, each once', async () => {
    add(2, { localCopy: { file: 'x.mp4', bytes: 1, at: NOW } });
    add(1);
    const panel = await openReady();
    const draw = (id: string) => panel.say({ type: 'poster', id, bytes: JPEG.buffer });
    draw('t00002');
    draw('other');
    panel.say({ type: 'look', ids: ['t00000', 't00002', 'gone'] });
    await settle();
    assert.deepEqual(
      sent(panel, 'media')
        .at(-1)!
        .media.map(({ id, poster, video }) => [id, poster === undefined, video === undefined]),
      [
        ['t00000', true, false],
        ['t00002', true, true],
        ['gone', true, true],
      ],
    );
    draw('t00000');
    draw('t00002');
    await settle();
    assert.deepEqual([...posters.keys()], ['t00000']);
    assert.match(sent(panel, 'media').at(-1)!.media[0]!.poster!, /t00000\.poster\.jpg/);
  });

  it('runs commands with the ids of tasks that are there', async () => {
    add(12);
    const panel = await openReady();
    executed.length = 0;
    const act = async (action: string, ids: string[]) => {
      panel.say({ type: 'action', action, ids });
      await settle();
    };
    await act('preview', ['t00001']);
    await act('save', ['t00002', 'gone', 't00003']);
    await act('remove', ['gone']);
    await act('remove', ['t00004']);
    await act('cleanUp', []);
    assert.deepEqual(executed, [
      ['seedance.task.preview', 't00001', ['t00001']],
      ['seedance.task.save', 't00002', ['t00002', 't00003']],
      ['seedance.task.remove', 't00004', ['t00004']],
      ['seedance.cleanUpCopies'],
    ]);
    // Saving many by one click is asked about first.
    executed.length = 0;
    user.onMessage = ({ answer }) => answer();
    await act('saveAll', [...records.keys()]);
    assert.deepEqual(executed, []);
    assert.match(messages.at(-1)!.text, /Save 12 videos/);
    user.onMessage = ({ answer }) => answer('Save');
    await act('saveAll', [...records.keys()]);
    assert.equal((executed[0]![2] as string[]).length, 12);
  });
});
