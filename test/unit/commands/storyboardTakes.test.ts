import '../../support/vscodeStub';
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILT_IN_MODELS } from '../../../src/api/models';
import type { ExtensionServices } from '../../../src/container';
import type { TaskRecord } from '../../../src/tasks/model/taskRecord';
import type { TaskStore } from '../../../src/tasks/storage/taskStore';
import { COMMAND_LINK, HOSTILE_TEXTS } from '../../support/hostileTexts';
import { makeMp4 } from '../../support/mp4';
import { createDoneRecord, createRecord, createStore, HOUR_MS } from '../../support/records';
import { LETTER } from '../../support/storyboards';
import { makeTempDir, readFiles, removeTempDir } from '../../support/tempDir';
import { executed, Position, type Range, Uri, window, workspace, type WorkspaceEdit } from '../../support/vscodeStub';
import { Workbench } from '../../support/workbench';

const { chooseTake, useTake } = await import('../../../src/commands/storyboardTakes');
const { openStoryboard } = await import('../../../src/commands/openStoryboard');
const { resolveStoryboard } = await import('../../../src/commands/storyboardTarget');
const { followStoryboards } = await import('../../../src/platform/followStoryboards');

/** A document as editors show it. */
class FakeDocument {
  languageId = 'markdown';
  isClosed = false;
  isDirty = false;
  version = 1;
  saves = 0;
  /** Each is one step that can be undone. */
  readonly edits: { start: number; end: number; text: string }[] = [];
  constructor(
    readonly uri: Uri,
    public text: string,
  ) {}
  get isUntitled(): boolean {
    return this.uri.scheme === 'untitled';
  }
  getText = () => this.text;
  positionAt = (offset: number) => {
    const lines = this.text.slice(0, offset).split('\n');
    return new Position(lines.length - 1, lines.at(-1)!.length);
  };
  offsetAt = ({ line, character }: Position) =>
    this.text
      .split('\n')
      .slice(0, line)
      .reduce((sum, one) => sum + one.length + 1, character);
  save = () => {
    this.saves++;
    this.isDirty = false;
    return Promise.resolve(true);
  };
  replace(range: Range, text: string): void {
    const [start, end] = [this.offsetAt(range.start), this.offsetAt(range.end)];
    this.edits.push({ start, end, text });
    this.version++;
    this.text = this.text.slice(0, start) + text + this.text.slice(end);
    this.isDirty = true;
  }
}

interface Item {
  label: string;
  description?: string;
  kind?: number;
  iconPath?: unknown;
}

