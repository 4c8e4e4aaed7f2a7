import assert from 'node:assert/strict';
import { Emitter } from '../../../src/common/events';
import { fold } from '../../../src/common/searchText';
import type { ExtensionServices } from '../../../src/container';
import type { TaskRecord } from '../../../src/tasks/model/taskRecord';
import { createAcceptedRecord } from '../../support/records';
import { EventEmitter, executed, window } from '../../support/vscodeStub';
import { waitFor } from '../../support/waitFor';

const { findVideo } = await import('../../../src/commands/findVideo');
const { VideoSearch, getExcerpt } = await import('../../../src/commands/videoSearch');

const NOW = Date.UTC(2026, 10, 25, 12);
const DAY_MS = 86_400_000;
const task = (id: string, prompt: string, facts: Partial<TaskRecord> = {}) =>
  createAcceptedRecord(NOW, {
    id,
    state: 'failed',
    gatewayId: `66f0c0ffee-${id}`,
    request: { model: 'seedance-1-lite-480P-5s', prompt, aspectRatio: '16:9' },
    createdAt: NOW,
    ...facts,
  });

interface Item {
  id?: string;
  label: string;
  description?: string;
  detail?: string;
  alwaysShow?: boolean;
  buttons?: { command: string }[];
}

/** The list that the command opens, and the user in front of it. */
class FakeQuickPick {
  value = '';
  items: Item[] = [];
  activeItems: Item[] = [];
  selectedItems: Item[] = [];
  busy = false;
  isShown = false;
  isDisposed = false;
  sortByLabel = true;
  readonly #value = new EventEmitter<string>();
  readonly #active = new EventEmitter<Item[]>();
  readonly #accept = new EventEmitter<void>();
  readonly #hide = new EventEmitter<void>();
  readonly #button = new EventEmitter<{ item: Item; button: unknown }>();
  readonly onDidChangeValue = this.#value.event;
  readonly onDidChangeActive = this.#active.event;
  readonly onDidAccept = this.#accept.event;
  readonly onDidHide = this.#hide.event;
  readonly onDidTriggerItemButton = this.#button.event;
  show = () => void (this.isShown = true);
  hide = () => this.#hide.fire();
  dispose = () => void (this.isDisposed = true);
  type(value: string): void {
    this.value = value;
    this.#value.fire(value);
  }
  mark(item: Item | undefined): void {
    this.activeItems = item ? [item] : [];
    this.#active.fire(this.activeItems);
  }
  accept(item: Item): void {
    this.selectedItems = [item];
    this.#accept.fire();
  }
  press(item: Item, index: number): void {
    this.#button.fire({ item, button: item.buttons![index] });
  }
  get ids(): (string | undefined)[] {
    return this.items.map(({ id }) => id);
  }
}

