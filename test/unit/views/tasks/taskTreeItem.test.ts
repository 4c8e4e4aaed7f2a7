import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { HOSTILE_TEXTS } from '../../../support/hostileTexts';
import { createManualClock } from '../../../support/clocks';
import { createAcceptedRecord } from '../../../support/records';
import {
  bundle,
  executed,
  trees,
  type MarkdownString,
  type ThemeIcon,
  type TreeItem,
} from '../../../support/vscodeStub';
import type { TaskTreeOptions } from '../../../../src/views/tasks/taskTreeProvider';
import type { DownloadProgress } from '../../../../src/tasks/download/downloader';
import { Emitter } from '../../../../src/common/events';
import { PromptTakes } from '../../../../src/tasks/model/promptTakes';
import type { PauseReason } from '../../../../src/tasks/polling/pollingController';
import {
  TASK_STATES,
  type TaskErrorKind,
  type TaskRecord,
  type TaskState,
} from '../../../../src/tasks/model/taskRecord';
import type { TaskChange } from '../../../../src/tasks/storage/taskStore';

const presentation = await import('../../../../src/views/tasks/taskTreeItem');
const { msUntilTextChange } = await import('../../../../src/views/tasks/elapsed');
const { TaskTreeDataProvider } = await import('../../../../src/views/tasks/taskTreeProvider');

const NOW = 1_800_000_000_000;
const context = { now: NOW, readOnly: false };

const record = (facts: Partial<TaskRecord> = {}) => createAcceptedRecord(NOW, facts);

const copy = { file: 'task1.mp4', bytes: 1024, at: NOW };
const result = { url: 'https://files.example/v.mp4', expiresAt: NOW + 47 * 3_600_000 };

