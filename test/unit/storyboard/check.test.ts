import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ImageError } from '../../../src/images/imageError';
import { applyEdits } from '../../../src/prompting/remark';
import {
  checkStoryboard,
  concernsAll,
  findCircles,
  listFiles,
  RemarkMemory,
  type CheckContext,
} from '../../../src/storyboard/check';
import { findNearest } from '../../../src/storyboard/nearest';
import { planRun } from '../../../src/storyboard/plan';
import { MAX_SENT_CHARS } from '../../../src/storyboard/resolve';
import type { Problem, ProblemCode } from '../../../src/storyboard/problem';
import { HOSTILE_TEXTS } from '../../support/hostileTexts';
import { check, CONTEXT, LETTER, resolve } from '../../support/storyboards';

const shot = (settings: string, prompt = 'A fox runs.') => `## Shot 1\n${settings}\n\n> ${prompt}\n`;
const codes = (problems: readonly Problem[]) => problems.map(({ code }) => code);

/** What is remarked on, and what the first fix makes of the text. */
function only(text: string, code: ProblemCode, context: Partial<CheckContext> = {}) {
  const [problem, ...more] = check(text, { promptChecks: false, ...context });
  assert.deepEqual([problem?.code, more.length], [code, 0], JSON.stringify([problem, ...more], undefined, 1));
  const { span, fixes, severity } = problem!;
  return {
    at: text.slice(span.start, span.end),
    severity,
    fixed: fixes.map(({ edits }) => applyEdits(text, edits)),
    params: problem!.params,
  };
}

