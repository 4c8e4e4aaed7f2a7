import { parseModelId, type Resolution } from '../../api/models';

/** How long a generation usually takes, minutes. */
export interface TypicalTime {
  fromMinutes: number;
  toMinutes: number;
}

/** Assumed: the middle for a video of five seconds, seconds. The service documents none. */
const MIDDLE: Record<Resolution, number> = { '480P': 40, '720P': 60, '1080P': 100, '4K': 240 };
/** Where an id says nothing of them. */
const [USUAL_RESOLUTION, USUAL_SECONDS] = ['1080P', 5] as const;

/** Assumed: how much longer a family takes than Seedance 1 Pro. The first that fits counts. */
const FAMILIES: readonly [family: RegExp, factor: number][] = [
  [/-fast(-|$)/, 0.5],
  [/-lite(-|$)/, 0.7],
  [/^seedance-2(-|$)/, 2],
  [/-audio$/, 1.5],
];

/** From half of the middle to twice as much: services are busy at times. */
const SPREAD = 2;

/**
 * Built-in figures, for a computer that has seen too few generations to know its own (`durationModel.ts`). `undefined`
 * for a model of another maker.
 */
export function getTypicalTime(model: string): TypicalTime | undefined {
  const name = parseModelId(model);
  if (!name) {
    return undefined;
  }
  const factor = FAMILIES.find(([family]) => family.test(name.family))?.[1] ?? 1;
  // A longer video takes longer, but queue and start-up do not grow with it.
  const length = (1 + (name.seconds ?? USUAL_SECONDS) / USUAL_SECONDS) / 2;
  const middle = (MIDDLE[name.resolution ?? USUAL_RESOLUTION] * factor * length) / 60;
  const fromMinutes = Math.max(1, Math.round(middle / SPREAD));
  return { fromMinutes, toMinutes: Math.max(fromMinutes + 1, Math.round(middle * SPREAD)) };
}
