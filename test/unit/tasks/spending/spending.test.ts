import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { TASK_STATES, type TaskRecord } from '../../../../src/tasks/model/taskRecord';
import {
  getAmount,
  getChargeTime,
  getCharge,
  CHARGES,
  getCommittedToday,
  getPeriodSpending,
  getSpending,
} from '../../../../src/tasks/spending/spending';
import { toSpendingCsv } from '../../../../src/tasks/spending/spendingCsv';

const NOW = new Date(2026, 4, 20, 15, 30).getTime();
const HOUR_MS = 60 * 60_000;

function record(facts: Partial<TaskRecord> & { model?: string; prompt?: string } = {}): TaskRecord {
  const { model = 'seedance-1-pro-1080P-5s', prompt = 'a cat', ...rest } = facts;
  return {
    format: 1,
    id: 'a1',
    state: 'done',
    origin: 'generated',
    gatewayId: '687fbd658a5526000178d729',
    createdAt: NOW,
    quotedPrice: 122,
    saved: [],
    request: { model, prompt },
    ...rest,
  };
}

describe('spending', () => {
  it('sums today, 7 days and 30 days by the calendar', () => {
    const at = (...date: [number, number, number, number, number]) =>
      record({ createdAt: new Date(...date).getTime(), quotedPrice: 10 });
    const records = [
      at(2026, 4, 20, 0, 0),
      at(2026, 4, 19, 23, 59),
      at(2026, 4, 14, 0, 0),
      at(2026, 4, 13, 23, 59),
      at(2026, 3, 21, 0, 0),
      at(2026, 3, 20, 23, 59),
    ];
    assert.deepEqual(
      getSpending(records, NOW).map(({ days, total }) => [days, total.tasks, total.roubles]),
      [
        [1, 1, 10],
        [7, 3, 30],
        [30, 5, 50],
      ],
    );
  });

  it('begins days at local midnight where a clock changes', () => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Europe/Berlin';
    try {
      const afterChange = new Date(2026, 2, 30, 12).getTime();
      assert.equal(getPeriodSpending([], 2, afterChange).from, Date.UTC(2026, 2, 28, 23));
      assert.equal(getPeriodSpending([], 1, afterChange).from, Date.UTC(2026, 2, 29, 22));
    } finally {
      if (zone === undefined) {
        delete process.env['TZ'];
      } else {
        process.env['TZ'] = zone;
      }
    }
  });

  it('holds done and failed apart, and what was perhaps charged', () => {
    const [today] = getSpending(
      [
        record(),
        record({ state: 'expired', quotedPrice: 10 }),
        record({ state: 'failed', quotedPrice: 5 }),
        record({ state: 'unknown', gatewayId: undefined, quotedPrice: 3 }),
        record({ state: 'running', quotedPrice: 2 }),
      ],
      NOW,
    );
    assert.ok(today);
    assert.deepEqual(today.done, { tasks: 2, roubles: 132, unpriced: 0 });
    assert.deepEqual(today.failed, { tasks: 1, roubles: 5, unpriced: 0 });
    assert.deepEqual(today.possible, { tasks: 1, roubles: 3, unpriced: 0 });
    assert.deepEqual(today.underway, { tasks: 1, roubles: 2, unpriced: 0 });
    assert.deepEqual(today.total, { tasks: 5, roubles: 142, unpriced: 0 });
  });

  it('leaves out what was certainly not charged', () => {
    const refused = record({ state: 'failed', gatewayId: undefined, error: { kind: 'insufficient-balance', at: NOW } });
    assert.deepEqual(getPeriodSpending([refused, record({ state: 'draft', gatewayId: undefined })], 1, NOW).total, {
      tasks: 0,
      roubles: 0,
      unpriced: 0,
    });
  });

  for (const state of TASK_STATES) {
    it(`knows what ${state} means for the money`, () => {
      const expected = {
        draft: undefined,
        submitting: 'possible',
        unknown: 'possible',
        waiting: 'underway',
        running: 'underway',
        done: 'done',
        failed: 'failed',
        expired: 'done',
      };
      assert.equal(getCharge(record({ state })), expected[state]);
    });
  }

  it('prefers the told cost to the listed price, also a cost of nothing', () => {
    assert.deepEqual(getAmount(record({ cost: 120, quotedPrice: 122 })), { roubles: 120, basis: 'told' });
    assert.deepEqual(getAmount(record({ cost: 0 })), { roubles: 0, basis: 'told' });
    assert.deepEqual(getAmount(record()), { roubles: 122, basis: 'listed' });
    assert.deepEqual(getAmount(record({ quotedPrice: undefined })), { basis: 'unknown' });
    assert.deepEqual(getAmount(record({ cost: -5, quotedPrice: 1e300 })), { basis: 'unknown' });
  });

  it('counts tasks without a price apart and adds nothing for them', () => {
    const { total, models } = getPeriodSpending(
      [record(), record({ quotedPrice: undefined, model: 'wan-2-5' })],
      1,
      NOW,
    );
    assert.deepEqual(total, { tasks: 2, roubles: 122, unpriced: 1 });
    assert.deepEqual(
      models.map(({ model, done }) => [model, done.tasks, done.roubles, done.unpriced]),
      [
        ['seedance-1-pro-1080P-5s', 1, 122, 0],
        ['wan-2-5', 1, 0, 1],
      ],
    );
  });

  it('goes by the time of sending, and for a task made elsewhere by the time in its id', () => {
    assert.equal(getChargeTime(record({ submittedAt: NOW + 5 })), NOW + 5);
    assert.equal(getChargeTime(record({ origin: 'added' })), 0x687fbd65 * 1000);
    assert.equal(getChargeTime(record({ origin: 'added', gatewayId: 'f'.repeat(24) })), NOW);
    assert.equal(getChargeTime(record({ origin: 'added', gatewayId: '0'.repeat(24) })), NOW);
    assert.equal(getChargeTime(record({ origin: 'added', gatewayId: 'of-another-shape' })), NOW);
  });

  it('counts for a budget what is about to be sent', () => {
    const records = [
      record({ state: 'draft', gatewayId: undefined, quotedPrice: 30 }),
      record({ state: 'unknown', gatewayId: undefined, quotedPrice: 20 }),
      record({ quotedPrice: undefined }),
      record({ state: 'failed', gatewayId: undefined }),
      record({ createdAt: NOW - 24 * HOUR_MS }),
    ];
    assert.deepEqual(getCommittedToday(records, NOW), { tasks: 3, roubles: 50, unpriced: 1 });
  });

  it('adds prices without the noise of binary fractions', () => {
    const records = Array.from({ length: 10 }, () => record({ quotedPrice: 0.1 }));
    assert.equal(getPeriodSpending(records, 1, NOW).total.roubles, 1);
    assert.equal(
      getPeriodSpending(
        [record({ quotedPrice: 22.4 }), record({ quotedPrice: 117.6 }), record({ quotedPrice: 52.8 })],
        1,
        NOW,
      ).total.roubles,
      192.8,
    );
  });

  it('any records: parts make the total, models make the whole, longer periods have at least as much', () => {
    const anyRecord = fc
      .record({
        state: fc.constantFrom(...TASK_STATES),
        model: fc.constantFrom('seedance-2', 'wan-2-5', ''),
        ageHours: fc.integer({ min: -2, max: 900 }),
        price: fc.option(fc.integer({ min: 0, max: 500_000 }).map((kopecks) => kopecks / 100)),
        hasId: fc.boolean(),
      })
      .map(({ state, model, ageHours, price, hasId }) =>
        record({
          state,
          model,
          createdAt: NOW - ageHours * HOUR_MS,
          quotedPrice: price ?? undefined,
          gatewayId: hasId ? '687fbd658a5526000178d729' : undefined,
        }),
      );
    const kopecks = (roubles: number) => Math.round(roubles * 100);
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 60 }), (records) => {
        const periods = getSpending(records, NOW);
        let before = { tasks: 0, kopecks: 0 };
        for (const period of periods) {
          const { total, models } = period;
          const groups = CHARGES.map((charge) => period[charge]);
          for (const parts of [groups, models.map((model) => model.total)]) {
            assert.equal(
              parts.reduce((sum, { tasks }) => sum + tasks, 0),
              total.tasks,
            );
            assert.equal(
              parts.reduce((sum, { unpriced }) => sum + unpriced, 0),
              total.unpriced,
            );
            assert.equal(
              parts.reduce((sum, { roubles }) => sum + kopecks(roubles), 0),
              kopecks(total.roubles),
            );
          }
          assert.ok(total.tasks >= before.tasks && kopecks(total.roubles) >= before.kopecks);
          before = { tasks: total.tasks, kopecks: kopecks(total.roubles) };
        }
      }),
    );
  });
});

