import { watch, type FSWatcher } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rename, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileAtomically, ensureDirectory, syncDirectory } from '../../common/atomicFile';
import { sleep, type Clock, type Random } from '../../common/clock';
import type { IDisposable } from '../../common/events';
import { getErrorCode, isDiskFull } from '../../common/fsErrors';
import { StoreError } from '../model/errors';
import type { ChargeableTask, TaskRecord } from '../model/taskRecord';
import { parseRecordFile, serializeRecord, serializeTombstone, toChargeableTask, type RecordFile } from './recordFile';
import { MAX_ATTEMPTS, parseFileNames, type Revision } from './revisionNames';

export interface RevisionFilesOptions {
  /** The extension's own storage; created on demand. */
  directory: string;
  clock: Clock;
  random: Random;
  log?: ((message: string) => void) | undefined;
}

const TEMPORARY_LIFE_MS = 60 * 60_000;
const RETRY_DELAY_MS = 100;
/**
 * What is no record is damaged once it has not changed for so long: an older version of the extension copies records to
 * disks without hard links, and may stall in the middle.
 */
const SETTLE_MS = 1_000;
/** Nobody writes any more in a file of this age, by the wall clock. */
const SETTLED_AGE_MS = 10 * 60_000;
const MAX_SETTLE_MS = 10_000;
/** A watcher that failed is started anew after this, and ever more rarely. */
const WATCH_AGAIN_MS = 1_000;
const MAX_WATCH_AGAIN_MS = 5 * 60_000;
const RESERVE_BYTES = 64 * 1024;
/** How often a directory that goes on changing is listed before it is assumed that another window was faster. */
const MAX_LISTINGS = 20;

/** What reading a file came to, when not to a `RecordFile`. */
export type NoRecordFile =
  /** There is no such file. */
  | { kind: 'gone' }
  /** The disk did not let us read it, or it is still changing. That says nothing about the record in it. */
  | { kind: 'unreadable' };

/**
 * The directory of revision files, `tasks/ID.REVISION.json`, with the quarantine for corrupt files (`damaged/`) and
 * the disk space that is reserved for changes. Knows files and their names; which revision is the record is up to
 * `TaskStore`.
 */
export class RevisionFiles {
  readonly #quarantineDirectory: string;
  readonly #options: RevisionFilesOptions;
  readonly #directory: string;
  readonly #reserve: string;
  /** Corrupt files that could not be moved to the quarantine. */
  readonly #unmovable = new Set<string>();
  /** Whether a change was written and its name could not be flushed. */
  #needsFlush = false;

  constructor(options: RevisionFilesOptions) {
    this.#options = options;
    this.#directory = join(options.directory, 'tasks');
    this.#quarantineDirectory = join(options.directory, 'damaged');
    this.#reserve = join(options.directory, 'reserve');
  }

