import type * as vscode from 'vscode';
import type { PromptTakes } from '../../tasks/model/promptTakes';
import type { TaskRecord } from '../../tasks/model/taskRecord';
import { getShotKey, type FilmRow, type ShotRow } from './filmGroups';
import {
  createChainItem,
  createFilmItem,
  createShotItem,
  getChainText,
  getFilmText,
  getShotText,
} from './taskTreeItem';
import type { ChainFacts, ChainRow, FilmFacts, Layout, ShotFacts, TaskViewContext } from './taskTreeLayout';

/** A row that contains the rows of tasks. */
export type GroupRow = ChainRow | FilmRow | ShotRow;

export interface GroupRowsOptions {
  getLayout: () => Layout;
  getContext: (record: TaskRecord) => TaskViewContext;
  isReadOnly: (id: string) => boolean;
  /** Without it, rows do not tell chains of one prompt apart. */
  takes: Pick<PromptTakes, 'takesOf'> | undefined;
  now: () => number;
}

/** The rows of chains, storyboards and shots: the same object for the same row, what each shows, and when that changes. */
export class GroupRows {
  readonly #options: GroupRowsOptions;
  readonly #elements = new Map<string, GroupRow>();
  /** The text that each drawn row shows. */
  readonly #shown = new Map<GroupRow, string>();

  constructor(options: GroupRowsOptions) {
    this.#options = options;
  }

  /** VS Code compares rows by identity. */
  toElement(row: GroupRow): GroupRow {
    const key = getKey(row);
    const known = this.#elements.get(key);
    if (known) {
      return known;
    }
    this.#elements.set(key, row);
    return row;
  }

  /** The ids of tasks, or the shots of a storyboard. */
  below(row: GroupRow): readonly (string | ShotRow)[] {
    const layout = this.#options.getLayout();
    return 'chain' in row ? layout.takesOf(row.chain) : 'label' in row ? layout.tasksOf(row) : layout.shotsOf(row);
  }

  /**
   * The ids of the tasks that a row stands for.
   *
   * @param row an argument of a command, which may be anything
   */
  tasksOf(row: object): readonly string[] {
    const layout = this.#options.getLayout();
    const { chain, uri, label, title } = row as Record<string, unknown>;
    if (typeof chain === 'string') {
      return layout.takesOf(chain);
    }
    if (typeof uri !== 'string') {
      return [];
    }
    if (label === undefined) {
      return layout.tasksOf({ uri });
    }
    return typeof label === 'string' && typeof title === 'string' ? layout.tasksOf({ uri, label, title }) : [];
  }

  /** The row that another row is directly below; `undefined` for those that are in a page or in the root. */
  getParent(row: GroupRow | { readonly id: string }): GroupRow | undefined {
    if ('label' in row) {
      return { uri: row.uri };
    }
    if (!('id' in row)) {
      return undefined;
    }
    const layout = this.#options.getLayout();
    const chain = layout.getChain(row.id);
    return layout.getShotRow(row.id) ?? (chain === undefined ? undefined : { chain });
  }

  /** @returns `undefined` if nothing is left below it */
  createItem(row: GroupRow): vscode.TreeItem | undefined {
    const drawn = this.#draw(row);
    if (!drawn) {
      return undefined;
    }
    this.#shown.set(row, drawn.text);
    return drawn.createItem();
  }

  /** Whether the row shows how old it is. */
  isAging(row: GroupRow): boolean {
    return 'chain' in row && this.#getChainFacts(row)?.isTitleShared === true;
  }

  /**
   * The drawn rows whose text has changed.
   *
   * @param ids of the tasks that may have changed
   * @param isByTime whether only time has passed, or a download has gone on: rows of storyboards do not show that, and each
   * would have to count all of its tasks
   */
  getChanged(ids: readonly string[], { isByTime }: { isByTime: boolean }): GroupRow[] {
    const rows = new Set<GroupRow>();
    for (const row of this.#shown.keys()) {
      if ('chain' in row) {
        rows.add(row);
      }
    }
    // Chains are few and short; a storyboard may have thousands of tasks, and is looked at for its own only.
    const layout = this.#options.getLayout();
    for (const id of ids) {
      const shot = layout.getShotRow(id);
      if (shot) {
        rows.add(this.toElement(shot));
        if (!isByTime) {
          rows.add(this.toElement({ uri: shot.uri }));
        }
      }
    }
    return [...rows].filter((row) => {
      const shown = this.#shown.get(row);
      const drawn = shown === undefined ? undefined : this.#draw(row);
      return drawn !== undefined && drawn.text !== shown;
    });
  }

  /** Tasks were added or removed: everything is drawn anew. */
  forget(): void {
    this.#shown.clear();
  }

  #draw(row: GroupRow): { text: string; createItem: () => vscode.TreeItem } | undefined {
    if ('chain' in row) {
      const facts = this.#getChainFacts(row);
      return facts && { text: getChainText(facts), createItem: () => createChainItem(row.chain, facts) };
    }
    if ('label' in row) {
      const facts = this.#getShotFacts(row);
      return facts && { text: getShotText(facts), createItem: () => createShotItem(facts) };
    }
    const facts = this.#getFilmFacts(row);
    return facts && { text: getFilmText(facts), createItem: () => createFilmItem(row, facts) };
  }

  #getChainFacts({ chain }: ChainRow): ChainFacts | undefined {
    const { getLayout, getContext, isReadOnly, takes } = this.#options;
    const layout = getLayout();
    const facts = layout.getChainFacts(chain);
    return (
      facts && {
        ...facts,
        isTitleShared: takes?.takesOf(facts.first.id).some((id) => layout.getChain(id) !== chain) === true,
        isReadOnly,
        context: getContext(facts.newest),
      }
    );
  }

  #getFilmFacts(row: FilmRow): FilmFacts | undefined {
    const { getLayout, isReadOnly, now } = this.#options;
    const facts = getLayout().getFilmFacts(row);
    return facts && { ...facts, now: now(), isReadOnly };
  }

  #getShotFacts(row: ShotRow): ShotFacts | undefined {
    const { getLayout, isReadOnly, getContext } = this.#options;
    const facts = getLayout().getShotFacts(row);
    return facts && { ...facts, isReadOnly, context: getContext(facts.shown) };
  }
}

function getKey(row: GroupRow): string {
  return 'chain' in row ? row.chain : 'label' in row ? `${row.uri}\0${getShotKey(row)}` : row.uri;
}