describe('find video', () => {
  let pick: FakeQuickPick;
  let records: TaskRecord[];
  let peeks: string[];
  let ends: (string | undefined)[];
  let changes: Emitter<readonly unknown[]>;

  beforeEach(() => {
    executed.length = 0;
    pick = new FakeQuickPick();
    [peeks, ends, changes] = [[], [], new Emitter()];
    Object.assign(window, { createQuickPick: () => pick });
    records = [
      task('e', 'A fox in the snow'),
      task('d', 'Ёлка в снегу, светлячки', {
        state: 'done',
        localCopy: { file: 'd.mp4', bytes: 1, at: NOW },
        saved: [{ uri: 'file:///films/Winter-night.mp4', at: NOW }],
      }),
      task('c', `${'A long walk along the river at dawn. '.repeat(4)} Fireflies rise.`, { createdAt: NOW - DAY_MS }),
      task('b', 'A hen', { request: { model: 'seedance-1-pro-1080P-10s', prompt: 'A hen' } }),
      task('a', 'A $(trash) fox', { createdAt: Date.UTC(2026, 4, 3, 12) }),
    ];
  });
  afterEach(() => Reflect.deleteProperty(window, 'createQuickPick'));

  const open = () =>
    findVideo({
      store: {
        load: () => Promise.resolve(),
        list: () => records,
        isReadOnly: () => false,
        onDidChange: changes.event,
      },
      takes: { takeOf: () => undefined },
      polling: { getPauseReason: () => undefined },
      preview: {
        peek: (id: string) => Promise.resolve(void peeks.push(id)),
        endPeek: (id?: string) => Promise.resolve(void ends.push(id)),
      },
      now: () => NOW,
    } as unknown as ExtensionServices);
  const find = async (query: string) => {
    pick.type(query);
    await waitFor(() => !pick.busy);
    return pick.ids;
  };

  it('finds by prompt, model, state, day, file and ID: all words, newest first, whatever their case', async () => {
    const answer = open();
    await waitFor(() => pick.items.length === 5);
    assert.deepEqual(pick.ids, ['e', 'd', 'c', 'b', 'a']);
    const expected: [query: string, ids: string[]][] = [
      ['FOX', ['e', 'a']],
      ['snow fox', ['e']],
      ['fox hen', []],
      ['елка', ['d']],
      ['ЁЛКА Светлячки', ['d']],
      ['fireflies', ['c']],
      ['1080P', ['b']],
      ['Pro · 10 s', ['b']],
      ['saved', ['d']],
      ['failed fox', ['e', 'a']],
      ['may 2026', ['a']],
      ['2026-05-03', ['a']],
      ['03.05.2026', ['a']],
      ['yesterday', ['c']],
      ['today hen', ['b']],
      ['winter-night.mp4', ['d']],
      ['66f0c0ffee-a', ['a']],
      ['9:16', []],
      ['   ', ['e', 'd', 'c', 'b', 'a']],
    ];
    for (const [query, ids] of expected) {
      assert.deepEqual(await find(query), ids, query);
    }
    assert.ok(
      pick.items.every(({ alwaysShow }) => alwaysShow),
      'VS Code hides nothing that was found',
    );
    assert.equal(pick.sortByLabel, false);
    pick.hide();
    assert.equal(await answer, undefined);
    assert.ok(pick.isDisposed);
  });

  it('shows the place that was found where the title does not, and text from outside as text', async () => {
    const answer = open();
    await find('fireflies');
    assert.match(pick.items[0]!.detail ?? '', /^….*Fireflies rise\.$/);
    await find('walk');
    assert.equal(pick.items[0]!.detail, undefined);
    await find('trash');
    assert.equal(pick.items[0]!.label, 'A \\$(trash) fox');
    assert.match(pick.items[0]!.description ?? '', /^Failed · Seedance 1 Lite · 480P · 5 s · /);
    pick.hide();
    await answer;
  });

  it('previews what is marked, opens what is chosen, and leaves no trace of what is not', async () => {
    let answer = open();
    await waitFor(() => pick.items.length === 5);
    pick.mark(pick.items[0]);
    pick.mark(pick.items[1]);
    pick.mark(pick.items[2]);
    await waitFor(() => peeks.length > 0);
    assert.deepEqual(peeks, ['c'], 'nothing before the user goes somewhere, and nothing that was only passed');
    pick.hide();
    assert.equal(await answer, undefined);
    assert.deepEqual(ends, [undefined]);
    pick = new FakeQuickPick();
    answer = open();
    await waitFor(() => pick.items.length === 5);
    pick.accept(pick.items[3]!);
    assert.equal(await answer, 'b');
    assert.deepEqual([peeks, ends], [['c'], [undefined, 'b']]);
  });

  it('has buttons for what can be done, and one that asks questions takes the place of the list', async () => {
    const answer = open();
    await waitFor(() => pick.items.length === 5);
    assert.deepEqual(
      pick.items.map(({ buttons }) => buttons!.map(({ command }) => command.split('.').at(-1))),
      [['again'], ['save', 'again'], ['again'], ['again'], ['again']],
    );
    pick.press(pick.items[1]!, 0);
    assert.deepEqual(executed, [['seedance.task.save', 'd']]);
    pick.press(pick.items[1]!, 1);
    assert.deepEqual(executed.at(-1), ['seedance.task.again', 'd']);
    assert.equal(await answer, undefined);
  });

  it('says how many more there are of 10,000, and keeps up with what comes', async () => {
    records = Array.from({ length: 10_000 }, (_, n) =>
      task(`t${99_999 - n}`, `Scene n${n}x ${n % 2 ? 'odd' : 'even'}`),
    );
    const answer = open();
    await waitFor(() => pick.items.length === 101);
    assert.match(pick.items.at(-1)!.label, /^9,900 more$/);
    await find('odd');
    assert.match(pick.items.at(-1)!.label, /^4,900 more$/);
    assert.equal(pick.items.at(-1)!.id, undefined);
    await find('scene n9998x');
    assert.deepEqual(pick.ids, ['t90001']);
    records = [task('t999999', 'Another scene, n9998x'), ...records];
    changes.fire([]);
    await waitFor(() => pick.items.length === 2);
    assert.deepEqual(pick.ids, ['t999999', 't90001']);
    pick.hide();
    await answer;
  });

  it('gives the next key its turn while it reads 10,000 long prompts, and forgets what is no longer asked', async () => {
    const long = Array.from({ length: 10_000 }, (_, n) => task(`t${n}`, `Scene ${n}. ${'Ёлка в снегу. '.repeat(200)}`));
    let formatted = 0;
    const search = new VideoSearch({ list: () => long, formatState: () => String(formatted++), now: NOW });
    const aborter = new AbortController();
    const first = search.find('ёлка', 10, aborter.signal);
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(formatted < long.length, 'it had its turn before all was read');
    aborter.abort();
    assert.equal(await first, undefined);
    const result = await search.find('елка', 10, new AbortController().signal);
    assert.deepEqual([result?.found.length, result?.total], [10, 10_000]);
    assert.equal(formatted, long.length, 'each text is made once');
  }).timeout(20_000);

  it('folds letters that are written in two ways', () => {
    assert.equal(fold('Ёлка и Е\u0308ж'), fold('елка и еж'));
    assert.equal(getExcerpt('short', 'short', 70), undefined);
  });
});
