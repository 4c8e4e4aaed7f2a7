import type { TaskRecord } from './taskRecord';

/** The position of a task among those that continue one another. */
export interface Take {
  /** The record id of the first of them, which may have been removed. */
  readonly chain: string;
  /** Counts from 1 along the chain. Two tasks that continue the same one have the same number. */
  readonly number: number;
  /** Tells those with the same number apart, from 1 by age; absent when there is only one. */
  readonly variant?: number;
  /** The record id of the task that it continues, which may have been removed; absent for the first. */
  readonly parent?: string;
}

export interface Chains {
  takeOf(id: string): Take | undefined;
  /** The tasks of a chain that are still in the list, by number and age; none for an unknown one. */
  takesOf(chain: string): readonly string[];
}

type Link = Pick<TaskRecord, 'id'> & { request: { firstFrame?: { from?: { task: string } | undefined } | undefined } };

/** Returns the record id of the task whose video the first frame was taken from. */
export function getParent({ id, request }: Link): string | undefined {
  const parent = request.firstFrame?.from?.task;
  return parent === id ? undefined : parent;
}

/**
 * Computes which tasks continue which. Records may come from an import, so anything is accepted: missing tasks are counted
 * as if they were there, and a cycle begins with its smallest id. Takes linear time.
 */
export function getChains(records: readonly Link[]): Chains {
  const places = getPlaces(getParents(records));
  const members = new Map<string, string[]>();
  for (const { id } of records) {
    const place = places.get(id);
    if (place) {
      listAt(members, place.chain).push(id);
    }
  }
  const takes = new Map<string, Take>();
  for (const ids of members.values()) {
    // Ids sort by time of creation.
    ids.sort((a, b) => places.get(a)!.number - places.get(b)!.number || (a < b ? -1 : 1));
    ids.forEach((id, index) => {
      const place = places.get(id)!;
      const before = index > 0 ? takes.get(ids[index - 1]!) : undefined;
      const isTwin = before?.number === place.number;
      const hasTwin = isTwin || (index + 1 < ids.length && places.get(ids[index + 1]!)?.number === place.number);
      takes.set(id, hasTwin ? { ...place, variant: isTwin ? before.variant! + 1 : 1 } : place);
    });
  }
  return { takeOf: (id) => takes.get(id), takesOf: (chain) => members.get(chain) ?? [] };
}

function getParents(records: readonly Link[]): Map<string, string> {
  const parents = new Map<string, string>();
  for (const record of records) {
    const parent = getParent(record);
    if (parent !== undefined) {
      parents.set(record.id, parent);
    }
  }
  return parents;
}

/** The positions of all tasks that continue another one, and of all that are continued, missing ones included. */
function getPlaces(parents: Map<string, string>): Map<string, Take> {
  const places = new Map<string, Take>();
  for (const id of [...parents.keys()]) {
    const path = new Set<string>();
    let at = id;
    while (!places.has(at)) {
      if (path.has(at)) {
        // A cycle is cut before its smallest id, which then begins a chain.
        const cycle = [...path].slice([...path].indexOf(at));
        parents.delete(cycle.reduce((least, one) => (one < least ? one : least)));
        path.clear();
        at = id;
      }
      path.add(at);
      const parent = parents.get(at);
      if (parent === undefined) {
        places.set(at, { chain: at, number: 1 });
      } else {
        at = parent;
      }
    }
    for (const one of [...path].reverse()) {
      const parent = parents.get(one);
      const before = parent === undefined ? undefined : places.get(parent);
      if (parent !== undefined && before && !places.has(one)) {
        places.set(one, { chain: before.chain, number: before.number + 1, parent });
      }
    }
  }
  return places;
}

function listAt<K, V>(lists: Map<K, V[]>, key: K): V[] {
  let list = lists.get(key);
  if (!list) {
    list = [];
    lists.set(key, list);
  }
  return list;
}
