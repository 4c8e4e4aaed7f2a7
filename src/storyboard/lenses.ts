import type { PlanStep, RunPlan, StuckReason } from './plan';
import type { Problem } from './problem';
import type { WaitingShot } from './storyboardRuns';

/** What several generations cost together. */
export interface LensSum {
  count: number;
  /** Roubles, of all with a known price. */
  sum: number;
  /** How many have none. */
  unpriced: number;
}

/** What stands over a shot or over the title, as data. Words and commands are given to it elsewhere. */
export type Lens = { /** The offset of the heading that it stands over. */ at: number } & (
  | ({ kind: 'generate-missing' } & LensSum)
  /** Shots that continue a video which is being generated, and no run of this window sends them when it is there. */
  | ({ kind: 'go-on'; source: string } & LensSum)
  /** A run of this window goes on: what it waits for. */
  | {
      kind: 'run';
      count: number;
      sources: readonly string[];
      /** Of the first of them. */ sourceAt: number | undefined;
    }
  | { kind: 'stop' }
  /** Takes whose shots are no longer in the file. */
  | { kind: 'loose-takes'; count: number }
  /** @property after the shot that it begins where, which is being generated */
  | {
      kind: 'generate';
      shot: number;
      price: number | undefined;
      seconds: number | undefined;
      after?: string | undefined;
    }
  /** One more take of a shot that has one. */
  | { kind: 'another'; shot: number; price: number | undefined; seconds: number | undefined }
  /** A shot, and what has to be generated before it. */
  | ({ kind: 'generate-chain'; shot: number } & LensSum)
  | { kind: 'underway'; shot: number }
  /** A run of this window sends it as soon as the other one has a video. */
  | { kind: 'waits'; shot: number; source: string; sourceAt: number | undefined }
  | { kind: 'stuck'; shot: number; reason: StuckReason; source?: string | undefined; sourceAt?: number | undefined }
  /** The last task was refused or failed. It can be generated again all the same. */
  | { kind: 'failed'; shot: number }
  /** @property count of finished ones; 0 where the file chooses a video that is no task of this list */
  | { kind: 'takes'; shot: number; count: number }
  | { kind: 'compare'; shot: number }
  | { kind: 'continues'; shot: number; source: string; /** Of its heading. */ sourceAt: number }
);

export interface LensInput {
  plan: RunPlan;
  /** As the plan was made with. */
  problems: readonly Problem[];
  priceOf: (model: string) => number | undefined;
  /** The title of the film, or where the file begins. */
  titleAt: number;
  /** How many finished takes a shot has, by its index. */
  takesOf: (shot: number) => number;
  /** Whether a take of a shot is being generated, also beside others. */
  isUnderway: (shot: number) => boolean;
  /** Whether the last task of a shot failed and it has nothing else. */
  hasFailed: (shot: number) => boolean;
  /** How many takes belong to no shot. */
  looseTakes: number;
  /** Of the runs of this window. */
  waiting: readonly WaitingShot[];
  /** Files that cannot be written, such as an earlier version in git, are looked at only. */
  isReadOnly?: boolean | undefined;
}

/** More cannot be compared at once. */
const MAX_COMPARED = 4;

/** Lenses in the order of the file. They change with the tasks and the headings, not with each key. */
export function getLenses(input: LensInput): Lens[] {
  const { plan, takesOf, hasFailed, isUnderway, waiting, priceOf } = input;
  const { steps, blockers } = plan;
  const canGenerate = blockers.length === 0 && input.isReadOnly !== true;
  const wrong = new Set(input.problems.flatMap(({ severity, shot }) => (severity === 'error' ? (shot ?? []) : [])));
  const inRun = findWaiting(steps, waiting);
  const chains = canGenerate ? sumChains(plan) : new Map<number, LensSum>();
  const lenses = getTitleLenses(input, inRun, canGenerate);
  for (const [index, step] of steps.entries()) {
    const { shot } = step.shot;
    const at = shot.heading.start;
    const source = step.continues === undefined ? undefined : steps[step.continues]?.shot.shot;
    const isWaiting = inRun.has(index) && (step.state.kind === 'send' || step.state.kind === 'wait');
    if (isWaiting) {
      const run = inRun.get(index)!;
      lenses.push({ at, kind: 'waits', shot: index, source: run.source, sourceAt: source?.heading.start });
    } else {
      lenses.push(...getState(step, index));
    }
    if (hasFailed(index)) {
      lenses.push({ at, kind: 'failed', shot: index });
    }
    const count = takesOf(index);
    if (count > 0 || step.shot.take) {
      lenses.push({ at, kind: 'takes', shot: index, count });
    }
    if (count > 1 && count <= MAX_COMPARED) {
      lenses.push({ at, kind: 'compare', shot: index });
    }
    if (source && !isWaiting) {
      lenses.push({ at, kind: 'continues', shot: index, source: source.label, sourceAt: source.heading.start });
    }
  }
  return lenses;

  function getState({ state, price, continues, shot: own }: PlanStep, index: number): Lens[] {
    const { seconds, shot, model, prompt } = own;
    const at = shot.heading.start;
    if (isUnderway(index)) {
      return [{ at, kind: 'underway', shot: index }];
    }
    switch (state.kind) {
      case 'send':
        return canGenerate ? [{ at, kind: 'generate', shot: index, price, seconds }] : [];
      case 'underway':
        return [{ at, kind: 'underway', shot: index }];
      case 'wait': {
        const chain = chains.get(index);
        if (!chain) {
          return [];
        }
        return chain.count === 1
          ? [{ at, kind: 'generate', shot: index, price, seconds, after: nameOf(steps, continues) }]
          : [{ at, kind: 'generate-chain', shot: index, ...chain }];
      }
      case 'stuck':
        // What is wrong in the file is told there, at the words.
        return state.reason === 'problem' || state.reason === 'no-prompt'
          ? []
          : [
              {
                at,
                kind: 'stuck',
                shot: index,
                reason: state.reason,
                ...(state.on === undefined
                  ? {}
                  : { source: nameOf(steps, state.on), sourceAt: steps[state.on]?.shot.shot.heading.start }),
              },
            ];
      case 'done': {
        const canBegin = continues === undefined || steps[continues]?.state.kind === 'done';
        return canGenerate && canBegin && prompt !== '' && !wrong.has(index) && !own.isSkipped
          ? [{ at, kind: 'another', shot: index, price: priceOf(model), seconds }]
          : [];
      }
      case 'skipped':
        return [];
    }
  }
}

