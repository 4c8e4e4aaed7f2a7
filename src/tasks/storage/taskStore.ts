import { watch, type FSWatcher } from 'node:fs';
import { mkdir, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep, type Clock, type Random } from '../../common/clock';
import { createFileAtomically, ensureDirectory, syncDirectory } from '../../common/atomicFile';
import { getErrorCode, isDiskFull } from '../../common/fsErrors';
import { StoreError } from '../model/errors';
import { Disposable, Emitter } from '../../common/events';
import type { ChargeableTask, TaskRecord } from '../model/taskRecord';
import type * as RecordFiles from './recordFile';
import type { Change } from '../model/transitions';

/** One record that was added (`after` alone), changed (both) or removed (`before` alone). */
export interface TaskChange {
  readonly id: string;
  readonly before?: TaskRecord;
  readonly after?: TaskRecord;
}

export interface TaskStoreOptions {
  /** The extension's own storage; made when first needed. */
  directory: string;
  clock: Clock;
  random: Random;
  log?: (message: string) => void;
}

interface Entry {
  revision: number;
  record: TaskRecord;
  readOnly: boolean;
}

const FILE_NAME = /^([a-z0-9]{1,64})\.(\d{1,15})\.json$/;
const READ_AT_ONCE = 32;
/** Enough rows to fill any sidebar; announced before the rest is read. */
const FIRST_BATCH = 200;
const BATCH = 1_000;
/** The watcher reports each of the several steps of one write. */
const WATCH_DEBOUNCE_MS = 30;
const TOMBSTONE_LIFE_MS = 30 * 24 * 60 * 60_000;
const TEMPORARY_LIFE_MS = 60 * 60_000;
/** A reader that comes between the two steps of a write on a disk without hard links. */
const SECOND_LOOK_MS = 100;
/** How often to look again before what should not be is believed. */
const CATCH_UP_LOOKS = 4;
const RESERVE_BYTES = 64 * 1024;

/**
 * The durable store of task records, shared by every window on this machine.
 *
 * A record is a file `tasks/ID.REVISION.json`. To change it, a window makes the file of the next
 * revision, which succeeds for one window only; the others read what the winner wrote and apply their
 * change to that. So no lock is needed, none can be left behind by a kill, no change is lost, and a
 * listing of names tells another window what is new. The highest revision is the record.
 *
 * What is announced by `onDidChange` is on the disk. A file that cannot be read is moved to `damaged/`
 * and reported; it is never deleted and never keeps the others from loading.
 */
export class TaskStore extends Disposable {
  readonly directory: string;
  readonly #tasks: string;
  readonly #videos: string;
  readonly #damagedDirectory: string;
  readonly #reserve: string;
  readonly #options: TaskStoreOptions;

  readonly #didChange = this._register(new Emitter<readonly TaskChange[]>());
  readonly #didLoad = this._register(new Emitter<void>());
  readonly #didFindDamage = this._register(new Emitter<readonly string[]>());
  readonly onDidChange = this.#didChange.event;
  readonly onDidLoad = this.#didLoad.event;
  readonly onDidFindDamage = this.#didFindDamage.event;

  readonly #entries = new Map<string, Entry>();
  readonly #idsByGatewayId = new Map<string, string>();
  /** Revision of each tombstone: what is removed stays removed. */
  readonly #tombstones = new Map<string, number>();
  /** What the removed tasks cost, as long as their tombstones stand. */
  readonly #removed = new Map<string, ChargeableTask>();
  /** Tombstones that have stood long enough; they go after what lies below them. */
  readonly #expiredTombstones: string[] = [];
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #corrupt: string[] = [];
  /** Damaged files that could not be set aside. */
  readonly #unmovable = new Set<string>();
  /** Loaded with the first records: the schemas are not needed to start up, and nothing is written before. */
  #files!: typeof RecordFiles;
  #list: readonly TaskRecord[] | undefined;
  #loading: Promise<void> | undefined;
  #loaded = false;
  #lastIdAt = 0;
  #watching = false;

  constructor(options: TaskStoreOptions) {
    super();
    this.#options = options;
    this.directory = options.directory;
    this.#tasks = join(options.directory, 'tasks');
    this.#videos = join(options.directory, 'videos');
    this.#damagedDirectory = join(options.directory, 'damaged');
    this.#reserve = join(options.directory, 'reserve');
  }

  get isLoaded(): boolean {
    return this.#loaded;
  }

  /** Names of files in `damaged/`, of this session. */
  get damaged(): readonly string[] {
    return this.#corrupt;
  }

  /** Where local copies of videos are. */
  get videosDirectory(): string {
    return this.#videos;
  }

