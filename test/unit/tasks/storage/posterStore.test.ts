import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isPoster, POSTER_MAX_BYTES } from '../../../../src/tasks/model/poster';
import { PosterStore } from '../../../../src/tasks/storage/posterStore';
import { deleteOrphans } from '../../../../src/tasks/storage/localCopies';
import { localCopyDiscarded } from '../../../../src/tasks/model/transitions';
import type { TaskStore } from '../../../../src/tasks/storage/taskStore';
import { createDoneRecord, createStore } from '../../../support/records';
import { makeTempDir, removeTempDir } from '../../../support/tempDir';

const DAY_MS = 24 * 60 * 60_000;
const FINISHED = createDoneRecord('task1', 'https://example.org/1.mp4', Date.UTC(2100, 0, 1));
const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);

describe('posters', () => {
  let place: string;
  let store: TaskStore;
  let posters: PosterStore;
  beforeEach(async () => {
    place = await makeTempDir();
    store = createStore(place);
    posters = new PosterStore(store);
  });
  afterEach(async () => {
    store.dispose();
    await removeTempDir(place);
  });
  const files = () => readdir(store.videosDirectory).catch(() => []);

  it('are kept once', async () => {
    const { id } = await store.create(FINISHED);
    const told: string[] = [];
    posters.onDidKeep((kept) => told.push(kept));
    assert.equal(await posters.find(id), undefined);
    assert.equal(await posters.keep(id, JPEG), true);
    assert.equal(await posters.keep(id, Uint8Array.from([...JPEG, 4])), true);
    assert.deepEqual(await posters.read(id), JPEG);
    assert.deepEqual(await files(), [`${id}.poster.jpg`]);
    assert.deepEqual(told, [id]);
  });

  it('are small JPEGs, and nothing else', async () => {
    const { id } = await store.create(FINISHED);
    const large = new Uint8Array(POSTER_MAX_BYTES + 1);
    large.set(JPEG);
    for (const bytes of [new Uint8Array(), Uint8Array.from([0xff, 0xd8]), Buffer.from('<svg onload=x>'), large]) {
      assert.equal(isPoster(bytes), false);
      assert.equal(await posters.keep(id, bytes), false);
    }
    assert.deepEqual(await files(), []);
    await posters.keep(id, JPEG);
    await writeFile(posters.path(id), large);
    assert.equal(await posters.read(id), undefined);
  });

  it('go with the task, and come to none that is gone', async () => {
    const { id } = await store.create(FINISHED);
    await posters.keep(id, JPEG);
    await store.remove(id);
    assert.deepEqual(await files(), []);
    assert.equal(await posters.keep(id, JPEG), false);
    assert.deepEqual(await files(), []);
  });

  it('stay when the copy is cleaned up', async () => {
    const { id } = await store.create(FINISHED);
    await posters.keep(id, JPEG);
    await store.update(id, localCopyDiscarded());
    await deleteOrphans(store, Date.now() + 2 * DAY_MS);
    assert.deepEqual(await files(), [`${id}.poster.jpg`]);
  });

  it('of a removed task that a killed window left are cleaned up', async () => {
    const { id } = await store.create(FINISHED);
    await posters.keep(id, JPEG);
    await store.remove(id);
    await writeFile(path.join(store.videosDirectory, `${id}.poster.jpg`), JPEG);
    await deleteOrphans(store, Date.now() + 2 * DAY_MS);
    assert.deepEqual(await files(), []);
  });
});
