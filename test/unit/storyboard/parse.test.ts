import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import {
  findCastMember,
  findSetting,
  findShotAt,
  getShotName,
  MAX_STORYBOARD_CHARS,
  parseStoryboard,
  ShotNames,
  StoryboardReader,
  type Storyboard,
} from '../../../src/storyboard/parse';
import { MarkdownReader, MAX_SECTION_CHARS } from '../../../src/storyboard/markdown';
import { HOSTILE_TEXTS } from '../../support/hostileTexts';
import { LETTER } from '../../support/storyboards';

const at = (text: string, { start, end }: { start: number; end: number }) => text.slice(start, end);

describe('a storyboard', () => {
  it('is read as its format says', () => {
    const { frontMatter, title, cast, shots, language, eol } = parseStoryboard(LETTER);
    assert.deepEqual(
      frontMatter?.settings.map(({ key, value, span }) => [key, value, at(LETTER, span)]),
      [
        ['model', 'seedance-1-5-pro-audio-720P-5s', 'seedance-1-5-pro-audio-720P-5s'],
        ['ratio', '9:16', '"9:16"'],
        [
          'style',
          'Soft natural light, shallow depth of field, film grain.',
          'Soft natural light, shallow depth of field, film grain.',
        ],
      ],
    );
    assert.equal(title?.text, 'The letter');
    assert.deepEqual(
      cast.map(({ name, description, image }) => [name, description.text, image?.url]),
      [
        ['Vera', 'a young woman with long black hair and a cream sweater.', 'cast/vera.png'],
        ['Lighthouse', 'a white lighthouse with one red stripe.', undefined],
      ],
    );
    assert.deepEqual(
      shots.map((shot) => [
        getShotName(shot),
        shot.settings.map(({ key, value, reference }) => [key, value, reference?.url]),
      ]),
      [
        [
          'Shot 1: Late night',
          [
            ['firstFrame', '', 'frames/desk.png'],
            ['model', 'seedance-1-pro-720P-10s', undefined],
          ],
        ],
        [
          'Shot 2: Rain',
          [
            ['continue', 'Shot 1', undefined],
            ['take', 'take 2', 'seedance/the-letter/shot-2-take-2.mp4'],
          ],
        ],
      ],
    );
    assert.equal(
      shots[0]?.prompt.text,
      'Close-up of @Vera at a wooden desk. She turns to the rain on the window. Slow push in.',
    );
    assert.deepEqual([language, eol], ['en', '\n']);
  });

  it('has names of shots in the languages of the field', () => {
    const headings = [
      'Shot 1',
      'shot 12: Rain',
      'Scene 3 — The end',
      'Кадр 4. Дождь',
      'Сцена №5',
      'SHOT-EP01-003 Harbour',
      '镜头 7：雨',
      '第8镜',
      '**Shot 9**: Bold',
      'Shot 10a',
    ];
    const text = headings.map((heading) => `## ${heading}\n\n> A fox.\n`).join('\n');
    assert.deepEqual(
      parseStoryboard(text).shots.map(({ label, title, labelSpan }) => [label, title, at(text, labelSpan)]),
      [
        ['Shot 1', '', 'Shot 1'],
        ['shot 12', 'Rain', 'shot 12'],
        ['Scene 3', 'The end', 'Scene 3'],
        ['Кадр 4', 'Дождь', 'Кадр 4'],
        ['Сцена №5', '', 'Сцена №5'],
        ['SHOT-EP01-003', 'Harbour', 'SHOT-EP01-003'],
        ['镜头 7', '雨', '镜头 7'],
        ['第8镜', '', '第8镜'],
        ['Shot 9', 'Bold', 'Shot 9'],
        ['Shot 10a', '', 'Shot 10a'],
      ],
    );
    for (const other of ['Shots 1', 'Shotgun 12', 'The shot 1', 'Scene', 'Кадры 2', 'Shot-by-shot']) {
      assert.deepEqual(parseStoryboard(`# ${other}\n\n> A fox.`).shots, [], other);
    }
  });

  it('has settings in Russian, bold, as code and with another mark', () => {
    const text =
      '## Кадр 1\n* **модель**: `seedance-2`\n* Первый кадр: frames/стол.png\n* продолжить: [Кадр 2](#кадр-2)\n* заметка: ничего\n';
    const [shot] = parseStoryboard(text).shots;
    assert.deepEqual(
      shot?.settings.map(({ key, name, value, span, nameSpan }) => [
        key,
        name,
        value,
        at(text, span),
        at(text, nameSpan),
      ]),
      [
        ['model', 'модель', 'seedance-2', 'seedance-2', 'модель'],
        ['firstFrame', 'Первый кадр', 'frames/стол.png', 'frames/стол.png', 'Первый кадр'],
        ['continue', 'продолжить', 'Кадр 2', '[Кадр 2](#кадр-2)', 'продолжить'],
      ],
    );
    assert.equal(parseStoryboard(text).language, 'ru');
  });

  it('takes bullets for settings only directly below the heading, and the first of two', () => {
    const [shot] = parseStoryboard(
      '## Shot 1\n<!-- ours -->\n- ratio: 1:1\n- ratio: 16:9\n- mood: dark\n\nA fox.\n\n- model: seedance-2\n',
    ).shots;
    assert.equal(findSetting(shot!, 'ratio')?.value, '1:1');
    assert.deepEqual([shot!.repeated.length, shot!.misplaced.map(({ key }) => key)], [1, ['model']]);
  });

  it('takes a poster in the link to a take for no more than its picture', () => {
    const [shot] = parseStoryboard('## Shot 1\n- take: [![take 1](a.jpg)](a.mp4)\n').shots;
    assert.equal(findSetting(shot!, 'take')?.reference?.url, 'a.mp4');
  });

  it('sends no comments, code, tables, images and notes below a heading of their own', () => {
    const text = `## Shot 1

> A *fox* runs &amp; <!-- not this --> jumps \\*high\\*,
> and ![](a.png) the [sea](b.md) \`glows\`.
>
> \`\`\`
> code
> \`\`\`
>
> | a | b |
> | - | - |
> | 1 | 2 |
>
> Slow push in.

### Notes
> Not this.
`;
    const [shot] = parseStoryboard(text).shots;
    assert.equal(shot?.prompt.text, 'A fox runs & jumps *high*, and the sea glows.\n\nSlow push in.');
    assert.equal(at(text, shot.prompt.spanOf(0, 5)!), 'A *fox');
    const glows = shot.prompt.text.indexOf('glows');
    assert.equal(at(text, shot.prompt.spanOf(glows, glows + 5)!), 'glows');
  });

  it('takes paragraphs for the prompt where there is no quotation', () => {
    const [first, second] = parseStoryboard('# Shot 1\nA fox.\n\nIt runs.\n\n# Shot 2\nA note.\n\n> A hare.\n').shots;
    assert.deepEqual([first?.prompt.text, second?.prompt.text], ['A fox.\n\nIt runs.', 'A hare.']);
  });

  it('takes a scene around shots for no shot, and knows which shots are its own', () => {
    const text = '# Scene 1\nAt sea.\n\n## Shot 1\n\n> A boat.\n\n# Scene 2\n\n## Shot 1\n\n> A harbour.\n';
    const { shots } = parseStoryboard(text);
    assert.deepEqual(
      shots.map(({ label, group, prompt }) => [group, label, prompt.text]),
      [
        ['Scene 1', 'Shot 1', 'A boat.'],
        ['Scene 2', 'Shot 1', 'A harbour.'],
      ],
    );
    const names = new ShotNames(shots);
    assert.deepEqual(names.find('Shot 1', 'Scene 2'), { shot: shots[1] });
    assert.deepEqual(names.find('Scene 1 / Shot 1'), { shot: shots[0] });
    assert.deepEqual(names.find('Shot 1'), { several: shots });
    assert.equal(names.find('Shot 3'), undefined);
    assert.equal(findShotAt({ shots }, text.indexOf('harbour')), shots[1]);
    assert.equal(findShotAt({ shots }, text.indexOf('At sea')), undefined);
  });

  it('finds a shot by its name, also when its title was changed since', () => {
    const { shots } = parseStoryboard('## Shot 01: Rain\n\n> a\n\n## Shot 2: Snow\n\n> b\n');
    const names = new ShotNames(shots);
    for (const name of ['Shot 1', 'shot 01', 'Rain', 'Shot 1: Rain', 'Shot 1 : Rain', '1', 'Shot 1: Storm']) {
      assert.deepEqual(names.find(name), { shot: shots[0] }, name);
    }
  });

  it('reads front matter without running anything of it', () => {
    const read = (yaml: string) => parseStoryboard(`---\n${yaml}\n---\n# A film\n`).frontMatter!;
    assert.equal(read('base: &m seedance-2\nmodel: *m').settings[0]?.value, 'seedance-2');
    assert.equal(read('model: !!js/function "x"').settings[0]?.value, 'x');
    assert.deepEqual(read('style: [a, b]').settings[0]?.value, undefined);
    assert.equal(read('style: >\n  Soft light,\n  film grain.').settings[0]?.value, 'Soft light, film grain.');
    assert.deepEqual(
      read('ratio: 9:16\nратио: x\nСтиль: зерно').settings.map(({ key, value }) => [key, value]),
      [
        ['ratio', '9:16'],
        ['style', 'зерно'],
      ],
    );
    assert.equal(read('model: "seedance').errors.length > 0, true);
    assert.deepEqual(read('- a\n- b').errors.length, 1);
    const bomb = `a: &a [x, x]\n${Array.from({ length: 30 }, (_, n) => `b${n}: &b${n} [*${n === 0 ? 'a' : `b${n - 1}`}, *${n === 0 ? 'a' : `b${n - 1}`}]`).join('\n')}\nstyle: *b29`;
    assert.equal(read(bomb).settings[0]?.value, undefined);
  });

  it('finds what git left where two versions did not fit together', () => {
    const text = '## Shot 1\n\n<<<<<<< HEAD\n> A fox.\n=======\n> A hare.\n>>>>>>> theirs\n';
    assert.deepEqual(
      parseStoryboard(text).conflicts.map((span) => at(text, span)),
      ['<<<<<<< HEAD', '=======', '>>>>>>> theirs'],
    );
    assert.deepEqual(parseStoryboard('Title\n=======\n').conflicts, []);
  });

  it('says the same with CRLF and a byte order mark, at its own offsets', () => {
    const text = `\ufeff${LETTER.replaceAll('\n', '\r\n')}`;
    const read = parseStoryboard(text);
    const plain = parseStoryboard(LETTER);
    const values = ({ shots, cast, frontMatter }: Storyboard) => ({
      shots: shots.map(({ label, title, prompt, settings }) => [
        label,
        title,
        prompt.text,
        settings.map(({ value }) => value),
      ]),
      cast: cast.map(({ name, description }) => [name, description.text]),
      file: frontMatter?.settings.map(({ value }) => value),
    });
    assert.deepEqual(values(read), values(plain));
    assertOffsets(text, read);
    assert.equal(read.eol, '\r\n');
    assert.equal(at(text, read.frontMatter!.settings[1]!.span), '"9:16"');
  });

  it('has lines that are broken for the reader of the file only', () => {
    for (const eol of ['\n', '\r\n', '\r']) {
      const text = [
        '## Shot 1',
        '> A fox runs  ',
        '> through  snow.',
        '',
        '## Shot 2',
        '> 一只狐狸',
        '> 在奔跑。',
        '',
      ].join(eol);
      assert.deepEqual(
        parseStoryboard(text).shots.map(({ prompt }) => prompt.text.replace(/\n| {2}/g, ' ')),
        ['A fox runs through snow.', '一只狐狸在奔跑。'],
        JSON.stringify(eol),
      );
    }
  });

  it('knows references by name, wherever they are defined', () => {
    const text = '## Shot 1\n- first frame: ![][desk]\n\n> A desk.\n\n# Pictures\n\n[desk]: frames/desk.png\n';
    assert.equal(findSetting(parseStoryboard(text).shots[0]!, 'firstFrame')?.reference?.url, 'frames/desk.png');
  });

  it('is not read where it is too long', () => {
    assert.deepEqual(parseStoryboard(`# Shot 1\n\n${'a'.repeat(MAX_STORYBOARD_CHARS)}`).shots, []);
  });

  it('may have 10,000 shots, and is read ahead in steps between which others get their turn', async () => {
    const text = Array.from({ length: 10_000 }, (_, n) => `# Shot ${n}\n> a\n`).join('');
    const reader = new StoryboardReader();
    let turns = 0;
    await reader.warm(text, () => Promise.resolve(++turns > 0));
    assert.equal(reader.read(text).shots.length, 10_000);
    assert.equal(turns, 10_000);
    await reader.warm(text, () => Promise.resolve(++turns < 10_010));
    assert.equal(turns, 10_010, 'stopped when told to');
  });

  it('may be 100,000 lines of which one is a shot', () => {
    const text = `${'\n'.repeat(99_996)}# Shot 1\n\n> a`;
    assert.equal(parseStoryboard(text).shots[0]?.prompt.text, 'a');
  });

  it('points at what it names, whatever it holds', () => {
    for (const hostile of HOSTILE_TEXTS) {
      const text = `---\nstyle: ${hostile}\n---\n## Cast\n- **Vera**: ${hostile}\n\n## Shot 1: ${hostile}\n- model: ${hostile}\n\n> ${hostile}\n`;
      assertOffsets(text, parseStoryboard(text));
    }
  });

  it('is the same however it came about: sections that were read before are read no other way', () => {
    const line = fc.constantFrom(
      '# Shot 1: A',
      '## Shot 2',
      '### Notes',
      '## Cast',
      '- **Vera**: a woman',
      '- model: seedance-2',
      '* ratio: 1:1',
      '> A @Vera runs.',
      '>',
      '> ```',
      '```',
      '~~~',
      '  ```',
      '<!-- a',
      '-->',
      '<div>',
      '</div>',
      '<script>',
      '',
      '',
      '    code',
      'A paragraph',
      '===',
      '---',
      '1. one',
      '   # Shot 3',
      '![][x]',
      '[x]: a.png',
      '| a | b |',
      '| - | - |',
      '#',
      '# ',
      '\t# Shot 4',
      '&amp; \\*',
      '<?php',
      '<![CDATA[',
    );
    const text = fc
      .array(line, { maxLength: 24 })
      .chain((lines) => fc.constantFrom('\n', '\r\n', '\r').map((eol) => lines.join(eol)));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (versions) => {
        const reader = new MarkdownReader();
        for (const version of versions) {
          const blocks = reader.read(version);
          assert.deepEqual(
            JSON.parse(JSON.stringify(blocks)),
            JSON.parse(JSON.stringify(new MarkdownReader().read(version))),
          );
          // And as Markdown says: the headings of the whole.
          const whole = fromMarkdown(version.startsWith('---') ? '' : version);
          if (!version.startsWith('---')) {
            assert.deepEqual(
              blocks.filter(({ kind }) => kind === 'heading').map(({ start, end }) => [start, end]),
              whole.children
                .filter(({ type }) => type === 'heading')
                .map(({ position }) => [position!.start.offset, position!.end.offset]),
            );
          }
          assertOffsets(version, parseStoryboard(version));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a storyboard of a stranger', () => {
  const PIECES = [
    '![a](',
    '![a]("',
    '[',
    '[a]',
    '[a][b]',
    '[a](<',
    '> ',
    '>',
    '- ',
    '-\n',
    '1. ',
    '*',
    '_',
    'a*',
    '*a_',
    '*a **b ',
    '`',
    '``a`',
    '<',
    '<a b="',
    '<!--',
    '\\',
    '&',
    '[a]: x\n',
    'a',
    '\t',
    '\n> ',
  ];
  const fill = (piece: string, chars: number) => piece.repeat(Math.ceil(chars / piece.length)).slice(0, chars);

  it('is read up to what a section may have, and its other shots as ever', () => {
    for (const piece of PIECES) {
      const text = `# Shot 1: One\n${fill(piece, 200_000)}\n\n# Shot 2\n\n> A fox.\n`;
      const reader = new MarkdownReader();
      reader.read(text);
      assert.ok(reader.parsed.chars < 200, `${reader.parsed.chars}: ${piece}`);
      const { shots } = parseStoryboard(text);
      assert.deepEqual(
        shots.map(({ label, title, unread, prompt }) => [label, title, unread?.reason, prompt.text]),
        [
          ['Shot 1', 'One', 'long', ''],
          // A comment without an end goes on to the end of the file.
          ...(piece === '<!--' ? [] : [['Shot 2', '', undefined, 'A fox.']]),
        ],
        piece,
      );
    }
  });

  it('gives the parser nothing that it needs more than its time for', () => {
    for (const piece of PIECES.filter((one) => !['a', '&', '\t', '<!--'].includes(one))) {
      const text = `# Shot 1\n${fill(piece, MAX_SECTION_CHARS - 100)}\n\n# Shot 2\n\n> A fox.\n`;
      const reader = new MarkdownReader();
      reader.read(text);
      assert.ok(reader.parsed.chars < 200, `${reader.parsed.chars}: ${piece}`);
      const { shots } = parseStoryboard(text);
      assert.deepEqual([shots.length, shots[0]?.unread?.reason], [2, 'complex'], piece);
    }
    const nested = parseStoryboard(`# Shot 1\n${'> '.repeat(51)}a\n`).shots[0]!;
    assert.deepEqual([nested.unread?.reason, nested.prompt.text], ['complex', '']);
    assert.equal(parseStoryboard(`# Shot 1\n${'> '.repeat(50)}a\n`).shots[0]?.prompt.text, 'a');
  });

  it('costs a film of many sections as much as it is long', () => {
    const shots = (count: number, own: (n: number) => string) =>
      Array.from({ length: count }, (_, n) => `# Shot ${n}\n${own(n)}\n`).join('');
    const films = [
      (size: number) => `${fill('[d1]: x\n', size * 8)}${shots(size, () => '[a]')}`,
      (size: number) =>
        `${Array.from({ length: size }, (_, n) => `[d${n}]: x\n\n# \n`).join('')}${shots(size, (n) => `![][d${n}]`)}`,
      (size: number) => `[a]: ${'x'.repeat(5_000)}\n${shots(size, () => '![][a]')}`,
      (size: number) => fill('```\n# a\n', size * 8),
      (size: number) => fill('<!--\n# a\n-->\n', size * 8),
      (size: number) => fill('<div>\n# a\n\n', size * 8),
      (size: number) => `\`\`\`\n${shots(size, () => '> a')}`,
    ];
    for (const film of films) {
      const text = film(1_000);
      const reader = new MarkdownReader();
      reader.read(text);
      const { chars, most } = reader.parsed;
      assert.ok(chars <= 2 * text.length, `${chars} for ${text.length}: ${text.slice(0, 60)}`);
      assert.ok(most <= 2 * MAX_SECTION_CHARS, `${most} at once: ${text.slice(0, 60)}`);
    }
  });

  it('has no more below one heading by code in between', () => {
    const part = `> ${'a '.repeat(4_000)}\n\n\`\`\`\n# no heading\n\`\`\`\n\n`;
    const { shots } = parseStoryboard(`# Shot 1\n${part.repeat(3)}\n# Shot 2\n${part}`);
    assert.deepEqual(
      shots.map(({ unread }) => unread?.reason),
      ['long', undefined],
    );
    const notes = parseStoryboard(`# Notes\n${part.repeat(5)}<!--\n# Shot 1\n-->\n# Shot 2\n${part}`);
    assert.deepEqual([notes.unread.length, notes.shots.map(({ label }) => label)], [1, ['Shot 2']]);
  });

  it('is never half a film: front matter, cast and notes that are not read are told', () => {
    const long = 'a '.repeat(MAX_SECTION_CHARS);
    const { frontMatter, unread, shots, title } = parseStoryboard(
      `---\nratio: "1:1"\n---\n${long}\n# A film\n${long}\n## Cast\n${long}\n# Scene 1\n${long}\n## Shot 1\n> a\n`,
    );
    assert.equal(frontMatter?.settings[0]?.value, '1:1');
    assert.equal(title?.text, 'A film');
    assert.deepEqual(
      unread.map(({ reason, isCast }) => [reason, isCast]),
      [
        ['long', false],
        ['long', false],
        ['long', true],
      ],
    );
    assert.deepEqual(
      shots.map(({ label, unread: own }) => [label, own?.reason]),
      [
        ['Scene 1', 'long'],
        ['Shot 1', undefined],
      ],
    );
    const head = parseStoryboard(`---\n${'a: b\n'.repeat(20_000)}---\n# Shot 1\n> a\n`);
    assert.deepEqual([head.frontMatter?.errors.length, head.shots.length], [1, 1]);
  });

  it('takes the first of two definitions, and no more of an embedded image than what it is', () => {
    const of = (text: string) => findSetting(parseStoryboard(text).shots[0]!, 'firstFrame')?.reference?.url;
    const frame = '## Shot 1\n- first frame: ![][Desk]\n\n';
    assert.equal(of(`${frame}[desk]: a.png\n\n# B\n\n[DESK]: b.png\n`), 'a.png');
    assert.equal(of(`[DESK]: b.png\n\n${frame}[desk]: a.png\n`), 'b.png');
    assert.match(
      of(`${frame}# B\n\n[desk]: data:image/png;base64,${'A'.repeat(100_000)}\n`)!,
      /^data:image\/png.{9,300}$/,
    );
    assert.equal(of(`${frame}# B\n\n[desk]: ${'a'.repeat(10_000)}.png\n`), undefined);
  });

  it('ends code and HTML where they end, whatever headings are in them', () => {
    for (const [own, kind] of [
      ['```\n# a\n```', 'other'],
      ['~~~~\n# a\n~~~\n# b\n  ~~~~~', 'other'],
      ['<!-- a\n# b\n-->', 'comment'],
      ['<script>\n# a\n</script>', 'other'],
      ['<div>\n# a', 'other'],
      ['<?php\n# a\n?>', 'other'],
      ['<![CDATA[\n# a\n]]>', 'other'],
      ['<!A\n# a\n>', 'other'],
    ] as const) {
      const text = `# Shot 1\n\n${own}\n\n> A fox.\n`;
      const blocks = new MarkdownReader().read(text);
      assert.deepEqual(
        blocks.map((block) => block.kind),
        ['heading', kind, 'quote'],
        own,
      );
      assert.equal(at(text, blocks[2]!), '> A fox.');
    }
  });
});

describe('the cast', () => {
  it('has names in bold, with or without the colon', () => {
    const text = '# Герои\n- **Вера:** женщина\n- **Old Man**\n- Not a name: x\n\n### More\n- **Fox** – red\n';
    const { cast } = parseStoryboard(text);
    assert.deepEqual(
      cast.map(({ name, description, nameSpan }) => [name, description.text, at(text, nameSpan)]),
      [
        ['Вера', 'женщина', 'Вера'],
        ['Old Man', '', 'Old Man'],
        ['Fox', 'red', 'Fox'],
      ],
    );
    assert.equal(findCastMember(cast, 'old  man')?.name, 'Old Man');
  });
});

/** Every place that is told is where it should be. */
function assertOffsets(text: string, { shots, cast, frontMatter }: Storyboard): void {
  for (const { label, labelSpan, settings, prompt, promptSpan, span, heading } of shots) {
    assert.equal(at(text, labelSpan).replace(/\\/g, ''), label.replace(/\\/g, ''), 'the label');
    assert.ok(span.start === heading.start && span.end >= heading.end && span.end <= text.length);
    for (const { name, nameSpan, value, span: valueSpan, reference, item } of settings) {
      assert.equal(at(text, nameSpan), name);
      assert.ok(item.start <= nameSpan.start && valueSpan.end <= item.end, `${name}: ${value}`);
      assert.ok(!reference || /^!?\[|^</.test(at(text, reference)), at(text, reference ?? valueSpan));
    }
    for (let index = 0; index < prompt.text.length; index++) {
      const place = prompt.spanOf(index, index + 1)!;
      const char = prompt.text[index]!;
      assert.ok(promptSpan!.start <= place.start && place.end <= promptSpan!.end);
      if (/[\p{L}\p{N}@]/u.test(char)) {
        const written = at(text, place);
        assert.ok(written === char || /^[&\\]/.test(written) || /\p{Surrogate}/u.test(char), `${char}: ${written}`);
      }
    }
  }
  for (const { name, nameSpan } of cast) {
    assert.equal(at(text, nameSpan), name);
  }
  for (const { name, nameSpan } of frontMatter?.settings ?? []) {
    assert.equal(at(text, nameSpan), name);
  }
}