function getTitleLenses(
  { plan, titleAt, looseTakes, waiting }: LensInput,
  inRun: ReadonlyMap<number, WaitingShot>,
  canGenerate: boolean,
): Lens[] {
  const { steps, order } = plan;
  const lenses: Lens[] = [];
  if (waiting.length > 0) {
    const sources = [...new Set(waiting.map(({ source }) => source))];
    const first = [...inRun.keys()].map((index) => steps[index]?.continues).find((index) => index !== undefined);
    const sourceAt = first === undefined ? undefined : steps[first]?.shot.shot.heading.start;
    lenses.push({ at: titleAt, kind: 'run', count: waiting.length, sources, sourceAt }, { at: titleAt, kind: 'stop' });
  }
  const open = canGenerate ? order.filter((index) => !inRun.has(index)) : [];
  const onUnderway = findBehindUnderway(plan);
  const behind = open.filter((index) => onUnderway.has(index));
  if (behind.length > 0) {
    const source = nameOf(steps, onUnderway.get(behind[0]!));
    lenses.push({ at: titleAt, kind: 'go-on', source, ...sumOf(steps, behind) });
  }
  if (open.length > behind.length) {
    lenses.push({ at: titleAt, kind: 'generate-missing', ...sumOf(steps, open) });
  }
  if (looseTakes > 0) {
    lenses.push({ at: titleAt, kind: 'loose-takes', count: looseTakes });
  }
  return lenses;
}

function nameOf(steps: readonly PlanStep[], index: number | undefined): string {
  return index === undefined ? '' : (steps[index]?.shot.shot.label ?? '');
}

/** The shots of a run as they are in the file now. */
function findWaiting(steps: readonly PlanStep[], waiting: readonly WaitingShot[]): Map<number, WaitingShot> {
  const toKey = ({ label, title }: { label: string; title: string }) => `${label}\0${title}`;
  const byKey = new Map(waiting.map((shot) => [toKey(shot), shot]));
  return new Map(
    steps.flatMap(({ shot: { identity } }, index): [number, WaitingShot][] => {
      const shot = byKey.get(toKey(identity));
      return shot ? [[index, shot]] : [];
    }),
  );
}

/** The shots whose chain begins with one that is being generated, and which that is. */
function findBehindUnderway({ steps, order }: RunPlan): Map<number, number> {
  const found = new Map<number, number>();
  // In this order each shot comes after what it waits for.
  for (const index of order) {
    const { state } = steps[index]!;
    const on = state.kind === 'wait' ? state.on : undefined;
    const root = on === undefined ? undefined : steps[on]?.state.kind === 'underway' ? on : found.get(on);
    if (root !== undefined) {
      found.set(index, root);
    }
  }
  return found;
}

/** What each shot costs together with what is sent before it. */
function sumChains({ steps, order }: RunPlan): Map<number, LensSum> {
  const sums = new Map<number, LensSum>();
  for (const index of order) {
    const { state } = steps[index]!;
    const own = sumOf(steps, [index]);
    const before = state.kind === 'wait' ? sums.get(state.on) : undefined;
    sums.set(
      index,
      before
        ? {
            count: own.count + before.count,
            sum: addRoubles(own.sum, before.sum),
            unpriced: own.unpriced + before.unpriced,
          }
        : own,
    );
  }
  return sums;
}

function sumOf(steps: readonly PlanStep[], indices: readonly number[]): LensSum {
  const prices = indices.map((index) => steps[index]?.price);
  return {
    count: indices.length,
    sum: prices.reduce<number>((sum, price) => addRoubles(sum, price ?? 0), 0),
    unpriced: prices.filter((price) => price === undefined).length,
  };
}

/** In kopecks, so that ten times 22.4 is 224. */
function addRoubles(a: number, b: number): number {
  return Math.round((a + b) * 100) / 100;
}
