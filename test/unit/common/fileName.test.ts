import assert from 'node:assert/strict';
import '../../support/vscodeStub';
import path from 'node:path';
import * as fc from 'fast-check';
import { numbered, toFileStem, withPosition } from '../../../src/common/fileName';
import { character } from '../../support/character';

const { parseSaveFolder } = await import('../../../src/platform/workspaceFiles');

describe('file names from prompts', () => {
  it('stay readable, in every script', () => {
    assert.equal(toFileStem('A cat jumps'), 'A-cat-jumps');
    assert.equal(toFileStem('Рыжий кот  прыгает\nна подоконник'), 'Рыжий-кот-прыгает-на-подоконник');
    assert.equal(toFileStem('猫が跳ぶ'), '猫が跳ぶ');
    assert.equal(toFileStem('й'.normalize('NFD')), 'й'.normalize('NFC'));
  });

  it('end at a word', () => {
    const stem = toFileStem(
      'A very long prompt about a ginger cat that jumps onto a sunlit window sill in slow motion',
    );
    assert.equal(stem, 'A-very-long-prompt-about-a-ginger-cat-that-jumps-onto-a');
    assert.equal(toFileStem('a'.repeat(100)).length, 60);
    assert.equal(toFileStem(`${'a'.repeat(60)} b`), 'a'.repeat(60));
  });

  it('have no commas, nor anything else that a shell, a URL or Markdown reads', () => {
    assert.equal(
      toFileStem('A paper boat sails down a rainy street at dusk, slow camera, neon in the puddles.'),
      'A-paper-boat-sails-down-a-rainy-street-at-dusk-slow-camera',
    );
    assert.equal(
      toFileStem('A cat, jumping! (slow) [4K] 100% & $5 #1; `x` *y* ~z'),
      'A-cat-jumping-slow-4K-100-5-1-x-y-z',
    );
    assert.equal(toFileStem('«Рыжий кот», — сказал он… и ушёл'), 'Рыжий-кот-сказал-он-и-ушёл');
    assert.equal(toFileStem('猫が跳ぶ、そして寝る。'), '猫が跳ぶ-そして寝る');
    assert.equal(toFileStem("The dog's day, l’été"), 'The-dogs-day-lété');
  });

  it('keep what belongs to a word', () => {
    assert.equal(toFileStem('hero_2 at 0.5 speed. Then rest'), 'hero_2-at-0.5-speed-Then-rest');
    assert.equal(toFileStem('Fox 🦊 in snow'), 'Fox-🦊-in-snow');
  });

  it('begin with a number when several are saved', () => {
    assert.equal(withPosition('fox', 0, 1), 'fox');
    assert.equal(withPosition('fox', 0, 2), '01-fox');
    assert.equal(withPosition('fox', 98, 99), '99-fox');
    assert.equal(withPosition('fox', 4, 100), '005-fox');
  });

  it('lead nowhere', () => {
    assert.equal(toFileStem('../../etc/passwd'), 'etc-passwd');
    assert.equal(toFileStem('C:\\Windows\\system32'), 'C-Windows-system32');
    assert.equal(toFileStem('.hidden'), 'hidden');
    assert.equal(toFileStem('-rf *'), 'rf');
    assert.equal(toFileStem('cat\u202egnp.exe'), 'catgnp.exe');
    assert.equal(toFileStem('a\u0000b'), 'a-b');
    assert.equal(toFileStem('', 'seedance-../../../etc/x'), 'seedance-etc-x');
    assert.equal(toFileStem('', '../'), 'seedance');
  });

  it('are none of the names that Windows keeps for itself', () => {
    assert.equal(toFileStem('con'), 'video-con');
    assert.equal(toFileStem('NUL.txt'), 'video-NUL.txt');
    assert.equal(toFileStem('COM1'), 'video-COM1');
    assert.equal(toFileStem('contact'), 'contact');
    assert.equal(toFileStem('the end. . .'), 'the-end');
  });

  it('are made even from nothing', () => {
    assert.equal(toFileStem('///'), 'seedance');
    assert.equal(toFileStem('', 'seedance-123'), 'seedance-123');
  });

  it('are safe for every text whatever', () => {
    const hostile = fc.oneof(
      fc.string({ unit: character, maxLength: 300 }),
      fc.string({
        unit: fc.constantFrom('.', ' ', '-', '/', '\\', ':', 'a', '\u0301', '\u202e', '👩‍👩‍👧', 'con'),
        maxLength: 300,
      }),
    );
    fc.assert(
      fc.property(hostile, (prompt) => {
        const stem = toFileStem(prompt);
        assert.ok(stem.length > 0);
        assert.ok(Buffer.byteLength(stem) <= 206, stem);
        assert.doesNotMatch(stem, /(?![-._])[!-/:-@[-`{-~]|[\p{C}\s]/u);
        assert.doesNotMatch(stem, /^[-._]|[-._]$/u);
        assert.equal(path.basename(`/w/${stem}.mp4`), `${stem}.mp4`);
        assert.equal(stem.normalize('NFC'), stem);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are numbered from the second on', () => {
    assert.deepEqual(
      [1, 2, 3].map((n) => numbered('cat', n)),
      ['cat', 'cat-2', 'cat-3'],
    );
  });
});

describe('the setting saveFolder', () => {
  it('is a path inside the workspace folder', () => {
    assert.deepEqual(parseSaveFolder('seedance'), ['seedance']);
    assert.deepEqual(parseSaveFolder(' out/видео/ '), ['out', 'видео']);
    assert.deepEqual(parseSaveFolder('out\\clips'), ['out', 'clips']);
    assert.deepEqual(parseSaveFolder('./out/./clips'), ['out', 'clips']);
    assert.deepEqual(parseSaveFolder(''), []);
    assert.deepEqual(parseSaveFolder('.'), []);
  });

  for (const bad of [
    '..',
    '../out',
    'out/../..',
    'out/.. /x',
    'out/. ./x',
    '/tmp',
    '\\\\server\\share',
    'C:\\x',
    'C:',
    'file:///tmp',
    'a\u0000b',
    'a\nb',
    'out./x',
    'CON:',
    'a*b',
  ]) {
    it(`is refused when it is ${JSON.stringify(bad)}`, () => assert.equal(parseSaveFolder(bad), undefined));
  }
});
