import { watch } from 'node:fs';
import { mkdir, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileAtomically, ensureDirectory, syncDirectory } from '../../common/atomicFile';
import { sleep, type Clock, type Random } from '../../common/clock';
import type { IDisposable } from '../../common/events';
import { getErrorCode, isDiskFull } from '../../common/fsErrors';
import { StoreError } from '../model/errors';
import type { ChargeableTask, TaskRecord } from '../model/taskRecord';
import type * as RecordFiles from './recordFile';

/** One revision of one record, as the name of its file says. */
export interface Revision {
  id: string;
  revision: number;
}

export interface RevisionFilesOptions {
  /** The extension's own storage; created on demand. */
  directory: string;
  clock: Clock;
  random: Random;
  log?: ((message: string) => void) | undefined;
}

const FILE_NAME = /^([a-z0-9]{1,64})\.(\d{1,15})\.json$/;
const TEMPORARY_LIFE_MS = 60 * 60_000;
const RETRY_DELAY_MS = 100;
/** How many attempts before an unexpected state of the directory is believed. */
export const MAX_ATTEMPTS = 4;
const RESERVE_BYTES = 64 * 1024;

/**
 * The directory of revision files, `tasks/ID.REVISION.json`, with the quarantine for corrupt files (`damaged/`) and
 * the disk space that is reserved for changes. Knows files and their names; which revision is the record is up to
 * `TaskStore`.
 */
export class RevisionFiles {
  readonly quarantineDirectory: string;
  readonly #options: RevisionFilesOptions;
  readonly #directory: string;
  readonly #reserve: string;
  /** Corrupt files that could not be moved to the quarantine. */
  readonly #unmovable = new Set<string>();
  /** Imported with the first records: activation does not need the schemas, and nothing is written before. */
  #format!: typeof RecordFiles;

  constructor(options: RevisionFilesOptions) {
    this.#options = options;
    this.#directory = join(options.directory, 'tasks');
    this.quarantineDirectory = join(options.directory, 'damaged');
    this.#reserve = join(options.directory, 'reserve');
  }

