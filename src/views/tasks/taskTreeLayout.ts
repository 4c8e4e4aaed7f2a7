import { getChains, type Take } from '../../tasks/model/chains';
import type { PromptTake } from '../../tasks/model/promptTakes';
import { isUnfinished, type TaskRecord } from '../../tasks/model/taskRecord';
import type { DownloadProgress } from '../../tasks/download/downloader';
import type { PauseReason } from '../../tasks/polling/pollingController';
import type { Estimate } from '../../tasks/polling/remainingTime';
import { getFilmName, getFilms, type FilmRow, type ShotRow, type ShotTake } from './filmGroups';

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
  /** Which take of which shot it is, if it was generated for a storyboard. */
  shotTake?: ShotTakeFacts | undefined;
}

/** Position of a task among the takes of its shot. */
export interface ShotTakeFacts extends ShotTake {
  /** Whether films are grouped, so that the row is below the row of the shot. */
  isGrouped: boolean;
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

/** What the row of a storyboard shows. */
export interface FilmFacts {
  /** Of the file. */
  name: string;
  /** Set where another storyboard of the list has the same name. */
  folder?: string | undefined;
  /** The tasks of each shot, the oldest first. */
  shots: readonly (readonly TaskRecord[])[];
  now: number;
  isReadOnly: (id: string) => boolean;
}

/** What the row of a shot shows. */
export interface ShotFacts extends Pick<ChainFacts, 'takes' | 'isReadOnly'> {
  /** What is on its way, or else the newest that has a video: what the shot is like in the film. */
  shown: TaskRecord;
  /** Of `shown`. */
  context: TaskViewContext;
  row: ShotRow;
  /** The name of the file. */
  film: string;
}

/** The row of a chain. */
export interface ChainRow {
  readonly chain: string;
}

/** A row: the id of a task, or a chain whose takes are the rows below it, or a storyboard whose shots are. */
export type Row = string | ChainRow | FilmRow;

/** What is shown together. */
export interface Grouping {
  /** The takes of a chain below one row; a single remaining take is shown as a task. */
  chains: boolean;
  /** The tasks of a storyboard below one row, by shots. They are in no chain then. */
  films: boolean;
}

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
  /** The shot that a task is grouped in, if films are grouped and it was generated for one. */
  getShotRow(id: string): ShotRow | undefined;
  /** The shots of a storyboard, by their numbers. */
  shotsOf(row: FilmRow): readonly ShotRow[];
  /** The ids of the tasks of a storyboard, or of one of its shots; the oldest first. */
  tasksOf(row: FilmRow | ShotRow): readonly string[];
  /** The task that determines the place of a row: the newest one of a chain or page. */
  getNewest(row: Row | Page): TaskRecord | undefined;
  /** What a page contains; `undefined` if it has just been removed. */
  getContents(page: Page): PageContents | undefined;
  /** What the row of a chain shows; `undefined` if the chain has just been removed. */
  getChainFacts(chain: string): Pick<ChainFacts, 'first' | 'newest' | 'takes'> | undefined;
  /** The position of a task in its chain; `undefined` if it is part of none. */
  getTakeFacts(id: string): TakeFacts | undefined;
  /** What the row of a storyboard shows; `undefined` if it has no tasks any more. The same below for a shot. */
  getFilmFacts(row: FilmRow): Pick<FilmFacts, 'name' | 'folder' | 'shots'> | undefined;
  getShotFacts(row: ShotRow): Pick<ShotFacts, 'row' | 'film' | 'takes' | 'shown'> | undefined;
  /** The position of a task among the takes of its shot; `undefined` if it was generated for none. */
  getShotTakeFacts(id: string): ShotTakeFacts | undefined;
}

/**
 * Arranges a list of tasks in rows and pages.
 *
 * @param records newest first
 * @param get returns the current record: tasks change while a layout is in use
 */