  /** Creates the directories, that of the videos too; must be called before anything else. */
  async open(): Promise<void> {
    const { directory } = this.#options;
    await ensureDirectory(directory);
    await ensureDirectory(this.#directory);
    await ensureDirectory(join(directory, 'videos'));
  }

  /** The names of all files, also of temporary ones. */
  listNames(): Promise<string[]> {
    return readdir(this.#directory);
  }

  /** Waits a little before the directory is looked at again. */
  pause(): Promise<void> {
    return sleep(this.#options.clock, RETRY_DELAY_MS);
  }

  /** Never throws. `damaged` is only what was read and is no record, or what is no file. */
  async read({ id, revision }: Revision): Promise<RecordFile | NoRecordFile> {
    const { clock, log } = this.#options;
    const name = getFileName(id, revision);
    const path = join(this.#directory, name);
    const startedAt = clock.monotonic();
    let text: string | undefined;
    let unchangedSince = startedAt;
    try {
      for (;;) {
        const now = await readFile(path, 'utf8');
        const file = parseRecordFile(id, now);
        if (file.kind !== 'damaged') {
          return file;
        }
        if (now !== text) {
          text = now;
          unchangedSince = clock.monotonic();
        } else if (clock.monotonic() - unchangedSince >= SETTLE_MS) {
          return file;
        }
        if (clock.now() - (await stat(path)).mtimeMs > SETTLED_AGE_MS) {
          return file;
        }
        if (clock.monotonic() - startedAt > MAX_SETTLE_MS) {
          return { kind: 'unreadable' };
        }
        await this.pause();
      }
    } catch (error) {
      if (getErrorCode(error) === 'ENOENT') {
        return { kind: 'gone' };
      }
      log?.(`${name} cannot be read: ${String(error)}`);
      return { kind: (await isNoFile(path, error)) ? 'damaged' : 'unreadable' };
    }
  }

  /**
   * Writes the first revision of a record, above the tombstone of a removed one if there is one. It is taken back when
   * this fails: who is told so does not expect it in the list, and may create it under another id.
   *
   * @param base the revision of the tombstone, 0 for none
   * @returns `false` when the name is taken
   * @throws {StoreError}
   */
  createRecord(id: string, base: number, record: TaskRecord): Promise<boolean> {
    return this.#write(id, base, serializeRecord(record), true);
  }

  /**
   * Writes the revision after `base`, the newest that is known. It may stay although this fails: it may hold the id of a
   * task that is paid for, and is written again.
   *
   * @returns whether it was written; `false` when another window was faster.
   * @throws {StoreError}
   */
  updateRecord(id: string, base: number, record: TaskRecord): Promise<boolean> {
    return this.#write(id, base, serializeRecord(record), false);
  }

  /**
   * @returns what the removed task cost, as the tombstone says it; `undefined` when another window was faster.
   * @throws {StoreError}
   */
  async writeTombstone(id: string, base: number, record: TaskRecord): Promise<ChargeableTask | undefined> {
    const paid = toChargeableTask(record);
    const text = serializeTombstone(this.#options.clock.now(), paid);
    return (await this.#write(id, base, text, false)) ? paid : undefined;
  }

  async #write(id: string, base: number, text: string, isNew: boolean): Promise<boolean> {
    const revision = base + 1;
    const path = join(this.#directory, getFileName(id, revision));
    const chance = Math.floor(this.#options.random() * 2 ** 40).toString(36);
    const temporary = join(this.#directory, `${id}.${revision}.${process.pid}.${chance}.tmp`);
    let isWritten = false;
    try {
      isWritten = await this.#createUsingReserve(path, text, temporary, !isNew);
      if (!isWritten) {
        return false;
      }
      // An id that was just made has no other revision. A look that fails must not make a record fail that was written.
      if (base === 0 && !(await this.#exists(id, revision + 1).catch(() => false))) {
        return true;
      }
      const revisions = await this.#listIfFirst(id, revision);
      if (!revisions) {
        // This window was so far behind that the name of its revision had been cleaned away already.
        await unlink(path).catch(() => undefined);
        return false;
      }
      // From the oldest on, one after the other: see `#listIfFirst`.
      for (const older of revisions.filter((other) => other < revision).sort((x, y) => x - y)) {
        await unlink(join(this.#directory, getFileName(id, older))).catch(() => undefined);
      }
      return true;
    } catch (error) {
      if (isNew && isWritten) {
        await unlink(path).catch(() => undefined);
      }
      this.#needsFlush = true;
      throw StoreError.from(error);
    }
  }

  /**
   * Flushes what was written and not flushed, as the disk was in trouble. Who tries again finds it written, and relies
   * on it.
   *
   * @throws {StoreError}
   */
  async flush(): Promise<void> {
    if (this.#needsFlush) {
      try {
        await syncDirectory(this.#directory);
      } catch (error) {
        throw StoreError.from(error);
      }
      this.#needsFlush = false;
    }
  }

  /**
   * The revisions on the disk beside the one that was just written; `undefined` when another window has got further, or
   * may have.
   *
   * Listing a long directory is not atomic: a name that is added while another is removed can be missed together with it
   * (seen with 3,000 records). But the revision just below ours is deleted before ours could be: if it is still there, no
   * window has written a newer one. Where it is not, a listing proves something only when the directory did not change
   * meanwhile. A check that needs no listing, by the file of the revision below, was tried and lost changes: a window
   * that is far behind can use a name again for a moment, and another one can build on that.
   */
  async #listIfFirst(id: string, revision: number): Promise<number[] | undefined> {
    for (let attempts = 1; attempts <= MAX_LISTINGS; attempts++) {
      const before = await this.getStamp();
      const revisions = await this.#listRevisions(id);
      if (revisions.some((other) => other > revision)) {
        return undefined;
      }
      if (revision === 1 || revisions.includes(revision - 1)) {
        return revisions;
      }
      if (before !== undefined && before === (await this.getStamp())) {
        return revisions;
      }
      await this.pause();
    }
    return undefined;
  }

  async #exists(id: string, revision: number): Promise<boolean> {
    try {
      await stat(join(this.#directory, getFileName(id, revision)));
      return true;
    } catch (error) {
      if (getErrorCode(error) === 'ENOENT') {
        return false;
      }
      throw error;
    }
  }

  /**
   * The id of a task that was just paid for must be written even when the disk is full: a little space is reserved
   * for changes, though not for new records.
   */
  async #createUsingReserve(path: string, text: string, temporary: string, isChange: boolean): Promise<boolean> {
    const create = () => createFileAtomically(path, text, temporary, () => this.pause(), isChange);
    try {
      return await create();
    } catch (error) {
      if (!isChange || !isDiskFull(error)) {
        throw error;
      }
      await unlink(this.#reserve).catch(() => undefined);
      return create();
    }
  }

  /**
   * Reserves disk space for later changes, before a new record is written.
   *
   * @throws {StoreError}
   */
  async prepareReserve(): Promise<void> {
    try {
      await writeFile(this.#reserve, Buffer.alloc(RESERVE_BYTES), { flag: 'wx' });
    } catch (error) {
      if (getErrorCode(error) !== 'EEXIST') {
        // Half a reserve would pass for a whole one the next time.
        await unlink(this.#reserve).catch(() => undefined);
        throw StoreError.from(error);
      }
    }
  }

  /**
   * The newest revision on the disk that may be readable, 0 for none.
   *
   * @param isExpected the record should be there, so one listing without it proves nothing.
   */
  async findNewest(id: string, isExpected: boolean): Promise<number> {
    for (let attempts = 1; ; attempts++) {
      const readable = (await this.#listRevisions(id)).filter(
        (revision) => !this.#unmovable.has(getFileName(id, revision)),
      );
      const newest = Math.max(0, ...readable);
      if (newest > 0 || !isExpected || attempts === MAX_ATTEMPTS) {
        return newest;
      }
      await this.pause();
    }
  }

  /** Whether it is corrupt and could not be moved away. */
  isUnmovable({ id, revision }: Revision): boolean {
    return this.#unmovable.has(getFileName(id, revision));
  }

  /** The newest revision below this one, 0 for none. */
  async findOlder({ id, revision }: Revision): Promise<number> {
    return Math.max(0, ...(await this.#listRevisions(id)).filter((older) => older < revision));
  }

  async #listRevisions(id: string): Promise<number[]> {
    const names = await readdir(this.#directory);
    return parseFileNames(names.filter((name) => name.startsWith(`${id}.`))).map(({ revision }) => revision);
  }

  /**
   * Moves a corrupt file to the quarantine; it is never deleted. Never throws: a file that cannot be moved is ignored
   * from then on.
   *
   * @returns the file's name in the directory; `undefined` when an intact record took its place meanwhile, and stays
   */
  async quarantine({ id, revision }: Revision): Promise<string | undefined> {
    const name = getFileName(id, revision);
    const path = join(this.#directory, name);
    try {
      await mkdir(this.#quarantineDirectory, { recursive: true });
      // A revision's name is used again after its file was moved away, and a rename would replace what is there.
      const taken = new Set(await readdir(this.#quarantineDirectory));
      let free = name;
      for (let n = 2; taken.has(free); n++) {
        free = name.replace(/json$/, `${n}.json`);
      }
      const moved = join(this.#quarantineDirectory, free);
      await rename(path, moved);
      const text = await readFile(moved, 'utf8').catch(() => '');
      if (parseRecordFile(id, text).kind !== 'damaged' && !(await this.#exists(id, revision))) {
        await rename(moved, path);
        return undefined;
      }
    } catch (error) {
      this.#options.log?.(`${name} is damaged and cannot be set aside: ${String(error)}`);
      this.#unmovable.add(name);
    }
    return name;
  }

  /** Never throws. */
  async delete({ id, revision }: Revision): Promise<void> {
    await unlink(join(this.#directory, getFileName(id, revision))).catch(() => undefined);
  }

  /** Deletes tombstones; the older revisions of their records must be deleted already. Never throws. */
  async deleteTombstones(tombstones: readonly Revision[]): Promise<void> {
    if (tombstones.length > 0) {
      // A power cut must not bring back the record and leave it without its tombstone.
      await syncDirectory(this.#directory).catch(() => undefined);
      await Promise.all(tombstones.map((tombstone) => this.delete(tombstone)));
    }
  }

  /** Deletes temporary files of windows that died while they wrote. Never throws. */
  async deleteOldTemporaries(names: readonly string[]): Promise<void> {
    for (const name of names.filter((candidate) => /\.(tmp|writing)$/.test(candidate))) {
      const path = join(this.#directory, name);
      // In one of those folders windows write at the same time, on disks without hard links.
      const inside = name.endsWith('.tmp') ? [] : await readdir(path).catch(() => []);
      for (const file of [...inside.map((rival) => join(path, rival)), path]) {
        if ((await this.#getAge(file)) > TEMPORARY_LIFE_MS) {
          await (file === path && !name.endsWith('.tmp') ? rmdir(file) : unlink(file)).catch(() => undefined);
        }
      }
    }
  }

  /** By the wall clock; 0 when it is gone. */
  #getAge(path: string): Promise<number> {
    return stat(path).then(
      ({ mtimeMs }) => this.#options.clock.now() - mtimeMs,
      () => 0,
    );
  }

  /**
   * Something that differs once a name has come or gone, as far as the disk keeps count of that: a look at it costs the
   * same however many names there are. `undefined` when the disk does not say.
   */
  async getStamp(): Promise<string | undefined> {
    try {
      const { ino, mtimeMs } = await stat(this.#directory);
      return `${ino} ${mtimeMs}`;
    } catch {
      return undefined;
    }
  }

  /**
   * Reports files as they appear. Where the system reports nothing (limits of inotify, some network disks), or stops
   * doing so, it is asked again from time to time.
   *
   * @param onChange gets `undefined` where the system does not say which file it was, and after a gap.
   */
  watch(onChange: (revision: Revision | undefined) => void): IDisposable {
    const { clock, log } = this.#options;
    let watcher: FSWatcher | undefined;
    let timer: unknown;
    let failures = 0;
    let isDisposed = false;
    const fail = (error: unknown) => {
      watcher?.close();
      watcher = undefined;
      if (isDisposed) {
        return;
      }
      if (failures === 0) {
        log?.(`changes of other windows are not reported: ${String(error)}`);
      }
      const wait = Math.min(WATCH_AGAIN_MS * 2 ** failures++, MAX_WATCH_AGAIN_MS);
      clock.clearTimeout(timer);
      timer = clock.setTimeout(() => {
        if (start()) {
          onChange(undefined);
        }
      }, wait);
    };
    const start = (): boolean => {
      try {
        const own = watch(this.#directory, { persistent: false }, (_event, name) => {
          failures = 0;
          const [revision] = name === null ? [] : parseFileNames([name]);
          if (revision || name === null) {
            onChange(revision);
          }
        });
        own.on('error', (error) => own === watcher && fail(error));
        watcher = own;
        return true;
      } catch (error) {
        fail(error);
        return false;
      }
    };
    start();
    return {
      dispose: () => {
        isDisposed = true;
        clock.clearTimeout(timer);
        watcher?.close();
      },
    };
  }
}

/** Whether the name is certainly not a file's, which is why it could not be read. */
async function isNoFile(path: string, error: unknown): Promise<boolean> {
  try {
    const found = await lstat(path);
    return found.isDirectory() || (found.isSymbolicLink() && getErrorCode(error) === 'ELOOP');
  } catch {
    return false;
  }
}

const getFileName = (id: string, revision: number) => `${id}.${revision}.json`;