  /** Creates the directory; must be called before anything else. */
  async open(): Promise<void> {
    this.#format = await import('./recordFile');
    await ensureDirectory(this.#options.directory);
    await ensureDirectory(this.#directory);
  }

  /** The names of all files, also of temporary ones. */
  listNames(): Promise<string[]> {
    return readdir(this.#directory);
  }

  /** Waits a little before the directory is looked at again. */
  pause(): Promise<void> {
    return sleep(this.#options.clock, RETRY_DELAY_MS);
  }

  /** @returns `undefined` when the file is gone: another window wrote a newer revision. */
  async read({ id, revision }: Revision): Promise<RecordFiles.RecordFile | undefined> {
    const name = getFileName(id, revision);
    const path = join(this.#directory, name);
    try {
      const file = this.#format.parseRecordFile(id, await readFile(path, 'utf8'));
      if (file.kind !== 'damaged') {
        return file;
      }
      // On a disk without hard links another window may be in the middle of writing it.
      await this.pause();
      return this.#format.parseRecordFile(id, await readFile(path, 'utf8'));
    } catch (error) {
      if (getErrorCode(error) === 'ENOENT') {
        return undefined;
      }
      this.#options.log?.(`${name} cannot be read: ${String(error)}`);
      return { kind: 'damaged' };
    }
  }

  /**
   * @returns whether it was written; `false` when another window was faster.
   * @throws {StoreError}
   */
  writeRecord(id: string, revision: number, record: TaskRecord): Promise<boolean> {
    return this.#write(id, revision, this.#format.serializeRecord(record));
  }

  /**
   * @returns what the removed task cost, as the tombstone says it; `undefined` when another window was faster.
   * @throws {StoreError}
   */
  async writeTombstone(id: string, revision: number, record: TaskRecord): Promise<ChargeableTask | undefined> {
    const paid = this.#format.toChargeableTask(record);
    const text = this.#format.serializeTombstone(this.#options.clock.now(), paid);
    return (await this.#write(id, revision, text)) ? paid : undefined;
  }

  async #write(id: string, revision: number, text: string): Promise<boolean> {
    const path = join(this.#directory, getFileName(id, revision));
    const chance = Math.floor(this.#options.random() * 2 ** 40).toString(36);
    const temporary = join(this.#directory, `${id}.${revision}.${process.pid}.${chance}.tmp`);
    try {
      if (!(await this.#createUsingReserve(path, text, temporary, revision > 1))) {
        return false;
      }
      const revisions = await this.#listOtherRevisions(id, revision);
      if (revisions.some((other) => other > revision)) {
        // This window was so far behind that the name of its revision had been cleaned away already.
        await unlink(path).catch(() => undefined);
        return false;
      }
      // From the oldest on, one after the other: see `#listOtherRevisions`.
      for (const older of revisions.filter((other) => other < revision).sort((a, b) => a - b)) {
        await unlink(join(this.#directory, getFileName(id, older))).catch(() => undefined);
      }
      return true;
    } catch (error) {
      throw StoreError.from(error);
    }
  }

  /**
   * The id of a task that was just paid for must be written even when the disk is full: a little space is reserved
   * for changes, though not for new records.
   */
  async #createUsingReserve(path: string, text: string, temporary: string, mayUseReserve: boolean): Promise<boolean> {
    try {
      return await createFileAtomically(path, text, temporary);
    } catch (error) {
      if (!mayUseReserve || !isDiskFull(error)) {
        throw error;
      }
      await unlink(this.#reserve).catch(() => undefined);
      return createFileAtomically(path, text, temporary);
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
   * The revisions on the disk beside the one that was just written. Newer ones are found with certainty.
   *
   * Listing a long directory is not atomic: a name that is added while another is removed can be missed together
   * with it (seen with 3,000 records). But the revision just below ours is deleted before ours could be. So if it is
   * still there, ours is the first of its number, and no window has written a newer one.
   */
  async #listOtherRevisions(id: string, revision: number): Promise<number[]> {
    for (let attempts = 1; ; attempts++) {
      const revisions = await this.#listRevisions(id);
      const isCertain = revision === 1 || revisions.some((other) => other === revision - 1 || other > revision);
      if (isCertain || attempts === MAX_ATTEMPTS) {
        return revisions;
      }
      await this.pause();
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
   * @returns the file's name in the directory
   */
  async quarantine({ id, revision }: Revision): Promise<string> {
    const name = getFileName(id, revision);
    try {
      await mkdir(this.quarantineDirectory, { recursive: true });
      // A revision's name is used again after its file was moved away, and a rename would replace what is there.
      const taken = new Set(await readdir(this.quarantineDirectory));
      let free = name;
      for (let n = 2; taken.has(free); n++) {
        free = name.replace(/json$/, `${n}.json`);
      }
      await rename(join(this.#directory, name), join(this.quarantineDirectory, free));
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
    for (const name of names.filter((candidate) => candidate.endsWith('.tmp'))) {
      const path = join(this.#directory, name);
      const age = await stat(path).then(
        (s) => this.#options.clock.now() - s.mtimeMs,
        () => 0,
      );
      if (age > TEMPORARY_LIFE_MS) {
        await unlink(path).catch(() => undefined);
      }
    }
  }

  /**
   * Reports files as they appear.
   *
   * @param onChange gets `undefined` where the system does not say which file it was.
   * @returns `undefined` when the file system reports no changes, as some network disks.
   */
  watch(onChange: (revision: Revision | undefined) => void): IDisposable | undefined {
    const logFailure = (error: unknown) =>
      this.#options.log?.(`changes of other windows are not reported: ${String(error)}`);
    try {
      const watcher = watch(this.#directory, { persistent: false }, (_event, name) => {
        const [revision] = name === null ? [] : parseFileNames([name]);
        if (revision || name === null) {
          onChange(revision);
        }
      });
      watcher.on('error', logFailure);
      return { dispose: () => watcher.close() };
    } catch (error) {
      logFailure(error);
      return undefined;
    }
  }
}

const getFileName = (id: string, revision: number) => `${id}.${revision}.json`;

/** Skips names of other files. */
export function parseFileNames(names: readonly string[]): Revision[] {
  return names.flatMap((name) => {
    const match = FILE_NAME.exec(name);
    return match ? [{ id: match[1]!, revision: Number(match[2]) }] : [];
  });
}
