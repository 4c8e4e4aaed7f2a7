import { concernsAll, findCircles } from './check';
import type { Problem } from './problem';
import type { ResolvedShot, ResolvedStoryboard } from './resolve';

/** How far a shot is, by its tasks. A chosen take in the file makes it `done`, wherever it was generated. */
export type ShotProgress =
  /** No task, or none that counts. */
  | 'missing'
  /** There is a finished video. */
  | 'done'
  /** A task is a draft, being sent, waiting or running. */
  | 'underway'
  /** It may have been sent and charged: never sent again without the user. */
  | 'unknown'
  /** The last task was refused or failed, and there is no other. */
  | 'failed'
  /** The service refused the very text of the shot for its content. Repeating that may get an account suspended (documented). */
  | 'refused';

/** Why a shot cannot be sent, although it is missing. */
export type StuckReason =
  /** It has no text. */
  | 'no-prompt'
  /** Something is wrong with it in the file; see the problems. */
  | 'problem'
  /** Its own task is `unknown`. */
  | 'unknown'
  /** It failed, and the run that goes on does not repeat it. */
  | 'failed'
  /** The service refused its text, which is still the same. */
  | 'refused'
  /** The shot that it continues has no take and will get none: for the reason of that shot. */
  | 'source';

export type StepState =
  /** Nothing to do. */
  | { kind: 'done' }
  | { kind: 'skipped' }
  | { kind: 'underway' }
  /** Can be sent at once. */
  | { kind: 'send' }
  /** Is sent as soon as the shot with index `on` has a take. */
  | { kind: 'wait'; on: number }
  | { kind: 'stuck'; reason: StuckReason; /** The shot that everything waits for, by index. */ on?: number };

export interface PlanStep {
  shot: ResolvedShot;
  state: StepState;
  /** Roubles; `undefined` when unknown, and for what is not sent. */
  price?: number | undefined;
  /** The shot whose last frame it begins with; absent where it has an image or nothing. */
  continues?: number | undefined;
}

/** What generating the missing shots of a storyboard means, before anything is sent. */
export interface RunPlan {
  /** All shots, in the order of the file. */
  steps: readonly PlanStep[];
  /** Indices of those that are sent, in an order in which each comes after what it waits for. */
  order: readonly number[];
  /** Roubles, of all with a known price. */
  sum: number;
  /** How many are sent without a known price. */
  unpriced: number;
  /** Keep everything from being sent: git's marks, front matter that cannot be read, a text that is too long. */
  blockers: readonly Problem[];
}

export interface PlanInput {
  resolved: ResolvedStoryboard;
  /** Of `checkStoryboard`, for the same text. */
  problems: readonly Problem[];
  progressOf: (shot: ResolvedShot) => ShotProgress;
  /** Roubles for one generation; `undefined` when unknown. */
  priceOf: (model: string) => number | undefined;
  /** Only this shot, and what has to be there before it. */
  only?: number | undefined;
  /** One more take of such a shot, whatever there is of it; but not while it may have been charged, and not of a refused text. */
  again?: ((shot: ResolvedShot) => boolean) | undefined;
  /** A run that goes on by itself does not repeat what was refused meanwhile; one that the user starts does. */
  keepsFailed?: ((shot: ResolvedShot) => boolean) | undefined;
}

/** Pure: the same file and the same tasks give the same plan. */
export function planRun({ resolved, problems, progressOf, priceOf, only, again, keepsFailed }: PlanInput): RunPlan {
  const { shots } = resolved;
  const wrong = new Set(problems.flatMap(({ severity, shot }) => (severity === 'error' ? (shot ?? []) : [])));
  findCircles(shots).forEach((_, index) => wrong.add(index));
  const states = new Map<number, StepState>();
  const order: number[] = [];

  const ownState = (index: number): StepState | undefined => {
    const shot = shots[index]!;
    const known = progressOf(shot);
    const progress =
      again?.(shot) === true && known !== 'unknown' && known !== 'refused' ? 'missing' : shot.take ? 'done' : known;
    if (progress === 'done') {
      return { kind: 'done' };
    }
    if (progress === 'underway') {
      return { kind: 'underway' };
    }
    if (shot.isSkipped && index !== only) {
      return { kind: 'skipped' };
    }
    if (progress === 'unknown') {
      return { kind: 'stuck', reason: 'unknown' };
    }
    if (progress === 'refused') {
      return { kind: 'stuck', reason: 'refused' };
    }
    if (progress === 'failed' && keepsFailed?.(shot) === true) {
      return { kind: 'stuck', reason: 'failed' };
    }
    if (shot.prompt === '') {
      return { kind: 'stuck', reason: shot.shot.unread ? 'problem' : 'no-prompt' };
    }
    return wrong.has(index) ? { kind: 'stuck', reason: 'problem' } : undefined;
  };

  const settle = (index: number, state: StepState) => {
    states.set(index, state);
    if (state.kind === 'send' || state.kind === 'wait') {
      order.push(index);
    }
  };

  for (let start = 0; start < shots.length; start++) {
    // Up the chain to what is settled; no recursion, for a chain may be thousands of shots long.
    const chain = new Set<number>();
    for (let at: number | undefined = start; at !== undefined && !states.has(at); at = shots[at]!.continues) {
      const own = ownState(at);
      if (own) {
        settle(at, own);
        break;
      }
      if (chain.has(at)) {
        break;
      }
      chain.add(at);
    }
    for (const index of [...chain].reverse()) {
      const on = shots[index]!.continues;
      settle(index, on === undefined ? { kind: 'send' } : stateBehind(on, states.get(on)));
    }
  }

  const wanted = only === undefined ? undefined : collectChain(shots, only, states);
  const isWanted = (index: number) => wanted === undefined || wanted.has(index);
  const blockers = problems.filter(concernsAll);
  const sent = blockers.length > 0 ? [] : order.filter(isWanted);
  const prices = sent.map((index) => priceOf(shots[index]!.model));
  const priceByIndex = new Map(sent.map((index, place) => [index, prices[place]]));
  return {
    steps: shots.map((shot, index) => {
      const price = priceByIndex.get(index);
      const state = states.get(index)!;
      return {
        shot,
        state,
        ...(price === undefined ? {} : { price }),
        ...(shot.continues === undefined ? {} : { continues: shot.continues }),
      };
    }),
    order: sent,
    // In kopecks, so that ten times 22.4 is 224.
    sum: prices.reduce<number>((sum, price) => sum + Math.round((price ?? 0) * 100), 0) / 100,
    unpriced: prices.filter((price) => price === undefined).length,
    blockers,
  };
}

function stateBehind(on: number, source: StepState | undefined): StepState {
  switch (source?.kind) {
    case 'done':
      return { kind: 'send' };
    case 'send':
    case 'wait':
    case 'underway':
      return { kind: 'wait', on };
    case 'stuck':
      return { kind: 'stuck', reason: 'source', on: source.on ?? on };
    case 'skipped':
    case undefined:
      return { kind: 'stuck', reason: 'source', on };
  }
}

/** A shot that is to be sent, and what is sent before it. */
function collectChain(
  shots: readonly ResolvedShot[],
  index: number,
  states: ReadonlyMap<number, StepState>,
): Set<number> {
  const chain = new Set<number>();
  for (let at: number | undefined = index; at !== undefined; at = shots[at]?.continues) {
    const kind = states.get(at)?.kind;
    if (kind !== 'send' && kind !== 'wait') {
      break;
    }
    chain.add(at);
  }
  return chain;
}
