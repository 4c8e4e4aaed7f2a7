import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deleteOrphans } from '../../../../src/tasks/storage/localCopies';
import type { TaskStore } from '../../../../src/tasks/storage/taskStore';
import { withSavedLocation, submitting } from '../../../../src/tasks/model/transitions';
import { FastClock } from '../../../support/clocks';
import { makeTempDir, removeTempDir } from '../../../support/tempDir';
import { HOUR_MS, createRecord, createStore } from '../../../support/records';
import { settled } from '../../../support/recordingFetch';

const GOOD = JSON.stringify(createRecord('bad'));

/** What may lie where a record should. */
const DAMAGE: Record<string, (path: string) => Promise<unknown>> = {
  'an empty file': (path) => writeFile(path, ''),
  'half a record': (path) => writeFile(path, GOOD.slice(0, GOOD.length / 2)),
  'a record with a byte too many': (path) => writeFile(path, `${GOOD}}`),
  'zeros, as after a power cut': (path) => writeFile(path, Buffer.alloc(512)),
  'bytes that are no text': (path) => writeFile(path, Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x80])),
  'another kind of JSON': (path) => writeFile(path, '[1, 2, 3]'),
  'the JSON null': (path) => writeFile(path, 'null'),
  'an empty object': (path) => writeFile(path, '{}'),
  'wrong types': (path) => writeFile(path, GOOD.replace(/"prompt":"[^"]*"/, '"prompt":42')),
  'a state that does not exist': (path) => writeFile(path, GOOD.replace('"draft"', '"dreaming"')),
  'no format': (path) => writeFile(path, GOOD.replace(/"format":\d+,/, '')),
  'a format that is no number': (path) => writeFile(path, GOOD.replace(/"format":\d+/, '"format":"1"')),
  'a format below the first': (path) => writeFile(path, GOOD.replace(/"format":\d+/, '"format":0')),
  'the record of another id': (path) => writeFile(path, JSON.stringify(createRecord('another'))),
  'a local copy outside its folder': (path) =>
    writeFile(
      path,
      JSON.stringify({ ...createRecord('bad'), localCopy: { file: '../../secret.mp4', bytes: 1, at: 1 } }),
    ),
  'a folder': (path) => mkdir(path),
  'a folder with something in it': async (path) => {
    await mkdir(path);
    await writeFile(join(path, 'x'), 'x');
  },
  // What permissions forbid, root may read; this nobody may.
  'a file that cannot be opened': (path) => symlink(path, path),
};

