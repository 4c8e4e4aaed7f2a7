import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Random } from '../../common/clock';
import { ensureDirectory } from '../../common/atomicFile';
import { Disposable, Emitter } from '../../common/events';
import { StoreError } from '../model/errors';
import type { ChargeableTask, TaskRecord } from '../model/taskRecord';
import type { Change } from '../model/transitions';
import { MAX_ATTEMPTS, parseFileNames, RevisionFiles, type Revision } from './revisionFiles';

/** One record that was added (`after` alone), changed (both) or removed (`before` alone). */
export interface TaskChange {
  readonly id: string;
  readonly before?: TaskRecord | undefined;
  readonly after?: TaskRecord | undefined;
}

export interface TaskStoreOptions {
  /** The extension's own storage; created on demand. */
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

/** Milliseconds since 1970 in base 36, until the year 5188. */
const ID_TIME_CHARS = 9;
const READ_AT_ONCE = 32;
/** Enough rows to fill any sidebar; reported before the rest is read. */
const FIRST_BATCH = 200;
const BATCH = 1_000;
/** The watcher reports each of the several steps of one write. */
const WATCH_DEBOUNCE_MS = 30;
const TOMBSTONE_LIFE_MS = 30 * 24 * 60 * 60_000;

/**
 * The durable store of task records, shared by every window on this machine.
 *
 * A record is a file `tasks/ID.REVISION.json`. To change it, a window creates the file of the next revision, which
 * succeeds for one window only; the others read the winner's file and apply their change to that. So no lock is
 * needed, a killed window leaves none behind, no change is lost, and listing the names shows a window what is new.
 * The highest revision is the record.
 *
 * `onDidChange` fires for what is on the disk. A file that cannot be read is moved to `damaged/` and reported; it is
 * never deleted and does not keep the others from loading.
 */
export class TaskStore extends Disposable {
  readonly directory: string;
  readonly #videos: string;
  readonly #files: RevisionFiles;
  readonly #options: TaskStoreOptions;

  readonly #didChange = this._register(new Emitter<readonly TaskChange[]>());
  readonly #didLoad = this._register(new Emitter<void>());
  readonly #didFindDamage = this._register(new Emitter<readonly string[]>());
  readonly onDidChange = this.#didChange.event;
  readonly onDidLoad = this.#didLoad.event;
  readonly onDidFindDamage = this.#didFindDamage.event;

  readonly #entries = new Map<string, Entry>();
  readonly #idsByGatewayId = new Map<string, string>();
  /** Revision of each tombstone: a removed record stays removed. */
  readonly #tombstones = new Map<string, number>();
  /** What the removed tasks cost, until their tombstones expire. */
  readonly #removed = new Map<string, ChargeableTask>();
  /** Expired tombstones. Deleted only after all older revisions are gone and the directory has been fsynced. */
  readonly #expiredTombstones: Revision[] = [];
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #corrupt: string[] = [];
  #list: readonly TaskRecord[] | undefined;
  #loading: Promise<void> | undefined;
  #loaded = false;
  #lastIdAt = 0;
  #watching = false;