export function createLayout(
  records: readonly TaskRecord[],
  grouping: Grouping,
  get: (id: string) => TaskRecord | undefined,
): Layout {
  const chains = getChains(records);
  const films = getFilms(records);
  const filmOf = (id: string) => films.get(get(id)?.shot?.document ?? '');
  const isInFilm = (id: string) => grouping.films && films.size > 0 && filmOf(id) !== undefined;
  const chained = new Map<string, readonly string[]>();
  const takesOf = (chain: string) => {
    let takes = chained.get(chain);
    if (!takes) {
      takes = chains.takesOf(chain).filter((id) => !isInFilm(id));
      chained.set(chain, takes);
    }
    return takes;
  };
  const getChain = (id: string) => {
    const chain = grouping.chains && !isInFilm(id) ? chains.takeOf(id)?.chain : undefined;
    return chain !== undefined && takesOf(chain).length > 1 ? chain : undefined;
  };
  const rows: Row[] = [];
  const places = new Map<string, number>();
  const groups = new Map<string, { place: number; newest: string }>();
  for (const { id, shot } of records) {
    const row = grouping.films && shot ? films.get(shot.document)!.row : toChainRow(getChain(id));
    const group = row && groups.get(getGroupKey(row));
    const place = group?.place ?? rows.push(row ?? id) - 1;
    places.set(id, place);
    if (row && !group) {
      groups.set(getGroupKey(row), { place, newest: id });
    }
  }
  const pages = toPages(rows);
  const groupOf = (row: Exclude<Row, string>) => groups.get(getGroupKey(row));
  const getNewest = (row: Row | Page): TaskRecord | undefined => {
    if (typeof row === 'object' && 'level' in row) {
      return getNewest(pages.getNewest(row));
    }
    return get((typeof row === 'string' ? row : groupOf(row)?.newest) ?? '');
  };
  const countTasks = (row: Row) =>
    typeof row === 'string' ? 1 : 'uri' in row ? (films.get(row.uri)?.count ?? 0) : takesOf(row.chain).length;
  const getAll = (ids: readonly string[]) => ids.flatMap((id) => get(id) ?? []);
  const names = countBy([...films.keys()].map((film) => getFilmName(film).name));
  return {
    root: pages.root,
    below: pages.below,
    getPage: (row) => {
      if (typeof row === 'object' && 'level' in row) {
        return pages.above(row.level + 1, row.index, PAGES_IN_A_PAGE);
      }
      const place = typeof row === 'string' ? places.get(row) : groupOf(row)?.place;
      return place === undefined ? undefined : pages.above(0, rows.length - 1 - place, PAGE_ROWS);
    },
    getChain,
    takesOf,
    getShotRow: (id) => (grouping.films ? filmOf(id)?.takeOf(id)?.shot.row : undefined),
    shotsOf: ({ uri }) => films.get(uri)?.sortedShots.map(({ row }) => row) ?? [],
    tasksOf: (row) => {
      const film = films.get(row.uri);
      return ('label' in row ? film?.getShot(row)?.takes : film?.ids.toReversed()) ?? [];
    },
    getNewest,
    getContents: (page) => {
      const rowsOfPage = pages.rowsOf(page);
      const [newest, oldest] = [getNewest(rowsOfPage[0] ?? ''), getNewest(rowsOfPage.at(-1) ?? '')];
      const count = rowsOfPage.reduce((sum, row) => sum + countTasks(row), 0);
      return newest && oldest && { count, newestAt: newest.createdAt, oldestAt: oldest.createdAt };
    },
    getChainFacts: (chain) => {
      const takes = getAll(takesOf(chain));
      const [first] = takes;
      const newest = getNewest({ chain });
      return first && newest && { first, newest, takes };
    },
    getTakeFacts: (id) => {
      const take = chains.takeOf(id);
      return take && { ...take, isGrouped: getChain(id) !== undefined, before: get(take.parent ?? '') };
    },
    getFilmFacts: ({ uri }) => {
      const film = films.get(uri);
      const shots = film && [...film.shots].map(({ takes }) => getAll(takes)).filter(({ length }) => length > 0);
      if (!shots || shots.length === 0) {
        return undefined;
      }
      const { name, folder } = getFilmName(uri);
      return { name, ...(names.get(name)! > 1 ? { folder } : {}), shots };
    },
    getShotFacts: (row) => {
      const shot = films.get(row.uri)?.getShot(row);
      const takes = getAll(shot?.takes ?? []);
      const newest = takes.at(-1);
      const shown =
        newest && isUnfinished(newest) ? newest : (takes.findLast(({ state }) => state === 'done') ?? newest);
      return shot && shown && { row: shot.row, film: getFilmName(row.uri).name, takes, shown };
    },
    getShotTakeFacts: (id) => {
      const take = filmOf(id)?.takeOf(id);
      return take && { ...take, isGrouped: grouping.films };
    },
  };
}

function toChainRow(chain: string | undefined): ChainRow | undefined {
  return chain === undefined ? undefined : { chain };
}

/** An id has no colon, and a URI has one. */
function getGroupKey(row: Exclude<Row, string>): string {
  return 'uri' in row ? row.uri : row.chain;
}

function countBy(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  names.forEach((name) => counts.set(name, (counts.get(name) ?? 0) + 1));
  return counts;
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
