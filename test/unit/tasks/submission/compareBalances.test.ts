import assert from 'node:assert/strict';
import { KEY, withHarness, type TestHarness } from '../../../support/harness';

/** What the question about an order does: the balance is known when it is sent. */
async function look(harness: TestHarness): Promise<void> {
  const { balance } = await harness.run(harness.apiClient.balance({ key: KEY }));
  harness.generate.noteBalance(KEY, balance, 0);
}

const balanceOf = (harness: TestHarness, id: string) => {
  const { before, after, isMixed } = harness.get(id).balance ?? {};
  return { before, after, isMixed };
};
const asked = (harness: TestHarness) =>
  harness.emulator.ledger.entries.filter(({ route }) => route === 'balance').length;
const creates = (harness: TestHarness) => harness.emulator.ledger.creates().length;
const compared = (harness: TestHarness, id: string) =>
  harness.clock.until(() => harness.get(id).balance?.after !== undefined, 'the balance to be compared');
const loseAnswers = (harness: TestHarness) =>
  harness.emulator.faults.add({ kind: 'resetAfterRead', match: { route: 'create' } });

describe('the balance around a lost answer', () => {
  it(
    'is compared, and changes nothing but the hint',
    withHarness(async (harness) => {
      await look(harness);
      loseAnswers(harness);
      const { id, state } = await harness.make();
      assert.equal(state, 'unknown');
      await compared(harness, id);
      assert.deepEqual(balanceOf(harness, id), { before: 10_000, after: 9_988, isMixed: undefined });
      assert.deepEqual(
        { state: harness.get(id).state, gatewayId: harness.get(id).gatewayId, creates: creates(harness) },
        { state: 'unknown', gatewayId: undefined, creates: 1 },
      );
    }),
  );

  it(
    'is the same where nothing was charged',
    withHarness(async (harness) => {
      await look(harness);
      harness.emulator.faults.add({ kind: 'resetBeforeCharge', match: { route: 'create' } });
      const { id } = await harness.make();
      await compared(harness, id);
      assert.deepEqual(balanceOf(harness, id), { before: 10_000, after: 10_000, isMixed: undefined });
    }),
  );

  it(
    'is not asked for where it was not known before, or long ago',
    withHarness(async (harness) => {
      loseAnswers(harness);
      const first = await harness.make();
      await look(harness);
      await harness.clock.pass(16 * 60_000);
      const second = await harness.make();
      await harness.clock.pass(5 * 60_000);
      assert.equal(asked(harness), 1, 'only by the user');
      for (const { id } of [first, second]) {
        assert.equal(harness.get(id).balance, undefined);
      }
    }),
  );

  it(
    'says that other orders may be part of it: on their way before, sent in between, or removed since',
    withHarness(async (harness) => {
      const onItsWay = await harness.make({ prompt: 'on its way' });
      await look(harness);
      harness.emulator.faults.add({ kind: 'resetAfterRead', match: { route: 'create', nth: 1 } });
      const first = await harness.make();
      await compared(harness, first.id);
      assert.equal(balanceOf(harness, first.id).isMixed, true, onItsWay.state);
      await harness.until(onItsWay.id, 'done');
      await harness.clock.pass(2 * 60 * 60_000);

      await look(harness);
      const between = await harness.make({ prompt: 'between' });
      await harness.until(between.id, 'done');
      await harness.run(harness.store.remove(between.id));
      harness.emulator.faults.add({ kind: 'resetAfterRead', match: { route: 'create', nth: 1 } });
      const second = await harness.make();
      await compared(harness, second.id);
      assert.equal(balanceOf(harness, second.id).isMixed, true);
    }),
  );

  it(
    'is not mixed with what was refused, or was over before',
    withHarness(async (harness) => {
      const over = await harness.make({ prompt: 'over' });
      await harness.until(over.id, 'done');
      await harness.clock.pass(1_000);
      await look(harness);
      harness.emulator.faults.add({ kind: 'code', code: 1001, match: { route: 'create', nth: 1 } });
      const refused = await harness.make({ prompt: 'refused' });
      assert.equal(refused.state, 'failed');
      assert.equal(refused.balance, undefined, 'nothing to compare');
      loseAnswers(harness);
      const { id } = await harness.make();
      await compared(harness, id);
      assert.deepEqual(balanceOf(harness, id), { before: 9_988, after: 9_976, isMixed: undefined });
    }),
  );

  it(
    'is asked for again where the connection was lost, and when the user checks; a clear hint stays',
    withHarness(async (harness) => {
      await look(harness);
      loseAnswers(harness);
      harness.emulator.faults.add({ kind: 'httpError', status: 502, match: { route: 'balance', nth: 1 } });
      const { id } = await harness.make();
      await compared(harness, id);
      assert.deepEqual(balanceOf(harness, id), { before: 10_000, after: 9_988, isMixed: undefined });
      harness.emulator.faults.clear();
      await harness.make({ prompt: 'later' });
      await harness.run(harness.generate.checkUnknown([id]));
      assert.deepEqual(balanceOf(harness, id), { before: 10_000, after: 9_988, isMixed: undefined });
      assert.equal(creates(harness), 2);
    }),
  );

  it(
    'never holds up the orders that follow, and is over once an id is found',
    withHarness(
      async (harness) => {
        await look(harness);
        harness.emulator.faults.add({ kind: 'resetAfterRead', match: { route: 'create', nth: 1 } });
        harness.emulator.faults.add({ kind: 'hang', match: { route: 'balance' } });
        const records = await harness.run(
          harness.generate.generate(['a', 'b'].map((prompt) => ({ model: 'seedance-1-pro-480P-2s', prompt }))),
        );
        assert.deepEqual(
          records.map(({ state }) => state),
          ['unknown', 'waiting'],
        );
        const [{ id }] = records as [(typeof records)[0]];
        assert.equal(harness.get(id).balance?.after, undefined);
        const [made] = harness.emulator.tasks.all();
        await harness.run(harness.generate.add(made!.id, { bindTo: id }));
        assert.equal(harness.get(id).balance, undefined);
      },
      { timeLimitsMs: { balance: 300 } },
    ),
  );

  it(
    'is compared by the window that finds a dead one’s order',
    withHarness(async (harness) => {
      await look(harness);
      harness.emulator.faults.add({ kind: 'hang', afterCharge: true, match: { route: 'create' } });
      void harness.generate.generate([{ model: 'seedance-1-pro-480P-2s', prompt: 'p', quotedPrice: 12 }]);
      await harness.clock.until(() => harness.emulator.ledger.charged().length === 1, 'the order to be charged');
      const later = await harness.reopen();
      try {
        const { id } = later.store.list()[0]!;
        await later.clock.until(() => later.get(id).balance?.after !== undefined, 'the balance to be compared');
        assert.equal(later.get(id).state, 'unknown');
        assert.deepEqual(balanceOf(later, id), { before: 10_000, after: 9_988, isMixed: undefined });
      } finally {
        later.close();
      }
    }),
  );
});
