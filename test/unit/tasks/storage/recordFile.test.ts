import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RECORD_FORMAT, TASK_STATES, type TaskRecord } from '../../../../src/tasks/model/taskRecord';
import {
  toChargeableTask,
  parseRecordFile,
  serializeRecord,
  serializeTombstone,
} from '../../../../src/tasks/storage/recordFile';
import { character } from '../../../support/character';
import { createRecord } from '../../../support/records';

const text = fc.string({ unit: character });
const amount = fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n));
const at = fc.nat();
const error = fc.record(
  {
    kind: fc.constantFrom('no-answer' as const, 'disk-full' as const),
    at,
    code: fc.integer(),
    status: fc.nat(),
    message: text,
  },
  { requiredKeys: ['kind', 'at'] },
);
const record: fc.Arbitrary<TaskRecord> = fc.record(
  {
    format: fc.constant(RECORD_FORMAT),
    id: fc.stringMatching(/^[a-z0-9]{1,64}$/),
    state: fc.constantFrom(...TASK_STATES),
    origin: fc.constantFrom('generated' as const, 'added' as const),
    request: fc.record(
      {
        model: text,
        prompt: text,
        aspectRatio: fc.constantFrom('16:9' as const, '1:1' as const),
        firstFrame: fc.record(
          { source: text, delivery: text, label: text, link: text, width: fc.nat() },
          { requiredKeys: ['source', 'delivery', 'label'] },
        ),
      },
      { requiredKeys: ['model', 'prompt'] },
    ),
    account: text,
    gatewayId: text,
    quotedPrice: amount,
    cost: amount,
    sender: text,
    createdAt: at,
    submittedAt: at,
    acceptedAt: at,
    startedAt: at,
    finishedAt: at,
    word: text,
    result: fc.record({ url: text, expiresAt: at }),
    localCopy: fc.record({ file: fc.stringMatching(/^[a-z0-9]{1,20}\.mp4$/), bytes: fc.nat(), at }),
    saved: fc.array(fc.record({ uri: text, at })),
    error,
    trouble: error,
  },
  { requiredKeys: ['format', 'id', 'state', 'origin', 'request', 'createdAt', 'saved'] },
);

describe('record file', () => {
  it('gives back every record that is written', () => {
    fc.assert(
      fc.property(record, (written) => {
        const file = parseRecordFile(written.id, serializeRecord(written));
        const expected = JSON.parse(JSON.stringify(written)) as TaskRecord;
        assert.deepEqual(file, { kind: 'record', record: expected, readOnly: false });
      }),
    );
  });

  it('takes no record for whole that was cut anywhere', () => {
    fc.assert(
      fc.property(record, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (written, share) => {
        const whole = serializeRecord(written);
        // Without the line's end it is still whole.
        const cut = whole.slice(0, Math.floor((whole.length - 1) * share));
        assert.deepEqual(parseRecordFile(written.id, cut), { kind: 'damaged' });
      }),
    );
  });

  it('throws for nothing that a file may hold', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          fc.json(),
          fc.jsonValue().map((value) => JSON.stringify({ format: 2, request: value })),
        ),
        (content) => {
          parseRecordFile('a1', content);
        },
      ),
    );
  });

  it('understands of a newer format what there is to understand', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: RECORD_FORMAT + 1 }),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (format, fields) => {
          const file = parseRecordFile('a1', JSON.stringify({ removedAt: undefined, ...fields, format }));
          if ('removedAt' in fields && typeof fields['removedAt'] === 'number') {
            return;
          }
          assert.ok(file.kind === 'record' && file.readOnly);
          assert.equal(file.record.id, 'a1');
        },
      ),
    );
  });

  it('tells a tombstone from a record', () => {
    const paid = toChargeableTask(createRecord('a1', { state: 'done', gatewayId: 'g1', quotedPrice: 122 }));
    const told = parseRecordFile('a1', serializeTombstone(7, paid));
    assert.deepEqual(told, { kind: 'tombstone', removedAt: 7, paid: JSON.parse(JSON.stringify(paid)) as unknown });
    assert.deepEqual(parseRecordFile('a1', '{"format":1,"removedAt":7}'), { kind: 'tombstone', removedAt: 7 });
  });

  it('takes no record under another name', () => {
    assert.deepEqual(parseRecordFile('b2', serializeRecord(createRecord('a1'))), { kind: 'damaged' });
  });

  it('reads the first format as it was published', () => {
    // Never change this text: it is what lies on the disks of people.
    const published =
      '{"format":1,"id":"0mbx2k9qk0a1b2c3d","state":"done","origin":"generated","request":{"model":"seedance-1-pro-1080P-5s",' +
      '"prompt":"кот","aspectRatio":"16:9","firstFrame":{"source":"file:///a.png","delivery":"inline","label":"a.png","width":640,"height":360}},' +
      '"account":"1a2b3c4d","gatewayId":"683b1c2d0123456789abcdef","quotedPrice":122,"cost":122,"sender":"host:1:abc",' +
      '"createdAt":1748700000000,"submittedAt":1748700000100,"acceptedAt":1748700001000,"startedAt":1748700005000,"finishedAt":1748700060000,' +
      '"word":"done","result":{"url":"https://example.org/x.mp4","expiresAt":1748872860000},"localCopy":{"file":"0mbx2k9qk0a1b2c3d.mp4","bytes":1048576,"at":1748700065000},' +
      '"saved":[{"uri":"file:///w/seedance/%D0%BA%D0%BE%D1%82.mp4","at":1748700070000}]}\n';
    const file = parseRecordFile('0mbx2k9qk0a1b2c3d', published);
    assert.ok(file.kind === 'record' && !file.readOnly);
    assert.equal(serializeRecord(file.record), published);
  });
});
