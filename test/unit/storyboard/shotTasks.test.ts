import assert from 'node:assert/strict';
import { parseStoryboard } from '../../../src/storyboard/parse';
import { resolveStoryboard } from '../../../src/storyboard/resolve';
import { getShotTasks, toTaskShot } from '../../../src/storyboard/shotTasks';
import type { TaskRecord, TaskState } from '../../../src/tasks/model/taskRecord';
import { createRecord } from '../../support/records';

const DOCUMENT = 'file:///films/letter.storyboard.md';
const CONTEXT = { defaults: { model: 'seedance-1-pro-1080P-5s', aspectRatio: '16:9' }, models: [] } as const;

function read(text: string) {
  return resolveStoryboard(parseStoryboard(text), { ...CONTEXT, models: [] });
}

/** Ids sort by number. */
function take(n: number, shot: { label: string; title: string; document?: string }, more: Partial<TaskRecord> = {}) {
  const { document = DOCUMENT, label, title } = shot;
  return createRecord(`t${String(n).padStart(4, '0')}`, { shot: { document, label, title }, ...more });
}

describe('the tasks of a storyboard', () => {
  const film = read('# Film\n## Shot 1: Night\n> a\n## Shot 2: Rain\n> b\n');

  it('are found by their shots, the oldest first, and none of another storyboard', () => {
    const night = { label: 'Shot 1', title: 'Night' };
    const tasks = getShotTasks(
      film,
      [
        take(3, night),
        take(1, night),
        take(2, { ...night, document: 'file:///other.storyboard.md' }),
        createRecord('t0004'),
      ],
      DOCUMENT,
    );
    assert.deepEqual(
      tasks.of(0).map(({ id }) => id),
      ['t0001', 't0003'],
    );
    assert.deepEqual(tasks.of(1), []);
    assert.deepEqual(tasks.withoutShot, []);
  });

  it('are kept where their shot is gone, and follow one that was renumbered', () => {
    const renumbered = take(1, { label: 'Shot 7', title: 'Rain' });
    const gone = take(2, { label: 'Shot 9', title: 'Snow' });
    const tasks = getShotTasks(film, [renumbered, gone], DOCUMENT);
    assert.deepEqual(tasks.of(1), [renumbered]);
    assert.deepEqual(tasks.withoutShot, [gone]);
  });

  it('stay with their text where shots without a title are renumbered', () => {
    const before = read('# F\n## Shot 1\n> a\n## Shot 2\n> b\n');
    const takes = before.shots.map(({ identity: { label, text } }, n) =>
      take(n, { label, title: '' }, { request: { model: 'm', prompt: text } }),
    );
    const after = read('# F\n## Shot 1\n> new\n## Shot 2\n> a\n## Shot 3\n> b\n');
    const tasks = getShotTasks(after, takes, DOCUMENT);
    assert.deepEqual([tasks.of(0), tasks.of(1), tasks.of(2)], [[], [takes[0]], [takes[1]]]);
  });

  const state = (name: TaskState, error?: TaskRecord['error']) =>
    take(1, { label: 'Shot 1', title: 'Night' }, { state: name, ...(error ? { error } : {}) });
  const refused = { ...state('failed', { kind: 'unsafe-prompt', at: 1 }), request: { model: 'm', prompt: 'a' } };
  for (const [what, records, progress] of [
    ['no task', [], 'missing'],
    ['a draft', [state('draft')], 'underway'],
    ['one that runs', [state('running')], 'underway'],
    ['one that may be charged', [state('unknown')], 'unknown'],
    ['one that may be charged and one that was refused later', [state('unknown'), state('failed')], 'unknown'],
    ['one that failed', [state('failed', { kind: 'task-failed', at: 1 })], 'failed'],
    ['one that was refused for another text', [state('failed', { kind: 'unsafe-prompt', at: 1 })], 'failed'],
    ['one that was refused for its text', [refused], 'refused'],
    ['one that was never sent', [state('failed', { kind: 'never-sent', at: 1 })], 'missing'],
    ['one whose video is lost', [state('expired')], 'missing'],
    ['a video, and another on its way', [state('done'), state('running')], 'done'],
  ] as const) {
    it(`say how far a shot is: ${what}`, () => {
      assert.equal(getShotTasks(film, records, DOCUMENT).progressOf(0), progress);
    });
  }

  it('keep names that are short and have no control characters', () => {
    const shot = toTaskShot(DOCUMENT, { label: 'Shot 1', title: `a\u0000\u202e${'b'.repeat(1_000)}`, text: '' });
    assert.equal(shot.title.length, 500);
    assert.doesNotMatch(shot.title, /[\p{Cc}\u202e]/u);
  });
});
