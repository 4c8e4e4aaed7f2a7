import { getChains, type Take } from '../../tasks/model/chains';
import type { TaskRecord } from '../../tasks/model/taskRecord';
import type { DownloadProgress } from '../../tasks/download/downloader';
import type { PauseReason } from '../../tasks/polling/pollingController';
import type { Estimate } from '../../tasks/polling/remainingTime';

/** What a row shows besides what its task's record holds. */
export interface TaskViewContext {
  now: number;
  /** Made by a newer version of the extension: shown, not changed. */
  readOnly: boolean;
  /** Of a download under way. */
  progress?: DownloadProgress | undefined;
  /** How far it is, where that is known. */
  estimate?: Estimate | undefined;
  /** Why it is not polled until the API key changes. */
  hold?: PauseReason | undefined;
  /** Its place in a chain, if it is in one. */
  take?: TakeFacts | undefined;
}

export interface TakeFacts extends Take {
  /** Whether its row is below the row of its chain. */
  isGrouped: boolean;
  /** The task that it continues, if that is still in the list. */
  before: TaskRecord | undefined;
}

/** What the row of a chain is made of. */
export interface ChainFacts {
  first: TaskRecord;
  newest: TaskRecord;
  count: number;
  /** Of the newest. */
  context: TaskViewContext;
}

/** A row at the root of the tree: a task's id, or a chain whose takes are rows below it. */
export type Row = string | { readonly chain: string };

/** A row that holds older ones: those of level 0 hold 50 tasks or chains, the others ten of the level below. */
export interface Page {
  readonly level: number;
  /** From the oldest on, so that a new task changes the root and no page. */
  readonly index: number;
}

/** The root shows at least these, which fill a screen, and what has not filled a page. */
const ROOT_ROWS = 30;
/** VS Code draws no row before it has got all of its level: 69 in the root are drawn a third sooner than 142 (seen). */
const PAGE_ROWS = 50;
const PAGES_IN_A_PAGE = 10;

/** How many tasks or chains are below a page. */
export function countRows({ level }: Page): number {
  return PAGE_ROWS * PAGES_IN_A_PAGE ** level;
}

/** What stands where in the tree, for one list of tasks. */
export interface Layout {
  /** Newest first; a chain stands where its newest take would. After them pages, as few as the digits of their number. */
  readonly root: readonly (Row | Page)[];
  below(page: Page): readonly (Row | Page)[];
  /** The page that a row of the root's list or a page is below; a task below a chain is where the chain is. */
  pageAbove(row: Row | Page): Page | undefined;
  /** The chain below whose row a task stands. */
  groupOf(id: string): string | undefined;
  takesOf(chain: string): readonly string[];
  /** The task that gives a row its place; of a page, the newest below it. */
  newestOf(row: Row | Page): TaskRecord | undefined;
  /** What a chain's row is made of; `undefined` when it has just gone. */
  chainFacts(chain: string): Omit<ChainFacts, 'context'> | undefined;
  /** Where a task stands among its takes. */
  takeFacts(id: string): TakeFacts | undefined;
}

/**
 * @param isGrouped whether chains are rows; one that has lost all but one of its takes is none
 * @param get a record as it is now: a layout outlives what happens to its tasks
 */
export function createLayout(
  records: readonly TaskRecord[],
  isGrouped: boolean,
  get: (id: string) => TaskRecord | undefined,
): Layout {
  const chains = getChains(records);
  const groupOf = (id: string) => {
    const chain = isGrouped ? chains.takeOf(id)?.chain : undefined;
    return chain !== undefined && chains.takesOf(chain).length > 1 ? chain : undefined;
  };
  const rows: Row[] = [];
  const places = new Map<string, number>();
  const groups = new Map<string, { place: number; newest: string }>();
  for (const { id } of records) {
    const chain = groupOf(id);
    const group = chain === undefined ? undefined : groups.get(chain);
    const place = group?.place ?? rows.push(chain === undefined ? id : { chain }) - 1;
    places.set(id, place);
    if (chain !== undefined && !group) {
      groups.set(chain, { place, newest: id });
    }
  }
  const pages = toPages(rows);
  const newestOf = (row: Row | Page): TaskRecord | undefined => {
    if (typeof row === 'object' && 'level' in row) {
      return newestOf(pages.newestOf(row));
    }
    return get((typeof row === 'string' ? row : groups.get(row.chain)?.newest) ?? '');
  };
  return {
    root: pages.root,
    below: pages.below,
    pageAbove: (row) => {
      if (typeof row === 'object' && 'level' in row) {
        return pages.above(row.level + 1, row.index, PAGES_IN_A_PAGE);
      }
      const place = typeof row === 'string' ? places.get(row) : groups.get(row.chain)?.place;
      return place === undefined ? undefined : pages.above(0, rows.length - 1 - place, PAGE_ROWS);
    },
    groupOf,
    takesOf: (chain) => chains.takesOf(chain),
    newestOf,
    chainFacts: (chain) => {
      const takes = chains.takesOf(chain);
      const first = get(takes[0] ?? '');
      const newest = newestOf({ chain });
      return first && newest && { first, newest, count: takes.length };
    },
    takeFacts: (id) => {
      const take = chains.takeOf(id);
      return take && { ...take, isGrouped: groupOf(id) !== undefined, before: get(take.parent ?? '') };
    },
  };
}

/** A long history in pages, pages of pages and so on, each full: what is left of a level stands in the root. */
function toPages(rows: readonly Row[]) {
  const counts: number[] = [];
  for (
    let count = Math.floor((rows.length - ROOT_ROWS) / PAGE_ROWS);
    count > 0;
    count = Math.floor(count / PAGES_IN_A_PAGE)
  ) {
    counts.push(count);
  }
  const rowsOf = (page: number) => rows.slice(rows.length - (page + 1) * PAGE_ROWS, rows.length - page * PAGE_ROWS);
  /** Newest first, from `end` down to `start`. */
  const pages = (level: number, start: number, end: number): Page[] =>
    Array.from({ length: end - start }, (_, n) => ({ level, index: end - 1 - n }));
  return {
    root: [
      ...rows.slice(0, rows.length - (counts[0] ?? 0) * PAGE_ROWS),
      ...counts.flatMap((count, level) => pages(level, (counts[level + 1] ?? 0) * PAGES_IN_A_PAGE, count)),
    ],
    below: ({ level, index }: Page): readonly (Row | Page)[] =>
      level === 0 ? rowsOf(index) : pages(level - 1, index * PAGES_IN_A_PAGE, (index + 1) * PAGES_IN_A_PAGE),
    /** @param size of what has that index, how many are in a page */
    above: (level: number, index: number, size: number): Page | undefined =>
      Math.floor(index / size) < (counts[level] ?? 0) ? { level, index: Math.floor(index / size) } : undefined,
    newestOf: (page: Page): Row => rows[rows.length - (page.index + 1) * countRows(page)] ?? '',
  };
}
