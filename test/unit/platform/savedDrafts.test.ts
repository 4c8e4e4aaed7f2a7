import '../../support/vscodeStub';
import assert from 'node:assert/strict';
import type { TaskStore } from '../../../src/tasks/storage/taskStore';
import { createRecord, createStore } from '../../support/records';
import { makeTempDir, removeTempDir } from '../../support/tempDir';
import { EventEmitter, Uri, workspace } from '../../support/vscodeStub';

const { followSavedDrafts, toDraftUri } = await import('../../../src/platform/savedDrafts');
const { followStoryboards } = await import('../../../src/platform/followStoryboards');

interface FakeDocument {
  uri: Uri;
  languageId: string;
  isUntitled: boolean;
  getText: () => string;
}

describe('the tasks of a storyboard that is not saved yet', () => {
  let place: string;
  let store: TaskStore;
  let watch: { dispose(): unknown };
  const before = { ...workspace };
  const opened = new EventEmitter<FakeDocument>();
  const saved = new EventEmitter<FakeDocument>();
  const closed = new EventEmitter<FakeDocument>();
  const documents: FakeDocument[] = [];
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const DRAFT = toDraftUri(Uri.file('/films/fox.storyboard.md') as never) as unknown as Uri;
  const FILM = '## Shot 1\n\n> A fox.  \n';

  const make = (uri: Uri, text: string): FakeDocument => ({
    uri,
    languageId: 'markdown',
    isUntitled: uri.scheme === 'untitled',
    getText: () => text,
  });
  const open = (document: FakeDocument) => {
    documents.push(document);
    opened.fire(document);
    return document;
  };
  const close = (document: FakeDocument) => {
    documents.splice(documents.indexOf(document), 1);
    closed.fire(document);
  };
  const whereNow = async () => {
    // After all that is under way.
    await followStoryboards({ store, log }, []);
    return store.get('a')!.shot!.document;
  };

  beforeEach(async () => {
    place = await makeTempDir();
    store = createStore(place);
    await store.load();
    const shot = { document: DRAFT.toString(), label: 'Shot 1', title: '' };
    await store.create(createRecord('a', { shot }));
    documents.length = 0;
    Object.assign(workspace, {
      textDocuments: documents,
      onDidOpenTextDocument: opened.event,
      onDidSaveTextDocument: saved.event,
      onDidCloseTextDocument: closed.event,
    });
    watch = followSavedDrafts({ store, log });
  });

  afterEach(async () => {
    watch.dispose();
    store.dispose();
    for (const name of Object.keys(workspace)) {
      Reflect.deleteProperty(workspace, name);
    }
    Object.assign(workspace, before);
    await removeTempDir(place);
  });

  it('follow it to where it was to be', async () => {
    const draft = open(make(DRAFT, FILM));
    const file = open(make(Uri.file('/films/fox.storyboard.md'), FILM));
    saved.fire(file);
    close(draft);
    assert.equal(await whereNow(), 'file:///films/fox.storyboard.md');
  });

  it('follow it to another name, also when it was formatted on the way', async () => {
    const draft = open(make(DRAFT, FILM));
    const other = open(make(Uri.file('/films/other.storyboard.md'), '## Shot 1\n\n> A bird.\n'));
    saved.fire(other);
    const file = open(make(Uri.file('/films/my fox.md'), '## Shot 1\n\n> A fox.\n'));
    saved.fire(file);
    close(draft);
    assert.equal(await whereNow(), 'file:///films/my%20fox.md');
  });

  it('stay when it is closed without being saved', async () => {
    open(make(Uri.file('/films/copy.storyboard.md'), FILM));
    const empty = open(make(Uri.file('/films/empty.storyboard.md'), ''));
    saved.fire(empty);
    close(open(make(DRAFT, FILM)));
    close(open(make(DRAFT, ' \n')));
    assert.equal(await whereNow(), DRAFT.toString());
  });

  it('are those of one place: its address holds the whole path', () => {
    assert.equal(DRAFT.toString(), 'untitled:///films/fox.storyboard.md');
    const share = toDraftUri(new Uri('file', '/films/fox.storyboard.md', 'server') as never);
    assert.equal(share.toString(), 'untitled://server/films/fox.storyboard.md');
    const memory = toDraftUri(new Uri('memory', '/films/fox.storyboard.md', 'host') as never);
    assert.equal(memory.toString(), 'untitled:///films/fox.storyboard.md');
  });
});
