import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BUILT_IN_MODELS } from '../../../src/api/models';
import { createExample } from '../../../src/storyboard/example';
import { createDraftFromTasks, type TaskPlaces } from '../../../src/storyboard/fromTasks';
import { parseStoryboard } from '../../../src/storyboard/parse';
import { resolveStoryboard } from '../../../src/storyboard/resolve';
import { writeStoryboard } from '../../../src/storyboard/write';
import { cleanPrompt } from '../../../src/tasks/model/prompt';
import type { TaskRecord } from '../../../src/tasks/model/taskRecord';
import { createRecord } from '../../support/records';
import { check, CONTEXT } from '../../support/storyboards';
import { HOSTILE_TEXTS } from '../../support/hostileTexts';

describe('the example of a storyboard', () => {
  for (const language of ['en', 'ru'] as const) {
    const text = writeStoryboard(createExample(language));

    it(`in ${language} has no remark, whatever the model that the user has chosen`, () => {
      for (const { id } of BUILT_IN_MODELS) {
        const defaults = { model: id, aspectRatio: '9:16' as const };
        assert.deepEqual(check(text, { defaults }), [], id);
      }
    });

    it(`in ${language} shows a cast, a style and a shot that continues another`, () => {
      const { storyboard, shots, style } = resolveStoryboard(parseStoryboard(text), CONTEXT);
      assert.equal(storyboard.language, language);
      assert.equal(shots.length, 4);
      assert.equal(storyboard.cast.length, 1);
      assert.equal(shots[3]?.continues, 2);
      for (const { prompt, shot } of shots) {
        assert.ok(prompt.includes(storyboard.cast[0]!.description.text) && prompt.endsWith(style!), prompt);
        assert.notEqual(shot.title, '');
      }
    });
  }
});

const NOWHERE: TaskPlaces = { video: () => undefined, firstFrame: () => undefined };
const task = (id: string, prompt: string, more: Partial<TaskRecord['request']> = {}) =>
  createRecord(id, { request: { model: 'seedance-2', aspectRatio: '16:9', prompt, ...more } });
const frameOf = (origin: string, isLast = true) => ({
  firstFrame: {
    source: `frame-of-${origin}`,
    delivery: 'inline',
    label: 'frame',
    from: { task: origin, seconds: 5, isLast },
  },
});
const draftOf = (records: readonly TaskRecord[], places: Partial<TaskPlaces> = {}) =>
  createDraftFromTasks(records, { language: 'en', title: 'Film', places: { ...NOWHERE, ...places } });

describe('a storyboard of tasks', () => {
  it('has a shot for each prompt, in order of time, whatever the order in which they were selected', () => {
    const { draft, shotOf } = draftOf([task('c', 'a hen'), task('b', ' a  fox '), task('a', 'a fox')]);
    assert.deepEqual(
      draft.shots.map(({ prompt }) => prompt),
      ['a fox', 'a hen'],
    );
    assert.deepEqual(Object.fromEntries(shotOf), { a: 0, b: 0, c: 1 });
  });

  it('says once what all have, and beside each shot what they have not', () => {
    const same = draftOf([task('a', 'a fox'), task('b', 'a hen', { model: '' })]).draft;
    assert.deepEqual(same.settings, { model: 'seedance-2', ratio: '16:9' });
    assert.deepEqual(
      same.shots.map(({ settings }) => settings),
      [{}, {}],
    );
    const { settings, shots } = draftOf([task('a', 'a fox', { aspectRatio: '1:1' }), task('b', 'a hen')]).draft;
    assert.deepEqual(settings, { model: 'seedance-2' });
    assert.deepEqual(
      shots.map((shot) => shot.settings),
      [{ ratio: '1:1' }, { ratio: '16:9' }],
    );
  });

  it('continues a shot where a task was made from the last frame of another one', () => {
    const records = [
      task('a', 'a fox'),
      task('b', 'a hen', frameOf('a')),
      task('c', 'a fox', frameOf('b')),
      task('d', 'a hen', frameOf('a')),
      task('e', 'a cat', frameOf('b', false)),
      task('f', 'a dog', frameOf('gone')),
    ];
    const { draft, framesLeftOut } = draftOf(records);
    assert.deepEqual(
      draft.shots.map(({ prompt, settings }) => [prompt, settings?.continue]),
      [
        ['a fox', undefined],
        ['a hen', 'Shot 1'],
        ['a fox', 'Shot 2'],
        ['a cat', undefined],
        ['a dog', undefined],
      ],
    );
    assert.equal(framesLeftOut, 2);
    const codes = check(writeStoryboard(draft)).filter(({ severity }) => severity === 'error');
    assert.deepEqual(codes, []);
  });

  it('names saved videos and first frames that it can reach', () => {
    const records = [
      task('a', 'a fox', { firstFrame: { source: 'x', delivery: 'link', label: 'x' } }),
      task('b', 'a fox'),
      task('c', 'a fox'),
    ];
    const { draft, framesLeftOut } = draftOf(records, {
      video: ({ id }) => (id === 'c' ? undefined : `seedance/${id} 1.mp4`),
      firstFrame: () => 'frames/x.png',
    });
    const [shot] = resolveStoryboard(parseStoryboard(writeStoryboard(draft)), CONTEXT).shots;
    assert.deepEqual(
      [shot?.take, shot?.firstFrame, framesLeftOut],
      [{ label: 'take 2', target: 'seedance/b%201.mp4' }, 'frames/x.png', 0],
    );
  });

  it('says the prompt of each task as it was sent, whatever that is', () => {
    const prompt = fc
      .oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom(...HOSTILE_TEXTS), fc.lorem())
      .filter((text) => /\S/u.test(plain(text)));
    fc.assert(
      fc.property(
        fc.array(prompt, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('en', 'ru'),
        (prompts, language) => {
          const records = prompts.map((text, index) => task(`task-${index}`, text));
          const { draft, shotOf } = createDraftFromTasks(records, { language, title: 'Film', places: NOWHERE });
          const { shots } = parseStoryboard(writeStoryboard(draft));
          for (const { id, request } of records) {
            assert.equal(plain(shots[shotOf.get(id)!]?.prompt.text ?? ''), plain(request.prompt));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** As it is sent: blanks that a reader does not tell apart are one. */
function plain(text: string): string {
  return cleanPrompt(text).replace(/\s+/g, ' ').trim();
}
