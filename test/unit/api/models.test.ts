import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  BUILT_IN_MODELS,
  getDisplayName,
  getFamilyTitle,
  formatModelId,
  parseModelId,
  parseExpectedModels,
  RESOLUTIONS,
  getModelTitle,
  toModels,
  type SeedanceModelName,
} from '../../../src/api/models';

/**
 * The prices once more: family, resolution, seconds → roubles, sound. On purpose not derived from the built-in models:
 * a typing mistake in a price costs money.
 */
const TABLE = `
seedance-1-pro 480P 2/5/10/12 12/30/60/72
seedance-1-pro 720P 2/5/10/12 22.4/56/112/135
seedance-1-pro 1080P 2/5/10/12 50/122/244/290
seedance-1-pro-fast 480P 2/5/10/12 4/10/20/24
seedance-1-pro-fast 720P 2/5/10/12 8.8/22/44/52.8
seedance-1-pro-fast 1080P 2/5/10/12 19.6/49/98/117.6
seedance-1-lite 480P 2/5/10/12 6.8/17/34/40.8
seedance-1-lite 720P 2/5/10/12 16.4/41/82/98.4
seedance-1-lite 1080P 2/5/10/12 35.2/88/176/211.2
seedance-1-5-pro 480P 5/10 15/30
seedance-1-5-pro 720P 5/10 28/56
seedance-1-5-pro 1080P 5/10 58/116
seedance-1-5-pro-audio 480P 5/10 30/60 sound
seedance-1-5-pro-audio 720P 5/10 56/112 sound
seedance-1-5-pro-audio 1080P 5/10 118/236 sound
seedance-2 480P 5/8/10/12/15 140/224/280/338/420 sound
seedance-2 720P 5/8/10/12/15 302/484/605/725/908 sound
seedance-2 1080P 5/8/10/12/15 408/652.8/816/979/1224 sound
seedance-2 4K 5/8/10/12/15 1560/2496/3120/3744/4680 sound
seedance-2-fast 480P 5/10/12 112/225/270 sound
seedance-2-fast 720P 5/10/12 242/484/580 sound
seedance-2-mini 480P 5/10/12/15 48/92/115.2/144 sound
seedance-2-mini 720P 5/10/12/15 102.6/205/246/307.5 sound
seedance-2-mini 4K 15 307.5 sound
`;

interface Row {
  id: string;
  price: number;
  name: SeedanceModelName;
}

const ROWS: Row[] = TABLE.trim()
  .split('\n')
  .flatMap((line) => {
    const [family = '', resolution = '', seconds = '', prices = '', sound] = line.split(' ');
    return seconds.split('/').map((duration, column) => ({
      id: `${family}-${resolution}-${duration}s`,
      price: Number(prices.split('/')[column]),
      name: {
        family,
        resolution: resolution as SeedanceModelName['resolution'] & string,
        seconds: Number(duration),
        audio: sound === 'sound',
      },
    }));
  });
const BARE: Row[] = [
  { id: 'seedance-2', price: 140, name: { family: 'seedance-2', audio: true } },
  { id: 'seedance-2-mini', price: 36, name: { family: 'seedance-2-mini', audio: true } },
];

