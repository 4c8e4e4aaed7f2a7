import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Random } from '../../common/clock';
import { Disposable, Emitter } from '../../common/events';
import { StoreError } from '../model/errors';
import { getCopyName, type ChargeableTask, type TaskRecord } from '../model/taskRecord';
import type { Change } from '../model/transitions';
import { getSoundName } from '../sound/soundFile';
import type { RevisionFiles } from './revisionFiles';
import { MAX_ATTEMPTS, parseFileNames, type Revision } from './revisionNames';

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
/** What could not be read is read again after this, and ever more rarely. */
const READ_AGAIN_MS = 500;
const MAX_READ_AGAIN_MS = 60_000;
const LOAD_AGAIN_MS = 5_000;
/** How often the windows that look by themselves look whether anything came or went. */
export const LOOK_MS = 5_000;
/** While file events come, all names are listed only so often: events may be lost, or be those of this machine only. */
const LIST_DESPITE_EVENTS_MS = 60_000;
/** And so often where nothing seems to change: not every disk keeps the time of a folder. */
const LIST_ANYWAY_MS = 2 * 60_000;
/** A folder's time may be as coarse as two seconds, so after a change all names are listed twice. */
const LISTINGS_A_CHANGE = 2;
/** An id from elsewhere may be on the disk, unknown to this window; one look covers all that come together. */
const FOREIGN_ID_LOOK_MS = 10_000;
/** How far another window may have got ahead before all names are listed. */
const PROBES = 4;
const TOMBSTONE_LIFE_MS = 30 * 24 * 60 * 60_000;

type Announce = (changes: readonly TaskChange[]) => void;
/** A change that is announced when the job that made it is over. */
interface HeldChange {
  readonly job: (announce: Announce) => Promise<void>;
  readonly change: TaskChange;
}

/**
 * The durable store of task records, shared by every window on this machine.
 *
 * A record is a file `tasks/ID.REVISION.json`. To change it, a window creates the file of the next revision, which
 * succeeds for one window only; the others read the winner's file and apply their change to that. So no lock is
 * needed, a killed window leaves none behind, no change is lost, and listing the names shows a window what is new.
 * The highest revision is the record.
 *
 * `onDidChange` fires for what is on the disk. A file that was read and is no record is moved to `damaged/` and
 * reported; it is never deleted and does not keep the others from loading. A file that the disk does not let us read
 * stays where it is; it is counted in `unreadable`, and read again until it can be.
 */
export class TaskStore extends Disposable {
  readonly directory: string;
  readonly #videos: string;
  /** Imported with the first records: activation needs neither files nor schemas. */
  #files!: RevisionFiles;
  readonly #options: TaskStoreOptions;

  readonly #didChange = this._register(new Emitter<readonly TaskChange[]>());
  readonly #didLoad = this._register(new Emitter<void>());
  readonly #didFindDamage = this._register(new Emitter<readonly string[]>());
  readonly #didChangeUnreadable = this._register(new Emitter<void>());
  readonly onDidChange = this.#didChange.event;
  readonly onDidLoad = this.#didLoad.event;
  readonly onDidFindDamage = this.#didFindDamage.event;
  /** Fires when `unreadable` has changed. */
  readonly onDidChangeUnreadable = this.#didChangeUnreadable.event;

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
  /** Revisions that the disk does not let us read at the moment, and when they are read again (monotonic). */
  readonly #unreadable = new Map<string, { revision: number; failures: number; dueAt: number }>();
  #readAgainTimer: unknown;
  /** Ids that this window made and has not used yet: nobody else can have used them. */
  readonly #ownIds = new Set<string>();
  /** Newest first. */
  readonly #ids: string[] = [];
  #list: readonly TaskRecord[] | undefined;
  /** Changes that wait until the job that made them is over, oldest first. */
  #held: HeldChange[] = [];
  #loadFailures = 0;
  #loading: Promise<void> | undefined;
  #loaded = false;
  #lastIdAt = 0;
  #watching = false;
  /** Why this window looks by itself. */
  readonly #lookReasons = new Set<string>();
  #lookTimer: unknown;
  #stamp: string | undefined;
  /** Since the stamp changed. */
  #listings = 0;
  /** On the monotonic clock. */
  #listedAt = -Infinity;
  #lookedAt = -Infinity;
  #heardAt = -Infinity;