/** As a spreadsheet that knows RFC 4180 reads it. */
function readCsv(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char === '"' && text[i + 1] === '"') {
        cell += '"';
        i++;
      } else if (char === '"') {
        quoted = false;
      } else {
        cell += char;
      }
    } else if (char === '"') {
      quoted = true;
    } else if (char === separator) {
      row.push(cell);
      cell = '';
    } else if (char === '\r' && text[i + 1] === '\n') {
      rows.push([...row, cell]);
      row = [];
      cell = '';
      i++;
    } else {
      cell += char;
    }
  }
  return rows;
}

/** As a spreadsheet that is set to another separator splits it, knowing nothing of quotes. */
const splitCarelessly = (text: string) => text.split(/[,;\t\r\n|]/);

describe('spending as CSV', () => {
  const body = (csv: string, separator = ',') => readCsv(csv.replace(/^\ufeff/, ''), separator);

  it('has a row a task, oldest first, amounts as numbers', () => {
    const csv = toSpendingCsv([
      record({ createdAt: new Date(2026, 4, 20, 9, 5, 7).getTime(), cost: 120.5 }),
      record({
        createdAt: new Date(2026, 4, 2).getTime(),
        state: 'failed',
        quotedPrice: undefined,
        prompt: 'кот, «рыжий»',
      }),
      record({ state: 'draft' }),
    ]);
    assert.ok(csv.startsWith('\ufeff"time",'));
    assert.deepEqual(body(csv), [
      ['time', 'charge', 'model', 'roubles', 'basis', 'quotedPrice', 'cost', 'state', 'taskId', 'prompt'],
      [
        '2026-05-02 00:00:00',
        'failed',
        'seedance-1-pro-1080P-5s',
        '',
        'unknown',
        '',
        '',
        'failed',
        '687fbd658a5526000178d729',
        'кот, «рыжий»',
      ],
      [
        '2026-05-20 09:05:07',
        'done',
        'seedance-1-pro-1080P-5s',
        '120.5',
        'told',
        '122',
        '120.5',
        'done',
        '687fbd658a5526000178d729',
        'a cat',
      ],
    ]);
  });

  it('speaks to a Russian spreadsheet', () => {
    const rows = body(
      toSpendingCsv([record({ quotedPrice: 22.4 })], {
        separator: ';',
        titles: { roubles: 'Рубли', prompt: 'Промпт' },
      }),
      ';',
    );
    assert.equal(rows[0]?.[3], 'Рубли');
    assert.equal(rows[1]?.[3], '22,4');
  });

  it('takes only what belongs to the period', () => {
    const { from } = getPeriodSpending([], 1, NOW);
    assert.equal(body(toSpendingCsv([record(), record({ createdAt: from - 1 })], undefined, from)).length, 2);
  });

  for (const [prompt, cell] of [
    ['=HYPERLINK("http://x";"y")', `'=HYPERLINK("http://x";"y")`],
    ['+1+1', "'+1+1"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "' =1"],
    ['\r\n=1', "' =1"],
    ['  =1', "'  =1"],
    ['＝1+1', "'＝1+1"],
    ['"=1', `'"=1`],
    ['a;=cmd()', "a;'=cmd()"],
    ['a\n=cmd()', 'a =cmd()'],
    ['a cat - in a hat', 'a cat - in a hat'],
    ['5 = 5', '5 = 5'],
    ['', ''],
  ] as const) {
    it(`writes ${JSON.stringify(prompt)} as text`, () => {
      assert.equal(body(toSpendingCsv([record({ prompt })]))[1]?.at(-1), cell);
    });
  }

  it('no text of anybody begins a formula, however the file is split', () => {
    const piece = fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      '"',
      "'",
      ',',
      ';',
      '\t',
      '\n',
      '\r',
      ' ',
      '|',
      '＝',
      '\u2028',
      '\u00a0',
      'a',
      'ы',
      '1',
      '\ufeff',
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(text, text, fc.constantFrom(',' as const, ';' as const), (prompt, model, separator) => {
        const csv = toSpendingCsv([record({ prompt, model, quotedPrice: 22.4 })], { separator });
        const rows = body(csv, separator);
        assert.equal(rows.length, 2);
        assert.equal(rows[1]?.length, 10);
        const formulas = [...rows.flat(), ...splitCarelessly(csv)].filter((cell) =>
          /^[\s"]*[=+\-@＝＋－＠]/.test(cell),
        );
        assert.deepEqual(formulas, []);
      }),
      { numRuns: 1000 },
    );
  });

  it('cuts a long prompt between characters', () => {
    const cell = body(toSpendingCsv([record({ prompt: '🐈'.repeat(500) })]))[1]?.at(-1);
    assert.equal(cell, '🐈'.repeat(200));
  });

  it('writes damaged numbers as unknown', () => {
    const row = body(toSpendingCsv([record({ quotedPrice: -3, cost: 1e300 })]))[1];
    assert.deepEqual(row?.slice(3, 7), ['', 'unknown', '', '']);
  });
});