describe('model ids', () => {
  for (const { id, price, name } of [...ROWS, ...BARE]) {
    it(`reads ${id}`, () => {
      assert.deepEqual(parseModelId(id), name);
      assert.equal(formatModelId(name), id);
      assert.deepEqual(
        BUILT_IN_MODELS.filter((model) => model.id === id),
        [{ id, price, name }],
      );
    });
  }

  it('has no built-in model that the list above does not have', () => {
    assert.deepEqual(BUILT_IN_MODELS.map(({ id }) => id).sort(), [...ROWS, ...BARE].map(({ id }) => id).sort());
  });

  it('every id of the table parses and prints back to itself', () => {
    fc.assert(
      fc.property(fc.constantFrom(...BUILT_IN_MODELS), ({ id }) => {
        const name = parseModelId(id);
        assert.ok(name);
        assert.equal(formatModelId(name), id);
      }),
    );
  });

  it('every combination of family, resolution and duration prints to an id that reads as the same', () => {
    const name = fc.record(
      {
        family: fc.constantFrom(
          ...new Set(BUILT_IN_MODELS.map((model) => model.name?.family ?? '')),
          'seedance-3-ultra',
        ),
        resolution: fc.constantFrom(...RESOLUTIONS),
        seconds: fc.integer({ min: 1, max: 999 }),
      },
      { requiredKeys: ['family'] },
    );
    fc.assert(
      fc.property(name, (parts) => {
        const read = parseModelId(formatModelId({ ...parts, audio: false }));
        assert.deepEqual(read, { ...parts, audio: /^seedance-2|-audio$/.test(parts.family) });
      }),
    );
  });

  it('whatever can be read prints back to itself, so no id is ever sent changed', () => {
    const part = fc.constantFrom(
      'seedance',
      '-',
      '2',
      '1-5',
      'pro',
      'audio',
      '720P',
      '720p',
      '4K',
      '5s',
      '05s',
      '0s',
      ' ',
      '_',
      '1000s',
    );
    const nearly = fc.array(part, { maxLength: 9 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.oneof(
          nearly,
          nearly.map((id) => `seedance-${id}`),
          fc.string(),
        ),
        (id) => {
          const name = parseModelId(id);
          assert.equal(name === undefined ? id : formatModelId(name), id);
        },
      ),
      { numRuns: 500 },
    );
  });

  for (const id of [
    '',
    'seedance',
    'seedance-',
    'sora-2-1280x720-8s',
    'Seedance-2',
    'seedance-2-720p-5s',
    'seedance-2-1440P-5s',
    'seedance-2-720P-05s',
    'seedance-2-5s-720P',
    'seedance-2-720P-5s-i2v',
    'seedance-2-720P-5s\n',
    ' seedance-2',
    'my-seedance-2',
  ]) {
    it(`leaves ${JSON.stringify(id)} under its own name`, () => {
      assert.equal(parseModelId(id), undefined);
      assert.equal(getModelTitle(id), id);
    });
  }

  it('promises no sound for a family that was never seen', () => {
    assert.equal(parseModelId('seedance-20-720P-5s')?.audio, false);
    assert.equal(parseModelId('seedance-3-720P-5s')?.audio, false);
    assert.equal(parseModelId('seedance-3-audio-720P-5s')?.audio, true);
  });

  it('gets through a long hostile id', () => {
    for (const id of [
      `seedance${'-a'.repeat(50_000)}_`,
      `seedance-${'1'.repeat(100_000)}-`,
      `seedance${'-5s'.repeat(50_000)}!`,
    ]) {
      assert.equal(parseModelId(id), undefined);
    }
  });
});

describe('model names for people', () => {
  for (const [id, title] of [
    ['seedance-1-pro-fast-720P-10s', 'Seedance 1 Pro Fast · 720P · 10 s'],
    ['seedance-1-5-pro-audio-1080P-5s', 'Seedance 1.5 Pro Audio · 1080P · 5 s'],
    ['seedance-2-4K-8s', 'Seedance 2 · 4K · 8 s'],
    ['seedance-2', 'Seedance 2'],
    ['seedance-2-mini-4K-15s', 'Seedance 2 Mini · 4K · 15 s'],
  ] as const) {
    it(id, () => assert.equal(getModelTitle(id), title));
  }

  it('leaves the unit to the reader’s language', () => {
    const name = parseModelId('seedance-2-4K-8s');
    assert.ok(name);
    assert.equal(
      getDisplayName(name, (seconds) => `${seconds} с`),
      'Seedance 2 · 4K · 8 с',
    );
  });

  it('are as distinct as the ids', () => {
    assert.equal(new Set(BUILT_IN_MODELS.map(({ id }) => getModelTitle(id))).size, BUILT_IN_MODELS.length);
    assert.equal(getFamilyTitle('seedance-1-5-pro'), 'Seedance 1.5 Pro');
  });
});

describe('lists of models', () => {
  it('keep the order, the prices and the lack of prices of the service', () => {
    assert.deepEqual(toModels([{ id: 'wan-2-5' }, { id: 'seedance-2', price: 0 }]), [
      { id: 'wan-2-5' },
      { id: 'seedance-2', price: 0, name: { family: 'seedance-2', audio: true } },
    ]);
  });

  it('take the dearer of two entries with one id', () => {
    const models = toModels([
      { id: 'a', price: 5 },
      { id: 'b' },
      { id: 'a', price: 7 },
      { id: 'a' },
      { id: 'b', price: 1 },
      { id: 'a', price: 6 },
    ]);
    assert.deepEqual(models, [
      { id: 'a', price: 7 },
      { id: 'b', price: 1 },
    ]);
  });

  it('leave out ids that would mislead the user', () => {
    const ids = ['ok', 'line\nbreak', 'zero\u200bwidth', 'turned\u202earound', ' space', 'null\0', '\ud800'];
    assert.deepEqual(toModels(ids.map((id) => ({ id }))), [{ id: 'ok' }]);
  });

  it('are read from the refusal of a model', () => {
    const prices = new Map([['seedance-2', 140]]);
    assert.deepEqual(
      parseExpectedModels('seedance-2 | wan-2-5 |  | new-model', (id) => prices.get(id)),
      [
        { id: 'seedance-2', price: 140, name: { family: 'seedance-2', audio: true } },
        { id: 'wan-2-5' },
        { id: 'new-model' },
      ],
    );
    assert.deepEqual(
      parseExpectedModels('a | b | seedance-1-pr…', () => undefined),
      [{ id: 'a' }, { id: 'b' }],
    );
    assert.deepEqual(
      parseExpectedModels('', () => undefined),
      [],
    );
  });
});
