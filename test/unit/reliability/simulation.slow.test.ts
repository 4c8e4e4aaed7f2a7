import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';
import { bundleSimulation } from '../../support/simulation/bundle';
import type { SimulationReport } from '../../support/simulationProcess';

/** Another one each time, except in CI: whether a change lands should not depend on luck. */
const SEED = Number(process.env['SEEDANCE_SEED'] ?? (process.env['CI'] ? 20261122 : Date.now() % 1e9));
/** How many; without it as many as fit into the time. */
const SCHEDULES =
  process.env['SEEDANCE_SCHEDULES'] === undefined ? undefined : Number(process.env['SEEDANCE_SCHEDULES']);
const FOR_MS = SCHEDULES === undefined ? 20_000 : 3_600_000;
/** Fewer say nothing; a machine that is busy with other things takes longer for them. */
const AT_LEAST = 200;
/** Seeds of one process do not meet those of the next. */
const SEEDS_APART = 1_000_000;

describe(`simulation (SEEDANCE_SEED=${SEED})`, function () {
  this.timeout(FOR_MS + 200_000);

  it('loses no task, pays for none twice and keeps every video, whatever happens', async () => {
    const script = await bundleSimulation();
    const processes = SCHEDULES === 1 ? 1 : Math.max(1, Math.min(4, availableParallelism()));
    const atLeast = Math.ceil((SCHEDULES ?? AT_LEAST) / processes);
    const atMost = SCHEDULES === undefined ? SEEDS_APART : atLeast;
    const reports = await Promise.all(
      Array.from({ length: processes }, (_, n) => run(script, [SEED + n * SEEDS_APART, atLeast, atMost, FOR_MS])),
    );
    for (const { failure } of reports) {
      if (failure) {
        const again = `SEEDANCE_SEED=${failure.seed} SEEDANCE_SCHEDULES=1 NODE_OPTIONS=--import=tsx npx mocha test/unit/reliability/simulation.slow.test.ts`;
        assert.fail(`${failure.message}\n\n${failure.log.join('\n')}\n\nAgain, step by step the same: ${again}`);
      }
    }
    const sum = (of: (report: SimulationReport) => number): number =>
      reports.reduce((total, report) => total + of(report), 0);
    const schedules = sum((report) => report.schedules);
    const seconds = Math.max(...reports.map(({ ms }) => ms)) / 1000;
    const total = (kind: 'ends' | 'faults'): string => {
      const sums: Record<string, number> = {};
      for (const [name, value] of reports.flatMap(({ tally }) => Object.entries(tally[kind]))) {
        sums[name] = (sums[name] ?? 0) + value;
      }
      return JSON.stringify(sums);
    };
    console.log(
      `      ${schedules} schedules in ${seconds.toFixed(1)} s (${Math.round(schedules / seconds)} a second): ` +
        `${sum(({ tally }) => tally.steps)} steps, ${sum(({ tally }) => tally.kills)} kills, ${sum(({ tally }) => tally.powerCuts)} power cuts, ` +
        `${sum(({ tally }) => tally.intents)} intents, ${sum(({ tally }) => tally.charged)} creates charged, ` +
        `${sum(({ tally }) => tally.questions)} questions`,
    );
    console.log(`      ends: ${total('ends')}`);
    console.log(`      faults of the disk: ${total('faults')}`);
  });
});

async function run(script: string, numbers: number[]): Promise<SimulationReport> {
  const args = ['--enable-source-maps', script, ...numbers.map(String), SCHEDULES === 1 ? 'verbose' : ''];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(await text(child.stdout)) as SimulationReport;
}
