import * as vscode from 'vscode';
import { getFamilyTitle, parseModelId } from '../../api/models';
import { stripControlChars, toSingleLine } from '../../common/text';
import { formatModelTitle, getTaskTitle, MAX_TIME_MS } from '../../messages/format';
import { getChains, type Chains } from '../../tasks/model/chains';
import type { PromptTake } from '../../tasks/model/promptTakes';
import { isUnfinished, type TaskRecord } from '../../tasks/model/taskRecord';
import { formatState, getPriceText } from '../tasks/taskTreeItem';
import type { TaskViewContext } from '../tasks/taskTreeLayout';
import { PROMPT_MAX_CHARS, type GalleryStrings, type Tile, type TileState } from './protocol';

/** What the tiles of the gallery say, from the records of their tasks. */

const TEXT_MAX_CHARS = 200;

export interface GallerySource {
  /** Newest first. */
  list(): readonly TaskRecord[];
  get(id: string): TaskRecord | undefined;
  isReadOnly(id: string): boolean;
}

export interface GalleryModelOptions {
  source: GallerySource;
  getPauseReason: (record: TaskRecord) => TaskViewContext['pauseReason'];
  takeOf: (id: string) => PromptTake | undefined;
  /** The URIs of the folders of the workspace. */
  getFolders: () => readonly string[];
  /** Milliseconds since the epoch. */
  now: () => number;
}

export interface TileChanges {
  tiles: Tile[];
  removed: string[];
}

/**
 * Makes the tiles, and remembers what the page has, so that it is told changes only. Nothing is kept of a page that is
 * hidden: it forgets everything, too.
 */
export class GalleryModel {
  readonly #options: GalleryModelOptions;
  readonly #told = new Map<string, Tile>();
  #chains: Chains | undefined;
  #folders: readonly string[] = [];

  constructor(options: GalleryModelOptions) {
    this.#options = options;
  }

