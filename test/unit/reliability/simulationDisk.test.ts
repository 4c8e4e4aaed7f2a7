import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { makeTempDir, removeTempDir } from '../../support/tempDir';
import { MemoryDisk } from '../../support/simulation/disk';

/** What both disks can do. Everything is given back, errors too. */
interface Disk {
  mkdir(path: string): unknown;
  names(path: string): unknown;
  write(path: string, flags: 'r+' | 'w' | 'wx', text: string): unknown;
  read(path: string): unknown;
  link(from: string, to: string): unknown;
  unlink(path: string): unknown;
  rename(from: string, to: string): unknown;
  size(path: string): unknown;
}

function realDisk(root: string): Disk {
  const at = (path: string): string => join(root, path);
  return {
    mkdir: (path) => fs.mkdirSync(at(path), { recursive: true })?.slice(root.length),
    names: (path) => fs.readdirSync(at(path)).sort(),
    write: (path, flags, text) => {
      const file = fs.openSync(at(path), flags);
      fs.writeSync(file, text, 0);
      fs.closeSync(file);
    },
    read: (path) => fs.readFileSync(at(path), 'utf8'),
    link: (from, to) => fs.linkSync(at(from), at(to)),
    unlink: (path) => fs.unlinkSync(at(path)),
    rename: (from, to) => fs.renameSync(at(from), at(to)),
    size: (path) => fs.statSync(at(path)).isFile() && fs.statSync(at(path)).size,
  };
}

function memoryDisk(): Disk {
  const disk = new MemoryDisk({ now: () => 1, random: Math.random });
  return {
    mkdir: (path) => disk.mkdir(path),
    names: (path) => disk.names(path).sort(),
    write: (path, flags, text) => disk.write(disk.open(path, flags), Buffer.from(text), 0, path),
    read: (path) => disk.read(path).toString(),
    link: (from, to) => disk.link(from, to),
    unlink: (path) => disk.unlink(path),
    rename: (from, to) => disk.rename(from, to),
    size: (path) => disk.stat(path).isFile() && disk.stat(path).size,
  };
}

function outcome(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

const file = fc.constantFrom('/a/one', '/a/two', '/a/three', '/b/one', '/b/two', '/none/one');
const step = fc.oneof(
  fc.tuple(
    fc.constant('write' as const),
    file,
    fc.constantFrom('r+' as const, 'w' as const, 'wx' as const),
    fc.string({ maxLength: 5 }),
  ),
  fc.tuple(fc.constant('read' as const), file),
  fc.tuple(fc.constant('size' as const), file),
  fc.tuple(fc.constant('unlink' as const), file),
  fc.tuple(fc.constant('link' as const), file, file),
  fc.tuple(fc.constant('rename' as const), file, file),
  fc.tuple(fc.constant('names' as const), fc.constantFrom('/a', '/b', '/none')),
  fc.tuple(fc.constant('mkdir' as const), fc.constantFrom('/a', '/b', '/a/deep/er')),
);

describe("simulation: the machine's disk", () => {
  it('does what a real one does', async () => {
    const place = await makeTempDir();
    let n = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const root = join(place, String(n++));
        const real = realDisk(root);
        const memory = memoryDisk();
        for (const disk of [real, memory]) {
          disk.mkdir('/a');
          disk.mkdir('/b');
        }
        for (const [call, ...rest] of steps) {
          const act = (disk: Disk): unknown => outcome(() => (disk[call] as (...all: string[]) => unknown)(...rest));
          assert.deepEqual(act(memory), act(real), `${call} ${rest.join(' ')}`);
        }
      }),
      { numRuns: 150 },
    );
    await removeTempDir(place);
  });

  it('keeps through a power cut what was flushed, and nothing that never was', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), (chances) => {
        const disk = new MemoryDisk({ now: () => 1, random: () => Number(chances.next().value) });
        disk.mkdir('/a');
        disk.sync(disk.node('/'));
        const flushed = disk.open('/a/flushed', 'w');
        disk.write(flushed, Buffer.from('all of it'), 0, '/a/flushed');
        disk.sync(flushed);
        disk.sync(disk.node('/a'));
        const loose = disk.open('/a/loose', 'w');
        disk.write(loose, Buffer.from('some of it'), 0, '/a/loose');
        disk.write(flushed, Buffer.from('ALL'), 0, '/a/flushed');
        disk.losePower();
        assert.match(disk.read('/a/flushed').toString('latin1'), /^(all of it|A?L?L?[\s\S]*)$/);
        const left = disk.names('/a').includes('loose') ? disk.read('/a/loose').toString('latin1') : '';
        assert.ok('some of it'.startsWith(left.replace(/\0+$/, '')), left);
      }),
    );
  });
});