describe('store: damaged files', () => {
  let place: string;
  let store: TaskStore;
  const tasks = (): string => join(place, 'tasks');

  beforeEach(async () => {
    place = await makeTempDir();
    await mkdir(tasks());
    // The store reads the file again after 100 ms, in case another process is still writing it. Here none is.
    store = createStore(place, { clock: new FastClock({ speed: 100, startedAt: Date.now() }) });
  });

  afterEach(async () => {
    store.dispose();
    await settled();
    await removeTempDir(place);
  });

  for (const [name, put] of Object.entries(DAMAGE)) {
    it(`sets aside ${name}, tells, and loads the others`, async () => {
      await put(join(tasks(), 'bad.1.json'));
      await writeFile(join(tasks(), 'good.1.json'), JSON.stringify(createRecord('good')));
      const told: string[] = [];
      store.onDidFindDamage((files) => told.push(...files));
      await store.load();
      assert.deepEqual(
        store.list().map(({ id }) => id),
        ['good'],
      );
      assert.deepEqual(told, ['bad.1.json']);
      assert.deepEqual(store.damaged, ['bad.1.json']);
      assert.deepEqual(await readdir(join(place, 'damaged')), ['bad.1.json'], 'kept for who wants to look at it');
      assert.deepEqual(await readdir(tasks()), ['good.1.json']);
    });
  }

  it('keeps every byte of what it sets aside', async () => {
    const bytes = Buffer.from(`${GOOD}\u0000тест`);
    await writeFile(join(tasks(), 'bad.7.json'), bytes);
    await store.load();
    assert.deepEqual(await readFile(join(place, 'damaged', 'bad.7.json')), bytes);
  });

  it('goes back to the revision before, when that is still there', async () => {
    await writeFile(join(tasks(), 'a1.4.json'), JSON.stringify(createRecord('a1', { createdAt: 4 })));
    await writeFile(join(tasks(), 'a1.5.json'), '{"format":1,"id":"a1"');
    await store.load();
    assert.equal(store.get('a1')?.createdAt, 4);
    const after = await store.update('a1', submitting(7));
    assert.equal(after.state, 'submitting');
    assert.deepEqual(await readdir(tasks()), ['a1.5.json']);
  });

  it('finds a file that is damaged while the window is open', async () => {
    await store.create(createRecord('a1'));
    await store.load();
    await writeFile(join(tasks(), 'a1.2.json'), 'rubbish');
    const after = await store.update('a1', submitting(7));
    assert.equal(after.state, 'submitting');
    assert.deepEqual(store.damaged, ['a1.2.json']);
  });

  it('sets aside two files of one name, and keeps both', async () => {
    await writeFile(join(tasks(), 'bad.1.json'), 'first');
    await store.load();
    await writeFile(join(tasks(), 'bad.1.json'), 'second');
    const later = createStore(place);
    await later.load();
    later.dispose();
    const kept = await readdir(join(place, 'damaged'));
    const texts = await Promise.all(kept.map((file) => readFile(join(place, 'damaged', file), 'utf8')));
    assert.deepEqual(texts.toSorted(), ['first', 'second']);
  });

  it('leaves the video of a damaged record alone, in this session and later ones', async () => {
    await mkdir(join(place, 'videos'));
    await writeFile(join(tasks(), 'bad.1.json'), 'rubbish');
    await writeFile(join(place, 'videos', 'bad.mp4'), 'the only copy of a paid video');
    await writeFile(join(place, 'videos', 'nobodys.part'), 'x');
    const later = Date.now() + 1_000 * HOUR_MS;
    assert.equal(await deleteOrphans(store, later), 1);
    const next = createStore(place);
    assert.equal(await deleteOrphans(next, later), 0);
    next.dispose();
    assert.deepEqual(await readdir(join(place, 'videos')), ['bad.mp4']);
  });

  it('goes on where a damaged file cannot even be set aside', async function () {
    this.timeout(3_000);
    // A file lies where the folder for damaged files should be.
    await writeFile(join(place, 'damaged'), 'in the way');
    await writeFile(join(tasks(), 'bad.1.json'), 'rubbish');
    await store.create(createRecord('a1'));
    await writeFile(join(tasks(), 'a1.2.json'), 'rubbish');
    await assert.rejects(store.update('a1', submitting(7)), { name: 'StoreError', kind: 'storage' });
    assert.equal(store.get('a1')?.state, 'draft');
  });

  describe('records of a newer version', () => {
    const newer = {
      format: 2,
      id: 'new',
      state: 'paused',
      createdAt: 5,
      request: { model: 'seedance-9', prompt: 'from the future', mood: 'blue' },
      links: [{ to: 'x' }],
    };
    const bytes = Buffer.from(JSON.stringify(newer, null, 1));
    const file = (): string => join(tasks(), 'new.3.json');

    beforeEach(() => writeFile(file(), bytes));

    it('are shown as far as they are understood, and can be told', async () => {
      await store.load();
      assert.equal(store.get('new')?.request.prompt, 'from the future');
      assert.equal(store.get('new')?.state, 'failed', 'nothing is asked or fetched for it');
      assert.ok(store.isReadOnly('new'));
      assert.deepEqual(store.damaged, []);
    });

    it('stay as they are, byte for byte', async () => {
      await store.load();
      await assert.rejects(store.update('new', withSavedLocation('file:///x', 1)), {
        name: 'StoreError',
        kind: 'newer-format',
      });
      await assert.rejects(store.remove('new'), { name: 'StoreError', kind: 'newer-format' });
      await store.create(createRecord('a1'));
      const later = createStore(place);
      await later.load();
      later.dispose();
      assert.deepEqual(await readFile(file()), bytes);
    });

    it('are read-only also where everything in them is understood', async () => {
      const text = JSON.stringify({ ...createRecord('new'), format: 2, state: 'waiting', gatewayId: 'g' });
      await writeFile(file(), text);
      await store.load();
      assert.equal(store.get('new')?.state, 'waiting');
      await assert.rejects(store.update('new', withSavedLocation('file:///x', 1)), { kind: 'newer-format' });
      assert.equal(await readFile(file(), 'utf8'), text);
    });

    it('win over what an older version is about to write', async () => {
      await writeFile(join(tasks(), 'a1.1.json'), JSON.stringify(createRecord('a1')));
      await store.load();
      await writeFile(join(tasks(), 'a1.2.json'), JSON.stringify({ ...newer, id: 'a1' }));
      await assert.rejects(store.update('a1', withSavedLocation('file:///x', 1)), { kind: 'newer-format' });
      assert.ok(store.isReadOnly('a1'));
    });
  });
});