describe('views: a task in the tree', () => {
  it('has an icon in every state, and words only where they say more', () => {
    const title = 'A red fox in the snow';
    const saved = [{ uri: 'file:///x.mp4', at: NOW }];
    const progress = { id: 'task1', received: 45, total: 100 };
    const estimate = { progress: 0.5, leftMs: 90_000, p20Ms: 60_000, p80Ms: 100_000, isLong: false };
    const longer = { estimate: { ...estimate, isLong: true } };
    type Row = [TaskState, Partial<TaskRecord>, object, label: string, description: string, icon: string];
    const expected: Row[] = [
      ['draft', {}, {}, title, 'In the queue', 'circle-outline'],
      ['submitting', {}, {}, `1:05 · ${title}`, '', 'cloud-upload'],
      ['waiting', {}, {}, `1:05 · ${title}`, '', 'clock'],
      ['running', {}, {}, `1:05 · ${title}`, '', 'loading~spin'],
      ['running', {}, longer, `1:05 · ${title}`, 'Longer than usual', 'loading~spin'],
      ['running', {}, { pauseReason: 'no-key' }, title, 'Paused: no API key', 'debug-pause'],
      ['unknown', {}, {}, title, 'No answer; may have been charged', 'question'],
      ['done', { localCopy: copy }, {}, title, '', 'play-circle'],
      ['done', { result }, {}, title, 'Link works for 47 h 0 min', 'play-circle'],
      ['done', { result }, { progress }, `45 % · ${title}`, '', 'cloud-download'],
      ['done', { result }, { progress: { id: 'task1', received: 45 } }, `45 B · ${title}`, '', 'cloud-download'],
      ['done', { result, trouble: { kind: 'link-expired', at: NOW } }, {}, title, 'Awaiting link', 'play-circle'],
      ['done', { localCopy: copy, saved }, {}, title, '', 'pass-filled'],
      ['failed', {}, {}, title, '', 'error'],
      ['failed', { error: { kind: 'never-sent', at: NOW } }, {}, title, 'Not sent: VS Code was closed', 'error'],
      [
        'failed',
        { error: { kind: 'task-failed', at: NOW } },
        {},
        title,
        'The service could not make this video.',
        'error',
      ],
      ['expired', {}, {}, title, 'Link expired', 'circle-slash'],
    ];
    for (const [state, facts, more, label, description, icon] of expected) {
      const item = presentation.createTaskItem(record({ state, ...facts }), { ...context, ...more });
      assert.deepEqual(
        { label: item.label, description: item.description, icon: (item.iconPath as ThemeIcon).id },
        { label, description, icon },
      );
      assert.equal(item.id, 'task1');
    }
    const left = presentation.createTaskItem(record(), { ...context, estimate }).label as string;
    assert.match(left, /^.*\d.* · A red fox in the snow$/);
    assert.doesNotMatch(left, /1:05/);
  });

  it('says its state aloud, whatever the row leaves to the icon', () => {
    const saved = [{ uri: 'file:///x.mp4', at: NOW }];
    const aloud = (facts: Partial<TaskRecord>) =>
      presentation.createTaskItem(record(facts), context).accessibilityInformation?.label ?? '';
    for (const [facts, state] of [
      [{ state: 'draft' }, 'In the queue'],
      [{ state: 'waiting' }, 'Waiting since .+'],
      [{ state: 'running' }, 'Generating since .+'],
      [{ state: 'done', localCopy: copy }, 'Ready'],
      [{ state: 'done', result }, 'Ready · link works for 47 h 0 min'],
      [{ state: 'done', localCopy: copy, saved }, 'Saved'],
      [{ state: 'failed' }, 'Failed'],
      [{ state: 'failed', error: { kind: 'task-failed', at: NOW } }, 'Failed · The service could not make this video'],
    ] as const) {
      assert.match(aloud(facts), new RegExp(`^A red fox in the snow\\. ${state}\\. .+\\.$`));
    }
  });

  it('tells of a link neither that it works until a time that is past, nor for longer than a link lives', () => {
    const link = (facts: Partial<TaskRecord>) => {
      const done = record({ state: 'done', ...facts });
      const { value } = presentation.getTooltip(done, context) as unknown as MarkdownString;
      assert.equal(/^Link: expired/m.test(value), !value.includes('Link works until'), value);
      return { until: value.includes('Link works until'), row: presentation.createTaskItem(done, context).description };
    };
    const ends = (inMs: number) => ({ result: { ...result, expiresAt: NOW + inMs } });
    assert.deepEqual(link(ends(60_000)), { until: true, row: 'Link works for 1 min' });
    assert.deepEqual(link(ends(0)), { until: false, row: 'Link expired' });
    assert.deepEqual(link({ ...ends(-1), copyDropped: true }), { until: false, row: 'Link expired' });
    assert.deepEqual(link({ ...ends(-1), state: 'expired' }), { until: false, row: 'Link expired' });
    // The clock was set back by a month since.
    assert.deepEqual(link(ends(32 * 24 * 3_600_000)), { until: true, row: 'Link works for 48 h 0 min' });
  });

  it('says what a task waits for that cannot be asked about', () => {
    const held = (pauseReason: PauseReason) => presentation.createTaskItem(record(), { ...context, pauseReason });
    assert.deepEqual(
      { description: held('refused-key').description, icon: (held('refused-key').iconPath as ThemeIcon).id },
      { description: 'Paused: API key refused', icon: 'debug-pause' },
    );
    assert.deepEqual(
      { description: held('no-key').description, icon: (held('no-key').iconPath as ThemeIcon).id },
      { description: 'Paused: no API key', icon: 'debug-pause' },
    );
    assert.deepEqual(
      { description: held('other-key').description, icon: (held('other-key').iconPath as ThemeIcon).id },
      { description: 'Waits for its key', icon: 'key' },
    );
    const { value } = presentation.getTooltip(record(), {
      ...context,
      pauseReason: 'other-key',
    }) as unknown as MarkdownString;
    assert.match(value, /made with another API key[^]*waits until that key is set[^]*not charged again[^]*48 hours/);
  });

  it('claims nothing about what a newer version made', () => {
    for (const state of ['failed', 'running', 'done', 'unknown'] as const) {
      const item = presentation.createTaskItem(record({ state }), { ...context, readOnly: true });
      assert.deepEqual(
        { description: item.description, icon: (item.iconPath as ThemeIcon).id },
        { description: 'Made by a newer version', icon: 'lock' },
      );
      assert.doesNotMatch(item.contextValue ?? '', /savable|checkable|bindable|removable/);
    }
  });

  it('shows the first frame in the tooltip, and loads nothing for it from anywhere', () => {
    const shown = (thumbnail: string) => {
      const firstFrame = { source: 'file:///f.png', delivery: 'inline', label: 'f.png', thumbnail };
      return (
        presentation.getTooltip(
          record({ request: { ...record().request, firstFrame } }),
          context,
        ) as unknown as MarkdownString
      ).value;
    };
    assert.match(shown('data:image/jpeg;base64,/9j/'), /\n\n!\[First frame\]\(data:image\/jpeg;base64,\/9j\/\)$/);
    for (const hostile of [
      'https://example.org/pixel.png',
      'data:image/jpeg;base64,AAAA) [click](command:workbench.action.quit',
      'data:image/svg+xml;base64,AAAA',
    ]) {
      assert.doesNotMatch(shown(hostile), /!\[|pixel|command/);
    }
  });

  it('shows its poster in the tooltip, below the prompt', () => {
    const { value } = presentation.getTooltip(
      record({ state: 'done', localCopy: copy }),
      context,
      Uint8Array.from([0xff, 0xd8, 0xff, 0xe0]),
    );
    assert.match(
      value,
      /^A red fox in the snow\n\n!\[A frame of the video\]\(data:image\/jpeg;base64,\/9j\/4A==\|height=180\)\n\n\*\*Ready\*\*/,
    );
  });

  it('says of what a kill left behind whether it was sent', () => {
    const never = record({ state: 'failed', gatewayId: undefined, error: { kind: 'never-sent', at: NOW } });
    assert.equal(presentation.formatState(never, context), 'Not sent: VS Code was closed');
    const { value } = presentation.getTooltip(never, context) as unknown as MarkdownString;
    assert.match(value, /Nothing was charged/);
    const interrupted = record({ state: 'unknown', gatewayId: undefined, error: { kind: 'interrupted', at: NOW } });
    assert.equal(presentation.formatState(interrupted, context), 'No answer; may have been charged');
  });

  it('says why and when something is tried again, in the row and in the tooltip', () => {
    const trouble = { kind: 'not-sent', at: NOW } as const;
    const told = (nextTryAt: number | undefined, more: Partial<TaskRecord> = { trouble }) => {
      const now = { ...context, nextTryAt };
      const row = String(presentation.createTaskItem(record(more), now).description);
      return { row, next: /Next try .*\./.exec(presentation.getTooltip(record(more), now).value)?.[0] };
    };
    const seconds = { row: 'Trying again in 40 s · no connection', next: 'Next try in 40 s\\.' };
    assert.deepEqual(told(NOW + 39_500), seconds);
    const later = told(NOW + 90_000);
    assert.match(later.row, /^Trying again (at|on) .*\d:\d\d.* · no connection$/);
    assert.match(later.next ?? '', /^Next try (at|on) .*\d\\?:\d\d/);
    // It is due, or another window does it.
    for (const at of [NOW, NOW - 1, undefined]) {
      assert.deepEqual(told(at), { row: 'Trying again · no connection', next: undefined });
    }
    assert.equal(told(NOW + 5_000, { trouble: { kind: 'storage', at: NOW } }).row, 'Trying again in 5 s');
    assert.equal(told(NOW + 5_000, {}).next, undefined, 'nothing is wrong');
    // A running number would be read aloud with each change.
    const item = presentation.createTaskItem(record({ trouble }), { ...context, nextTryAt: NOW + 40_000 });
    assert.match(item.accessibilityInformation?.label ?? '', /Trying again · no connection\./);
  });

  it('says its state in Russian in words that fit a side bar of 200 px', () => {
    // Measured there: 147 px beside the icon, and 6.7 px a letter. The reason of a failure may be cut.
    const fits = 23;
    const reason = /^Сервис не смог/;
    const held = ['refused-key', 'no-key', 'unreadable-key', 'other-address', 'other-key'] as const;
    const error = (kind: TaskErrorKind) => ({ state: 'failed' as const, error: { kind, at: NOW } });
    const progress = { id: 'task1', received: 45, total: 100 };
    const estimate = { leftMs: 90_000, p20Ms: 60_000, p80Ms: 100_000, isLong: false };
    const shown: [Partial<TaskRecord>, object?][] = [
      ...TASK_STATES.map((state): [Partial<TaskRecord>] => [{ state }]),
      ...held.map((pauseReason): [Partial<TaskRecord>, object] => [{}, { pauseReason }]),
      [{}, { readOnly: true }],
      [{}, { estimate }],
      [{}, { estimate: { ...estimate, isLong: true } }],
      [{ trouble: { kind: 'no-answer', at: NOW } }],
      [{ state: 'done', localCopy: copy }],
      [{ state: 'done', result }],
      [{ state: 'done', result }, { progress }],
      [{ state: 'done', result, trouble: { kind: 'link-expired', at: NOW } }],
      [{ state: 'done', localCopy: copy, saved: [{ uri: 'file:///x.mp4', at: NOW }] }],
      [error('never-sent')],
      [error('not-confirmed')],
      [error('task-failed')],
    ];
    const texts = JSON.parse(readFileSync('l10n/bundle.l10n.ru.json', 'utf8')) as Record<string, string>;
    Object.entries(texts).forEach(([key, text]) => bundle.set(key, text));
    try {
      for (const [facts, more] of shown) {
        const { label, description } = presentation.createTaskItem(record(facts), { ...context, ...more });
        const [, count = ''] = /^(?:(.*) · )?A red fox in the snow$/.exec(label as string)!;
        const state = String(description);
        assert.match(state, /^$|[а-яё]/i);
        assert.ok(count.length <= fits, `${count}: ${count.length}`);
        assert.ok(reason.test(state) || state.length <= fits, `${state}: ${state.length}`);
      }
    } finally {
      bundle.clear();
    }
  });

  it('says its state without what changes within the state, for the row of a chain', () => {
    const state = (facts: Partial<TaskRecord>, more = {}) =>
      presentation.formatState(record(facts), { ...context, ...more }, { withTime: false });
    assert.equal(state({ state: 'draft' }), 'In the queue');
    assert.equal(state({ state: 'submitting' }), 'Sending');
    assert.equal(state({ state: 'waiting' }), 'Waiting');
    assert.equal(state({ trouble: { kind: 'no-answer', at: NOW } }), 'Generating');
    assert.equal(state({}, { pauseReason: 'no-key' }), 'Paused: no API key');
    assert.equal(state({ state: 'unknown' }), 'No answer');
    assert.equal(state({ state: 'done', result }, { progress: { id: 'task1', received: 1 } }), 'Ready');
    assert.equal(state({ state: 'done', localCopy: copy }), 'Ready');
    assert.equal(state({ state: 'done', result: { ...result, expiresAt: NOW } }), 'Link expired');
    assert.equal(state({ state: 'failed', error: { kind: 'never-sent', at: NOW } }), 'Failed');
    assert.equal(state({}, { readOnly: true }), 'Made by a newer version');
  });

  it('spins only while it is being made', () => {
    const spinning = (
      ['draft', 'submitting', 'waiting', 'running', 'unknown', 'done', 'failed', 'expired'] as const
    ).filter((state) =>
      (presentation.createTaskItem(record({ state }), context).iconPath as ThemeIcon).id.endsWith('~spin'),
    );
    assert.deepEqual(spinning, ['running']);
  });

  it('tells menus what can be done with it', () => {
    const item = presentation.createTaskItem(record({ state: 'done', localCopy: copy }), context);
    assert.equal(
      item.contextValue,
      'task previewable savable continuable retryable copyPrompt copyId removable done local',
    );
  });

  it('shows its id until the prompt is known', () => {
    assert.equal(
      presentation.createTaskItem(record({ request: { model: '', prompt: '' } }), context).label,
      '1:05 · Task 66f0c0ffee0123456789abcd',
    );
  });

  it('does not read the running clock aloud', () => {
    const sentence = (now: number) =>
      presentation.createTaskItem(record(), { ...context, now }).accessibilityInformation?.label;
    assert.equal(sentence(NOW), sentence(NOW + 5_000));
  });

  it('is labelled with the whole first line of its prompt, however hostile, and VS Code cuts it', () => {
    const label = (prompt: string) =>
      presentation.createTaskItem(record({ state: 'failed', request: { model: 'm', prompt } }), context).label;
    const line = 'A red fox in the snow at dawn, cinematic, shot on film, with fireflies over the frozen river';
    assert.equal(label(line), line);
    assert.equal(label(`\n \u200b\n  ${line}  \nThe second line`), line);
    assert.equal(Array.from(label('fireflies '.repeat(1000)) as string).length <= 300, true);
    assert.match(label('fireflies '.repeat(1000)) as string, /^(fireflies ){20}/);
    for (const prompt of HOSTILE_TEXTS) {
      assert.doesNotMatch(label(prompt) as string, /[\n\r\u0000-\u001f\u202a-\u202e\u2066-\u2069\u2028]/u, prompt);
    }
  });

  it('is told from the others of its prompt by number and age, in the row, aloud and in the tooltip', () => {
    const item = (ageMs: number) =>
      presentation.createTaskItem(record({ state: 'done', localCopy: copy, createdAt: NOW - ageMs }), {
        ...context,
        promptTake: { number: 2, count: 5 },
      });
    const minutes = 60_000;
    assert.deepEqual(
      [10_000, 5 * minutes, 3.9 * 60 * minutes, 50 * 60 * minutes].map((age) => item(age).label),
      ['just now', '5 min', '3 h', '2 d'].map((age) => `Take 2 · ${age} · A red fox in the snow`),
    );
    assert.equal(item(0).description, '');
    assert.match(item(0).accessibilityInformation!.label, /^Take 2 · just now · A red fox in the snow\. Ready\./);
    // What has just begun counts seconds: no age beside them.
    const live = presentation.createTaskItem(record(), { ...context, promptTake: { number: 2, count: 5 } });
    assert.equal(live.label, '1:05 · Take 2 · A red fox in the snow');
    const tooltip = presentation.getTooltip(record(), { ...context, promptTake: { number: 2, count: 5 } });
    assert.match(tooltip.value, /Take 2 of 5 with this prompt/);
  });

  it('has a tooltip that trusts nothing and shows prompt, model, price, error and advice', () => {
    for (const prompt of HOSTILE_TEXTS) {
      const tooltip = presentation.getTooltip(
        record({
          state: 'failed',
          request: { model: 'm', prompt },
          error: { kind: 'internal', at: NOW, message: prompt },
        }),
        context,
      ) as MarkdownString;
      assert.ok(!tooltip.isTrusted && !tooltip.supportHtml && !tooltip.supportThemeIcons);
      assert.doesNotMatch(tooltip.value, /(?<!\\)[[\]<`]/, prompt);
      assert.match(tooltip.value, /Price: 122/);
    }
  });

  it('changes with time only where a clock or a link runs', () => {
    assert.equal(msUntilTextChange(record(), NOW), 1000);
    assert.equal(msUntilTextChange(record(), NOW + 400), 600);
    assert.equal(msUntilTextChange(record({ state: 'done', result }), NOW - 30_000), 30_001);
    for (const facts of [
      { state: 'done', localCopy: copy },
      { state: 'failed' },
      { state: 'draft' },
      { state: 'unknown' },
    ] as const) {
      assert.equal(msUntilTextChange(record(facts), NOW), undefined);
    }
  });
});

describe('views: the tree', () => {
  /** A store of which only what the tree reads is there. */
  class Records {
    records = new Map<string, TaskRecord>();
    isLoaded = true;
    readonly changes = new Emitter<readonly TaskChange[]>();
    readonly loads = new Emitter<void>();
    readonly onDidChange = this.changes.event;
    readonly onDidLoad = this.loads.event;
    load = () => Promise.resolve();
    list = () => [...this.records.values()].reverse();
    get = (id: string) => this.records.get(id);
    isReadOnly = () => false;
    set(after: TaskRecord): void {
      const before = this.records.get(after.id);
      this.records.set(after.id, after);
      this.changes.fire([{ id: after.id, ...(before ? { before } : {}), after }]);
    }
    delete(id: string): void {
      const before = this.records.get(id)!;
      this.records.delete(id);
      this.changes.fire([{ id, before }]);
    }
  }

  function build(
    records: TaskRecord[],
    kept: [string, unknown][] = [],
    disk?: TaskTreeOptions['disk'],
    isNumbered = false,
  ) {
    const memory = new Map<string, unknown>(kept);
    const store = new Records();
    records.forEach((each) => store.records.set(each.id, each));
    const progress = new Emitter<DownloadProgress>();
    const pauses = new Emitter<void>();
    const polling = {
      pause: undefined as 'invalid-key' | undefined,
      pauseReason: undefined as PauseReason | undefined,
      getPauseReason: () => polling.pauseReason,
      onDidChangePauseReason: pauses.event,
    };
    const clock = createManualClock(NOW);
    const tree = new TaskTreeDataProvider({
      store,
      ...(disk && { disk }),
      downloader: { onDidProgress: progress.event, getProgress: () => undefined },
      polling,
      clock,
      takes: isNumbered ? new PromptTakes(store) : undefined,
      memory: {
        get: <T>(key: string) => memory.get(key) as T,
        update: (key: string, value: unknown) => Promise.resolve(void memory.set(key, value)),
      },
    });
    const view = trees.at(-1)!;
    const fired: unknown[] = [];
    tree.onDidChangeTreeData((elements) => fired.push(elements));
    store.loads.fire();
    /** What VS Code does with a view that is seen. */
    const draw = async () => {
      const rows = await tree.getChildren();
      const items = rows.map((row) => tree.getTreeItem(row) as unknown as TreeItem);
      fired.length = 0;
      return { rows, items };
    };
    return { store, polling, pauses, clock, tree, view, fired, draw, memory };
  }

  it('says how many tasks cannot be read at the moment, and looks for those of others while it is seen', () => {
    const changes = new Emitter<void>();
    const looks: [string, boolean][] = [];
    const disk = {
      unreadable: [] as string[],
      onDidChangeUnreadable: changes.event,
      keepLooking: (reason: string, wanted: boolean) => void looks.push([reason, wanted]),
    };
    const { view, tree } = build([record({ id: 'a' })], [], disk);
    assert.equal(view.message, undefined);
    disk.unreadable = ['b', 'c'];
    changes.fire();
    assert.match(String(view.message), /at the moment: 2\. .*nothing is lost/);
    disk.unreadable = [];
    changes.fire();
    assert.equal(view.message, undefined);
    view.show(false);
    tree.dispose();
    assert.deepEqual(looks, [
      ['tree', true],
      ['tree', false],
      ['tree', false],
    ]);
  });

  it('lists the newest first and refreshes one row for one change', async () => {
    const { store, fired, draw } = build([record({ id: 'a' }), record({ id: 'b' })]);
    const { rows, items } = await draw();
    assert.deepEqual(
      items.map(({ id }) => id),
      ['b', 'a'],
    );
    store.set(record({ id: 'a', state: 'done', localCopy: copy }));
    assert.deepEqual(fired, [[rows[1]]]);
  });

  it('draws the list anew only for what comes and goes', async () => {
    const { store, fired, draw } = build([record({ id: 'a' })]);
    await draw();
    store.set(record({ id: 'b' }));
    store.delete('a');
    assert.deepEqual(fired, [undefined, undefined]);
  });

  it('has one timer while something runs and is seen, and else none', async () => {
    const { store, clock, fired, view, draw } = build([record({ id: 'a' }), record({ id: 'old', state: 'failed' })]);
    const { rows } = await draw();
    assert.equal(clock.armed, 1);
    clock.advance(1000);
    assert.deepEqual(fired, [[rows[1]]], 'only the row whose text changed');
    view.show(false);
    assert.equal(clock.armed, 0);
    view.show(true);
    assert.equal(clock.armed, 1);
    store.set(record({ id: 'a', state: 'done', localCopy: copy }));
    assert.equal(clock.armed, 0);
  });

  it('counts the minutes of a link with one timer a minute', async () => {
    const { clock, draw } = build([record({ id: 'a', state: 'done', result })]);
    await draw();
    assert.equal(clock.armed, 1);
    assert.ok(clock.nextMs > 0 && clock.nextMs <= 60_001);
  });

  it('counts what is on its way in the badge, and tells when there are tasks', () => {
    executed.length = 0;
    const { store, view } = build([record({ id: 'a' }), record({ id: 'b', state: 'failed' })]);
    assert.equal(view.badge?.value, 1);
    assert.deepEqual(executed, [['setContext', 'seedance.hasTasks', true]]);
    store.delete('a');
    assert.equal(view.badge, undefined);
    store.delete('b');
    assert.deepEqual(executed.at(-1), ['setContext', 'seedance.hasTasks', false]);
  });

  it('says what the local copies take, and counts each once', async () => {
    const { store, view, draw } = build([
      record({ id: 'a', state: 'done', localCopy: { ...copy, bytes: 1024 * 1024 } }),
    ]);
    assert.equal(view.title, 'Videos', 'no words before the first rows');
    await draw();
    assert.equal(view.title, 'Videos · 1 MB');
    store.set(record({ id: 'b', state: 'done', localCopy: { ...copy, bytes: 3 * 1024 * 1024 } }));
    store.set(
      record({
        id: 'b',
        state: 'done',
        localCopy: { ...copy, bytes: 3 * 1024 * 1024 },
        saved: [{ uri: 'file:///b.mp4', at: NOW }],
      }),
    );
    assert.equal(view.title, 'Videos · 4 MB');
    store.delete('a');
    store.set(record({ id: 'b', state: 'done', copyDropped: true }));
    assert.equal(view.title, 'Videos');
  });

  it('refreshes the rows that a key brings to a halt, and those that it sets free', async () => {
    const { polling, pauses, fired, draw } = build([record({ id: 'a' }), record({ id: 'b', state: 'failed' })]);
    const { rows } = await draw();
    polling.pauseReason = 'other-key';
    pauses.fire();
    assert.deepEqual(fired, [[rows[1]]]);
  });

  it('says why nothing moves when the key is refused', () => {
    const { polling, pauses, view } = build([record({ id: 'a' })]);
    assert.equal(view.message, undefined);
    polling.pause = 'invalid-key';
    pauses.fire();
    assert.match(view.message ?? '', /refused the API key/);
    polling.pause = undefined;
    pauses.fire();
    assert.equal(view.message, undefined);
  });

  it('shows 10,000 tasks in pages, and finds each', async () => {
    const many = Array.from({ length: 10_000 }, (_, n) =>
      record({ id: `t${String(n).padStart(5, '0')}`, state: 'failed', createdAt: NOW + n * 60_000 }),
    );
    const { tree, draw } = build(many);
    const { rows, items } = await draw();
    assert.ok(rows.length < 100);
    const below = async (all: typeof rows, above?: (typeof rows)[number]): Promise<string[]> => {
      assert.ok(all.every((row) => tree.getParent(row) === above));
      return (
        await Promise.all(all.map(async (row) => ('id' in row ? [row.id] : below(await tree.getChildren(row), row))))
      ).flat();
    };
    assert.deepEqual(await below(rows), many.map(({ id }) => id).reverse());
    const labels = rows.filter((row) => 'page' in row).map((page) => tree.getTreeItem(page).label as string);
    assert.ok(labels.length > 10);
    assert.equal(new Set(labels).size, labels.length);
    assert.equal(
      items.reduce(
        (sum, { label, contextValue }) =>
          sum + (contextValue === 'older' ? Number(/^(\d+) older, .+\s–\s.+/.exec(String(label))![1]) : 1),
        0,
      ),
      many.length,
    );
    const day = (n: number) =>
      new Date(NOW + n * 60_000).toLocaleDateString('en', { day: 'numeric', month: 'short', year: 'numeric' });
    const [from, to] = [day(0).replace(/, \d+$/, ''), day(4999).replace(/^\w+ /, '')];
    assert.match(labels.at(-1)!, new RegExp(`^5000 older, ${from}\\s–\\s(\\w+ )?${to}$`));
  });

  const continued = (id: string, task: string, facts: Partial<TaskRecord> = {}) => {
    const from = { task, seconds: 4.96, isLast: true };
    return record({
      id,
      ...facts,
      request: {
        ...record().request,
        prompt: `Scene of ${id}`,
        firstFrame: { source: 'file:///f.png', delivery: 'inline', label: 'frame', from },
      },
    });
  };
  const CHAIN = [
    record({ id: 'a', state: 'done', localCopy: copy }),
    record({ id: 'x', state: 'failed' }),
    continued('b', 'a', { createdAt: NOW - 50 }),
    continued('c', 'b', { createdAt: NOW - 40 }),
  ];

  it('shows the takes of a chain together, and says how far it is', async () => {
    executed.length = 0;
    const { tree, draw, fired, memory, view } = build(CHAIN);
    assert.deepEqual(
      (await draw()).items.map(({ id }) => id),
      ['c', 'b', 'x', 'a'],
    );
    await tree.groupChains(true);
    assert.deepEqual(fired, [undefined]);
    assert.deepEqual([...memory], [['seedance.chainsGrouped', true]]);
    assert.deepEqual(executed.slice(1), [
      ['setContext', 'seedance.hasChains', true],
      ['setContext', 'seedance.chainsGrouped', true],
    ]);
    const { rows, items } = await draw();
    assert.deepEqual(
      items.map(({ id, label, description }) => [id, label, description]),
      [
        ['chain-a', 'A red fox in the snow', 'Takes: 3 · Generating'],
        ['x', 'A red fox in the snow', ''],
      ],
    );
    assert.equal(items[0]!.collapsibleState, 2);
    // Whatever can be done with a take; nothing about states, which differ.
    assert.equal(
      items[0]!.contextValue,
      'chain task previewable savable continuable retryable checkable copyPrompt copyId removable',
    );
    view.selection = [rows[0], rows[1], { page: { level: 0, index: 0 } }];
    assert.deepEqual(tree.selection, ['a', 'b', 'c', 'x']);
    view.selection = [];
    const takes = await tree.getChildren(rows[0]);
    assert.deepEqual(
      takes.map((row) => (tree.getTreeItem(row) as unknown as TreeItem).label),
      ['Take 1 · A red fox in the snow', '1:05 · Take 2 · Scene of b', '1:05 · Take 3 · Scene of c'],
    );
    assert.ok(takes.every((row) => tree.getParent(row) === rows[0]));
    assert.equal(tree.getParent(rows[0]!), undefined);
    assert.equal(view.badge?.value, 2);
    await tree.reveal('b');
    assert.deepEqual(view.revealed, [takes[1]]);
    await tree.groupChains(false);
    assert.deepEqual(
      (await draw()).items.map(({ id }) => id),
      ['c', 'b', 'x', 'a'],
    );
    assert.equal(memory.get('seedance.chainsGrouped'), false);
  });

  it('remembers that chains are shown together, and keeps in sight what is selected', async () => {
    executed.length = 0;
    const { tree, draw, view } = build(CHAIN, [['seedance.chainsGrouped', true]]);
    assert.deepEqual(executed[0], ['setContext', 'seedance.chainsGrouped', true]);
    const [row] = (await tree.getChildren((await draw()).rows[0])).slice(1);
    view.selection = [row];
    await tree.groupChains(false);
    assert.deepEqual(view.revealed, [row]);
  });

  it('refreshes the row of a chain only when its words change, and never each second', async () => {
    const { tree, draw, store, fired, clock } = build(CHAIN, [['seedance.chainsGrouped', true]]);
    const [chain] = (await draw()).rows;
    const takes = await tree.getChildren(chain);
    takes.forEach((row) => void tree.getTreeItem(row));
    clock.advance(1000);
    assert.deepEqual(fired, [[takes[2], takes[1]]]);
    fired.length = 0;
    store.set(continued('b', 'a', { createdAt: NOW - 50, state: 'failed' }));
    assert.deepEqual(fired, [[takes[1]]]);
    fired.length = 0;
    store.set(continued('c', 'b', { createdAt: NOW - 40, state: 'done', localCopy: copy }));
    assert.deepEqual(fired, [[takes[2], chain]]);
    assert.equal((tree.getTreeItem(chain!) as unknown as TreeItem).description, 'Takes: 3 · Ready');
  });

  it('leaves what is left of a chain in the list', async () => {
    const { tree, draw, store } = build(CHAIN, [['seedance.chainsGrouped', true]]);
    await draw();
    store.delete('a');
    const { rows, items } = await draw();
    assert.deepEqual(
      items.map(({ id, label }) => [id, label]),
      [
        ['chain-a', 'Scene of b'],
        ['x', 'A red fox in the snow'],
      ],
    );
    const takes = await tree.getChildren(rows[0]);
    assert.deepEqual(
      takes.map((row) => (tree.getTreeItem(row) as unknown as TreeItem).label),
      ['1:05 · Take 2 · Scene of b', '1:05 · Take 3 · Scene of c'],
    );
    store.delete('c');
    const left = await draw();
    assert.deepEqual(
      left.items.map(({ id, label }) => [id, label]),
      [
        ['b', '1:05 · Scene of b'],
        ['x', 'A red fox in the snow'],
      ],
    );
  });

  it('says in the tooltip what a take continues', async () => {
    const { tree, draw, store } = build(CHAIN);
    const { rows } = await draw();
    const tooltip = async (row: (typeof rows)[number]) =>
      ((await tree.resolveTreeItem({ label: '' }, row)).tooltip as unknown as MarkdownString).value.replaceAll(
        '\\',
        '',
      );
    assert.match(await tooltip(rows[1]!), /Take 2 of a chain; continues “A red fox in the snow”/);
    assert.match(await tooltip(rows[3]!), /Take 1 of a chain\n/);
    assert.doesNotMatch(await tooltip(rows[2]!), /chain/);
    store.delete('a');
    const again = await draw();
    assert.match(await tooltip(again.rows[1]!), /Take 2 of a chain; what it continues is no longer in the list/);
  });

  it('shows 10,000 takes in pages of chains', async () => {
    const many = Array.from({ length: 10_000 }, (_, n) => {
      const name = (at: number) => `t${String(at).padStart(5, '0')}`;
      return n % 4 === 0
        ? record({ id: name(n), state: 'failed', createdAt: NOW + n })
        : continued(name(n), name(n - 1), { state: 'failed', createdAt: NOW + n });
    });
    const { tree, draw } = build(many, [['seedance.chainsGrouped', true]]);
    const { rows } = await draw();
    assert.ok(rows.length < 100);
    const below = async (all: typeof rows): Promise<string[]> =>
      (await Promise.all(all.map(async (row) => ('id' in row ? [row.id] : below(await tree.getChildren(row)))))).flat();
    assert.deepEqual(
      (await below(rows)).toSorted(),
      many.map(({ id }) => id),
    );
    const page = (await tree.getChildren(rows.at(-1)))[0]!;
    const [chain] = await tree.getChildren(page);
    const [take] = await tree.getChildren(chain);
    assert.deepEqual(
      { ofTake: tree.getParent(take!), ofChain: tree.getParent(chain!) },
      { ofTake: chain, ofChain: page },
    );
  });

  const LETTER = 'file:///films/films/the%20letter.storyboard.md';
  const take = (id: string, label: string, title: string, more: Partial<TaskRecord> = {}, document = LETTER) =>
    record({
      id,
      shot: { document, label, title },
      request: { model: 'seedance-1-pro-480P-2s', prompt: `Take ${id}` },
      ...more,
    });
  const DONE = { state: 'done', localCopy: copy } as const;
  const FILM = [
    take('a', 'Shot 1', 'Late night', DONE),
    take('b', 'Shot 10', 'Sea', { state: 'failed', error: { kind: 'task-failed', at: NOW } }),
    take('c', 'Shot 2', 'Rain', DONE),
    record({ id: 'x', state: 'failed' }),
    take('d', 'Shot 02', 'rain'),
  ];
  const draw = (tree: InstanceType<typeof TaskTreeDataProvider>, rows: Awaited<ReturnType<typeof tree.getChildren>>) =>
    rows.map((row) => tree.getTreeItem(row) as unknown as TreeItem);

  it('shows the tasks of a storyboard below its name, by shots, and says how far it is', async () => {
    executed.length = 0;
    const { tree, draw: drawAll, view, memory } = build(FILM);
    const { rows, items } = await drawAll();
    assert.deepEqual(
      items.map(({ id, label, description, contextValue }) => [id, label, description, contextValue]),
      [
        [`film-${LETTER}`, 'the letter', '2 of 3 · 1 running · 1 failed', 'film savable removable'],
        ['x', 'A red fox in the snow', '', items[1]!.contextValue],
      ],
    );
    assert.deepEqual(executed, [
      ['setContext', 'seedance.hasTasks', true],
      ['setContext', 'seedance.hasChains', true],
      ['setContext', 'seedance.chainsGrouped', true],
    ]);
    assert.equal(items[0]!.collapsibleState, 2, 'open while something runs');
    const shots = await tree.getChildren(rows[0]);
    assert.deepEqual(
      draw(tree, shots).map(({ label, description, collapsibleState }) => [label, description, collapsibleState]),
      [
        ['Shot 1: Late night', 'Takes: 1 · Ready', 1],
        ['Shot 02: rain', 'Takes: 2 · Generating', 2],
        ['Shot 10: Sea', 'Takes: 1 · Failed', 1],
      ],
    );
    const takes = await tree.getChildren(shots[1]);
    assert.deepEqual(
      draw(tree, takes).map(({ id, label }) => [id, label]),
      [
        ['c', 'Take 1 · Take c'],
        ['d', '1:05 · Take 2 · Take d'],
      ],
    );
    assert.deepEqual(
      [tree.getParent(takes[0]!), tree.getParent(shots[1]!), tree.getParent(rows[0]!)],
      [shots[1], rows[0], undefined],
    );
    view.selection = [shots[1], rows[1]];
    assert.deepEqual(tree.selection, ['c', 'd', 'x']);
    assert.deepEqual(tree.tasksOf(rows[0]!), ['a', 'b', 'c', 'd']);
    assert.deepEqual(tree.tasksOf({ uri: LETTER, label: 'SHOT 2', title: 'Rain' }), ['c', 'd'], 'as a lens names it');
    assert.deepEqual(tree.tasksOf({ uri: LETTER, label: 2 }), [], 'what another extension passes');
    view.selection = [];
    await tree.groupChains(false);
    assert.deepEqual(
      (await drawAll()).items.map(({ id }) => id),
      ['d', 'x', 'c', 'b', 'a'],
    );
    assert.equal(memory.get('seedance.chainsGrouped'), false);
    assert.deepEqual(executed.at(-1), ['setContext', 'seedance.chainsGrouped', false]);
  });

  it('opens the storyboard by a click on the row of a film or a shot, and names both to who listens', async () => {
    const { tree, draw: drawAll } = build(FILM);
    const { rows, items } = await drawAll();
    const [, shot] = draw(tree, await tree.getChildren(rows[0]));
    const { command, accessibilityInformation } = shot as unknown as {
      command: { command: string; arguments: unknown[] };
      accessibilityInformation: { label: string };
    };
    assert.equal(command.command, 'seedance.storyboard.open');
    assert.deepEqual(command.arguments, [{ uri: LETTER, label: 'Shot 02', title: 'rain' }]);
    assert.equal(accessibilityInformation.label, 'Shot: Shot 02: rain. Takes: 2 · Generating');
    assert.deepEqual((items[0] as unknown as { accessibilityInformation: unknown }).accessibilityInformation, {
      label: 'Film: the letter. 2 of 3 · 1 running · 1 failed',
    });
  });

  it('redraws of a film only what a change of a task has changed, and nothing each second', async () => {
    const { tree, draw: drawAll, store, fired, clock } = build([...FILM, take('e', 'Shot 2', 'Rain')]);
    const [film] = (await drawAll()).rows;
    const shots = await tree.getChildren(film);
    draw(tree, shots);
    const takes = await tree.getChildren(shots[1]);
    draw(tree, takes);
    clock.advance(1000);
    assert.deepEqual(fired, [[takes[2], takes[1]]], 'the seconds of what is generated');
    fired.length = 0;
    store.set(take('c', 'Shot 2', 'Rain', { ...DONE, saved: [{ uri: 'file:///c.mp4', at: NOW }] }));
    assert.deepEqual(fired, [[takes[0], shots[1]]], 'it can be revealed now; the film says the same');
    draw(tree, shots);
    fired.length = 0;
    store.set(take('d', 'Shot 02', 'rain', DONE));
    assert.deepEqual(fired, [[takes[1], film]], 'one fewer is on its way; the newest of the shot is as it was');
    fired.length = 0;
    store.set(take('e', 'Shot 2', 'Rain', DONE));
    assert.deepEqual(fired, [[takes[2], shots[1], film]]);
    fired.length = 0;
    store.set({ ...take('a', 'Shot 1', 'Late night', DONE, 'file:///films/other.storyboard.md') });
    assert.deepEqual(fired, [undefined], 'it is below another film now');
  });

  it('keeps what the storyboard of a task is named as text, and tells storyboards of one name apart', async () => {
    const hostile = HOSTILE_TEXTS.map((text, n) =>
      take(
        `h${n}`,
        text.slice(0, 200) || 'x',
        text,
        DONE,
        `file:///w/${encodeURIComponent(text.replace(/\p{Cs}/gu, '?'))}.storyboard.md`,
      ),
    );
    const { tree, draw: drawAll } = build([
      ...hostile,
      take('p', 'Shot 1', '', DONE, 'file:///one/film.storyboard.md'),
      take('q', 'Shot 1', '', DONE, 'file:///two/film.storyboard.md'),
      take('r', 'Shot 1', '', DONE, 'untitled:Untitled-1'),
      take('s', 'Shot 1', '', DONE, 'vscode-vfs://github/a/b/%E0%A4%A.storyboard.md'),
    ]);
    const { rows, items } = await drawAll();
    assert.deepEqual(
      items.slice(0, 4).map(({ label }) => label),
      ['%E0%A4%A', 'Untitled-1', 'film · two', 'film · one'],
    );
    for (const row of rows) {
      const [film, ...shots] = draw(tree, [row, ...(await tree.getChildren(row))]);
      for (const item of [film!, ...shots]) {
        assert.doesNotMatch(item.label, /[\p{Cc}\u202a-\u202e\u2066-\u2069\n]/u);
        const { value, isTrusted, supportHtml, supportThemeIcons } = (item as unknown as { tooltip: MarkdownString })
          .tooltip;
        assert.doesNotMatch(value, /(?<!\\)[[\]<>`$]/);
        assert.deepEqual([isTrusted, supportHtml, supportThemeIcons], [undefined, undefined, undefined]);
      }
    }
  });

  it('shows what continues a take of a film with the film, and the rest of a chain apart', async () => {
    const from = { task: 'a', seconds: 4.96, isLast: true };
    const firstFrame = { source: 'file:///f.png', delivery: 'inline', label: 'frame', from };
    const request = { model: 'seedance-1-pro-480P-2s', prompt: 'It drifts', firstFrame };
    const { tree, draw: drawAll } = build(
      [
        ...FILM,
        take('e', 'Shot 2', 'Rain', { request, state: 'failed' }),
        record({ id: 'f', request, state: 'failed', createdAt: NOW - 9 }),
        continued('g', 'f', { state: 'failed' }),
      ],
      [['seedance.chainsGrouped', true]],
    );
    const { rows, items } = await drawAll();
    assert.deepEqual(
      items.map(({ id }) => id),
      ['chain-a', `film-${LETTER}`, 'x'],
    );
    assert.deepEqual(tree.tasksOf(rows[0]!), ['f', 'g']);
    assert.deepEqual(tree.tasksOf(rows[1]!), ['a', 'b', 'c', 'd', 'e']);
  });

  it('shows 10,000 tasks of storyboards without sorting what nobody has opened', async () => {
    const many = Array.from({ length: 10_000 }, (_, n) =>
      take(
        `t${String(n).padStart(5, '0')}`,
        `Shot ${n % 1000}`,
        '',
        { ...DONE, createdAt: NOW + n },
        `file:///w/${n % 100}.storyboard.md`,
      ),
    );
    const { tree, draw: drawAll } = build(many);
    const { rows, items } = await drawAll();
    assert.ok(rows.length < 100);
    assert.equal(items[0]!.description, '10 of 10');
    const below = async (all: typeof rows): Promise<string[]> =>
      (await Promise.all(all.map(async (row) => ('id' in row ? [row.id] : below(await tree.getChildren(row)))))).flat();
    assert.deepEqual(
      (await below(rows)).toSorted(),
      many.map(({ id }) => id),
    );
    const [older] = rows.slice(-1);
    assert.match((tree.getTreeItem(older!) as unknown as TreeItem).label, /^5,?000 older/);
  });

  it('numbers the takes of one prompt, and lets them grow older with one timer a minute while it is seen', async () => {
    const done = (id: string, minutes: number) =>
      record({ id, state: 'done', localCopy: copy, createdAt: NOW - minutes * 60_000 });
    const { draw, store, clock, fired, view } = build([done('a', 120), done('b', 2)], [], undefined, true);
    const labels = async () => (await draw()).items.map(({ label }) => label);
    assert.deepEqual(await labels(), [
      'Take 2 · 2 min · A red fox in the snow',
      'Take 1 · 2 h · A red fox in the snow',
    ]);
    const { rows } = await draw();
    clock.advance(1000);
    assert.deepEqual(fired, []);
    assert.equal(clock.armed, 1);
    clock.advance(60_000);
    assert.deepEqual(fired, [[rows[0]]], 'only the row whose age changed');
    view.show(false);
    assert.equal(clock.armed, 0);
    view.show(true);
    store.delete('a');
    assert.deepEqual(await labels(), ['A red fox in the snow']);
    clock.advance(60_000);
    assert.equal(clock.armed, 0);
    store.set(record({ id: 'x', state: 'done', localCopy: copy, request: { model: 'm', prompt: '' } }));
    await draw();
    store.set(done('x', 1));
    assert.deepEqual(fired, [undefined], 'the prompt that came late is that of another row');
  });

  it('shows the first records while the rest is being read', async () => {
    const { store, tree } = build([]);
    store.isLoaded = false;
    store.load = () => new Promise(() => undefined);
    const rows = tree.getChildren();
    store.set(record({ id: 'a' }));
    assert.equal((await rows).length, 1);
  });

  it('does not look empty when the disk cannot be read', async () => {
    const { store, tree, view } = build([]);
    store.load = () => Promise.reject(new Error('EIO'));
    assert.deepEqual(await tree.getChildren(), []);
    assert.match(view.message ?? '', /could not be read/);
  });
});
