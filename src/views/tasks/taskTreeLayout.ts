import { getChains, type Take } from '../../tasks/model/chains';
import type { PromptTake } from '../../tasks/model/promptTakes';
import type { TaskRecord } from '../../tasks/model/taskRecord';
import type { DownloadProgress } from '../../tasks/download/downloader';
import type { PauseReason } from '../../tasks/polling/pollingController';
import type { Estimate } from '../../tasks/polling/remainingTime';

/** What a row shows in addition to the record of its task. */
export interface TaskViewContext {
  /** Milliseconds since the epoch. */
  now: number;
  /** Written by a newer version of the extension: it can be shown but not changed. */
  readOnly: boolean;
  /** Set while the video is being downloaded. */
  progress?: DownloadProgress | undefined;
  /** The remaining time, if it can be estimated. */
  estimate?: Estimate | undefined;
  /** Why the task is not polled until the API key changes. */
  pauseReason?: PauseReason | undefined;
  /** When what failed is tried again, if this window does it. */
  nextTryAt?: number | undefined;
  /** Position in a chain, if the task is part of one. */
  take?: TakeFacts | undefined;
  /** Which of the tasks of its prompt it is, if there are several. */
  promptTake?: PromptTake | undefined;
}

/** Position of a task in its chain. */
export interface TakeFacts extends Take {
  /** Whether chains are grouped, so that the row is below the row of the chain. */
  isGrouped: boolean;
  /** The task that this one continues, if it is still in the list. */
  before: TaskRecord | undefined;
}

/** What the row of a chain shows. */
export interface ChainFacts {
  first: TaskRecord;
  newest: TaskRecord;
  /** All of them, by number and age. */
  takes: readonly TaskRecord[];
  isReadOnly: (id: string) => boolean;
  /** Whether tasks outside of the chain have the prompt of its first take. */
  isTitleShared: boolean;
  /** The context of `newest`. */
  context: TaskViewContext;
}

/** A row: the id of a task, or a chain whose takes are the rows below it. */
export type Row = string | { readonly chain: string };

/** A row that contains older rows: 50 tasks or chains on level 0, ten pages of the level below on higher levels. */
export interface Page {
  readonly level: number;
  /** Counted from the oldest page, so that a new task changes the root but no page. */
  readonly index: number;
}

/** The root shows at least these rows, which fill a screen, and those that do not fill a page yet. */
const ROOT_ROWS = 30;
/** VS Code draws a level only when it has all of its rows: 69 in the root appear a third sooner than 142 (seen). */
const PAGE_ROWS = 50;
const PAGES_IN_A_PAGE = 10;

/** What the row of a page says of what is in it. */
export interface PageContents {
  /** Of tasks, those of chains included. */
  count: number;
  oldestAt: number;
  newestAt: number;
}

/** Returns how many tasks or chains a page contains. */
function countRows({ level }: Page): number {
  return PAGE_ROWS * PAGES_IN_A_PAGE ** level;
}

/** The arrangement of the tree for one list of tasks. */
export interface Layout {
  /** Newest first, a chain at the place of its newest take; then the pages that no higher page contains. */
  readonly root: readonly (Row | Page)[];
  /** The rows or pages that a page contains, newest first. */
  below(page: Page): readonly (Row | Page)[];
  /** The page that contains a row or page; for a task in a grouped chain, the page that contains the chain. */
  getPage(row: Row | Page): Page | undefined;
  /** The chain that a task is grouped in, if chains are grouped and it is part of one. */
  getChain(id: string): string | undefined;
  /** The ids of all tasks of a chain, first take first. */
  takesOf(chain: string): readonly string[];
  /** The task that determines the place of a row: the newest one of a chain or page. */
  getNewest(row: Row | Page): TaskRecord | undefined;
  /** What a page contains; `undefined` if it has just been removed. */
  getContents(page: Page): PageContents | undefined;
  /** What the row of a chain shows; `undefined` if the chain has just been removed. */
  getChainFacts(chain: string): Pick<ChainFacts, 'first' | 'newest' | 'takes'> | undefined;
  /** The position of a task in its chain; `undefined` if it is part of none. */
  getTakeFacts(id: string): TakeFacts | undefined;
}

/**
 * Arranges a list of tasks in rows and pages.
 *
 * @param records newest first
 * @param isGrouped whether the takes of a chain are below one row; a single remaining take is shown as a task
 * @param get returns the current record: tasks change while a layout is in use
 */
