import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getProcessIdentity } from '../../../../src/tasks/worker/processIdentity';
import { WorkerLease } from '../../../../src/tasks/worker/workerLease';
import { PASSING_ERRORS } from '../../../support/diskErrors';
import { failReads, patchFs, systemError } from '../../../support/faultyFs';
import { FakeProcessTable } from '../../../support/harness';
import { makeTempDir, removeTempDir } from '../../../support/tempDir';
import { VirtualClock } from '../../../support/clocks';
import { settled } from '../../../support/recordingFetch';

const TAKEOVER_MS = 15_000;

describe('lease', () => {
  let place: string;
  let clock: VirtualClock;
  let processes: FakeProcessTable;
  const leases: WorkerLease[] = [];

  /** Of a window on the clock of this machine, or on its own. */
  function lease(name: string, itsClock = clock): WorkerLease {
    const made = new WorkerLease({ directory: place, clock: itsClock, identity: processes.start(name) });
    leases.push(made);
    return made;
  }

  function wanted(name: string, itsClock = clock): WorkerLease {
    const made = lease(name, itsClock);
    made.setWorkPending('work', true);
    return made;
  }

  const holders = (): number => leases.filter(({ held }) => held).length;
  const files = (): Promise<string[]> => readdir(join(place, 'worker')).catch(() => []);

  beforeEach(async () => {
    place = await makeTempDir();
    clock = new VirtualClock(settled);
    processes = new FakeProcessTable();
  });

  afterEach(async () => {
    leases.splice(0).forEach((made) => made.dispose());
    await settled();
    await removeTempDir(place);
  });

  it('goes to the only window that wants it, at once', async () => {
    const one = wanted('one');
    const heard: boolean[] = [];
    one.onDidChange((held) => heard.push(held));
    assert.equal(one.held, false);
    await clock.pass(10);
    assert.equal(one.held, true);
    assert.deepEqual(heard, [true]);
  });

  it('has one holder among many, for as long as all live', async () => {
    for (let n = 0; n < 8; n++) {
      wanted(`window ${n}`);
    }
    for (let second = 0; second < 60; second++) {
      await clock.pass(1_000);
      assert.equal(holders(), 1, `after ${second} s`);
    }
    assert.equal((await files()).length, 1);
  });

  it('goes on at once when its holder closes', async () => {
    const one = wanted('one');
    await clock.pass(10);
    const two = wanted('two');
    await clock.pass(5_000);
    const heard: boolean[] = [];
    one.onDidChange((held) => heard.push(held));
    one.dispose();
    assert.deepEqual(await files(), [], 'given up before dispose returns');
    assert.deepEqual(heard, [false]);
    await clock.pass(2_000);
    assert.equal(two.held, true);
  });

  it('goes on at the next look when the process of its holder has died', async () => {
    const dying = new VirtualClock(settled);
    wanted('one', dying);
    await dying.pass(10);
    assert.equal(holders(), 1);
    // A killed process does nothing more: its clock stands.
    leases.length = 0;
    processes.kill('one');
    const two = wanted('two');
    await clock.pass(10);
    assert.equal(two.held, true);
  });

  it('goes on within fifteen seconds when nothing is known of its holder', async () => {
    const dying = new VirtualClock(settled);
    const one = wanted('one', dying);
    await dying.pass(10);
    const two = wanted('two');
    // It beats a last time while the other one looks.
    await clock.pass(3_000);
    await dying.pass(3_000);
    await clock.pass(9_000);
    assert.equal(two.held, false, 'not before it is sure');
    await clock.pass(TAKEOVER_MS - 9_000);
    assert.equal(two.held, true);
    void one;
  });

  it('is given up by a window that was stopped, when it goes on', async () => {
    const stopped = new VirtualClock(settled);
    const one = wanted('one', stopped);
    await stopped.pass(10);
    const two = wanted('two');
    await clock.pass(TAKEOVER_MS + 2_000);
    assert.equal(two.held, true);
    stopped.freeze(TAKEOVER_MS);
    assert.equal(one.held, false, 'at once, before it looked at anything');
    const heard: boolean[] = [];
    one.onDidChange((held) => heard.push(held));
    await stopped.pass(3_000);
    assert.equal(one.held, false);
    assert.deepEqual(heard, [false]);
    assert.equal(two.held, true);
    assert.deepEqual(await files(), ['2']);
  });

  it('is kept by a window that was stopped, when nobody took over', async () => {
    const one = wanted('one');
    await clock.pass(10);
    clock.freeze(60_000);
    assert.equal(one.held, false);
    const heard: boolean[] = [];
    one.onDidChange((held) => heard.push(held));
    await clock.pass(2_000);
    assert.equal(one.held, true);
    assert.deepEqual(heard, [true]);
  });

  it('stays where it is when the machine sleeps', async () => {
    const one = wanted('one');
    await clock.pass(10);
    const two = wanted('two');
    await clock.pass(5_000);
    for (let night = 0; night < 5; night++) {
      clock.freeze(8 * 3_600_000);
      await clock.pass(10_000);
      assert.equal(one.held, true);
      assert.equal(two.held, false);
    }
  });

  for (const jump of [1, -1, 60_000, -60_000, 40 * 3_600_000, -40 * 3_600_000, -20 * 365 * 24 * 3_600_000]) {
    it(`does not care that the wall clock jumps by ${jump} ms`, async () => {
      const one = wanted('one');
      await clock.pass(10);
      const two = wanted('two');
      for (let n = 0; n < 20; n++) {
        await clock.pass(1_500);
        if (n % 3 === 0) {
          clock.jump(n % 2 === 0 ? jump : -jump);
        }
        assert.equal(one.held, true, `after ${n} looks`);
        assert.equal(two.held, false);
      }
    });
  }

  describe('with nothing to do', () => {
    it('has no timer, no file, no holder', async () => {
      const one = lease('one');
      await clock.pass(60_000);
      assert.equal(clock.timers, 0);
      one.setWorkPending('work', true);
      await clock.pass(10);
      assert.equal(one.held, true);
      one.setWorkPending('work', false);
      assert.equal(one.held, false);
      assert.equal(clock.timers, 0);
      assert.deepEqual(await files(), []);
    });

    it('waits for the last of several reasons', async () => {
      const one = wanted('one');
      one.setWorkPending('polling', true);
      await clock.pass(10);
      one.setWorkPending('work', false);
      assert.equal(one.held, true);
      one.setWorkPending('polling', false);
      assert.equal(one.held, false);
    });

    it('begins again as often as there is work', async () => {
      const one = lease('one');
      for (let n = 0; n < 10; n++) {
        one.setWorkPending('work', true);
        await clock.pass(n * 700);
        one.setWorkPending('work', false);
        await clock.pass(100);
        assert.equal(clock.timers, 0);
        assert.equal(one.held, false);
        assert.deepEqual(await files(), []);
      }
    });

    it('is not confused by a change of mind in mid-look', async () => {
      const one = lease('one');
      for (let n = 0; n < 20; n++) {
        one.setWorkPending('work', true);
        await new Promise((resolve) => setImmediate(resolve));
        one.setWorkPending('work', false);
        one.setWorkPending('work', true);
        one.setWorkPending('work', false);
      }
      await clock.pass(5_000);
      assert.equal(clock.timers, 0);
      assert.deepEqual(await files(), []);
      one.setWorkPending('work', true);
      await clock.pass(10);
      assert.equal(one.held, true);
    });

    it('leaves nothing behind when it is disposed in mid-look', async () => {
      for (let turns = 0; turns < 12; turns++) {
        const one = wanted('one');
        const passing = clock.pass(1);
        for (let turn = 0; turn < turns; turn++) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        one.dispose();
        await passing;
        await clock.pass(5_000);
        assert.equal(one.held, false);
        assert.deepEqual(await files(), [], `disposed after ${turns} turns`);
        assert.equal(clock.timers, 0);
      }
    });
  });

  it('survives what else may lie in its folder', async () => {
    await mkdir(join(place, 'worker'));
    await writeFile(join(place, 'worker', 'notes.txt'), 'x');
    await writeFile(join(place, 'worker', '7'), '');
    await writeFile(join(place, 'worker', '5'), 'host:1:x');
    const one = wanted('one');
    await clock.pass(TAKEOVER_MS);
    assert.equal(one.held, true);
    assert.deepEqual((await files()).sort(), ['8', 'notes.txt']);
  });

  for (const code of PASSING_ERRORS) {
    it(`is kept while its folder cannot be listed for a moment (${code}), and given up and taken again when that lasts`, async () => {
      const one = wanted('one');
      await clock.pass(10);
      const heard: boolean[] = [];
      one.onDidChange((held) => heard.push(held));
      let restore = failReads(/worker$/, code);
      try {
        await clock.pass(5_000);
        assert.deepEqual({ held: one.held, heard }, { held: true, heard: [] });
        restore();
        await clock.pass(20_000);
        assert.deepEqual({ held: one.held, heard, files: await files() }, { held: true, heard: [], files: ['1'] });
        restore = failReads(/worker$/, code);
        await clock.pass(TAKEOVER_MS);
        assert.deepEqual({ held: one.held, heard }, { held: false, heard: [false] });
      } finally {
        restore();
      }
      await clock.pass(TAKEOVER_MS);
      assert.deepEqual({ held: one.held, heard }, { held: true, heard: [false, true] });
    });
  }

  it('is kept on disks that let nobody set the time of a file', async () => {
    const restore = patchFs({ utimes: () => Promise.reject(systemError('EPERM', 'utime')) });
    try {
      const one = wanted('one');
      await clock.pass(10);
      wanted('two');
      for (let second = 0; second < 60; second++) {
        await clock.pass(1_000);
        assert.equal(one.held, true, `after ${second} s`);
        assert.equal(holders(), 1, `after ${second} s`);
      }
    } finally {
      restore();
    }
  });

  it('is acquired again after its file was deleted', async () => {
    const one = wanted('one');
    await clock.pass(10);
    await removeTempDir(join(place, 'worker'));
    await clock.pass(10_000);
    assert.equal(one.held, true);
    assert.equal((await files()).length, 1);
  });

  it('goes from window to window without end', async () => {
    for (let n = 0; n < 30; n++) {
      const one = wanted(`window ${n}`);
      await clock.pass(2_100);
      assert.equal(one.held, true);
      assert.equal(holders(), 1);
      if (n % 2 === 0) {
        one.dispose();
      } else {
        leases.splice(leases.indexOf(one), 1);
        processes.kill(`window ${n}`);
        one.setWorkPending('work', false);
      }
    }
  });

  it('knows whether a process lives', () => {
    const identity = getProcessIdentity();
    const { name } = identity;
    const mayBeAlive = (other: string): boolean => identity.isPossiblyAlive(other);
    const [host] = name.split(':');
    assert.equal(mayBeAlive(name), true);
    assert.equal(mayBeAlive(`${host}:${process.pid}:another`), false, 'one that had our number before');
    assert.equal(mayBeAlive(`${host}:${process.ppid}:x`), true);
    assert.equal(mayBeAlive(`${host}:4194303:x`), false, 'the highest number there is');
    assert.equal(mayBeAlive('another-machine:1:x'), true, 'of other machines nothing is known');
    assert.equal(mayBeAlive('nonsense'), true);
  });
});
