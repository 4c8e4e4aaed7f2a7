/** Asks little: questions per video and delay, in numbers; see `simulation.ts`. */
import type { Figure } from './report';
import { cost, fixed, follow, optimum, ours, oursAtDelay, sample } from './simulation';

const claim = 'asks little';
const TASKS = 5_000;
const EARLIER = 200;

export function pollingCost(): Figure[] {
  const tasks = sample(TASKS, EARLIER, 20_260_601);
  const learned = follow(tasks.durations, ours(tasks));
  const best = follow(tasks.durations, optimum());
  const figures: Figure[] = [
    { claim, what: 'requests per video', value: learned.requests, unit: '', limit: { atMost: 9 } },
    { claim, what: 'mean delay', value: learned.delay, unit: 's', limit: { atMost: 2 } },
    { claim, what: 'optimum: requests', value: best.requests, unit: '' },
    { claim, what: 'optimum: mean delay', value: best.delay, unit: 's' },
    { claim, what: 'cost beside the optimum', value: cost(learned) / cost(best), unit: '×', limit: { atMost: 1.15 } },
  ];
  for (const [name, ask] of Object.entries(fixed(tasks))) {
    const theirs = follow(tasks.durations, ask);
    const same = oursAtDelay(tasks, theirs.delay);
    figures.push(
      { claim, what: `${name}: requests`, value: theirs.requests, unit: '' },
      { claim, what: `${name}: mean delay`, value: theirs.delay, unit: 's' },
      { claim, what: `ours at that delay (${same.delay.toFixed(2)} s): requests`, value: same.requests, unit: '' },
      {
        claim,
        what: 'share of their requests',
        value: same.requests / theirs.requests,
        unit: '×',
        limit: { atMost: 0.6 },
      },
    );
  }
  return figures;
}