export function createLayout(
  records: readonly TaskRecord[],
  isGrouped: boolean,
  get: (id: string) => TaskRecord | undefined,
): Layout {
  const chains = getChains(records);
  const getChain = (id: string) => {
    const chain = isGrouped ? chains.takeOf(id)?.chain : undefined;
    return chain !== undefined && chains.takesOf(chain).length > 1 ? chain : undefined;
  };
  const rows: Row[] = [];
  const places = new Map<string, number>();
  const groups = new Map<string, { place: number; newest: string }>();
  for (const { id } of records) {
    const chain = getChain(id);
    const group = chain === undefined ? undefined : groups.get(chain);
    const place = group?.place ?? rows.push(chain === undefined ? id : { chain }) - 1;
    places.set(id, place);
    if (chain !== undefined && !group) {
      groups.set(chain, { place, newest: id });
    }
  }
  const pages = toPages(rows);
  const getNewest = (row: Row | Page): TaskRecord | undefined => {
    if (typeof row === 'object' && 'level' in row) {
      return getNewest(pages.getNewest(row));
    }
    return get((typeof row === 'string' ? row : groups.get(row.chain)?.newest) ?? '');
  };
  return {
    root: pages.root,
    below: pages.below,
    getPage: (row) => {
      if (typeof row === 'object' && 'level' in row) {
        return pages.above(row.level + 1, row.index, PAGES_IN_A_PAGE);
      }
      const place = typeof row === 'string' ? places.get(row) : groups.get(row.chain)?.place;
      return place === undefined ? undefined : pages.above(0, rows.length - 1 - place, PAGE_ROWS);
    },
    getChain,
    takesOf: (chain) => chains.takesOf(chain),
    getNewest,
    getContents: (page) => {
      const rowsOfPage = pages.rowsOf(page);
      const [newest, oldest] = [getNewest(rowsOfPage[0] ?? ''), getNewest(rowsOfPage.at(-1) ?? '')];
      const count = rowsOfPage.reduce(
        (sum, row) => sum + (typeof row === 'string' ? 1 : chains.takesOf(row.chain).length),
        0,
      );
      return newest && oldest && { count, newestAt: newest.createdAt, oldestAt: oldest.createdAt };
    },
    getChainFacts: (chain) => {
      const takes = chains.takesOf(chain).flatMap((id) => get(id) ?? []);
      const [first] = takes;
      const newest = getNewest({ chain });
      return first && newest && { first, newest, takes };
    },
    getTakeFacts: (id) => {
      const take = chains.takeOf(id);
      return take && { ...take, isGrouped: getChain(id) !== undefined, before: get(take.parent ?? '') };
    },
  };
}

/** Divides a long history into pages, pages of pages and so on. All are full: the rest of each level is in the root. */
function toPages(rows: readonly Row[]) {
  const counts: number[] = [];
  for (
    let count = Math.floor((rows.length - ROOT_ROWS) / PAGE_ROWS);
    count > 0;
    count = Math.floor(count / PAGES_IN_A_PAGE)
  ) {
    counts.push(count);
  }
  /** All rows of a page, also of those that are in pages below it. */
  const rowsOf = (page: Page) => {
    const count = countRows(page);
    return rows.slice(rows.length - (page.index + 1) * count, rows.length - page.index * count);
  };
  /** The pages of a level with the indices from `end - 1` down to `start`: newest first. */
  const pages = (level: number, start: number, end: number): Page[] =>
    Array.from({ length: end - start }, (_, n) => ({ level, index: end - 1 - n }));
  return {
    root: [
      ...rows.slice(0, rows.length - (counts[0] ?? 0) * PAGE_ROWS),
      ...counts.flatMap((count, level) => pages(level, (counts[level + 1] ?? 0) * PAGES_IN_A_PAGE, count)),
    ],
    rowsOf,
    below: (page: Page): readonly (Row | Page)[] =>
      page.level === 0
        ? rowsOf(page)
        : pages(page.level - 1, page.index * PAGES_IN_A_PAGE, (page.index + 1) * PAGES_IN_A_PAGE),
    /** @param size how many items that are counted by `index` are in a page */
    above: (level: number, index: number, size: number): Page | undefined =>
      Math.floor(index / size) < (counts[level] ?? 0) ? { level, index: Math.floor(index / size) } : undefined,
    getNewest: (page: Page): Row => rows[rows.length - (page.index + 1) * countRows(page)] ?? '',
  };
}
