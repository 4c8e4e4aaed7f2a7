// Runs schedules of the simulation: node <bundle> <first seed> <at least> <at most> <for how long, ms> [verbose]
// Ends with one line of JSON: what they came to, and the first that failed.
import { theMachine } from './simulation/machine';
import { Schedule, type Tally } from './simulation/schedule';

export interface SimulationReport {
  schedules: number;
  ms: number;
  tally: Tally;
  failure?: { seed: number; message: string; log: string[] };
}

const [firstSeed = 1, atLeast = 1, atMost = 1, limitMs = 20_000] = process.argv.slice(2, 6).map(Number);
const verbose = process.argv[6] === 'verbose';
const report: SimulationReport = {
  schedules: 0,
  ms: 0,
  tally: { steps: 0, kills: 0, powerCuts: 0, intents: 0, charged: 0, questions: 0, ends: {}, faults: {} },
};
let uncaught: unknown;
process.on('unhandledRejection', (error) => {
  uncaught ??= error;
});
process.on('uncaughtException', (error) => {
  uncaught ??= error;
});
const realNow = performance.now.bind(performance);
const startedAt = realNow();
// What the core asks of the real world: whether a part file is older than the machine's start, and how long an answer may
// take, which `service.ts` measures on the clock of the machine.
Date.now = () => theMachine().wall();
AbortSignal.timeout = () => new AbortController().signal;

while (report.schedules < atLeast || (report.schedules < atMost && realNow() - startedAt < limitMs)) {
  const seed = firstSeed + report.schedules;
  const schedule = new Schedule(seed);
  try {
    const { ends, faults, ...sums } = await schedule.run();
    await new Promise((resolve) => setImmediate(resolve));
    if (uncaught !== undefined) {
      throw uncaught as Error;
    }
    for (const [name, value] of Object.entries(sums)) {
      report.tally[name as keyof typeof sums] += value;
    }
    add(report.tally.ends, ends);
    add(report.tally.faults, faults);
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    report.failure = { seed, message, log: verbose ? schedule.log : schedule.log.slice(-40) };
    report.schedules++;
    break;
  }
  report.schedules++;
}

function add(to: Record<string, number>, more: Record<string, number>): void {
  for (const [name, value] of Object.entries(more)) {
    to[name] = (to[name] ?? 0) + value;
  }
}

report.ms = Math.round(realNow() - startedAt);
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit();
