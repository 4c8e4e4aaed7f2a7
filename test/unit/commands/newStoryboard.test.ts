import '../../support/vscodeStub';
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExtensionServices } from '../../../src/container';
import type { TaskStore } from '../../../src/tasks/storage/taskStore';
import { COMMAND_LINK } from '../../support/hostileTexts';
import { createRecord, createStore } from '../../support/records';
import { makeTempDir, removeTempDir } from '../../support/tempDir';
import { EventEmitter, Position, Uri, window, workspace, type WorkspaceEdit } from '../../support/vscodeStub';
import { Workbench } from '../../support/workbench';

const { newStoryboard } = await import('../../../src/commands/newStoryboard');

describe('a new storyboard', () => {
  let place: string;
  let films: string;
  let store: TaskStore;
  let services: ExtensionServices;
  let workbench: Workbench;
  /** What the user types as its name, and what the box said. */
  let name: string | undefined;
  let prompts: string[];
  let opened: { uri: Uri; text: string }[];

  beforeEach(async () => {
    place = await makeTempDir();
    films = join(place, 'films');
    await mkdir(films);
    workbench = new Workbench(Uri.file(films));
    store = createStore(join(place, 'storage'));
    [name, prompts, opened] = [undefined, [], []];
    Object.assign(window, {
      activeTextEditor: undefined,
      createInputBox: () => {
        const [accept, hide, none] = [new EventEmitter<void>(), new EventEmitter<void>(), new EventEmitter<never>()];
        const box = {
          value: '',
          prompt: '',
          enabled: true,
          buttons: [],
          onDidAccept: accept.event,
          onDidHide: hide.event,
          onDidTriggerButton: none.event,
          onDidChangeValue: none.event,
          dispose: () => undefined,
          show: () => {
            prompts.push(box.prompt);
            box.value = name ?? box.value;
            setImmediate(() => accept.fire());
          },
        };
        return box;
      },
      showTextDocument: () => Promise.resolve(),
    });
    Object.assign(workspace, {
      textDocuments: opened,
      getWorkspaceFolder: () => undefined,
      openTextDocument: (uri: Uri) => {
        const end = new Position(0, 0);
        const document = { uri, text: '', lineCount: 1, lineAt: () => ({ range: { end } }) };
        opened.push(document);
        return Promise.resolve(document);
      },
      applyEdit: ({ edits }: WorkspaceEdit) => {
        edits.forEach(({ uri, text }) => (opened.find((one) => one.uri === uri)!.text += text));
        return Promise.resolve(true);
      },
    });
    services = {
      store,
      tree: { selection: [], tasksOf: () => [] },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    } as unknown as ExtensionServices;
  });

  afterEach(async () => {
    workbench.close();
    store.dispose();
    await removeTempDir(place);
  });

  it('is written where the user says', async () => {
    name = 'my film';
    assert.equal(await newStoryboard(services), Uri.file(join(films, 'my film.storyboard.md')).toString());
    assert.match(await readFile(join(films, 'my film.storyboard.md'), 'utf8'), /^## Shot 1: The path$/m);
  });

  it('that cannot be written is open at its whole path, which no other one has or had', async () => {
    await writeFile(join(films, 'notes'), '');
    name = 'notes/film';
    const draft = (file: string) => `untitled://${films}/notes/${file}.storyboard.md`;
    for (const file of ['film', 'film-2', 'film-4']) {
      await assert.rejects(newStoryboard(services), /“.*notes\/film\.storyboard\.md”: .* It is open as a file/);
      const { uri, text } = opened.at(-1)!;
      assert.equal(uri.toString(), draft(file));
      assert.match(text, /^## Shot 1: The path$/m);
      if (file === 'film-2') {
        // Of a draft that was closed without being saved, the videos are in the list.
        await store.create(createRecord('a', { shot: { document: draft('film-3'), label: 'Shot 1', title: '' } }));
      }
    }
    assert.deepEqual(await readdir(films), ['notes']);
  });

  it('tells of the names of files and folders as text: none is a link that runs a command', async () => {
    Object.assign(workspace, { workspaceFolders: [{ uri: Uri.file(films), name: COMMAND_LINK, index: 0 }] });
    Object.assign(workspace['fs'] as object, { createDirectory: () => Promise.reject(new Error(COMMAND_LINK)) });
    name = '[Restore it](command;quit)/film';
    const { message } = await newStoryboard(services).then(assert.fail, (error: Error) => error);
    assert.match(message, /\[Restore it\] \(command;quit\).*: \[Restore it\] \(command:/);
    assert.match(prompts[0]!, /\[Restore it\] \(command:/);
    assert.ok(![message, ...prompts].some((text) => text.includes('](')));
  });
});
