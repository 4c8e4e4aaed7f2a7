import assert from 'node:assert/strict';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageError } from '../../../src/images/imageError';
import { ImageStore } from '../../../src/images/imageStore';
import { jpeg, png } from '../../support/imageHeaders';
import { makeTempDir, removeTempDir } from '../../support/tempDir';

const DAY_MS = 24 * 60 * 60_000;

describe('frames: images made here', () => {
  let place: string;
  let images: ImageStore;

  beforeEach(async () => {
    place = await makeTempDir();
    images = new ImageStore(place);
  });
  afterEach(() => removeTempDir(place));

  it('are kept once for the same content, under a name that tells their format', async () => {
    const [first, again, other] = [
      await images.put(png(640, 360)),
      await images.put(png(640, 360)),
      await images.put(jpeg(640, 360)),
    ];
    assert.equal(first, again);
    assert.match(first, /\.png$/);
    assert.match(other, /\.jpeg$/);
    assert.deepEqual(new Uint8Array(await readFile(first)), new Uint8Array(png(640, 360)));
    assert.equal((await readdir(join(place, 'images'))).length, 2);
  });

  it('are written anew where a half one lies in their place', async () => {
    const path = await images.put(png(640, 360));
    await writeFile(path, 'half');
    assert.equal(await images.put(png(640, 360)), path);
    assert.deepEqual(new Uint8Array(await readFile(path)), new Uint8Array(png(640, 360)));
  });

  it('have to be what the service would take', async () => {
    await assert.rejects(
      images.put(new TextEncoder().encode('<svg/>')),
      (error) => error instanceof ImageError && error.kind === 'not-an-image',
    );
    await assert.rejects(readdir(join(place, 'images')), 'not even a folder is made');
  });

  it('go when they are old and no task was made of them', async () => {
    const [used, unused, young] = [
      await images.put(png(640, 360)),
      await images.put(png(640, 361)),
      await images.put(png(640, 362)),
    ];
    const now = Date.now();
    for (const path of [used, unused]) {
      await utimes(path, (now - 2 * DAY_MS) / 1000, (now - 2 * DAY_MS) / 1000);
    }
    assert.equal(await images.deleteUnused((path) => path === used, now), png(640, 361).length);
    assert.deepEqual(
      (await readdir(join(place, 'images'))).map((name) => join(place, 'images', name)).toSorted(),
      [used, young].toSorted(),
    );
  });

  it('are none before the first', async () => {
    assert.equal(await images.deleteUnused(() => false, Date.now()), 0);
  });
});
