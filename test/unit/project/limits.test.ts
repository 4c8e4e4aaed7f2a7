import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { serializeRecord } from '../../../src/tasks/storage/recordFile';
import { withSavedLocation } from '../../../src/tasks/model/transitions';
import { LIMITS } from '../../bench/bundleSize';
import { LIMIT_BYTES_PER_CHANGE, pastRecord } from '../../bench/longHistory';
import { cost, fixed, follow, optimum, ours, sample } from '../../bench/simulation';
import { weigh, type Sizes } from '../../bench/sizes';
import { makeTempDir, removeTempDir } from '../../support/tempDir';
import { createStore } from '../../support/records';
import { ROOT } from '../../support/root';

/** What the bench measures and no machine changes: the same limits, held by every run of the tests. */
describe('limits', () => {
  describe('of the production build', () => {
    let sizes: Sizes;
    before(async function () {
      this.timeout(20_000);
      sizes = await weigh('limits');
    });

    const told = (parts: ReadonlyMap<string, number>) =>
      [...parts]
        .slice(0, 8)
        .map(([name, bytes]) => `${name} ${bytes}`)
        .join(', ');

    it('holds all code', () => {
      assert.ok(sizes.total <= LIMITS.codeBytes, `${sizes.total} bytes; packages: ${told(sizes.packages)}`);
    });

    it('holds what activation loads', () => {
      assert.ok(sizes.eager.bytes <= LIMITS.eagerBytes, `${sizes.eager.bytes} bytes: ${told(sizes.eager.parts)}`);
    });

    it('lets activation load two files, the entry and all that it needs, for each file is a round trip', () => {
      assert.equal(sizes.eager.files, LIMITS.eagerFiles);
    });

    it('keeps packages out of activation', () => {
      const ofMarkdown =
        /^(?:micromark|mdast-util|unist-util)\b|^(?:character-entities|decode-named-character-reference|escape-string-regexp|fault|format)$/;
      assert.deepEqual([...sizes.packages.keys()].filter((name) => !ofMarkdown.test(name)).sort(), [
        'aws4fetch',
        'diff',
        'image-size',
        'node-fetch',
        'valibot',
        'yaml',
      ]);
      assert.deepEqual(
        [...sizes.packages.keys()].filter((name) => sizes.eager.parts.has(name)),
        [],
      );
    });

    it('carries the licence of every package that is bundled', async () => {
      const notices = await readFile(path.join(ROOT, 'out/limits/ThirdPartyNotices.txt'), 'utf8');
      const missing = [...sizes.packages.keys(), '@vscode/codicons'].filter(
        (name) => !new RegExp(`^${name} \\S+ by .+, (MIT|ISC|BSD-3-Clause|CC-BY-4\\.0)$`, 'm').test(notices),
      );
      assert.deepEqual(missing, []);
    });

    it('has a few lazy boundaries, each of which a reader can name', () => {
      const count = sizes.lazyEntries.length;
      assert.ok(count >= 8 && count <= LIMITS.lazyEntries, `${count}: ${sizes.lazyEntries.join(', ')}`);
    });

    it('holds the package, with pictures and words', async () => {
      const files = await Promise.all(
        ['media', 'l10n', 'out/limits'].map(async (folder) => {
          const names = await readdir(path.join(ROOT, folder), { recursive: true });
          return names.filter((name) => !name.endsWith('meta.json')).map((name) => path.join(ROOT, folder, name));
        }),
      );
      const sums = await Promise.all(
        files
          .flat()
          .map(async (file) => ((await stat(file)).isFile() ? deflateRawSync(await readFile(file)).length : 0)),
      );
      const bytes = sums.reduce((sum, size) => sum + size, 0);
      assert.ok(bytes <= LIMITS.vsixBytes, `${bytes} bytes, compressed`);
    });
  });

  it('of what a change writes', async () => {
    const place = await makeTempDir();
    const store = createStore(place);
    try {
      const { id } = await store.create(pastRecord(1));
      const record = await store.update(id, withSavedLocation('file:///films/seedance/again.mp4', 1));
      const [file] = await readdir(path.join(place, 'tasks'));
      const { size } = await stat(path.join(place, 'tasks', file!));
      assert.equal(size, Buffer.byteLength(serializeRecord(record)));
      assert.ok(size <= LIMIT_BYTES_PER_CHANGE, `${size} bytes`);
    } finally {
      store.dispose();
      await removeTempDir(place);
    }
  });

  describe('of the questions to the service, with a schedule learned from 200 generations', () => {
    const tasks = sample(2_000, 200, 1);
    const learned = follow(tasks.durations, ours(tasks));

    it('nine for a video, at a mean delay of two seconds', () => {
      assert.ok(learned.requests <= 9 && learned.delay <= 2, JSON.stringify(learned));
    });

    it('within 15 % of the best that can be done', () => {
      const best = follow(tasks.durations, optimum(undefined, 500));
      assert.ok(cost(learned) <= 1.15 * cost(best), JSON.stringify({ learned, best }));
    });

    it('three in five of those of a fixed interval, and sooner', () => {
      for (const [name, ask] of Object.entries(fixed(tasks)).slice(1)) {
        const theirs = follow(tasks.durations, ask);
        assert.ok(learned.delay < theirs.delay, name);
        const cheaper = follow(tasks.durations, ours(tasks, 2.2));
        assert.ok(cheaper.requests <= 0.6 * theirs.requests, name);
      }
    });
  });
});