  /** The newest tiles alone, for a page that is still to be loaded. */
  createFirst(count: number): Tile[] {
    this.#begin();
    return this.#options.source
      .list()
      .slice(0, count)
      .map((record) => this.#create(record));
  }

  /** All tiles, newest first. From now on the page has them. */
  createAll(): Tile[] {
    this.#begin();
    this.#told.clear();
    return this.#options.source.list().map((record) => {
      const tile = this.#create(record);
      this.#told.set(record.id, tile);
      return tile;
    });
  }

  /** What differs from what the page has. A change of one task may change others: the numbers of takes, chains. */
  findChanges(): TileChanges {
    this.#begin();
    const { source } = this.#options;
    const tiles: Tile[] = [];
    for (const record of source.list()) {
      const tile = this.#create(record);
      const told = this.#told.get(record.id);
      if (!told || !isSame(told, tile)) {
        this.#told.set(record.id, tile);
        tiles.push(tile);
      }
    }
    const removed = [...this.#told.keys()].filter((id) => !source.get(id));
    removed.forEach((id) => this.#told.delete(id));
    return { tiles, removed };
  }

  /** The same for tasks whose changes change no others: the state, the copy, where they are saved. */
  findChangesOf(ids: Iterable<string>): TileChanges {
    const tiles: Tile[] = [];
    for (const id of ids) {
      const record = this.#options.source.get(id);
      const told = this.#told.get(id);
      const tile = record && this.#create(record);
      if (tile && (!told || !isSame(told, tile))) {
        this.#told.set(id, tile);
        tiles.push(tile);
      }
    }
    return { tiles, removed: [] };
  }

  forget(): void {
    this.#told.clear();
    this.#chains = undefined;
  }

  #begin(): void {
    this.#chains = getChains(this.#options.source.list());
    this.#folders = this.#options.getFolders().map((uri) => (uri.endsWith('/') ? uri : `${uri}/`));
  }

  #create(record: TaskRecord): Tile {
    const { id, request, createdAt, saved, localCopy } = record;
    const { source, now, takeOf, getPauseReason } = this.#options;
    const readOnly = source.isReadOnly(id);
    const context: TaskViewContext = { now: now(), readOnly, pauseReason: getPauseReason(record) };
    const prompt = stripControlChars(request.prompt.slice(0, PROMPT_MAX_CHARS)).slice(0, PROMPT_MAX_CHARS);
    const isNamed = prompt.trim() !== '';
    const price = record.cost ?? record.quotedPrice;
    const take = takeOf(id);
    const inChain = this.#chains?.takeOf(id);
    const isTime = Math.abs(createdAt) <= MAX_TIME_MS;
    return {
      id,
      prompt: isNamed ? prompt : '',
      ...(isNamed ? {} : { name: getTaskTitle(record, TEXT_MAX_CHARS) }),
      state: getTileState(record, readOnly),
      words: toSingleLine(formatState(record, context, { withTime: isSettled(record) }), TEXT_MAX_CHARS),
      family: getFamily(request.model),
      model: toSingleLine(formatModelTitle(request.model), TEXT_MAX_CHARS),
      ...(request.aspectRatio === undefined ? {} : { ratio: request.aspectRatio }),
      ...(price === undefined || !Number.isFinite(price) ? {} : { price, priceText: getPriceText(record)[1] }),
      at: isTime ? createdAt : 0,
      day: isTime ? formatDay(createdAt) : '',
      ...(inChain && CHAIN_ID.test(inChain.chain) ? { chain: inChain.chain, chainTake: inChain.number } : {}),
      ...(take ? { take: vscode.l10n.t('Take {0} of {1}', take.number, take.count) } : {}),
      ...(saved.length > 0 ? { saved: true } : {}),
      ...(saved.some(({ uri }) => this.#folders.some((folder) => uri.startsWith(folder))) ? { here: true } : {}),
      ...(localCopy ? { copyAt: localCopy.at } : {}),
    };
  }
}

/** A record may come from an import, and name anything as what it continues. */
const CHAIN_ID = /^[a-z0-9]{1,64}$/;

/** Whether its words change with the record only: why it failed, and not how long it takes. */
function isSettled({ state }: TaskRecord): boolean {
  return state === 'failed' || state === 'unknown';
}

function getTileState(record: TaskRecord, readOnly: boolean): TileState {
  const { state } = record;
  if (readOnly) {
    return 'readonly';
  }
  if (isUnfinished(record)) {
    return 'underway';
  }
  return state === 'done' || state === 'failed' || state === 'expired' ? state : 'unknown';
}

function getFamily(model: string): string {
  const name = parseModelId(model);
  return toSingleLine(name ? getFamilyTitle(name.family) : model, TEXT_MAX_CHARS);
}

/** The day in local time: of the extension host, which may be on another computer than the page. */
export function formatDay(at: number): string {
  const date = new Date(at);
  const year = date.getFullYear();
  const two = (value: number) => String(value).padStart(2, '0');
  return year >= 0 && year <= 999_999
    ? `${String(year).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
    : '';
}

function isSame(a: Tile, b: Tile): boolean {
  const keys = Object.keys(a) as (keyof Tile)[];
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** Whether a change of this task may change tiles of others. */
export function changesOthers(before: TaskRecord | undefined, after: TaskRecord | undefined): boolean {
  return (
    !before ||
    !after ||
    before.request.prompt !== after.request.prompt ||
    before.request.firstFrame?.from?.task !== after.request.firstFrame?.from?.task
  );
}

/** All texts of the page that do not depend on a task. */
export function getGalleryStrings(): GalleryStrings {
  return {
    title: vscode.l10n.t('Gallery'),
    grid: vscode.l10n.t('Videos'),
    search: vscode.l10n.t('Search in prompts'),
    filters: vscode.l10n.t('Filters'),
    anyState: vscode.l10n.t('Any state'),
    anyModel: vscode.l10n.t('Any model'),
    anyRatio: vscode.l10n.t('Any ratio'),
    anyPlace: vscode.l10n.t('Saved or not'),
    state: vscode.l10n.t('State'),
    model: vscode.l10n.t('Model'),
    ratio: vscode.l10n.t('Aspect ratio'),
    place: vscode.l10n.t('Saved'),
    saved: vscode.l10n.t('Saved'),
    unsaved: vscode.l10n.t('Not saved'),
    here: vscode.l10n.t('Saved in this workspace'),
    minPrice: vscode.l10n.t('Price from, ₽'),
    maxPrice: vscode.l10n.t('Price up to, ₽'),
    sort: vscode.l10n.t('Sort'),
    newest: vscode.l10n.t('Newest first'),
    oldest: vscode.l10n.t('Oldest first'),
    expensive: vscode.l10n.t('Expensive first'),
    cheap: vscode.l10n.t('Cheap first'),
    byPrompt: vscode.l10n.t('By prompt'),
    group: vscode.l10n.t('Group'),
    byDay: vscode.l10n.t('By day'),
    byChain: vscode.l10n.t('By chain'),
    ungrouped: vscode.l10n.t('All together'),
    clear: vscode.l10n.t('Show all'),
    today: vscode.l10n.t('Today'),
    yesterday: vscode.l10n.t('Yesterday'),
    unknownDay: vscode.l10n.t('Day unknown'),
    noChain: vscode.l10n.t('Not in a chain'),
    chain: vscode.l10n.t('Chain: {0}', '{0}'),
    found: vscode.l10n.t('Videos: {0}', '{0}'),
    foundOf: vscode.l10n.t('Found: {0} of {1}', '{0}', '{1}'),
    nothing: vscode.l10n.t('Nothing fits the search and the filters.'),
    none: vscode.l10n.t('No videos yet'),
    noneHint: vscode.l10n.t('What you generate appears here.'),
    loading: vscode.l10n.t('Loading…'),
    selected: vscode.l10n.t('Selected: {0}', '{0}'),
    selection: vscode.l10n.t('With the selected videos'),
    selectAll: vscode.l10n.t('Select all'),
    deselect: vscode.l10n.t('Deselect'),
    save: vscode.l10n.t('Save'),
    saveAll: vscode.l10n.t('Save all'),
    compare: vscode.l10n.t('Compare'),
    exportGif: vscode.l10n.t('Export as GIF…'),
    remove: vscode.l10n.t('Remove'),
    cleanUp: vscode.l10n.t('Clean up…'),
    savedMark: vscode.l10n.t('Saved'),
    stateDone: vscode.l10n.t('Done'),
    stateUnderway: vscode.l10n.t('On their way'),
    stateUnknown: vscode.l10n.t('Without an answer'),
    stateFailed: vscode.l10n.t('Failed'),
    stateExpired: vscode.l10n.t('Link expired'),
    stateReadonly: vscode.l10n.t('Made by a newer version'),
    keys: vscode.l10n.t(
      'Arrow keys move, Space selects, Shift with arrow keys extends, Enter opens the preview, K plays or pauses, comma and full stop move in the video.',
    ),
  };
}
