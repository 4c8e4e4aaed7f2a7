import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { Emitter } from '../../../../src/common/events';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import type { TaskChange } from '../../../../src/tasks/storage/taskStore';
import { createManualClock } from '../../../support/clocks';
import { createDoneRecord } from '../../../support/records';
import { panels, Uri, type FakeWebviewPanel } from '../../../support/vscodeStub';

const { PreviewManager } = await import('../../../../src/views/preview/previewManager');

const NOW = 1_800_000_000_000;
const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0]);

describe('posters of previews', () => {
  let kept: Map<string, Uint8Array>;
  let manager: InstanceType<typeof PreviewManager>;

  beforeEach(() => {
    panels.length = 0;
    kept = new Map();
    const records = new Map<string, TaskRecord>(
      ['a', 'b', 'link'].map((id) => [
        id,
        {
          ...createDoneRecord(id, 'https://files.example/v.mp4', NOW + 3_600_000),
          ...(id === 'link' ? {} : { localCopy: { file: `${id}.mp4`, bytes: 3, at: NOW } }),
        },
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
        videoPath: ({ localCopy }) => localCopy && `/storage/videos/${localCopy.file}`,
        onDidChange: new Emitter<readonly TaskChange[]>().event,
        onDidLoad: new Emitter<void>().event,
      },
      downloader: {
        onDidProgress: new Emitter<never>().event,
        getProgress: () => undefined,
        ensureCopy: () => Promise.reject(new Error('none')),
      },
      polling: { getPauseReason: () => undefined, onDidChangePauseReason: new Emitter<void>().event },
      posters: {
        find: (id) => Promise.resolve(kept.has(id) ? `/storage/videos/${id}.poster.jpg` : undefined),
        keep: (id, bytes) => Promise.resolve(kept.set(id, bytes).has(id)),
      },
      onDidCaptureImage: () => Promise.resolve(),
      keepThumbnail: () => Promise.resolve(),
      clock: createManualClock(NOW),
    });
  });

  afterEach(() => manager.dispose());

  async function show(id: string, ids: readonly string[] = [id]): Promise<FakeWebviewPanel> {
    await manager.show(id, { series: ids });
    const panel = panels.at(-1)!;
    panel.say({ type: 'ready' });
    await setImmediate();
    return panel;
  }
  const asked = (panel: FakeWebviewPanel) =>
    panel.sent.flatMap((message) => {
      const { type, id } = message as { type: string; id?: string };
      return type === 'drawPoster' ? [id] : [];
    });
  const draw = (panel: FakeWebviewPanel, id: string) => panel.say({ type: 'poster', id, bytes: JPEG.buffer });

  it('are asked for once, of a copy that has none', async () => {
    const panel = await show('a');
    panel.show(false);
    panel.show(true);
    assert.deepEqual(asked(panel), ['a']);
    draw(panel, 'a');
    assert.deepEqual([...kept], [['a', JPEG]]);
    assert.deepEqual(asked(await show('link')), []);
    kept.set('b', JPEG);
    assert.deepEqual(asked(await show('b')), []);
  });

  it('are kept of the tasks that were asked about, also when another is shown meanwhile', async () => {
    const panel = await show('a', ['a', 'b']);
    panel.say({ type: 'action', action: 'next' });
    await setImmediate();
    assert.deepEqual(asked(panel), ['a', 'b']);
    draw(panel, 'a');
    draw(panel, 'link');
    draw(panel, 'b');
    draw(panel, 'b');
    assert.deepEqual([...kept.keys()], ['a', 'b']);
  });

  it('are asked for again by a page that was loaded again before it had drawn', async () => {
    const panel = await show('a');
    panel.say({ type: 'ready' });
    await setImmediate();
    assert.deepEqual(asked(panel), ['a', 'a']);
  });
});
