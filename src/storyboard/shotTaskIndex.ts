import { Disposable, Emitter, type Event } from '../common/events';
import type { TaskRecord } from '../tasks/model/taskRecord';

/** The part of the store that is followed. */
export interface ShotTaskSource {
  list(): readonly TaskRecord[];
  readonly onDidChange: Event<
    readonly { id: string; before?: TaskRecord | undefined; after?: TaskRecord | undefined }[]
  >;
  readonly onDidLoad: Event<void>;
}

/**
 * The tasks of each storyboard. Reads the list once, when somebody first asks, and follows the changes from then on: what
 * is shown of a file costs its own tasks, however long the list is.
 */
export class ShotTaskIndex extends Disposable {
  readonly #source: ShotTaskSource;
  readonly #didChange = this._register(new Emitter<ReadonlySet<string> | 'all'>());
  /** Fires with the URIs of the storyboards that have other tasks than before, or whose tasks have changed. */
  readonly onDidChange: Event<ReadonlySet<string> | 'all'> = this.#didChange.event;
  #byDocument: Map<string, Map<string, TaskRecord>> | undefined;
  /** What was given out, until something changes. */
  readonly #lists = new Map<string, readonly TaskRecord[]>();

  constructor(source: ShotTaskSource) {
    super();
    this.#source = source;
    this._register(
      source.onDidLoad(() => {
        this.#byDocument = undefined;
        this.#lists.clear();
        this.#didChange.fire('all');
      }),
    );
    this._register(
      source.onDidChange((changes) => {
        const touched = new Set<string>();
        for (const { id, before, after } of changes) {
          this.#remove(before?.shot?.document, id, touched);
          this.#add(after, touched);
        }
        touched.forEach((document) => this.#lists.delete(document));
        if (touched.size > 0) {
          this.#didChange.fire(touched);
        }
      }),
    );
  }

  /**
   * The tasks of a storyboard, the oldest first; the same list as before while nothing has changed.
   *
   * @param document its URI
   */
  of(document: string): readonly TaskRecord[] {
    const known = this.#lists.get(document);
    if (known) {
      return known;
    }
    // Ids sort by time of creation.
    const list = [...(this.#fill().get(document)?.values() ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.#lists.set(document, list);
    return list;
  }

  #fill(): Map<string, Map<string, TaskRecord>> {
    if (!this.#byDocument) {
      this.#byDocument = new Map();
      this.#source.list().forEach((record) => this.#add(record));
    }
    return this.#byDocument;
  }

  #add(record: TaskRecord | undefined, touched?: Set<string>): void {
    if (record?.shot) {
      const { document } = record.shot;
      touched?.add(document);
      const own = this.#byDocument?.get(document);
      if (own) {
        own.set(record.id, record);
      } else {
        this.#byDocument?.set(document, new Map([[record.id, record]]));
      }
    }
  }

  #remove(document: string | undefined, id: string, touched: Set<string>): void {
    if (document !== undefined) {
      touched.add(document);
      this.#byDocument?.get(document)?.delete(id);
    }
  }
}