describe('the take of a shot', () => {
  let place: string;
  let films: string;
  let store: TaskStore;
  let services: ExtensionServices;
  let workbench: Workbench;
  let document: FakeDocument;
  /** What the quick pick showed, and which item is chosen. */
  let items: readonly Item[];
  let active: readonly Item[];
  let choose: (items: readonly Item[]) => Item | undefined;
  let isReadOnlyEditor: boolean;
  let copied: string[];
  let selections: unknown[];

  const URI = () => Uri.file(join(films, 'the-letter.storyboard.md')).toString();
  const take = (id: string, label: string, title: string, more: Partial<TaskRecord> = {}) =>
    createDoneRecord(id, `https://files.example/${id}.mp4`, Date.now() + HOUR_MS, {
      shot: { document: URI(), label, title },
      ...more,
    });

  /** Shows the document in an editor, with the cursor there. */
  function show(at: number): void {
    const editor = {
      document,
      selection: { active: document.positionAt(at) },
      edit: (run: (builder: { replace: (range: Range, text: string) => void }) => void) => {
        if (!isReadOnlyEditor) {
          run({ replace: (range, text) => document.replace(range, text) });
        }
        return Promise.resolve(!isReadOnlyEditor);
      },
    };
    Object.assign(window, { activeTextEditor: editor, visibleTextEditors: [editor] });
  }

  async function open(text: string, records: readonly TaskRecord[], uri = Uri.parse(URI())): Promise<void> {
    document = new FakeDocument(uri, text);
    for (const record of records) {
      await store.create(record);
    }
  }

  beforeEach(async () => {
    place = await makeTempDir();
    films = join(place, 'work');
    await mkdir(films);
    await writeFile(join(place, 'copy.mp4'), makeMp4());
    workbench = new Workbench(Uri.file(films));
    store = createStore(join(place, 'storage'));
    await store.load();
    items = [];
    copied = [];
    selections = [];
    choose = () => undefined;
    isReadOnlyEditor = false;
    executed.length = 0;
    Object.assign(window, {
      activeTextEditor: undefined,
      visibleTextEditors: [],
      showTextDocument: (_: unknown, options: { selection?: Range }) => {
        selections.push(options.selection?.start);
        return Promise.resolve();
      },
      createQuickPick: () => {
        let hide = () => undefined;
        let accept = () => undefined;
        const pick = {
          items: [] as Item[],
          activeItems: [] as Item[],
          selectedItems: [] as Item[],
          buttons: [],
          onDidAccept: (listener: () => undefined) => ((accept = listener), { dispose: () => undefined }),
          onDidHide: (listener: () => undefined) => ((hide = listener), { dispose: () => undefined }),
          onDidTriggerButton: () => ({ dispose: () => undefined }),
          dispose: () => undefined,
          show: () => {
            ({ items, activeItems: active } = pick);
            const chosen = choose(items);
            pick.selectedItems = chosen ? [chosen] : [];
            setImmediate(() => (chosen ? accept() : hide()));
          },
        };
        return pick;
      },
    });
    Object.assign(workspace, {
      textDocuments: [],
      getWorkspaceFolder: (uri: Uri) =>
        uri.scheme === 'file' && uri.path.startsWith(`${films}/`) ? { uri: Uri.file(films), name: 'work' } : undefined,
      openTextDocument: (uri: Uri) =>
        uri.toString() === document.uri.toString() ? Promise.resolve(document) : Promise.reject(new Error('not there')),
      applyEdit: ({ edits }: WorkspaceEdit) => {
        edits.forEach(({ range, text }) => document.replace(range, text));
        return Promise.resolve(true);
      },
    });
    Object.assign(workspace['fs'] as object, { isWritableFileSystem: (scheme: string) => scheme !== 'readonly' });
    services = {
      store,
      modelCatalog: { current: () => ({ models: BUILT_IN_MODELS, source: 'built-in' }) },
      downloader: { ensureCopy: () => Promise.resolve(join(place, 'copy.mp4')) },
      posters: { find: (id: string) => Promise.resolve(id === 'b' ? '/posters/b.jpg' : undefined) },
      preview: { show: (id: string) => Promise.resolve(executed.push(['preview', id])) },
      tree: { selection: [], tasksOf: () => [] },
      now: () => Date.now(),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    } as unknown as ExtensionServices;
    const { env } = await import('../../support/vscodeStub');
    Object.assign(env, { clipboard: { writeText: (text: string) => Promise.resolve(copied.push(text)) } });
  });

  afterEach(async () => {
    workbench.close();
    store.dispose();
    await removeTempDir(place);
  });

  const cursorIn = (title: string) => document.text.indexOf(title);
  const saved = async () => [...(await readFiles(films)).keys()].filter((name) => !name.endsWith('.json')).sort();

  it('is chosen of those that it has, the newest first, saved to the folder of the film and written in its line', async () => {
    await open(LETTER, [
      take('a', 'Shot 1', 'Late night'),
      take('b', 'Shot 1', 'Late night', { quotedPrice: 56 }),
      take('c', 'Shot 1', 'Late night', { state: 'running', result: undefined }),
      take('d', 'Shot 2', 'Rain'),
      createRecord('x'),
    ]);
    show(cursorIn('Late night'));
    choose = (all) => all.find(({ label }) => label === 'Take 2');
    await chooseTake(services, undefined);
    assert.deepEqual(
      items.map(({ label }) => label),
      ['Take 2', 'Take 1', 'Without a video', 'Take 3', '', '$(folder-opened) Another video file…'],
    );
    assert.match(items[0]!.description!, /^Ready · Seedance 1 Pro · 480P · 2 s · 56 ₽ · Jun 1, 2026/);
    assert.equal(String(items[0]!.iconPath), 'file:///posters/b.jpg');
    assert.deepEqual(active, [items[0]]);
    const line = '- take: [take 2](seedance/the-letter/shot-1-take-2.mp4)\n';
    assert.equal(document.text, LETTER.replace('720P-10s\n', `720P-10s\n${line}`));
    assert.equal(document.edits.length, 1, 'one step to undo');
    assert.equal(document.saves, 0, 'what the user sees is theirs to save');
    assert.deepEqual(await saved(), ['seedance/the-letter/shot-1-take-2.mp4']);
    assert.deepEqual(await readFile(join(films, 'seedance/the-letter/shot-1-take-2.mp4')), Buffer.from(makeMp4()));
    assert.equal(store.get('b')!.saved.length, 1);

    // Again: it is marked, and nothing is saved twice.
    choose = (all) => all.find(({ label }) => label === 'Take 1');
    await chooseTake(services, undefined);
    assert.deepEqual([items[0]!.label, /^in the film · Saved/.test(items[0]!.description!)], ['$(check) Take 2', true]);
    assert.match(document.text, /- take: \[take 1\]\(seedance\/the-letter\/shot-1-take-1\.mp4\)/);
    choose = (all) => all.find(({ label }) => label === 'Take 2');
    await chooseTake(services, undefined);
    assert.equal((await saved()).length, 2);
    choose = (all) => all.find(({ label }) => label.startsWith('$(close)'));
    await chooseTake(services, undefined);
    assert.equal(document.text, LETTER);
  });

  it('is chosen also by who names the shot, in a file that nobody sees, which is saved', async () => {
    await open(LETTER.replaceAll('\n', '\r\n'), [take('d', 'Shot 7', 'Rain')]);
    choose = ([, first]) => first;
    await chooseTake(services, { uri: URI(), label: 'Shot 7', title: 'Rain' });
    assert.deepEqual(
      items.map(({ label }) => label),
      [
        '$(check) take 2',
        'Take 1',
        '',
        '$(folder-opened) Another video file…',
        '$(close) None: the newest take counts',
      ],
      'a video that the author has put there is kept in sight',
    );
    assert.match(items[0]!.description!, /in the film · seedance\/the-letter\/shot-2-take-2\.mp4/);
    assert.equal(
      document.text,
      LETTER.replace(
        '[take 2](seedance/the-letter/shot-2-take-2.mp4)',
        '[take 1](seedance/the-letter/shot-2-take-1.mp4)',
      ).replaceAll('\n', '\r\n'),
    );
    assert.equal(document.saves, 1);
    assert.match(workbench.notifications.at(-1)!, /“Shot 2: Rain” is in the film with take 1 now/);
    // With something unsaved in it, it stays so.
    document.isDirty = true;
    await useTake(services, 'd');
    assert.equal(document.saves, 1);
  });

  it('is the one of a task, and lies where the file says, in the words of the file', async () => {
    const text = '---\nfolder: дубли/письмо\n---\n## Кадр 2: Дождь\n- формат: 1:1\n\n> Дождь.\n';
    await open(text, [take('a', 'Кадр 2', 'Дождь'), take('b', 'Кадр 2', 'Дождь')]);
    show(0);
    await useTake(services, 'b');
    assert.equal(document.text, text.replace('1:1\n', '1:1\n- дубль: [дубль 2](дубли/письмо/кадр-2-дубль-2.mp4)\n'));
    assert.deepEqual(await saved(), ['дубли/письмо/кадр-2-дубль-2.mp4']);
  });

  it('is saved nowhere else than in the workspace, whatever the file says', async () => {
    for (const folder of ['../out', '/etc', 'C:\\\\x', '"a\\u0000b"']) {
      await open(LETTER.replace('model:', `folder: ${folder}\nmodel:`), []);
      await store.create(take(`t${Math.random().toString(36).slice(2)}`, 'Shot 1', 'Late night'));
      show(cursorIn('Late night'));
      choose = ([first]) => first;
      await assert.rejects(chooseTake(services, undefined), /leads out of the workspace folder/);
      assert.deepEqual(document.edits, []);
    }
    assert.deepEqual(await saved(), []);
  });

  it('is not written into what is read-only: the video is saved, and the line can be copied', async () => {
    await open(LETTER, [take('a', 'Shot 1', 'Late night')]);
    show(cursorIn('Late night'));
    isReadOnlyEditor = true;
    const answers: string[] = [];
    Object.assign(window, {
      showWarningMessage: (text: string, ...buttons: string[]) => {
        answers.push(text);
        return Promise.resolve(buttons[0]);
      },
    });
    choose = ([first]) => first;
    await chooseTake(services, undefined);
    await new Promise((resolve) => setImmediate(resolve));
    assert.match(answers[0]!, /The video is saved, but the storyboard cannot be changed/);
    assert.deepEqual(copied, ['- take: [take 1](seedance/the-letter/shot-1-take-1.mp4)']);
    assert.equal(document.text, LETTER);
    assert.deepEqual(await saved(), ['seedance/the-letter/shot-1-take-1.mp4']);
  });

  it('finds its shot again when the file was changed while the video came', async () => {
    await open(LETTER, [take('a', 'Shot 1', 'Late night')]);
    show(cursorIn('Late night'));
    choose = ([first]) => first;
    Object.assign(services.downloader, {
      ensureCopy: () => {
        document.text = document.text
          .replace('# The letter', '# The letter\n\n## Shot 0: First\n\n> a')
          .replace('Shot 1:', 'Shot 3:');
        return Promise.resolve(join(place, 'copy.mp4'));
      },
    });
    await chooseTake(services, undefined);
    assert.match(document.text, /## Shot 3: Late night\n.*\n.*\n- take: \[take 1\]/);
    document.text = '# Shot 9: Another\n\n> b\n';
    await assert.rejects(useTake(services, 'a'), /“Shot 1: Late night” is no longer in this storyboard/);
  });

  it('goes to its shot also when the file is read anew at the last moment', async () => {
    await open(LETTER, [take('a', 'Shot 1', 'Late night')]);
    const reload = () => {
      document.version++;
      document.text = document.text.replace('# The letter', '# The letter\n\n## Shot 0: First\n\n> a');
    };
    const applied: number[] = [];
    const files = workspace['fs'] as { stat: (uri: Uri) => Promise<unknown> };
    const { stat } = files;
    let reloads = 0;
    files.stat = async (uri) => {
      // While it is asked whether the file may be written.
      if (uri.toString() === document.uri.toString() && reloads++ === 0) {
        reload();
      }
      return stat(uri).catch(() => ({ type: 1 }));
    };
    const { applyEdit } = workspace as unknown as { applyEdit: (edit: WorkspaceEdit) => Promise<boolean> };
    Object.assign(workspace, {
      applyEdit: (edit: WorkspaceEdit) => {
        applied.push(document.version);
        if (applied.length > 1) {
          return applyEdit(edit);
        }
        // As VS Code refuses what was meant for an earlier version.
        reload();
        return Promise.resolve(false);
      },
    });
    await useTake(services, 'a');
    const expected = LETTER.replace('# The letter', `# The letter${'\n\n## Shot 0: First\n\n> a'.repeat(2)}`);
    assert.equal(
      document.text,
      expected.replace('720P-10s\n', '720P-10s\n- take: [take 1](seedance/the-letter/shot-1-take-1.mp4)\n'),
    );
    assert.deepEqual([applied.length, reloads], [2, 2]);
    assert.equal(document.edits.length, 1);
  });

  it('is not written where VS Code refuses the edit of the very text that is there', async () => {
    await open(LETTER, [take('a', 'Shot 1', 'Late night')]);
    let asked = 0;
    Object.assign(workspace, { applyEdit: () => Promise.resolve(asked++ > 9) });
    await useTake(services, 'a');
    assert.equal(asked, 1);
    assert.match(workbench.notifications.at(-1)!, /The video is saved, but the storyboard cannot be changed/);
  });

  it('tells of names from files as text: none is a link that runs a command', async () => {
    const label = 'Shot 1';
    const title = COMMAND_LINK;
    const hostile = Uri.file(join(films, `${COMMAND_LINK}.storyboard.md`));
    await open(`## ${label}: \\${title}\n\n> a\n`, [], hostile);
    const told: string[] = [];
    const fails = async (run: Promise<unknown>) => told.push(await run.then(String, ({ message }: Error) => message));
    const shot = { document: hostile.toString(), label, title };
    await store.create(take('a', label, title, { shot }));
    await store.create(take('b', COMMAND_LINK, 'gone', { shot: { ...shot, label: COMMAND_LINK, title: 'gone' } }));
    await store.create(take('c', COMMAND_LINK, '', { shot: { ...shot, document: COMMAND_LINK } }));
    await useTake(services, 'a');
    await openStoryboard(services, 'b');
    await fails(useTake(services, 'b'));
    await fails(useTake(services, 'c'));
    await fails(openStoryboard(services, { uri: `untitled:/${COMMAND_LINK}.storyboard.md` }));
    await fails(openStoryboard(services, { uri: COMMAND_LINK }));
    await fails(chooseTake(services, { uri: hostile.toString(), label: COMMAND_LINK, title: 'gone' }));
    await fails(resolveStoryboard(services, COMMAND_LINK));
    await fails(resolveStoryboard(services, { uri: COMMAND_LINK, label }));
    await fails(resolveStoryboard(services, Uri.file(`/gone/${COMMAND_LINK}.storyboard.md`)));
    document.text = `---\nfolder: "../${COMMAND_LINK}"\n---\n${document.text}`;
    await store.create(take('d', label, title, { shot }));
    await fails(useTake(services, 'd'));
    told.push(...workbench.notifications);
    assert.equal(told.filter((text) => text.includes('Restore it] (command:')).length, 11, told.join('\n'));
    assert.deepEqual(
      told.filter((text) => text.includes('](')),
      [],
    );
  });

  it('of a storyboard that is not saved yet lies where it will be', async () => {
    const uri = Uri.parse(`untitled:${films}/new.storyboard.md`);
    await open(LETTER, [], uri);
    await store.create(
      take('a', 'Shot 1', 'Late night', { shot: { document: uri.toString(), label: 'Shot 1', title: 'Late night' } }),
    );
    show(cursorIn('Late night'));
    choose = ([first]) => first;
    await chooseTake(services, undefined);
    assert.match(document.text, /- take: \[take 1\]\(seedance\/new\/shot-1-take-1\.mp4\)/);
    // In the second folder, too, and outside of all: the path leads there from where it is saved.
    const first = { uri: Uri.file(join(place, 'first')), name: 'first' };
    Object.assign(workspace, { workspaceFolders: [first, { uri: Uri.file(films), name: 'work' }] });
    document.text = LETTER;
    await chooseTake(services, undefined);
    assert.match(document.text, /- take: \[take 1\]\(seedance\/new\/shot-1-take-1\.mp4\)/);
    Object.assign(workspace, { workspaceFolders: [first] });
    Object.assign(window, { showOpenDialog: () => Promise.resolve([Uri.file(join(films, 'mine/a.mp4'))]) });
    document.text = LETTER;
    choose = (all) => all.find(({ label }) => label.includes('Another video file'));
    await chooseTake(services, undefined);
    assert.match(document.text, /- take: \[take 2\]\(mine\/a\.mp4\)/);
  });

  it('shows the preview of what has no video, and takes a file that was made elsewhere', async () => {
    await open(LETTER, [take('c', 'Shot 1', 'Late night', { state: 'failed', result: undefined })]);
    show(cursorIn('Late night'));
    choose = (all) => all.find(({ label }) => label === 'Take 1');
    await chooseTake(services, undefined);
    assert.deepEqual(executed, [['preview', 'c']]);
    Object.assign(window, { showOpenDialog: () => Promise.resolve([Uri.file(join(films, 'mine/a (1).mp4'))]) });
    choose = (all) => all.find(({ label }) => label.includes('Another video file'));
    await chooseTake(services, undefined);
    assert.match(document.text, /- take: \[take 2\]\(mine\/a%20%281%29\.mp4\)/);
  });

  it('cannot be asked for by what is no shot, and says so', async () => {
    await open(LETTER, []);
    await assert.rejects(chooseTake(services, undefined), /Open a storyboard first/);
    await assert.rejects(chooseTake(services, { uri: 'nowhere', label: 'Shot 1' }), /is no address/);
    await assert.rejects(chooseTake(services, { uri: URI(), label: 'Shot 77', title: '' }), /is no longer in this/);
    await assert.rejects(
      chooseTake(services, { uri: 'untitled:gone.storyboard.md', label: 'Shot 1', title: '' }),
      /was closed without being saved/,
    );
    // A record that was imported names a share: it is not called unasked.
    await assert.rejects(chooseTake(services, { uri: 'file://share/x.storyboard.md', label: 'Shot 1', title: '' }));
    assert.match(workbench.questions[0]!.text, /not a file of this computer/);
    for (const text of HOSTILE_TEXTS) {
      await assert.rejects(chooseTake(services, { uri: URI(), label: text, title: text }));
    }
    assert.deepEqual(document.edits, []);
  });

  it('is opened in its storyboard, at the shot, also when that was renumbered', async () => {
    await open(LETTER, [take('d', 'Shot 9', 'Rain')]);
    await openStoryboard(services, { uri: URI(), label: 'Shot 1', title: 'Late night' });
    await openStoryboard(services, 'd');
    await openStoryboard(services, { uri: URI() });
    await openStoryboard(services, { uri: URI(), label: 'Shot 77', title: 'Gone' });
    const at = (title: string) => document.positionAt(document.text.indexOf(`## ${title}`));
    assert.deepEqual(selections, [at('Shot 1'), at('Shot 2'), undefined, undefined]);
    assert.match(workbench.notifications.at(-1)!, /“Shot 77: Gone” is no longer in this storyboard/);
    const gone = `file://${films}/gone.storyboard.md`;
    await assert.rejects(openStoryboard(services, { uri: gone }), /was deleted, moved or renamed/);
  });

  it('follows its storyboard when that is renamed, or a folder above it', async () => {
    const count = 300;
    await open(LETTER, [
      ...Array.from({ length: count }, (_, n) => take(`t${n}`, `Shot ${n}`, '')),
      take('other', 'Shot 1', '', {
        shot: { document: `file://${films}-2/x.storyboard.md`, label: 'Shot 1', title: '' },
      }),
    ]);
    const to = `file://${films}/new%20name.storyboard.md`;
    const moves = [
      followStoryboards(services, [{ oldUri: Uri.parse(URI()), newUri: Uri.parse(to) }] as never),
      followStoryboards(services, [{ oldUri: Uri.file(films), newUri: Uri.file('/films') }] as never),
    ];
    await Promise.all(moves);
    const documents = store.list().map(({ shot }) => shot!.document);
    assert.equal(documents.filter((one) => one === 'file:///films/new%20name.storyboard.md').length, count);
    assert.equal(documents.filter((one) => one === `file://${films}-2/x.storyboard.md`).length, 1);
    const other = createStore(join(place, 'storage'));
    await other.load();
    assert.equal(other.get('t7')!.shot!.document, 'file:///films/new%20name.storyboard.md', 'on the disk');
    other.dispose();
  });

  it('stays below the old name when it cannot be written, and the others follow', async () => {
    await mkdir(join(place, 'newer/tasks'), { recursive: true });
    for (const [id, format] of [
      ['a', 1],
      ['b', 99],
      ['c', 1],
    ] as const) {
      await writeFile(join(place, `newer/tasks/${id}.1.json`), JSON.stringify({ ...take(id, 'Shot 1', ''), format }));
    }
    const newer = createStore(join(place, 'newer'));
    await newer.load();
    const lines: string[] = [];
    const log = { info: (line: string) => lines.push(line), warn: (line: string) => lines.push(line) };
    await followStoryboards(
      { store: newer, log } as never,
      [{ oldUri: Uri.parse(URI()), newUri: Uri.file('/b.storyboard.md') }] as never,
    );
    assert.deepEqual(
      ['a', 'b', 'c'].map((id) => newer.get(id)!.shot!.document),
      ['file:///b.storyboard.md', URI(), 'file:///b.storyboard.md'],
    );
    newer.dispose();
  });
});
