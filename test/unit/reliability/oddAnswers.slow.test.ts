import assert from 'node:assert/strict';
import { INTENT, KEY, withHarness } from '../../support/harness';

const HOUR_MS = 60 * 60_000;
const SEEDS = Number(process.env['SEEDANCE_ODD_SEEDS'] ?? 12);
const INTENTS = 8;

/** Over real HTTP: the emulator makes each answer odd in a random way, for hours, and then stops. */
describe('odd answers', function () {
  this.timeout(240_000);

  for (let seed = 1; seed <= SEEDS; seed++) {
    it(
      `seed ${seed}: no task is lost, charged twice, ended wrongly or asked about without end`,
      withHarness(async (harness) => {
        const { emulator, polling, store } = harness;
        const { ledger, tasks, faults } = emulator;
        let pauses = 0;
        polling.onDidChangePause(() => pauses++);
        faults.add({ kind: 'odd', seed, times: 'always', match: { route: 'create' } });
        // Before the task is over, and after it.
        faults.add({ kind: 'odd', seed: seed + 1_000, times: 'always', probability: 0.8, match: { route: 'result' } });
        const prompts = Array.from({ length: INTENTS }, (_, index) => `a cat ${seed}/${index}`);
        await harness.run(harness.generate.generate(prompts.map((prompt) => ({ ...INTENT, prompt }))));
        await harness.clock.pass(HOUR_MS / 2);
        const asked = ledger.results().length;
        assert.ok(asked < INTENTS * 120, `${asked} questions in half an hour`);
        faults.clear();
        await harness.clock.pass(HOUR_MS);

        assert.equal(pauses, 0, 'no key was refused');
        assert.deepEqual([store.list().length, ledger.creates().length, ledger.charged().length], [8, 8, 8]);
        for (const record of store.list()) {
          const task = tasks.all().find(({ prompt }) => prompt === record.request.prompt)!;
          const about = `${record.request.prompt} is ${record.state}: ${JSON.stringify(record.error)}`;
          if (record.gatewayId === undefined) {
            // Nothing of the id came. What did come is with the task, for the user to see.
            assert.equal(record.state, 'unknown', about);
            assert.ok(!JSON.stringify(record.error).includes(task.id), about);
          } else {
            assert.equal(record.gatewayId, task.id, about);
            assert.equal(record.state, 'done', about);
            assert.ok(record.localCopy, about);
          }
        }
        const found = store.list().filter(({ gatewayId }) => gatewayId !== undefined).length;
        assert.ok(found >= 1, 'some ids came');
        assert.ok(!harness.log.some((line) => line.includes(KEY) || prompts.some((prompt) => line.includes(prompt))));
      }),
    );
  }
});
