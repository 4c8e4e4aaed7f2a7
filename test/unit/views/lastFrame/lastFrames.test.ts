import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Emitter } from '../../../../src/common/events';
import { DownloadError, StoreError } from '../../../../src/tasks/model/errors';
import { FrameError } from '../../../../src/tasks/model/frameError';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import { describeError } from '../../../../src/ui/showError';
import type { FramePage } from '../../../../src/views/lastFrame/framePage';
import type { FrameRequest } from '../../../../src/views/lastFrame/protocol';
import { png } from '../../../e2e/png';
import { createManualClock } from '../../../support/clocks';
import { createDoneRecord } from '../../../support/records';
import { makeTempDir, removeTempDir } from '../../../support/tempDir';
import {
  executed,
  FakeWebviewPanel,
  panels,
  TabInputText,
  tabGroups,
  Uri,
  viewProviders,
} from '../../../support/vscodeStub';
import { waitFor } from '../../../support/waitFor';

const { LastFrames } = await import('../../../../src/views/lastFrame/lastFrames');
const { getFrameColumn } = await import('../../../../src/views/lastFrame/frameColumn');

const NOW = 1_800_000_000_000;
const PNG = new Uint8Array(png(640, 360)).buffer;

describe('last frames', () => {
  let folder: string;
  let frames: InstanceType<typeof LastFrames>;
  let records: Map<string, TaskRecord>;
  let clock: ReturnType<typeof createManualClock>;
  let refusal: Error | undefined;
  let visible: FakeWebviewPanel | undefined;
  let ended: Emitter<void>;
  let isListVisible: boolean;
  let isLoading: boolean;

  beforeEach(async () => {
    panels.length = 0;
    folder = await makeTempDir();
    clock = createManualClock(NOW);
    refusal = visible = undefined;
    isListVisible = isLoading = false;
    executed.length = 0;
    ended = new Emitter();
    records = new Map(['a', 'b'].map((id) => [id, createDoneRecord(id, 'https://files.example/v.mp4', NOW)]));
    await Promise.all([...records.keys()].map((id) => writeFile(path.join(folder, `${id}.mp4`), 'no film')));
    frames = new LastFrames({
      extensionUri: Uri.file('/extension') as never,
      store: { get: (id) => records.get(id), videosDirectory: folder },
      downloader: {
        ensureCopy: (id) => (refusal ? Promise.reject(refusal) : Promise.resolve(path.join(folder, `${id}.mp4`))),
      },
      isPageLoading: () => isLoading,
      findPage: () =>
        visible && !isLoading
          ? ({ webview: visible.webview, onDidEnd: ended.event } as unknown as FramePage)
          : undefined,
      isListVisible: () => isListVisible,
      clock,
    });
  });

  afterEach(async () => {
    frames.dispose();
    await removeTempDir(folder);
  });

  const requests = (panel: FakeWebviewPanel) => panel.sent as FrameRequest[];
  /** The page that was opened, once it has been asked this many times. */
  async function asked(count = 1): Promise<FakeWebviewPanel> {
    await waitFor(() => panels.length > 0);
    const panel = panels.at(-1)!;
    panel.say({ type: 'ready' });
    await waitFor(() => requests(panel).length === count);
    return panel;
  }
  /** What was open has closed. */
  function forget(): void {
    clock.advance(300);
    panels.length = 0;
  }
  function reply(panel: FakeWebviewPanel, content: object = { bytes: PNG, seconds: 1.25 }): void {
    panel.say({ type: 'lastFrame', request: requests(panel).at(-1)!.request, ...content });
  }
  /** How the taking ends. Heard at once, so that no rejection is without a listener. */
  const kindOf = (taking: Promise<unknown>) =>
    taking.then(
      () => 'taken',
      (error: unknown) => (error instanceof FrameError ? error.kind : error),
    );

  it('wait for a page of ours that is being loaded, and open no other', async () => {
    visible = new FakeWebviewPanel();
    isLoading = true;
    const taking = frames.takeLastFrame('a');
    await waitFor(() => clock.armed > 0);
    isLoading = false;
    clock.advance(50);
    await waitFor(() => requests(visible!).length === 1);
    reply(visible);
    assert.deepEqual((await taking).picture, new Uint8Array(PNG));
    assert.equal(panels.length, 0);
  });

  it('come from a page that opens without the focus, and closes when it is done', async () => {
    const taking = frames.takeLastFrame('a');
    const panel = await asked();
    const [{ type, url }] = requests(panel) as [FrameRequest];
    assert.deepEqual([type, url.includes('a.mp4')], ['drawLastFrame', true]);
    assert.match(panel.webview.html, /default-src &#39;none&#39;/);
    assert.doesNotMatch(panel.webview.html, /unsafe|https:(?=[ ;])/);
    reply(panel);
    const { picture, label, from } = await taking;
    assert.deepEqual(picture, new Uint8Array(PNG));
    assert.match(label, /^Last frame of “/);
    assert.deepEqual(from, { task: 'a', seconds: 1.25, isLast: true });
    assert.ok(!panel.isDisposed);
    clock.advance(300);
    assert.ok(panel.isDisposed);
    assert.equal(clock.armed, 0);
  });

  it('are taken one after the other by one page, and once where they are asked for twice', async () => {
    const first = frames.takeLastFrame('a');
    const second = frames.takeLastFrame('b');
    const again = frames.takeLastFrame('a');
    const panel = await asked();
    await setImmediate();
    assert.equal(requests(panel).length, 1);
    reply(panel);
    assert.equal((await first).picture, (await again).picture);
    await waitFor(() => requests(panel).length === 2);
    assert.ok(!panel.isDisposed);
    reply(panel, { bytes: PNG, seconds: 2 });
    assert.equal((await second).from?.seconds, 2);
    // And by the same one what is asked for at once after that.
    const third = frames.takeLastFrame('a');
    await waitFor(() => requests(panel).length === 3);
    clock.advance(300);
    reply(panel);
    await third;
    clock.advance(300);
    assert.ok(panel.isDisposed);
    assert.equal(panels.length, 1);
  });

  it('are drawn by a page that the user has open, and by another one when they close it', async () => {
    visible = new FakeWebviewPanel();
    const first = frames.takeLastFrame('a');
    await waitFor(() => requests(visible!).length === 1);
    reply(visible);
    assert.equal((await first).from?.task, 'a');
    assert.equal(panels.length, 0);

    for (const close of [() => ended.fire(), () => visible!.say({ type: 'ready' })]) {
      const taking = frames.takeLastFrame('b');
      await waitFor(() => requests(visible!).length > 1);
      close();
      reply(await asked());
      assert.equal((await taking).from?.task, 'b');
      clock.advance(300);
      visible.sent.length = 1;
      panels.length = 0;
    }
  });

  it('are drawn in a section of the side bar where that shows the list', async () => {
    isListVisible = true;
    const context = () => executed.map(([, , value]) => value).join(' ');
    const first = frames.takeLastFrame('a');
    await waitFor(() => executed.length === 1);
    assert.deepEqual(executed[0], ['setContext', 'seedance.isTakingFrame', true]);
    const view = Object.assign(new FakeWebviewPanel(), { onDidChangeVisibility: new Emitter<void>().event });
    viewProviders.get('seedance.lastFrame')!.resolveWebviewView(view);
    view.say({ type: 'ready' });
    await waitFor(() => requests(view).length === 1);
    reply(view);
    await first;
    assert.equal(panels.length, 0);
    clock.advance(300);
    assert.equal(context(), 'true false');

    // The user has hidden the section for good: after a moment a panel opens.
    const second = frames.takeLastFrame('b');
    await waitFor(() => context() === 'true false true');
    clock.advance(3_000);
    reply(await asked());
    await second;
    clock.advance(300);
    assert.equal(context(), 'true false true false');
    assert.ok(panels[0]!.isDisposed);
  });

  it('end with an error when the page is closed, does not load, or does not answer', async () => {
    const closed = kindOf(frames.takeLastFrame('a'));
    (await asked()).dispose();
    assert.equal(await closed, 'no-page');

    forget();
    const unloaded = kindOf(frames.takeLastFrame('a'));
    await waitFor(() => panels.length === 1);
    clock.advance(30_000);
    assert.equal(await unloaded, 'no-page');
    assert.ok(panels[0]!.isDisposed);

    forget();
    const silent = kindOf(frames.takeLastFrame('a'));
    const next = frames.takeLastFrame('b');
    const panel = await asked();
    // The reply to a request of before is none to this one.
    panel.say({ type: 'lastFrame', request: requests(panel)[0]!.request - 1, bytes: PNG, seconds: 0 });
    clock.advance(60_000);
    assert.equal(await silent, 'timeout');
    // What is asked for besides is not given up.
    await waitFor(() => requests(panel).length === 2);
    reply(panel);
    await next;

    forget();
    const disposed = kindOf(frames.takeLastFrame('a'));
    await asked();
    frames.dispose();
    assert.equal(await disposed, 'no-page');
    assert.equal(clock.armed, 0);
  });

  it('have time while the window is hidden', async () => {
    const taking = kindOf(frames.takeLastFrame('a'));
    const panel = await asked();
    const { request } = requests(panel)[0]!;
    panel.say({ type: 'heldUp', request, isHidden: true });
    clock.advance(3_600_000);
    assert.equal(clock.armed, 0);
    panel.say({ type: 'heldUp', request, isHidden: false });
    panel.say({ type: 'heldUp', request, isHidden: false });
    assert.equal(clock.armed, 1);
    clock.advance(60_000);
    assert.equal(await taking, 'timeout');
    forget();
    assert.equal(clock.armed, 0);
  });

  it('end with an error where the video is missing or does not play', async () => {
    const unplayable = kindOf(frames.takeLastFrame('a'));
    let panel = await asked();
    panel.say({ type: 'noLastFrame', request: requests(panel)[0]!.request });
    assert.equal(await unplayable, 'cannot-play');

    forget();
    const gone = kindOf(frames.takeLastFrame('a'));
    panel = await asked();
    await removeTempDir(folder);
    panel.say({ type: 'noLastFrame', request: requests(panel)[0]!.request });
    assert.equal(await gone, 'no-copy');

    forget();
    refusal = new DownloadError('link-expired');
    assert.equal(await kindOf(frames.takeLastFrame('a')), 'no-copy');
    refusal = new StoreError('gone');
    assert.equal(await kindOf(frames.takeLastFrame('a')), refusal);
    assert.equal(panels.length, 0);
  });

  it('take no content of a page on trust', async () => {
    const taking = kindOf(frames.takeLastFrame('a'));
    const panel = await asked();
    for (const content of [
      {},
      { bytes: 'text', seconds: 1 },
      { bytes: new ArrayBuffer(31 * 1024 * 1024), seconds: 1 },
      { bytes: PNG, seconds: -1 },
      { bytes: PNG, seconds: Infinity },
      { bytes: PNG, seconds: 1, thumbnail: 'https://evil.example/' },
    ]) {
      reply(panel, content);
    }
    await setImmediate();
    assert.ok(!panel.isDisposed, 'none of them is a reply');
    reply(panel, { bytes: new TextEncoder().encode('<svg/>').buffer, seconds: 1 });
    assert.equal(await taking, 'cannot-play');
  });

  it('have errors in words', () => {
    for (const kind of ['no-copy', 'cannot-play', 'no-page', 'timeout'] as const) {
      const { what, money, advice } = describeError(new FrameError(kind), NOW)!;
      assert.match(what, /^The last frame could not be taken: /);
      assert.equal(money, 'Nothing was charged.');
      assert.ok(advice);
    }
  });

  it('never open in front of the editor that the user works in', () => {
    const text = { input: new TabInputText(Uri.file('/a.md')) };
    const other = { input: undefined };
    const group = (viewColumn: number, activeTab?: { input: unknown }) => ({
      viewColumn,
      tabs: activeTab ? [activeTab] : [],
      activeTab,
    });
    const column = (...groups: ReturnType<typeof group>[]) => {
      tabGroups.all = groups;
      tabGroups.activeTabGroup = groups[0]!;
      return getFrameColumn();
    };
    const before = { ...tabGroups };
    try {
      assert.equal(column(group(1)), -1);
      assert.equal(column(group(1, text)), -2);
      assert.equal(column(group(1, other)), -2);
      assert.equal(column(group(2, text), group(1, text), group(3, other)), 3);
      assert.equal(column(group(2, text), group(1, text)), 1);
      assert.equal(column(group(1, text), group(2, text), group(3)), 3);
    } finally {
      Object.assign(tabGroups, before);
    }
  });
});
