import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { checkPrompt, cleanPrompt, MAX_PROMPT_CHARS } from '../../../../src/tasks/model/prompt';

const { GenerationRequest } = await import('../../../../src/generation/generationRequest');

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
    ['a\0 cat\x07', 'a cat'],
    ['\ufeffa cat', 'a cat'],
    ['a\u202e cat\u2066\u200f\u061c', 'a cat'],
    ['a c\u200bat\u2060\u00ad', 'a cat'],
    ['a\u200dcat к\u200cот', 'acat кот'],
    ['\x1b[31;1ma cat\x1b[0m', 'a cat'],
    ['\x1b]0;title\x07a cat', 'a cat'],
    ['\x9b31ma cat', 'a cat'],
    ['a\r\ncat\rand\u2028dog\u0085\vend', 'a\ncat\nand\ndog\n\nend'],
    ['a\tcat', 'a\tcat'],
    ['❤️\u200d🔥 🏳️\u200d🌈 👩🏽\u200d🚀 1️⃣', '❤️\u200d🔥 🏳️\u200d🌈 👩🏽\u200d🚀 1️⃣'],
    [
      '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} x',
      '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} x',
    ],
    ['hidden\u{e0068}\u{e0069}', 'hidden'],
    ['می\u200cخواهم क्\u200dष', 'می\u200cخواهم क्\u200dष'],
    ['a\ufffe\ufdd0 cat', 'a cat'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['.', '.'],
  ];
  for (const [text, prompt] of kept) {
    it(`${JSON.stringify(text)} is ${JSON.stringify(prompt)}`, () =>
      assert.deepEqual(checkPrompt(text), { ok: true, prompt }));
  }

  it('is the same at every place of a request, whatever it was made from', () => {
    const dirty = '\u202ea\0 cat\u200b';
    const request = new GenerationRequest({ prompts: [dirty], model: 'm', aspectRatio: '1:1' });
    assert.deepEqual(request.tasks, [{ prompt: 'a cat', aspectRatio: '1:1' }]);
    assert.deepEqual(request.with({ prompts: [`${dirty}\x1b[0m`] }).prompts, ['a cat']);
  });

  it('is cleaned once and for all, with no invisible character left', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const clean = cleanPrompt(text);
        assert.equal(cleanPrompt(clean), clean);

        assert.doesNotMatch(clean, /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/);
      }),
      { numRuns: 2_000, seed: 1 },
    );
  });

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