  constructor(options: TaskStoreOptions) {
    super();
    this.#options = options;
    this.directory = options.directory;
    this.#videos = join(options.directory, 'videos');
    this.#files = new RevisionFiles(options);
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
    return this.#files.quarantineDirectory;
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

  /** When an id was made, as far as it tells. */
  static getIdTime(id: string): number {
    return parseInt(id.slice(0, ID_TIME_CHARS), 36);
  }

  /** A new id: sorts by time, also within a millisecond, and holds enough chance for several windows. */
  newId(at: number): string {
    this.#lastIdAt = Math.max(Math.floor(at), this.#lastIdAt + 1);
    const chance = Math.floor(this.#options.random() * 36 ** 8);
    return this.#lastIdAt.toString(36).padStart(ID_TIME_CHARS, '0') + chance.toString(36).padStart(8, '0');
  }

  /**
   * Adds a record. It is on the disk when this resolves.
   *
   * @throws {StoreError}
   */
  async create(record: TaskRecord): Promise<TaskRecord> {
    await this.load();
    await this.#files.prepareReserve();
    await this.#enqueue(record.id, async () => {
      // An import may bring back what was removed here: its revision must be above the tombstone's.
      const tombstone = this.#entries.has(record.id) ? undefined : this.#tombstones.get(record.id);
      const revision = (tombstone ?? 0) + 1;
      if (!(await this.#files.writeRecord(record.id, revision, record))) {
        throw new StoreError('storage', { cause: new Error(`id ${record.id} exists`) });
      }
      this.#fire(this.#setEntry(record.id, { revision, record, readOnly: false }));
    });
    return record;
  }

  /**
   * Applies a change to the newest revision, whichever window wrote it. It is on the disk when this resolves.
   *
   * @returns the record after the change, the same as before when the change did not apply.
   * @throws {StoreError} and the record is as it was.
   */
  async update(id: string, change: Change): Promise<TaskRecord> {
    await this.load();
    return this.#enqueue(id, async () => {
      for (let attempts = 0; ;) {
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
        if (await this.#files.writeRecord(id, revision, record)) {
          this.#fire(this.#setEntry(id, { revision, record, readOnly: false }));
          return record;
        }
        attempts = await this.#catchUp(id, attempts);
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
    await this.#enqueue(id, async () => {
      for (let attempts = 0; ;) {
        const entry = this.#entries.get(id) ?? (await this.#find(id));
        if (!entry) {
          return;
        }
        if (entry.readOnly) {
          throw new StoreError('newer-format');
        }
        const revision = entry.revision + 1;
        // A tombstone and not a deletion: another window may be about to write what it last saw.
        const paid = await this.#files.writeTombstone(id, revision, entry.record);
        if (paid) {
          this.#removed.set(id, paid);
          this.#fire(this.#applyTombstone(id, revision));
          break;
        }
        attempts = await this.#catchUp(id, attempts);
      }
      const files = (await readdir(this.#videos).catch(() => [])).filter((name) => name.startsWith(`${id}.`));
      await Promise.all(files.map((file) => unlink(join(this.#videos, file)).catch(() => undefined)));
    });
  }

  /**
   * Looks for what other windows wrote; for disks that report no changes. Never throws.
   *
   * @returns whether everything that is on the disk is known now
   */
  async rescan(): Promise<boolean> {
    if (!this.#loaded || this.isDisposed) {
      return false;
    }
    const names = await this.#files.listNames().catch(() => undefined);
    const newest = new Map<string, number>();
    for (const { id, revision } of parseFileNames(names ?? [])) {
      newest.set(id, Math.max(revision, newest.get(id) ?? 0));
    }
    const behind = [...newest].filter(([id, revision]) => revision > this.#revisionOf(id));
    await inBatches(behind, ([id]) => this.#enqueue(id, () => this.#readNewest(id)).catch(() => undefined));
    return names !== undefined && behind.every(([id, revision]) => this.#revisionOf(id) >= revision);
  }

  async #load(): Promise<void> {
    await this.#files.open();
    await ensureDirectory(this.#videos);
    // Before the listing: what is written in between is then seen twice rather than not at all.
    this.#watch();
    const names = await this.#files.listNames();
    const newest = new Map<string, number>();
    const superseded: Revision[] = [];
    for (const { id, revision } of parseFileNames(names)) {
      const known = newest.get(id);
      if (known === undefined || revision > known) {
        newest.set(id, revision);
      }
      if (known !== undefined) {
        superseded.push({ id, revision: Math.min(revision, known) });
      }
    }
    const ids = [...newest.keys()].sort().reverse();
    for (let start = 0; start < ids.length;) {
      const batch = ids.slice(start, start + (start === 0 ? FIRST_BATCH : BATCH));
      start += batch.length;
      const changes: TaskChange[] = [];
      await inBatches(batch, async (id) => {
        if (newest.get(id)! > this.#revisionOf(id)) {
          changes.push(...(await this.#read({ id, revision: newest.get(id)! })));
        }
      });
      this.#fire(changes);
    }
    this.#loaded = true;
    this.#didLoad.fire();
    // What was written meanwhile: the watcher is ignored until the store is loaded.
    await this.rescan();
    await this.#cleanUp(superseded, names);
  }

  /** Deletes what windows have left that ended between two steps. */
  async #cleanUp(superseded: readonly Revision[], names: readonly string[]): Promise<void> {
    for (const older of superseded) {
      // A corrupt newest revision is moved away while loading; then the one below it is the record.
      if (this.#revisionOf(older.id) > older.revision) {
        await this.#files.delete(older);
      }
    }
    await this.#files.deleteTombstones(this.#expiredTombstones.splice(0));
    await this.#files.deleteOldTemporaries(names);
  }

  /** Reads a revision into the index, and moves it to the quarantine when it is corrupt. */
  async #read(read: Revision): Promise<TaskChange[]> {
    const { id, revision } = read;
    const file = await this.#files.read(read);
    switch (file?.kind) {
      case undefined:
        // Superseded between the listing and now; the watcher or the next scan finds the newer one.
        return [];
      case 'record':
        return this.#setEntry(id, { revision, record: file.record, readOnly: file.readOnly });
      case 'tombstone':
        if (this.#options.clock.now() - file.removedAt > TOMBSTONE_LIFE_MS) {
          this.#expiredTombstones.push(read);
        } else if (file.paid) {
          this.#removed.set(id, file.paid);
        }
        return this.#applyTombstone(id, revision);
      case 'damaged': {
        const name = await this.#files.quarantine(read);
        this.#corrupt.push(name);
        this.#didFindDamage.fire([name]);
        // An older revision that was not yet cleaned away is better than nothing.
        const older = await this.#files.findOlder(read);
        return older > this.#revisionOf(id) ? this.#read({ id, revision: older }) : [];
      }
    }
  }

  /**
   * After another window was faster with a revision.
   *
   * @param attempts how often that has happened in a row without anything new to read
   * @returns the same, for the next attempt
   * @throws {StoreError} when something that is no record has the name and cannot be moved away
   */
  async #catchUp(id: string, attempts: number): Promise<number> {
    const revision = this.#revisionOf(id);
    await this.#readNewest(id);
    if (this.#revisionOf(id) !== revision) {
      return 0;
    }
    if (attempts >= MAX_ATTEMPTS) {
      throw new StoreError('storage', { cause: new Error(`${id}.${revision + 1}.json is in the way`) });
    }
    await this.#files.pause();
    return attempts + 1;
  }

  /** Finds a record that loading missed, because listing a directory is not atomic (see `RevisionFiles`). */
  async #find(id: string): Promise<Entry | undefined> {
    if (!this.#tombstones.has(id)) {
      await this.#readNewest(id, true);
    }
    return this.#entries.get(id);
  }

  /** Reads what another window wrote. */
  async #readNewest(id: string, isExpected = this.#entries.has(id)): Promise<void> {
    for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts++) {
      const newest = await this.#files.findNewest(id, isExpected);
      if (newest > this.#revisionOf(id)) {
        this.#fire(await this.#read({ id, revision: newest }));
      } else if (newest === 0 && this.#entries.has(id)) {
        // Its file was deleted by hand, or its tombstone was cleaned away.
        this.#fire(this.#applyTombstone(id, this.#revisionOf(id)));
      }
      if (newest <= this.#revisionOf(id)) {
        return;
      }
      // It was replaced between listing and reading.
    }
  }

  #revisionOf(id: string): number {
    return this.#entries.get(id)?.revision ?? this.#tombstones.get(id) ?? 0;
  }

  #setEntry(id: string, entry: Entry): TaskChange[] {
    const before = this.#entries.get(id)?.record;
    this.#entries.set(id, entry);
    this.#removed.delete(id);
    this.#list = undefined;
    if (entry.record.gatewayId !== undefined) {
      this.#idsByGatewayId.set(entry.record.gatewayId, id);
    }
    return [{ id, before, after: entry.record }];
  }

  #applyTombstone(id: string, revision: number): TaskChange[] {
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
  #enqueue<T>(id: string, job: () => Promise<T>): Promise<T> {
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
    const update = () => {
      timer = undefined;
      const ids = [...changed];
      changed.clear();
      if (this.isDisposed || !this.#loaded) {
        return;
      }
      if (ids.includes('')) {
        void this.rescan();
      } else {
        void inBatches(ids, (id) => this.#enqueue(id, () => this.#readNewest(id)).catch(() => undefined));
      }
    };
    const watcher = this.#files.watch((change) => {
      if (change && change.revision <= this.#revisionOf(change.id)) {
        return;
      }
      changed.add(change?.id ?? '');
      timer ??= this.#options.clock.setTimeout(update, WATCH_DEBOUNCE_MS);
    });
    if (!watcher) {
      // The windows then find each other's changes by `rescan`.
      return;
    }
    this.#watching = true;
    this._register({
      dispose: () => {
        watcher.dispose();
        this.#options.clock.clearTimeout(timer);
      },
    });
  }
}

async function inBatches<T>(items: readonly T[], job: (item: T) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < items.length; start += READ_AT_ONCE) {
    await Promise.all(items.slice(start, start + READ_AT_ONCE).map(job));
  }
}