describe('the check of a storyboard', () => {
  it('finds nothing in the example of the format', () => {
    assert.deepEqual(check(LETTER), []);
  });

  it('resolves what is sent: cast, style, model and ratio', () => {
    const { shots, style } = resolve(LETTER);
    assert.deepEqual(
      shots.map(({ model, ratio, seconds, prompt, firstFrame, continues, take }) => ({
        model,
        ratio,
        seconds,
        prompt,
        firstFrame,
        continues,
        take,
      })),
      [
        {
          model: 'seedance-1-pro-720P-10s',
          ratio: '9:16',
          seconds: 10,
          prompt:
            'Close-up of Vera (a young woman with long black hair and a cream sweater) at a wooden desk. She turns to the rain on the window. Slow push in. Soft natural light, shallow depth of field, film grain.',
          firstFrame: 'frames/desk.png',
          continues: undefined,
          take: undefined,
        },
        {
          model: 'seedance-1-5-pro-audio-720P-5s',
          ratio: '9:16',
          seconds: 5,
          prompt:
            'Vera (a young woman with long black hair and a cream sweater) waits under a clear umbrella. Static camera. She says: "It rained so hard that year." Soft natural light, shallow depth of field, film grain.',
          firstFrame: undefined,
          continues: 0,
          take: { label: 'take 2', target: 'seedance/the-letter/shot-2-take-2.mp4' },
        },
      ],
    );
    assert.equal(style, 'Soft natural light, shallow depth of field, film grain.');
    assert.deepEqual(listFiles(resolve(LETTER)), {
      images: ['frames/desk.png'],
      videos: ['seedance/the-letter/shot-2-take-2.mp4'],
    });
  });

  it('tells a name of the cast once with its description, in any case of letters and no part of a word', () => {
    const text =
      '# Cast\n- **Vera**: a woman.\n- **Vera Long**: tall\n\n# Shot 1\n\n> @vera and @Vera Long see @Vera, a@Vera and @Verandah.\n';
    assert.equal(resolve(text).shots[0]?.prompt, 'Vera (a woman) and Vera Long (tall) see Vera, a@Vera and @Verandah.');
  });

  it('chooses duration and resolution within the family', () => {
    const { shots } = resolve(
      '# Shot 1\n- model: seedance-1-pro-720P-5s\n- duration: 10 s\n- resolution: 1080p\n\n> a\n',
    );
    assert.equal(shots[0]?.model, 'seedance-1-pro-1080P-10s');
    const wrong = only(shot('- model: seedance-1-pro-720P-5s\n- duration: 7'), 'unknown-duration');
    assert.deepEqual([wrong.at, wrong.severity], ['7', 'error']);
    assert.match(wrong.fixed[0]!, /^- duration: 5$/m);
    const resolution = only(shot('- model: seedance-2-fast-720P-5s\n- resolution: 4K'), 'unknown-resolution');
    assert.match(resolution.fixed[0]!, /^- resolution: 480P$/m);
    assert.equal(only(shot('- model: sora-2\n- duration: 5'), 'no-family', { models: [{ id: 'sora-2' }] }).at, '5');
  });

  it('finds models that there are not, and offers the nearest', () => {
    const wrong = only(shot('- model: seedance-1-pro-720p-5s'), 'unknown-model');
    assert.equal(wrong.at, 'seedance-1-pro-720p-5s');
    assert.match(wrong.fixed[0]!, /^- model: seedance-1-pro-720P-5s$/m);
    assert.equal(only(shot('- model: new-model'), 'unknown-model', { areModelsLive: false }).severity, 'warning');
    const inFile = only('---\nmodel: "seedance-3"\n---\n', 'unknown-model');
    assert.match(inFile.fixed[0]!, /^model: "seedance-[\w-]+"$/m);
  });

  it('finds ratios that there are not', () => {
    const wrong = only(shot('* ratio: 4:3'), 'unknown-ratio');
    assert.deepEqual([wrong.at, wrong.fixed.length], ['4:3', 3]);
    assert.match(wrong.fixed[1]!, /^\* ratio: 9:16$/m);
    assert.match(only('---\nratio: wide\n---\n', 'unknown-ratio').fixed[0]!, /^ratio: "16:9"$/m);
  });

  it('finds what is wrong in the head of the file', () => {
    assert.equal(only('---\nmodel: "x\n---\n', 'front-matter').severity, 'error');
    assert.equal(only('---\nstyle: [a]\n---\n', 'not-text').at, '[a]');
    assert.equal(only('---\nstyle: a\nstyle: b\n---\n', 'repeated-key').at, 'style');
    assert.equal(only('---\nstyle:\nmood: dark\n---\n', 'empty-value').at, 'style');
    assert.equal(only('---\nfolder: ../elsewhere\n---\n', 'no-folder').at, '../elsewhere');
    const remark = check('---\nstyle: Film grain, no text at all.\n---\n');
    assert.deepEqual(codes(remark), ['prompt']);
  });

  it('finds what git left', () => {
    const problems = check('# Shot 1\n<<<<<<< HEAD\n\n> a\n\n=======\n\n> b\n\n>>>>>>> theirs\n');
    assert.deepEqual(codes(problems.filter(({ severity }) => severity === 'error')), [
      'conflict',
      'conflict',
      'conflict',
    ]);
  });

  it('finds keys without a value, keys twice, and keys in a wrong place', () => {
    const empty = only(shot('- model:'), 'empty-value');
    assert.deepEqual([empty.at, empty.fixed], ['model', ['## Shot 1\n\n> A fox runs.\n']]);
    const twice = only(shot('- ratio: 1:1\n- ratio: 9:16'), 'repeated-key');
    assert.equal(twice.fixed[0], shot('- ratio: 1:1'));
    const misplaced = only('## Shot 1\n\n> a\n\n- ratio: 1:1\n- a note\n', 'misplaced');
    assert.deepEqual([misplaced.at, misplaced.fixed], ['ratio', ['## Shot 1\n- ratio: 1:1\n\n> a\n\n- a note\n']]);
    const set = only('## Shot 1\n- ratio: 9:16\n\n> a\n\n- ratio: 1:1\n- a note\n', 'misplaced');
    assert.deepEqual(set.fixed, ['## Shot 1\n- ratio: 9:16\n\n> a\n\n- a note\n'], 'it is set already');
    const frame = only('## Shot 1\n\n> a\n\n1. first frame: ![desk](a.png)\n', 'misplaced');
    assert.match(frame.fixed[0]!, /^## Shot 1\n- first frame: !\[desk\]\(a\.png\)\n\n> a\n/);
    assert.deepEqual(check(shot('- skip:'), { promptChecks: false }), []);
    const perhaps = only(shot('- skip: perhaps'), 'no-answer');
    assert.deepEqual([perhaps.at, perhaps.fixed], ['perhaps', [shot('- skip: yes'), shot('- skip: no')]]);
    assert.match(only(shot('- пропустить: может'), 'no-answer').fixed[0]!, /^- пропустить: да$/m);
  });

  it('finds first frames that cannot be used', () => {
    const text = shot('- first frame: ![](frames/desk.png)');
    const missing = only(text, 'missing-image', { image: () => ({ kind: 'missing' }) });
    assert.deepEqual([missing.at, missing.fixed], ['![](frames/desk.png)', ['## Shot 1\n\n> A fox runs.\n']]);
    const error = new ImageError('side-too-short', { width: 10, height: 10 });
    assert.equal(only(text, 'unusable-image', { image: () => ({ kind: 'unusable', error }) }).severity, 'error');
    const tall = { kind: 'usable', width: 720, height: 1280, isPhotograph: false } as const;
    const shape = only(text, 'other-shape', { image: () => tall });
    assert.deepEqual(
      [shape.severity, shape.fixed],
      ['warning', [shot('- first frame: ![](frames/desk.png)\n- ratio: 9:16')]],
    );
    assert.equal(only(shot('- first frame: command:x'), 'no-image').at, 'command:x');
    assert.deepEqual(check(shot('- first frame: frames/desk.png'), { promptChecks: false }), []);
    const both = only(
      `${shot('- first frame: a.png\n- continue: Shot 2')}\n${shot('').replace('1', '2')}`,
      'two-beginnings',
    );
    assert.deepEqual(
      both.fixed.map((fixed) => fixed.split('\n')[1]),
      ['- continue: Shot 2', '- first frame: a.png'],
    );
  });

  it('finds shots that there are not, that are several, and those of another shape', () => {
    const film = (name: string, more = '') => `# Shot 1\n\n> a\n\n# Shot 12\n- continue: ${name}\n${more}\n> b\n`;
    const unknown = only(film('Shoot 1'), 'unknown-shot');
    assert.equal(unknown.at, 'Shoot 1');
    assert.match(unknown.fixed[0]!, /^- continue: Shot 1$/m);
    const shape = only(film('Shot 1', '- ratio: 1:1\n'), 'other-shape');
    assert.deepEqual([shape.at, shape.fixed], ['Shot 1', [film('Shot 1', '- ratio: 16:9\n')]]);
    const scenes =
      '# Scene 1\n## Shot 1\n\n> a\n\n# Scene 2\n## Shot 1\n\n> b\n\n# Scene 3\n## Shot 2\n- continue: Shot 1\n\n> c\n';
    const several = only(scenes, 'ambiguous-shot');
    assert.match(several.fixed[1]!, /^- continue: Scene 2 \/ Shot 1$/m);
    assert.deepEqual(check(several.fixed[1]!, { promptChecks: false }), []);
    const skipped = '# Shot 1\n- skip: yes\n\n> a\n\n# Shot 2\n- continue: Shot 1\n\n> b\n';
    const skip = only(skipped, 'continues-skipped');
    assert.deepEqual([skip.at, skip.fixed], ['Shot 1', [skipped.replace('- continue: Shot 1\n', '')]]);
    const middle = `# Shot 0\n\n> a\n\n${skipped.replace('- skip', '- continue: Shot 0\n- skip')}`;
    assert.match(only(middle, 'continues-skipped').fixed[0]!, /# Shot 2\n- continue: Shot 0\n/);
    const taken = skipped.replace('- skip', '- take: a.mp4\n- skip');
    assert.deepEqual(check(taken, { promptChecks: false }), []);
  });

  it('finds circles, of one and of twenty', () => {
    const own = only('# Shot 1\n- continue: Shot 1\n\n> a\n', 'circle');
    assert.deepEqual([own.at, own.fixed], ['Shot 1', ['# Shot 1\n\n> a\n']]);
    const twenty = Array.from({ length: 20 }, (_, n) => `# Shot ${n}\n- continue: Shot ${(n + 1) % 20}\n\n> a\n`).join(
      '\n',
    );
    const problems = check(`${twenty}\n# Shot 20\n- continue: Shot 3\n\n> a\n`);
    assert.deepEqual([...new Set(codes(problems))], ['circle']);
    assert.equal(problems.length, 20, 'what leads into it is in no circle');
    const [first] = problems;
    assert.equal(first?.code === 'circle' && first.params.shots.length, 20);
  });

  it('finds circles in any graph, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(11), { nil: undefined }), { minLength: 1, maxLength: 12 }), (targets) => {
        const circles = findCircles(targets.map((continues) => ({ continues })));
        targets.forEach((_, start) => {
          let at: number | undefined = start;
          for (let step = 0; step < targets.length; step++) {
            at = targets[at]!;
            if (at === undefined || at === start || targets[at] === undefined) {
              break;
            }
          }
          assert.equal(circles.has(start), at === start && targets[start] !== undefined);
        });
      }),
    );
  });

  it('finds takes that are not there, and times that make no film', () => {
    const text = shot('- take: [take 1](a.mp4)');
    const missing = only(text, 'missing-take', { hasVideo: () => false });
    assert.deepEqual([missing.at, missing.fixed], ['[take 1](a.mp4)', ['## Shot 1\n\n> A fox runs.\n']]);
    assert.equal(only(shot('- take: the second one'), 'no-take').at, 'the second one');
    assert.equal(only(shot('- in: soon'), 'no-time').at, 'soon');
    const beyond = only(shot('- out: 0:07\n- model: seedance-1-pro-720P-5s'), 'beyond-end');
    assert.deepEqual([beyond.at, beyond.fixed], ['0:07', [shot('- out: 5\n- model: seedance-1-pro-720P-5s')]]);
    assert.equal(only(shot('- in: 3\n- out: 2'), 'times-order').at, '2');
  });

  it('finds shots that nothing tells apart, and renumbers', () => {
    const two = only('# Shot 1: Rain\n\n> a\n\n# Shot 01: rain\n\n> b\n\n# Shot 2\n\n> c\n', 'repeated-shot');
    assert.deepEqual([two.at, two.severity], ['Shot 01', 'error']);
    assert.match(two.fixed[0]!, /^# Shot 03: rain$/m);
    assert.equal(only('# Shot 1: Rain\n\n> a\n\n# Shot 1: Snow\n\n> b\n', 'repeated-shot').severity, 'warning');
    assert.equal(only('# Cast\n- **Vera**: a\n- **VERA**: b\n', 'repeated-name').at, 'VERA');
  });

  it('finds shots without a prompt, and prompts that are too long', () => {
    assert.deepEqual([only('# Shot 1\n', 'no-prompt').severity], ['information']);
    assert.equal(only(shot('', 'fox '.repeat(2_100)), 'prompt-too-long').severity, 'error');
  });

  it('tells of sections that are not read, and keeps back what is known by half', () => {
    const long = 'a '.repeat(10_001);
    const own = only(`# Shot 1: One\n${long}`, 'unread');
    assert.deepEqual([own.at, own.severity], ['# Shot 1: One', 'error']);
    assert.equal(only(`# Shot 1\n${'> '.repeat(10_000)}`, 'unread').severity, 'error');
    assert.deepEqual(only(`# Notes\n${long}\n\n# Shot 1\n\n> a\n`, 'unread').severity, 'warning');
    const text = `# Film\n\n## Cast\n${long}\n\n# Shot 1\n\n> a\n`;
    assert.deepEqual([only(text, 'unread').at, check(text).some(concernsAll)], ['## Cast', true]);
    const problems = check(`# Shot 1\n${long}\n\n# Shot 2\n\n> a\n`);
    const plan = planRun({
      resolved: resolve(`# Shot 1\n${long}\n\n# Shot 2\n\n> a\n`),
      problems,
      progressOf: () => 'missing',
      priceOf: () => 1,
    });
    assert.deepEqual([plan.order, plan.steps[0]!.state], [[1], { kind: 'stuck', reason: 'problem' }]);
  });

  it('neither makes nor remarks on what is far too long to be sent', () => {
    const cast = `# Cast\n${['A', 'B', 'C'].map((name) => `- **${name}**: ${'no fox '.repeat(900)}\n`).join('')}`;
    const film = (prompt: string, shots: number) =>
      `---\nstyle: ${'grain '.repeat(3_000)}\n---\n${cast}${Array.from({ length: shots }, (_, n) => `# Shot ${n}\n\n> ${prompt} ${n}\n`).join('')}`;
    const text = film('@A and @B and @C run', 2);
    const problems = check(text).filter(({ shot: index }) => index !== undefined);
    assert.deepEqual(codes(problems), ['prompt-too-long', 'prompt-too-long']);
    assert.ok(problems[0]?.code === 'prompt-too-long' && problems[0].params.length > 36_000);
    assert.ok(resolve(text).shots.every(({ prompt }) => prompt.length < 100));
    assert.deepEqual(codes(check(shot('', `${'no fox, '.repeat(1_100)}--dur 10`))), ['prompt-too-long']);
  });

  it('fills no memory with a cast that is described at length in thousands of shots', () => {
    const text = `# Cast\n- **A**: ${'fox '.repeat(1_900)}\n\n${Array.from({ length: 1_000 }, (_, n) => `# Shot ${n}\n\n> @A ${n}\n`).join('')}`;
    const resolved = resolve(text);
    assert.ok(resolved.isTooMuch);
    assert.ok(resolved.shots.reduce((sum, { prompt }) => sum + prompt.length, 0) <= MAX_SENT_CHARS + 100_000);
    const problem = check(text, { promptChecks: false }).find(concernsAll);
    assert.equal(problem?.code, 'too-much');
  });

  it('remarks on the prompts of a very long film in several turns', () => {
    const text = Array.from(
      { length: 60 },
      (_, n) => `# Shot ${n}\n\n> no people, ${'fox '.repeat(1_500)} ${n}\n`,
    ).join('');
    const memory = new RemarkMemory();
    const counts: number[] = [];
    do {
      counts.push(checkStoryboard(text, resolve(text), CONTEXT, memory).length);
    } while (memory.isBehind && counts.length < 10);
    assert.ok(counts.length > 1 && counts.length < 10, counts.join());
    assert.ok(
      counts.every((count, index) => index === 0 || count > counts[index - 1]!),
      counts.join(),
    );
    assert.equal(checkStoryboard(text, resolve(text), CONTEXT, memory).length, counts.at(-1));
  });

  it('tells of a first frame that no run opens', () => {
    const embedded = only(shot('- first frame: ![](data:image/png;base64,AAAA)'), 'embedded-image');
    assert.deepEqual([embedded.at, embedded.severity], ['![](data:image/png;base64,AAAA)', 'error']);
    const outside = shot('- first frame: ![](../../secret/x.png)');
    const found = only(outside, 'outside-image', { image: () => ({ kind: 'outside' }) });
    assert.deepEqual([found.at, found.severity], ['![](../../secret/x.png)', 'error']);
    assert.equal(only(shot('- first frame: ![](file:///etc/x.png)'), 'outside-image').severity, 'error');
    assert.equal(only(outside, 'unsaved-image', { image: () => ({ kind: 'unsaved' }) }).severity, 'error');
    assert.equal(only(shot('- first frame: ![](//a.example/x.png)'), 'no-image').severity, 'error');
    assert.deepEqual(check(shot('- first frame: ![](https://a.example/x.png)')), []);
  });

  it('remarks on prompts at their words, through the marks of Markdown', () => {
    const text = '## Shot 1\n\n> A *fox* &amp; a hare, without\n> any people. It runs.\n';
    const [problem, ...more] = check(text);
    assert.equal(more.length, 0);
    assert.ok(problem?.code === 'prompt' && problem.params.remark.rule === 'negation');
    assert.match(text.slice(problem.span.start, problem.span.end), /^without/);
    for (const fix of problem.fixes) {
      assert.match(applyEdits(text, fix.edits), /^## Shot 1\n\n> A \*fox\* &amp; a hare.*\n> .*It runs\.\n$/s);
    }
    assert.deepEqual(check(text, { promptChecks: false }), []);
  });

  it('offers the nearest name of the cast, and to add it', () => {
    const text = LETTER.replace('@Vera at', '@Vear at');
    const [problem] = check(text);
    assert.equal(text.slice(problem!.span.start, problem!.span.end), '@Vear');
    assert.equal(applyEdits(text, problem!.fixes[0]!.edits), LETTER);
    assert.match(applyEdits(text, problem!.fixes[1]!.edits), /red stripe\.\n- \*\*Vear\*\*: \n/);
    const alone = '# A film\n\n## Shot 1\n\n> @Fox runs.\n';
    const [unknown] = check(alone);
    assert.equal(
      applyEdits(alone, unknown!.fixes[0]!.edits),
      '# A film\n\n## Cast\n- **Fox**: \n\n## Shot 1\n\n> @Fox runs.\n',
    );
  });

  it('offers to take another model for a flag, in a line of its own', () => {
    const text = '## Shot 1\n- model: seedance-1-pro-720P-5s\n\n> A fox runs. --dur 10\n';
    const [problem] = check(text);
    assert.equal(text.slice(problem!.span.start, problem!.span.end), '--dur 10');
    const fixed = problem!.fixes.map(({ edits }) => applyEdits(text, edits));
    assert.deepEqual(fixed, [text.replace(' --dur 10', ''), text.replace('720P-5s', '720P-10s')]);
  });

  it('says where, inside of the text, whatever it holds; and each fix is an edit of it', () => {
    for (const hostile of HOSTILE_TEXTS) {
      const text = `---\nmodel: ${hostile}\n---\n## Shot 1: ${hostile}\n- model: ${hostile}\n- continue: ${hostile}\n- first frame: ${hostile}\n- in: ${hostile}\n\n> ${hostile}\n`;
      for (const { span, fixes } of check(text)) {
        assert.ok(0 <= span.start && span.start <= span.end && span.end <= text.length);
        for (const { edits } of fixes) {
          assert.ok(edits.every(({ start, end }) => 0 <= start && start <= end && end <= text.length));
        }
      }
    }
  });
});

describe('the nearest text', () => {
  it('is one that a few letters lead to', () => {
    assert.deepEqual(findNearest('Shoot 1', ['Shot 2', 'Shot 1', 'The harbour']), ['Shot 1', 'Shot 2']);
    assert.deepEqual(findNearest('x'.repeat(1_000), ['x']), []);
  });
});
