import assert from 'node:assert/strict';
import fs from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { createFileAtomically } from '../../../../src/common/atomicFile';
import { withSavedLocation } from '../../../../src/tasks/model/transitions';
import { bundle } from '../../../support/bundle';
import type { DiskReport } from '../../../support/diskProcess';
import { makeTempDir, removeTempDir } from '../../../support/tempDir';
import { createRecord, createStore } from '../../../support/records';
import { onSmallDisk } from '../../../support/smallDisk';
import { settled } from '../../../support/recordingFetch';

describe('store: disks', () => {
  let place: string;

  beforeEach(async () => {
    place = await makeTempDir();
  });

  afterEach(async () => {
    await settled();
    await removeTempDir(place);
  });

  describe('full, and then read-only', function () {
    this.timeout(20_000);
    let report: DiskReport;

    before(async () => {
      const folder = await makeTempDir();
      const { disk, output } = await onSmallDisk(await bundle('diskProcess'), folder);
      console.log(
        `      on ${disk === 'tmpfs' ? 'a real disk of 1 MB' : 'a disk whose bytes are counted: none of 1 MB can be made here'}`,
      );
      report = JSON.parse(output) as DiskReport;
      await removeTempDir(folder);
    });

    it('takes no new task', () => {
      assert.ok(report.created > 20, String(report.created));
      assert.equal(report.createError, 'disk-full');
    });

    it('still takes the id of the task that was paid for', () => {
      assert.equal(report.acceptedOnFullDisk, true);
    });

    it('tells when it takes nothing any more, and loses nothing', () => {
      assert.equal(report.changeError, 'disk-full');
      assert.deepEqual(report.readBack, report.believed, 'what was announced is on the disk, and nothing else');
      assert.deepEqual(report.damaged, []);
      assert.deepEqual(report.leftovers, []);
    });

    it('goes on when there is room again', () => {
      assert.equal(report.afterRoom, true);
    });

    it('tells that it is read-only, and can be read', () => {
      assert.deepEqual(report.readOnlyErrors, ['storage', 'storage', 'storage']);
      assert.equal(report.readOnlyReads, true);
    });
  });

  describe('without hard links', () => {
    const { link } = fs.promises;

    beforeEach(() => {
      fs.promises.link = () =>
        Promise.reject(Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' }));
      syncBuiltinESMExports();
    });

    afterEach(() => {
      fs.promises.link = link;
      syncBuiltinESMExports();
    });

    it('lets one window win a name', async () => {
      const path = join(place, 'a');
      const won = await Promise.all(
        Array.from({ length: 8 }, (_, n) => createFileAtomically(path, `${n}`, `${path}.${n}.tmp`)),
      );
      assert.equal(won.filter(Boolean).length, 1);
      assert.equal(await readFile(path, 'utf8'), String(won.indexOf(true)));
      assert.deepEqual(await readdir(place), ['a']);
    });

    it('loses no change of several windows', async () => {
      const windows = [createStore(place), createStore(place), createStore(place)];
      await windows[0]!.create(createRecord('a1'));
      await Promise.all(windows.map((window) => window.load()));
      await Promise.all(
        windows.map(async (window, w) => {
          for (let n = 0; n < 10; n++) {
            await window.update('a1', withSavedLocation(`file:///${w}/${n}`, n));
          }
        }),
      );
      const fresh = createStore(place);
      await fresh.load();
      assert.equal(fresh.get('a1')?.saved.length, 30);
      assert.deepEqual(
        [...windows, fresh].flatMap(({ damaged }) => damaged),
        [],
        'half a file is looked at twice',
      );
      [...windows, fresh].forEach((window) => window.dispose());
    });
  });

  it('makes a file once, and leaves what it was made from', async () => {
    const path = join(place, 'a');
    assert.equal(await createFileAtomically(path, 'one', `${path}.tmp`), true);
    assert.equal(await createFileAtomically(path, 'two', `${path}.tmp`), false);
    assert.equal(await readFile(path, 'utf8'), 'one');
    assert.deepEqual(await readdir(place), ['a']);
    await assert.rejects(createFileAtomically(join(place, 'none', 'a'), 'x', join(place, 'none', 'tmp')), {
      code: 'ENOENT',
    });
  });
});
