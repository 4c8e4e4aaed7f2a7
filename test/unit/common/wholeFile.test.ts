import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { link, mkdir, readdir, readFile, rename, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFlushUnsupported, isNotFound } from '../../../src/common/fsErrors';
import { sha256Hex } from '../../../src/common/sha256';
import {
  copyFlushed,
  findStamp,
  flushFile,
  hashFile,
  hasSameContent,
  isInside,
  isSameEntry,
  isSameFile,
  renameIfFree,
} from '../../../src/common/wholeFile';
import { withDiskFaults } from '../../support/diskFaults';
import { makeTempDir, removeTempDir } from '../../support/tempDir';

/** Longer than one piece that is read at a time, and not a multiple of it. */
const BYTES = 2.5 * 1024 * 1024 + 1;

describe('whole files', () => {
  let place: string;
  const at = (name: string) => join(place, name);
  const film = Buffer.alloc(BYTES, 'film');

  beforeEach(async () => {
    place = await makeTempDir();
    await writeFile(at('film'), film);
  });
  afterEach(() => removeTempDir(place));

  it('are copied with what tells them later, and over nothing', async () => {
    assert.deepEqual(await copyFlushed(at('film'), at('copy')), { bytes: BYTES, hash: sha256Hex(film) });
    assert.ok((await readFile(at('copy'))).equals(film));
    assert.deepEqual(await hashFile(at('copy')), { bytes: BYTES, hash: sha256Hex(film) });
    await writeFile(at('taken'), 'x');
    await assert.rejects(copyFlushed(at('film'), at('taken')), { code: 'EEXIST' });
    assert.equal(await readFile(at('taken'), 'utf8'), 'x');
  });

  for (const [calls, code] of [
    ['read', 'EIO'],
    ['write', 'ENOSPC'],
    ['sync', 'EIO'],
  ] as const) {
    it(`are not called copied when ${calls} fails with ${code}`, () =>
      assert.rejects(
        withDiskFaults([{ calls: [calls], code, path: /film|copy/ }], () => copyFlushed(at('film'), at('copy'))),
        { code },
      ));
  }

  it('are copied where nothing can be flushed', async () => {
    for (const code of ['EINVAL', 'ENOTSUP', 'EPERM']) {
      await withDiskFaults([{ calls: ['sync'], code, path: /./ }], async () => {
        await copyFlushed(at('film'), at(`copy-${code}`));
        assert.equal(await flushFile(at(`copy-${code}`)), false);
      });
    }
    assert.equal(await flushFile(at('film')), true);
    await withDiskFaults([{ calls: ['sync'], code: 'EIO', path: /./ }], () => assert.rejects(flushFile(at('film'))));
    assert.deepEqual([isFlushUnsupported(undefined), isNotFound(new Error('ENOENT'))], [false, false]);
  });

  it('differ by one byte, wherever it is, and by length', async () => {
    for (const position of [0, 1024 * 1024 - 1, 1024 * 1024, BYTES - 1]) {
      const other = Buffer.from(film);
      other[position]! ^= 1;
      await writeFile(at('other'), other);
      assert.equal(await hasSameContent(at('film'), at('other')), false, String(position));
    }
    await writeFile(at('other'), film);
    assert.equal(await hasSameContent(at('film'), at('other')), true);
    for (const other of [film.subarray(0, -1), film.subarray(0, 2 * 1024 * 1024), Buffer.concat([film, film])]) {
      await writeFile(at('other'), other);
      assert.equal(await hasSameContent(at('film'), at('other')), false, String(other.length));
      assert.equal(await hasSameContent(at('other'), at('film')), false, String(other.length));
    }
  });

  it('take a name that is free, one of many, with and without hard links', async () => {
    for (const code of [undefined, 'EPERM', 'EISDIR', 'ENOSYS']) {
      const faults = code === undefined ? [] : [{ calls: ['link'] as const, code, path: /./ }];
      const target = at(`name-${code}`);
      const won = await withDiskFaults(faults, () =>
        Promise.all(
          Array.from({ length: 8 }, async (_, n) => {
            await writeFile(at(`${n}.part`), `film ${n}`);
            return renameIfFree(at(`${n}.part`), target);
          }),
        ),
      );
      assert.equal(won.filter(Boolean).length, 1);
      assert.equal(await readFile(target, 'utf8'), `film ${won.indexOf(true)}`);
      assert.equal(existsSync(at(`${won.indexOf(true)}.part`)), false);
    }
  });

  it('leave no empty file behind when the disk fails, and take no folder’s name', async () => {
    await writeFile(at('a.part'), 'film');
    const faults = [{ calls: ['link', 'rename'] as const, code: 'EIO', path: /./ }];
    await assert.rejects(
      withDiskFaults(faults, () => renameIfFree(at('a.part'), at('a'))),
      { code: 'EIO' },
    );
    assert.deepEqual((await readdir(place)).sort(), ['a.part', 'film']);
    await mkdir(at('folder'));
    await symlink('/nowhere', at('broken'));
    for (const name of ['folder', 'broken', 'film']) {
      assert.equal(await renameIfFree(at('a.part'), at(name)), false, name);
    }
  });

  it('have a stamp that changes whenever they do', async () => {
    const stamps = new Set([await findStamp(at('film'))]);
    const { atime, mtime } = await stat(at('film'));
    const changes = [
      () => writeFile(at('film'), Buffer.alloc(BYTES, 'mlif')),
      () => utimes(at('film'), atime, mtime),
      async () => (await copyFlushed(at('film'), at('new')), rename(at('new'), at('film'))),
      async () => (await rename(at('film'), at('moved')), symlink(at('moved'), at('film'))),
    ];
    for (const change of changes) {
      // The clock of some file systems ticks every few milliseconds.
      await new Promise((resolve) => setTimeout(resolve, 20));
      await change();
      stamps.add(await findStamp(at('film')));
    }
    assert.equal(stamps.size, changes.length + 1);
    assert.equal(await findStamp(at('nothing')), undefined);
    assert.equal(await findStamp(join(at('moved'), 'below')), undefined);
    await withDiskFaults([{ calls: ['lstat'], code: 'EACCES', path: /./ }], () =>
      assert.rejects(findStamp(at('film'))),
    );
  });

  it('are one when deleting the first takes the second with it', async () => {
    await link(at('film'), at('second name'));
    await symlink(at('film'), at('way'));
    await writeFile(at('other'), film);
    await symlink(place, at('folder'));
    const entries = ['film', 'second name', 'way', 'other', 'folder/film'];
    assert.deepEqual(await Promise.all(entries.map((name) => isSameEntry(at('film'), at(name)))), [
      true,
      false,
      true,
      false,
      true,
    ]);
    assert.deepEqual(await Promise.all(entries.map((name) => isSameFile(at('film'), at(name)))), [
      true,
      true,
      true,
      false,
      true,
    ]);
    assert.equal(await isSameFile(at('film'), at('nothing')), false);
  });

  it('are in a folder also by a link', async () => {
    await mkdir(at('storage/videos'), { recursive: true });
    await mkdir(at('storage-2'));
    await symlink(at('storage'), at('way'));
    for (const [name, isIn] of [
      ['storage', true],
      ['storage/videos', true],
      ['way/videos', true],
      ['storage-2', false],
      ['.', false],
    ] as const) {
      assert.equal(await isInside(at(name), at('storage')), isIn, name);
    }
    assert.equal(await isInside(at('storage'), at('nothing')), false);
  });
});
