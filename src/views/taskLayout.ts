import { chainsOf } from '../tasks/chains';
import type { TaskRecord } from '../tasks/record';
import type { ChainFacts, TakeFacts } from './taskPresentation';

/** A row at the root of the tree: a task's id, or a chain whose takes are rows below it. */
export type Row = string | { readonly chain: string };

/** What stands where in the tree, for one list of tasks. */
export interface Layout {
  /** Newest first; a chain stands where its newest take would. */
  readonly rows: readonly Row[];
  /** Where in `rows` something is; a task below a chain is where the chain is. */
  placeOf(row: Row): number | undefined;
  /** The chain below whose row a task stands. */
  groupOf(id: string): string | undefined;
  takesOf(chain: string): readonly string[];
  /** The task that gives a row its place. */
  newestOf(row: Row | undefined): TaskRecord | undefined;
  /** What a chain's row is made of; `undefined` when it has just gone. */
  chainFacts(chain: string): Omit<ChainFacts, 'around'> | undefined;
  /** Where a task stands among its takes. */
  takeFacts(id: string): TakeFacts | undefined;
}

/**
 * @param isGrouped whether chains are rows; one that has lost all but one of its takes is none
 * @param get a record as it is now: a layout outlives what happens to its tasks
 */
export function layOut(records: readonly TaskRecord[], isGrouped: boolean, get: (id: string) => TaskRecord | undefined): Layout {
  const chains = chainsOf(records);
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
  const newestOf = (row: Row | undefined) =>
    get((typeof row === 'string' || row === undefined ? row : groups.get(row.chain)?.newest) ?? '');
  return {
    rows,
    placeOf: (row) => (typeof row === 'string' ? places.get(row) : groups.get(row.chain)?.place),
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
