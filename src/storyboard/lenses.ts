import type { PlanStep, RunPlan, StuckReason } from './plan';

/** What stands over a shot or over the title, as data. Words and commands are given to it elsewhere. */
export type Lens = { /** The offset of the heading that it stands over. */ at: number } & (
  | { kind: 'generate-missing'; count: number; sum: number; unpriced: number }
  /** Shots whose source is there by now: nothing is sent by itself after a restart. */
  | { kind: 'go-on'; count: number; source: string }
  | { kind: 'generate'; shot: number; price: number | undefined; seconds: number | undefined }
  | { kind: 'underway'; shot: number }
  | { kind: 'waits'; shot: number; source: string }
  | { kind: 'stuck'; shot: number; reason: StuckReason; source?: string | undefined }
  | { kind: 'takes'; shot: number; count: number; hasChosen: boolean }
  | { kind: 'continues'; shot: number; source: string; /** Of its heading. */ sourceAt: number }
);

export interface LensInput {
  plan: RunPlan;
  /** The title of the film, or where the file begins. */
  titleAt: number;
  /** How many takes a shot has, by its index. */
  takesOf: (shot: number) => number;
  /** The shots that wait for a user to go on, by the plan of the run that ended; none without one. */
  waiting?: readonly number[] | undefined;
}

/** Lenses in the order of the file. They change with the tasks and the headings, not with each key. */
export function getLenses({ plan, titleAt, takesOf, waiting = [] }: LensInput): Lens[] {
  const { steps, order, sum, unpriced } = plan;
  const nameOf = (index: number | undefined) => (index === undefined ? '' : (steps[index]?.shot.shot.label ?? ''));
  const lenses: Lens[] = [];
  const ready = waiting.filter((index) => steps[index]?.state.kind === 'send');
  if (ready.length > 0) {
    lenses.push({ at: titleAt, kind: 'go-on', count: ready.length, source: nameOf(steps[ready[0]!]?.continues) });
  }
  if (order.length > 0) {
    lenses.push({ at: titleAt, kind: 'generate-missing', count: order.length, sum, unpriced });
  }
  for (const [index, step] of steps.entries()) {
    const { shot } = step.shot;
    const at = shot.heading.start;
    lenses.push(...getState(step, index, at, nameOf));
    const count = takesOf(index);
    if (count > 0 || step.shot.take) {
      lenses.push({ at, kind: 'takes', shot: index, count, hasChosen: step.shot.take !== undefined });
    }
    const source = step.continues === undefined ? undefined : steps[step.continues]?.shot.shot;
    if (source) {
      lenses.push({ at, kind: 'continues', shot: index, source: source.label, sourceAt: source.heading.start });
    }
  }
  return lenses;
}

function getState(
  { state, price, shot: { seconds } }: PlanStep,
  shot: number,
  at: number,
  nameOf: (index: number | undefined) => string,
): Lens[] {
  switch (state.kind) {
    case 'send':
      return [{ at, kind: 'generate', shot, price, seconds }];
    case 'underway':
      return [{ at, kind: 'underway', shot }];
    case 'wait':
      return [{ at, kind: 'waits', shot, source: nameOf(state.on) }];
    case 'stuck':
      // What is wrong in the file is told there, at the words.
      return state.reason === 'problem' || state.reason === 'no-prompt'
        ? []
        : [
            {
              at,
              kind: 'stuck',
              shot,
              reason: state.reason,
              ...(state.on === undefined ? {} : { source: nameOf(state.on) }),
            },
          ];
    case 'done':
    case 'skipped':
      return [];
  }
}