  constructor(options: TaskStoreOptions) {
    super();
    this.#options = options;
    this.directory = options.directory;
    this.#videos = join(options.directory, 'videos');
    this._register({
      dispose: () => {
        options.clock.clearTimeout(this.#readAgainTimer);
        options.clock.clearTimeout(this.#lookTimer);
      },
    });
  }

  get isLoaded(): boolean {
    return this.#loaded;
  }

  /** Names of files in `damaged/`, of this session. */
  get damaged(): readonly string[] {
    return this.#corrupt;
  }

  /** Ids of the tasks that are on the disk and cannot be read at the moment. They are read again by themselves. */
  get unreadable(): readonly string[] {
    return [...this.#unreadable.keys()];
  }

  /** Where local copies of videos are. */
  get videosDirectory(): string {
    return this.#videos;
  }

  /** Where damaged files are set aside. */
  get damagedDirectory(): string {
    return join(this.directory, 'damaged');
  }

  /**
   * Reads every record, newest first, and follows other windows from then on.
   *
   * @throws {StoreError} when the storage cannot be used; it is tried again by itself, and by a later call.
   */
  load(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      const wait = Math.min(LOAD_AGAIN_MS * 2 ** this.#loadFailures++, MAX_READ_AGAIN_MS);
      const { clock } = this.#options;
      clock.clearTimeout(this.#readAgainTimer);
      if (!this.isDisposed) {
        this.#readAgainTimer = clock.setTimeout(() => void this.load().catch(() => undefined), wait);
      }
      throw StoreError.from(error);
    });
    return this.#loading;
  }

  /** All records, newest first; the same array until something changes. */
  list(): readonly TaskRecord[] {
    this.#list ??= this.#ids.map((id) => this.#entries.get(id)!.record);
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

  /** Whether it was removed, here or in another window, in the last 30 days. */
  isRemoved(id: string): boolean {
    return !this.#entries.has(id) && this.#tombstones.has(id);
  }

  /** Whether a newer version of the extension made it. */
  isReadOnly(id: string): boolean {
    return this.#entries.get(id)?.readOnly ?? false;
  }

  /** The absolute path of a record's local copy; `undefined` when it has none. */
  videoPath({ localCopy }: TaskRecord): string | undefined {
    return localCopy && join(this.#videos, getCopyName(localCopy));
  }

  /** When an id was made, as far as it tells. */
  static getIdTime(id: string): number {
    return parseInt(id.slice(0, ID_TIME_CHARS), 36);
  }

  /** A new id: sorts by time, also within a millisecond, and holds enough chance for several windows. */
  newId(at: number): string {
    this.#lastIdAt = Math.max(Math.floor(at), this.#lastIdAt + 1);
    const chance = Math.floor(this.#options.random() * 36 ** 8);
    const id = this.#lastIdAt.toString(36).padStart(ID_TIME_CHARS, '0') + chance.toString(36).padStart(8, '0');
    this.#ownIds.add(id);
    return id;
  }

  /**
   * Adds a record. It is on the disk when this resolves.
   *
   * @throws {StoreError}
   */
  async create(record: TaskRecord): Promise<TaskRecord> {
    await this.load();
    await this.#create(record);
    return record;
  }

  async #create(record: TaskRecord, announce: Announce = this.#announce): Promise<void> {
    await this.#files.prepareReserve();
    if (!this.#ownIds.delete(record.id) && this.#monotonic() - this.#listedAt > FOREIGN_ID_LOOK_MS) {
      await this.rescan();
    }
    await this.#enqueue(record.id, async () => {
      // An import may bring back what was removed here: its revision must be above the tombstone's.
      const base = this.#entries.has(record.id) ? 0 : (this.#tombstones.get(record.id) ?? 0);
      if (this.#unreadable.has(record.id) || !(await this.#files.createRecord(record.id, base, record))) {
        // Perhaps another window saw the new record and went on with it, while this one was suspended.
        await this.#readNewest(record.id, { announce });
        throw new StoreError('storage', { cause: new Error(`id ${record.id} exists`) });
      }
      announce(this.#setEntry(record.id, { revision: base + 1, record, readOnly: false }));
    });
  }

  /**
   * Adds many records that are announced together: an import of thousands must not draw the list thousands of times.
   *
   * @returns how many were added: all
   * @throws {StoreError} for the first that could not be written; the others of them may have been
   */
  async createAll(records: readonly TaskRecord[]): Promise<number> {
    await this.load();
    await this.#together((announce) => inBatches(records, (record) => this.#create(record, announce)));
    return records.length;
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
          throw this.#unreadable.has(id) ? unreadableError(id) : new StoreError('gone');
        }
        const record = change(entry.record);
        if (record === entry.record) {
          await this.#files.flush();
          return record;
        }
        if (entry.readOnly) {
          throw new StoreError('newer-format');
        }
        if (await this.#files.updateRecord(id, entry.revision, record)) {
          this.#announce(this.#setEntry(id, { revision: entry.revision + 1, record, readOnly: false }));
          return record;
        }
        attempts = await this.#catchUp(id, attempts);
      }
    });
  }