  /** Where damaged files are set aside. */
  get damagedDirectory(): string {
    return this.#damagedDirectory;
  }

  /**
   * Reads every record, newest first, and follows other windows from then on.
   *
   * @throws {StoreError} when the storage cannot be used; a later call tries again.
   */
  load(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw StoreError.from(error);
    });
    return this.#loading;
  }

  /** All records, newest first; the same array until something changes. */
  list(): readonly TaskRecord[] {
    this.#list ??= [...this.#entries.keys()]
      .sort()
      .reverse()
      .map((id) => this.#entries.get(id)!.record);
    return this.#list;
  }

  get(id: string): TaskRecord | undefined {
    return this.#entries.get(id)?.record;
  }

  findByGatewayId(gatewayId: string): TaskRecord | undefined {
    const id = this.#idsByGatewayId.get(gatewayId);
    return id === undefined ? undefined : this.get(id);
  }

  /** What tasks that were removed in the last 30 days cost: what was spent stays spent. */
  removed(): readonly ChargeableTask[] {
    return [...this.#removed.values()];
  }

  /** Whether a newer version of the extension made it. */
  isReadOnly(id: string): boolean {
    return this.#entries.get(id)?.readOnly ?? false;
  }

  /** The absolute path of a record's local copy; `undefined` when it has none. */
  videoPath({ localCopy }: TaskRecord): string | undefined {
    return localCopy && join(this.#videos, localCopy.file);
  }

  /** A new id: sorts by time, also within a millisecond, and holds enough chance for several windows. */
  newId(at: number): string {
    this.#lastIdAt = Math.max(Math.floor(at), this.#lastIdAt + 1);
    const chance = Math.floor(this.#options.random() * 36 ** 8);
    return this.#lastIdAt.toString(36).padStart(9, '0') + chance.toString(36).padStart(8, '0');
  }

  /**
   * Adds a record; it is on the disk when this resolves.
   *
   * @throws {StoreError}
   */
  async create(record: TaskRecord): Promise<TaskRecord> {
    await this.load();
    await this.#prepareReserve();
    await this.#queued(record.id, async () => {
      // An import may bring back what was removed here: over its tombstone, or it would stay removed.
      const buried = this.#entries.has(record.id) ? undefined : this.#tombstones.get(record.id);
      const revision = (buried ?? 0) + 1;
      if (!(await this.#write(record.id, revision, this.#files.serializeRecord(record)))) {
        throw new StoreError('storage', { cause: new Error(`id ${record.id} exists`) });
      }
      this.#set(record.id, { revision, record, readOnly: false });
    });
    return record;
  }

  /**
   * Applies a change to the newest revision, whoever wrote it; on the disk when this resolves.
   *
   * @returns the record after the change, the same as before when the change did not apply.
   * @throws {StoreError} and the record is as it was.
   */
  async update(id: string, change: Change): Promise<TaskRecord> {
    await this.load();
    return this.#queued(id, async () => {
      for (let lost = 0; ;) {
        const entry = this.#entries.get(id) ?? (await this.#find(id));
        if (!entry) {
          throw new StoreError('gone');
        }
        const record = change(entry.record);
        if (record === entry.record) {
          return record;
        }
        if (entry.readOnly) {
          throw new StoreError('newer-format');
        }
        const revision = entry.revision + 1;
        if (await this.#write(id, revision, this.#files.serializeRecord(record))) {
          this.#set(id, { revision, record, readOnly: false });
          return record;
        }
        lost = await this.#catchUp(id, lost);
      }
    });
  }

  /**
   * Removes a record and its local copy. The remains of a newer version's record are left alone.
   *
   * @throws {StoreError}
   */
  async remove(id: string): Promise<void> {
    await this.load();
    await this.#queued(id, async () => {
      for (let lost = 0; ;) {
        const entry = this.#entries.get(id) ?? (await this.#find(id));
        if (!entry) {
          return;
        }
        if (entry.readOnly) {
          throw new StoreError('newer-format');
        }
        const revision = entry.revision + 1;
        // A tombstone and not a deletion: another window may be about to write what it last saw.
        const paid = this.#files.toChargeableTask(entry.record);
        if (await this.#write(id, revision, this.#files.serializeTombstone(this.#options.clock.now(), paid))) {
          this.#removed.set(id, paid);
          this.#applyTombstone(id, revision);
          break;
        }
        lost = await this.#catchUp(id, lost);
      }
      const files = (await readdir(this.#videos).catch(() => [])).filter((name) => name.startsWith(`${id}.`));
      await Promise.all(files.map((file) => unlink(join(this.#videos, file)).catch(() => undefined)));
    });
  }

  /** Looks for what other windows wrote; for disks that report no changes. Never throws. */
  async rescan(): Promise<void> {
    if (!this.#loaded || this.isDisposed) {
      return;
    }
    const newest = new Map<string, number>();
    for (const { id, revision } of parseNames(await readdir(this.#tasks).catch(() => []))) {
      newest.set(id, Math.max(revision, newest.get(id) ?? 0));
    }
    const behind = [...newest].filter(([id, revision]) => revision > this.#revisionOf(id));
    await inBatches(behind, ([id]) => this.#queued(id, () => this.#readNewest(id)).catch(() => undefined));
  }

  async #load(): Promise<void> {
    this.#files = await import('./recordFile');
    for (const folder of [this.directory, this.#tasks, this.#videos]) {
      await ensureDirectory(folder);
    }
    // Before the listing: what is written in between is then seen twice rather than not at all.
    this.#watch();
    const names = await readdir(this.#tasks);
    const newest = new Map<string, number>();
    const superseded: string[] = [];
    for (const { id, revision, name } of parseNames(names)) {
      const known = newest.get(id);
      if (known === undefined || revision > known) {
        newest.set(id, revision);
      }
      if (known !== undefined) {
        superseded.push(revision > known ? getFileName(id, known) : name);
      }
    }
    const ids = [...newest.keys()].sort().reverse();
    for (let start = 0; start < ids.length;) {
      const batch = ids.slice(start, start + (start === 0 ? FIRST_BATCH : BATCH));
      start += batch.length;
      const changes: TaskChange[] = [];
      await inBatches(batch, async (id) => {
        if (newest.get(id)! > this.#revisionOf(id)) {
          changes.push(...(await this.#read(id, newest.get(id)!)));
        }
      });
      this.#fire(changes);
    }
    this.#loaded = true;
    this.#didLoad.fire();
    // What was written while we read: the watcher leaves it to us until now.
    await this.rescan();
    await this.#cleanUp(superseded, names);
  }

  /** Leftovers of windows that died between two steps. */
  async #cleanUp(superseded: readonly string[], names: readonly string[]): Promise<void> {
    for (const name of superseded) {
      // A damaged newest revision is set aside while loading; then the one below it is the record.
      const match = FILE_NAME.exec(name);
      if (match && this.#revisionOf(match[1]!) > Number(match[2])) {
        await unlink(join(this.#tasks, name)).catch(() => undefined);
      }
    }
    if (this.#expiredTombstones.length > 0) {
      // A power cut must not bring back the record and leave it without its tombstone.
      await syncDirectory(this.#tasks).catch(() => undefined);
      await Promise.all(
        this.#expiredTombstones.splice(0).map((name) => unlink(join(this.#tasks, name)).catch(() => undefined)),
      );
    }
    for (const name of names.filter((candidate) => candidate.endsWith('.tmp'))) {
      const path = join(this.#tasks, name);
      const age = await stat(path).then(
        (s) => this.#options.clock.now() - s.mtimeMs,
        () => 0,
      );
      if (age > TEMPORARY_LIFE_MS) {
        await unlink(path).catch(() => undefined);
      }
    }
  }

  /** Tells what a revision says, and sets it aside when it says nothing. */
  async #read(id: string, revision: number): Promise<TaskChange[]> {
    const name = getFileName(id, revision);
    const file = await this.#parse(id, name);
    switch (file?.kind) {
      case undefined:
        // Superseded between the listing and now; the watcher or the next scan finds the newer one.
        return [];
      case 'record':
        return this.#put(id, { revision, record: file.record, readOnly: file.readOnly });
      case 'tombstone':
        if (this.#options.clock.now() - file.removedAt > TOMBSTONE_LIFE_MS) {
          this.#expiredTombstones.push(name);
        } else if (file.paid) {
          this.#removed.set(id, file.paid);
        }
        return this.#drop(id, revision);
      case 'damaged': {
        await this.#quarantine(name);
        // An older revision that was not yet cleaned away is better than nothing.
        const next = Math.max(0, ...(await this.#revisionsOnDisk(id)).filter((older) => older < revision));
        return next > this.#revisionOf(id) ? this.#read(id, next) : [];
      }
    }
  }

  async #parse(id: string, name: string): Promise<RecordFiles.RecordFile | undefined> {
    const path = join(this.#tasks, name);
    try {
      const file = this.#files.parseRecordFile(id, await readFile(path, 'utf8'));
      if (file.kind !== 'damaged') {
        return file;
      }
      await this.#pause();
      return this.#files.parseRecordFile(id, await readFile(path, 'utf8'));
    } catch (error) {
      if (getErrorCode(error) === 'ENOENT') {
        return undefined;
      }
      this.#options.log?.(`${name} cannot be read: ${String(error)}`);
      return { kind: 'damaged' };
    }
  }

  async #quarantine(name: string): Promise<void> {
    try {
      await mkdir(this.#damagedDirectory, { recursive: true });
      // Revisions come again after one was set aside, and a rename would replace what is there.
      const taken = new Set(await readdir(this.#damagedDirectory));
      let free = name;
      for (let n = 2; taken.has(free); n++) {
        free = name.replace(/json$/, `${n}.json`);
      }
      await rename(join(this.#tasks, name), join(this.#damagedDirectory, free));
    } catch (error) {
      this.#options.log?.(`${name} is damaged and cannot be set aside: ${String(error)}`);
      this.#unmovable.add(name);
    }
    this.#corrupt.push(name);
    this.#didFindDamage.fire([name]);
  }

  /**
   * After another window was faster with a revision.
   *
   * @param lost how often that has happened in a row without anything new to be read
   * @throws {StoreError} when something that is no record has the name and cannot be set aside
   */
  async #catchUp(id: string, lost: number): Promise<number> {
    const revision = this.#revisionOf(id);
    await this.#readNewest(id);
    if (this.#revisionOf(id) !== revision) {
      return 0;
    }
    if (lost >= CATCH_UP_LOOKS) {
      throw new StoreError('storage', { cause: new Error(`${getFileName(id, revision + 1)} is in the way`) });
    }
    await this.#pause();
    return lost + 1;
  }

  /** A record that is not known, though nobody was seen to remove it: loading may have missed it, see `#revisionsBeside`. */
  async #find(id: string): Promise<Entry | undefined> {
    if (!this.#tombstones.has(id)) {
      await this.#readNewest(id, true);
    }
    return this.#entries.get(id);
  }

  /** Catches up with what another window wrote. */
  async #readNewest(id: string, isExpected = this.#entries.has(id)): Promise<void> {
    for (let looks = 1; looks <= CATCH_UP_LOOKS; looks++) {
      const newest = await this.#newestOnDisk(id, isExpected);
      if (newest > this.#revisionOf(id)) {
        this.#fire(await this.#read(id, newest));
      } else if (newest === 0 && this.#entries.has(id)) {
        // Its file was deleted by hand, or its tombstone was cleaned away.
        this.#fire(this.#drop(id, this.#revisionOf(id)));
      }
      if (newest <= this.#revisionOf(id)) {
        return;
      }
      // It was replaced between listing and reading.
    }
  }

  /** `false` when another window was faster. */
  async #write(id: string, revision: number, text: string): Promise<boolean> {
    const path = join(this.#tasks, getFileName(id, revision));
    const chance = Math.floor(this.#options.random() * 2 ** 40).toString(36);
    const temporary = join(this.#tasks, `${id}.${revision}.${process.pid}.${chance}.tmp`);
    try {
      if (!(await this.#createUsingReserve(path, text, temporary, revision > 1))) {
        return false;
      }
      const revisions = await this.#revisionsBeside(id, revision);
      if (revisions.some((other) => other > revision)) {
        // We were so far behind that the name of our revision had been cleaned away already.
        await unlink(path).catch(() => undefined);
        return false;
      }
      // From the oldest on, one after the other: see `#revisionsBeside`.
      for (const older of revisions.filter((other) => other < revision).sort((a, b) => a - b)) {
        await unlink(join(this.#tasks, getFileName(id, older))).catch(() => undefined);
      }
      return true;
    } catch (error) {
      throw StoreError.from(error);
    }
  }

  /**
   * A full disk must not keep the id of a task that was just paid for from being written: a little room
   * is kept for changes, though not for new records.
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

  async #prepareReserve(): Promise<void> {
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
   * The revisions on the disk beside the one that we just made, with certainty about newer ones.
   *
   * The listing of a long folder is no moment's picture: a name that is put while another is taken away
   * can be missed together with it (seen with 3,000 records). But the revision just below ours is cleaned
   * away before ours could be. So if it is still there, ours is the first of its number, and nobody went on.
   */
  async #revisionsBeside(id: string, revision: number): Promise<number[]> {
    for (let looks = 1; ; looks++) {
      const revisions = await this.#revisionsOnDisk(id);
      const isCertain = revision === 1 || revisions.some((other) => other === revision - 1 || other > revision);
      if (isCertain || looks === CATCH_UP_LOOKS) {
        return revisions;
      }
      await this.#pause();
    }
  }

  /** 0 when nothing of it is left, which one listing does not prove of a record that is expected to be there. */
  async #newestOnDisk(id: string, isExpected: boolean): Promise<number> {
    for (let looks = 1; ; looks++) {
      const readable = (await this.#revisionsOnDisk(id)).filter(
        (revision) => !this.#unmovable.has(getFileName(id, revision)),
      );
      const newest = Math.max(0, ...readable);
      if (newest > 0 || !isExpected || looks === CATCH_UP_LOOKS) {
        return newest;
      }
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return sleep(this.#options.clock, SECOND_LOOK_MS);
  }

  async #revisionsOnDisk(id: string): Promise<number[]> {
    const names = await readdir(this.#tasks);
    return parseNames(names.filter((name) => name.startsWith(`${id}.`))).map(({ revision }) => revision);
  }

  #revisionOf(id: string): number {
    return this.#entries.get(id)?.revision ?? this.#tombstones.get(id) ?? 0;
  }

  #set(id: string, entry: Entry): void {
    this.#fire(this.#put(id, entry));
  }

  #applyTombstone(id: string, revision: number): void {
    this.#fire(this.#drop(id, revision));
  }

  #put(id: string, entry: Entry): TaskChange[] {
    const before = this.#entries.get(id)?.record;
    this.#entries.set(id, entry);
    this.#removed.delete(id);
    this.#list = undefined;
    if (entry.record.gatewayId !== undefined) {
      this.#idsByGatewayId.set(entry.record.gatewayId, id);
    }
    return [{ id, ...(before ? { before } : {}), after: entry.record }];
  }

  #drop(id: string, revision: number): TaskChange[] {
    const before = this.#entries.get(id)?.record;
    this.#tombstones.set(id, revision);
    if (!before) {
      return [];
    }
    this.#entries.delete(id);
    this.#list = undefined;
    if (before.gatewayId !== undefined && this.#idsByGatewayId.get(before.gatewayId) === id) {
      this.#idsByGatewayId.delete(before.gatewayId);
    }
    return [{ id, before }];
  }

  #fire(changes: readonly TaskChange[]): void {
    if (changes.length > 0 && !this.isDisposed) {
      this.#didChange.fire(changes);
    }
  }

  /** One at a time for a record: this window never races itself. */
  #queued<T>(id: string, job: () => Promise<T>): Promise<T> {
    const result = (this.#queues.get(id) ?? Promise.resolve()).then(job, job);
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.#queues.set(id, settled);
    void settled.then(() => {
      if (this.#queues.get(id) === settled) {
        this.#queues.delete(id);
      }
    });
    return result;
  }

  #watch(): void {
    if (this.#watching) {
      return;
    }
    const changed = new Set<string>();
    let timer: unknown;
    let watcher: FSWatcher;
    try {
      watcher = watch(this.#tasks, { persistent: false }, (_event, name) => {
        const match = name === null ? undefined : FILE_NAME.exec(name);
        if (name !== null && !(match && Number(match[2]) > this.#revisionOf(match[1]!))) {
          return;
        }
        changed.add(match?.[1] ?? '');
        timer ??= this.#options.clock.setTimeout(() => {
          timer = undefined;
          const ids = [...changed];
          changed.clear();
          if (this.isDisposed || !this.#loaded) {
            return;
          }
          if (ids.includes('')) {
            void this.rescan();
          } else {
            void inBatches(ids, (id) => this.#queued(id, () => this.#readNewest(id)).catch(() => undefined));
          }
        }, WATCH_DEBOUNCE_MS);
      });
    } catch (error) {
      // Some network disks. The windows then find each other's changes by `rescan`.
      this.#options.log?.(`changes of other windows are not reported: ${String(error)}`);
      return;
    }
    this.#watching = true;
    watcher.on('error', (error) => this.#options.log?.(`changes of other windows are not reported: ${String(error)}`));
    this._register({
      dispose: () => {
        watcher.close();
        this.#options.clock.clearTimeout(timer);
      },
    });
  }
}

const getFileName = (id: string, revision: number) => `${id}.${revision}.json`;

function parseNames(names: readonly string[]): { id: string; revision: number; name: string }[] {
  return names.flatMap((name) => {
    const match = FILE_NAME.exec(name);
    return match ? [{ id: match[1]!, revision: Number(match[2]), name }] : [];
  });
}

async function inBatches<T>(items: readonly T[], job: (item: T) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < items.length; start += READ_AT_ONCE) {
    await Promise.all(items.slice(start, start + READ_AT_ONCE).map(job));
  }
}
