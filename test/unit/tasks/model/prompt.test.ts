import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { checkPrompt, MAX_PROMPT_CHARS } from '../../../../src/tasks/model/prompt';

describe('prompt', () => {
  for (const text of [
    '',
    ' ',
    '\n\t\r ',
    '\u00a0\u2003\u3000',
    '\u200b\u200d\ufeff',
    '\0\x07',
    '\u202e\u2066',
    '\ud800',
    '\udc00\udc00',
    '\ud83d',
  ]) {
    it(`${JSON.stringify(text)} is empty`, () =>
      assert.deepEqual(checkPrompt(text), { ok: false, reason: 'empty', length: 0 }));
  }

  const kept: [text: string, prompt: string][] = [
    ['a cat', 'a cat'],
    ['  a cat\r\n', 'a cat'],
    ['a\n\ncat', 'a\n\ncat'],
    ['Кот на крыше', 'Кот на крыше'],
    ['猫', '猫'],
    ['👩‍👩‍👧 family', '👩‍👩‍👧 family'],
    ['a \ud83d cat', 'a  cat'],
    ['\ude00 cat \ud83d\ude00', 'cat 😀'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['.', '.'],
  ];
  for (const [text, prompt] of kept) {
    it(`${JSON.stringify(text)} is ${JSON.stringify(prompt)}`, () =>
      assert.deepEqual(checkPrompt(text), { ok: true, prompt }));
  }

  it('counts characters as people do', () => {
    assert.equal(checkPrompt('😀'.repeat(MAX_PROMPT_CHARS)).ok, true);
    assert.deepEqual(checkPrompt(`${'я'.repeat(MAX_PROMPT_CHARS)}!`), {
      ok: false,
      reason: 'too-long',
      length: MAX_PROMPT_CHARS + 1,
    });
    assert.equal(checkPrompt(`  ${'x'.repeat(MAX_PROMPT_CHARS)}  `).ok, true);
  });

  it('gives text that survives JSON and UTF-8, and that is checked already', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
          maxLength: 50,
        }),
        (text) => {
          const check = checkPrompt(text);
          if (check.ok) {
            assert.equal(
              Buffer.from(JSON.parse(JSON.stringify(check.prompt)) as string, 'utf8').toString('utf8'),
              check.prompt,
            );
            assert.deepEqual(checkPrompt(check.prompt), check);
          }
        },
      ),
      { numRuns: 1_000, seed: 1 },
    );
  });
});