  /**
   * Removes a record and its local copy. The remains of a newer version's record are left alone.
   *
   * @param mayRemove is asked about the newest revision, of whatever window
   * @returns whether it is gone
   * @throws {StoreError}
   */
  async remove(id: string, mayRemove: (record: TaskRecord) => boolean = () => true): Promise<boolean> {
    await this.load();
    return this.#enqueue(id, async () => {
      for (let attempts = 0; ;) {
        const entry = this.#entries.get(id) ?? (await this.#find(id));
        if (!entry) {
          if (this.#unreadable.has(id)) {
            throw unreadableError(id);
          }
          return true;
        }
        if (entry.readOnly) {
          throw new StoreError('newer-format');
        }
        if (!mayRemove(entry.record)) {
          return false;
        }
        // A tombstone and not a deletion: another window may be about to write what it last saw.
        const paid = await this.#files.writeTombstone(id, entry.revision, entry.record);
        if (paid) {
          this.#removed.set(id, paid);
          this.#announce(this.#applyTombstone(id, entry.revision + 1));
          await this.#deleteVideo(id, entry.record);
          return true;
        }
        attempts = await this.#catchUp(id, attempts);
      }
    });
  }

  /** Never throws: what stays is found by `deleteOrphans`. */
  async #deleteVideo(id: string, { localCopy }: TaskRecord): Promise<void> {
    // A whole copy has nothing beside it but its poster and its sound. The folder is listed only for a half one.
    const names = localCopy
      ? [getCopyName(localCopy), `${id}.poster.jpg`, getSoundName(id)]
      : (await readdir(this.#videos).catch(() => [])).filter((name) => name.startsWith(`${id}.`));
    await Promise.all(names.map((name) => unlink(join(this.#videos, name)).catch(() => undefined)));
  }

  /**
   * Lists all names, and reads what other windows wrote. Never throws.
   *
   * @returns whether everything that is on the disk is known now
   */
  async rescan(): Promise<boolean> {
    if (!this.#loaded || this.isDisposed) {
      return false;
    }
    let names: readonly string[];
    try {
      names = await this.#files.listNames();
    } catch (error) {
      this.#options.log?.(`the records cannot be listed: ${String(error)}`);
      return false;
    }
    this.#listedAt = this.#monotonic();
    const newest = new Map<string, number>();
    for (const { id, revision } of parseFileNames(names)) {
      newest.set(id, Math.max(revision, newest.get(id) ?? 0));
    }
    const behind = [...newest].filter(([id, revision]) => revision > this.#revisionOf(id));
    await this.#together((announce) =>
      inBatches(behind, ([id, revision]) =>
        this.#enqueue(id, () => this.#readNewest(id, { from: revision, announce })).catch(() => undefined),
      ),
    );
    return behind.every(([id, revision]) => this.#revisionOf(id) >= revision);
  }

  /**
   * Looks whether another window wrote something that no file event told of; costs one look at the folder when it did
   * not. Never throws.
   */
  async look(): Promise<void> {
    const startedAt = this.#monotonic();
    if (!this.#loaded || this.isDisposed || startedAt - this.#lookedAt < LOOK_MS) {
      return;
    }
    const hasHeard = this.#heardAt > this.#lookedAt;
    this.#lookedAt = startedAt;
    const stamp = await this.#files.getStamp();
    const sinceListing = startedAt - this.#listedAt;
    if (stamp === undefined || stamp !== this.#stamp) {
      this.#stamp = stamp;
      // What changed was probably told.
      this.#listings = hasHeard && sinceListing < LIST_DESPITE_EVENTS_MS ? LISTINGS_A_CHANGE : 0;
    }
    if (this.#listings < LISTINGS_A_CHANGE || sinceListing >= LIST_ANYWAY_MS) {
      this.#listings++;
      await this.rescan();
    }
  }

  /** Says whether this window looks by itself for a reason: the user sees it. A window that works looks anyway. */
  keepLooking(reason: string, wanted: boolean): void {
    if (wanted) {
      this.#lookReasons.add(reason);
    } else {
      this.#lookReasons.delete(reason);
    }
    this.#scheduleLook(0);
  }

  #scheduleLook(ms: number): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#lookTimer);
    this.#lookTimer = undefined;
    if (this.#lookReasons.size > 0 && !this.isDisposed) {
      this.#lookTimer = clock.setTimeout(() => void this.look().then(() => this.#scheduleLook(LOOK_MS)), ms);
    }
  }

  #monotonic(): number {
    return this.#options.clock.monotonic();
  }

  async #load(): Promise<void> {
    this.#files ??= new (await import('./revisionFiles')).RevisionFiles(this.#options);
    await this.#files.open();
    // Before the listing: what is written in between is then seen twice rather than not at all.
    this.#watch();
    this.#stamp = await this.#files.getStamp();
    this.#listings = 1;
    const names = await this.#files.listNames();
    this.#listedAt = this.#monotonic();
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
          // Superseded between the listing and now: the scan after loading finds the newer one.
          changes.push(...((await this.#read({ id, revision: newest.get(id)! })) ?? []));
        }
      });
      this.#announce(changes);
    }
    this.#loaded = true;
    this.#loadFailures = 0;
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

  /**
   * Reads a revision into the index, and moves it to the quarantine when it is corrupt.
   *
   * @returns what changed; `undefined` when there is no such file
   */
  async #read(read: Revision): Promise<TaskChange[] | undefined> {
    const { id, revision } = read;
    const file = await this.#files.read(read);
    switch (file.kind) {
      case 'gone':
        return undefined;
      case 'unreadable':
        this.#readAgainLater(read);
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
      case 'damaged':
        return this.#setAside(read);
    }
  }

  async #setAside(read: Revision): Promise<TaskChange[] | undefined> {
    const { id } = read;
    const name = await this.#files.quarantine(read);
    if (name === undefined) {
      this.#readAgainLater(read);
      return [];
    }
    this.#corrupt.push(name);
    this.#didFindDamage.fire([name]);
    // An older revision that was not yet cleaned away is better than nothing.
    let older: number;
    try {
      older = await this.#files.findOlder(read);
    } catch {
      this.#readAgainLater({ id, revision: 1 });
      return [];
    }
    if (older <= this.#revisionOf(id)) {
      this.#forgetUnreadable(id);
      return [];
    }
    return this.#read({ id, revision: older });
  }

  #readAgainLater({ id, revision }: Revision): void {
    const failures = (this.#unreadable.get(id)?.failures ?? 0) + 1;
    const wait = Math.min(READ_AGAIN_MS * 2 ** (failures - 1), MAX_READ_AGAIN_MS);
    this.#unreadable.set(id, { revision, failures, dueAt: this.#monotonic() + wait });
    if (failures === 1) {
      this.#fireUnreadable();
    }
    this.#scheduleReadAgain();
  }

  /** @param upTo the revision that is known; all by default */
  #forgetUnreadable(id: string, upTo = Infinity): void {
    const unreadable = this.#unreadable.get(id);
    if (unreadable && unreadable.revision <= upTo) {
      this.#unreadable.delete(id);
      this.#fireUnreadable();
    }
  }

  #fireUnreadable(): void {
    if (!this.isDisposed) {
      this.#didChangeUnreadable.fire();
    }
  }

  #scheduleReadAgain(): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#readAgainTimer);
    this.#readAgainTimer = undefined;
    if (this.#unreadable.size === 0 || this.isDisposed) {
      return;
    }
    let next = Infinity;
    for (const { dueAt } of this.#unreadable.values()) {
      next = Math.min(next, dueAt);
    }
    this.#readAgainTimer = clock.setTimeout(
      () => void this.#readAgain().then(() => this.#scheduleReadAgain()),
      Math.max(0, next - clock.monotonic()),
    );
  }

  async #readAgain(): Promise<void> {
    const now = this.#monotonic();
    const due = [...this.#unreadable].filter(([, { dueAt }]) => dueAt <= now);
    await inBatches(due, ([id, { revision }]) =>
      this.#enqueue(id, () => this.#readNewest(id, { from: revision })).catch(() =>
        this.#readAgainLater({ id, revision }),
      ),
    );
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
      throw this.#unreadable.has(id)
        ? unreadableError(id)
        : new StoreError('storage', { cause: new Error(`${id}.${revision + 1}.json is in the way`) });
    }
    await this.#files.pause();
    return attempts + 1;
  }

  /** Finds a record that loading missed, because listing a directory is not atomic (see `RevisionFiles`). */
  async #find(id: string): Promise<Entry | undefined> {
    if (!this.#tombstones.has(id)) {
      await this.#readNewest(id, { isExpected: true });
    }
    return this.#entries.get(id);
  }

  /**
   * Reads what another window wrote.
   *
   * @param options.from the revision that is probably the newest. Where it is not there, those that follow are tried
   *   before all names are listed.
   */
  async #readNewest(
    id: string,
    {
      from = this.#revisionOf(id) + 1,
      isExpected = this.#entries.has(id) || this.#unreadable.has(id),
      announce = this.#announce,
    }: { from?: number; isExpected?: boolean; announce?: Announce } = {},
  ): Promise<void> {
    const first = Math.max(from, this.#revisionOf(id) + 1);
    for (let revision = first; revision < first + PROBES; revision++) {
      const changes = this.#files.isUnmovable({ id, revision }) ? undefined : await this.#read({ id, revision });
      if (changes) {
        announce(changes);
        return;
      }
    }
    for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts++) {
      const newest = await this.#files.findNewest(id, isExpected);
      if (newest > this.#revisionOf(id)) {
        announce((await this.#read({ id, revision: newest })) ?? []);
      } else if (newest === 0 && this.#entries.has(id)) {
        // Its file was deleted by hand, or its tombstone was cleaned away.
        announce(this.#applyTombstone(id, this.#revisionOf(id)));
      }
      if (newest <= this.#revisionOf(id)) {
        this.#forgetUnreadable(id);
        return;
      }
      if (this.#unreadable.has(id)) {
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
    this.#forgetUnreadable(id, entry.revision);
    if (!before) {
      this.#ids.splice(this.#indexOf(id), 0, id);
    }
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
    this.#forgetUnreadable(id, revision);
    if (!before) {
      return [];
    }
    this.#entries.delete(id);
    this.#ids.splice(this.#indexOf(id), 1);
    this.#list = undefined;
    if (before.gatewayId !== undefined && this.#idsByGatewayId.get(before.gatewayId) === id) {
      this.#idsByGatewayId.delete(before.gatewayId);
    }
    return [{ id, before }];
  }

  /** Where an id is in `#ids`, or belongs. */
  #indexOf(id: string): number {
    let low = 0;
    for (let high = this.#ids.length; low < high;) {
      const middle = (low + high) >> 1;
      if (this.#ids[middle]! > id) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * Tells the listeners. What is held back of the same tasks (`#together`) is older, and is told before: a listener
   * that follows a task would else end with an older state than the store.
   */
  readonly #announce: Announce = (changes) => {
    const ids = new Set(changes.map(({ id }) => id));
    const all = [...this.#takeHeld(({ change }) => ids.has(change.id)), ...changes];
    if (all.length > 0 && !this.isDisposed) {
      this.#didChange.fire(all);
    }
  };

  /** What the job announces is announced at once when it is over: listeners may look through the whole list. */
  async #together(job: (announce: Announce) => Promise<void>): Promise<void> {
    let isOver = false;
    try {
      await job((changes) => {
        if (isOver) {
          // After a failure the others of a batch go on, and nothing waits for them.
          this.#announce(changes);
        } else {
          this.#held.push(...changes.map((change) => ({ job, change })));
        }
      });
    } finally {
      isOver = true;
      const ids = new Set(this.#held.filter((held) => held.job === job).map(({ change }) => change.id));
      this.#announce(this.#takeHeld(({ change }) => ids.has(change.id)));
    }
  }

  /** Takes changes out of those that are held back, in their order. */
  #takeHeld(isTaken: (held: HeldChange) => boolean): TaskChange[] {
    const taken = this.#held.filter(isTaken).map(({ change }) => change);
    if (taken.length > 0) {
      this.#held = this.#held.filter((held) => !isTaken(held));
    }
    return taken;
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
    /** Revisions by id; that of '' means that it is not known what changed. */
    const changed = new Map<string, number>();
    let timer: unknown;
    const update = () => {
      timer = undefined;
      const all = [...changed];
      changed.clear();
      if (this.isDisposed || !this.#loaded) {
        return;
      }
      if (all.some(([id]) => id === '')) {
        void this.rescan();
      } else {
        void this.#together((announce) =>
          inBatches(all, ([id, revision]) =>
            this.#enqueue(id, async () => {
              // Meanwhile this window may have read or written it itself.
              if (revision > this.#revisionOf(id)) {
                await this.#readNewest(id, { from: revision, announce });
              }
            }).catch(() => undefined),
          ),
        );
      }
    };
    const watcher = this.#files.watch((change) => {
      if (change) {
        this.#heardAt = this.#monotonic();
      }
      if (change && change.revision <= this.#revisionOf(change.id)) {
        return;
      }
      const id = change?.id ?? '';
      changed.set(id, Math.max(change?.revision ?? 0, changed.get(id) ?? 0));
      timer ??= this.#options.clock.setTimeout(update, WATCH_DEBOUNCE_MS);
    });
    this.#watching = true;
    this._register({
      dispose: () => {
        watcher.dispose();
        this.#options.clock.clearTimeout(timer);
      },
    });
  }
}

function unreadableError(id: string): StoreError {
  return new StoreError('storage', { cause: new Error(`the record ${id} cannot be read at the moment`) });
}

async function inBatches<T>(items: readonly T[], job: (item: T) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < items.length; start += READ_AT_ONCE) {
    await Promise.all(items.slice(start, start + READ_AT_ONCE).map(job));
  }
}
