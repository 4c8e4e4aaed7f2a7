import assert from 'node:assert/strict';
import { Emitter } from '../../../src/common/events';
import { ShotTaskIndex, type ShotTaskSource } from '../../../src/storyboard/shotTaskIndex';
import type { TaskRecord } from '../../../src/tasks/model/taskRecord';
import { createRecord } from '../../support/records';

const LETTER = 'file:///films/letter.storyboard.md';
const OTHER = 'file:///films/other.storyboard.md';

class Source implements ShotTaskSource {
  readonly changes = new Emitter<readonly { id: string; before?: TaskRecord; after?: TaskRecord }[]>();
  readonly loads = new Emitter<void>();
  readonly onDidChange = this.changes.event;
  readonly onDidLoad = this.loads.event;
  records: TaskRecord[] = [];
  listed = 0;
  list(): readonly TaskRecord[] {
    this.listed++;
    return this.records;
  }
}

const take = (id: string, document = LETTER, more: Partial<TaskRecord> = {}) =>
  createRecord(id, { shot: { document, label: 'Shot 1', title: '' }, ...more });
const ids = (records: readonly TaskRecord[]) => records.map(({ id }) => id);

describe('the index of the tasks of storyboards', () => {
  it('gives those of one storyboard, the oldest first, and reads the list once', () => {
    const source = new Source();
    source.records = [take('t3'), createRecord('t2'), take('t4', OTHER), take('t1')];
    const index = new ShotTaskIndex(source);
    assert.equal(source.listed, 0);
    assert.deepEqual(ids(index.of(LETTER)), ['t1', 't3']);
    assert.deepEqual(ids(index.of(OTHER)), ['t4']);
    assert.deepEqual(index.of('file:///none.storyboard.md'), []);
    assert.equal(source.listed, 1);
  });

  it('follows the changes, and tells only which storyboards they are about', () => {
    const source = new Source();
    source.records = [take('t1')];
    const index = new ShotTaskIndex(source);
    const told: string[][] = [];
    index.onDidChange((documents) => told.push(documents === 'all' ? ['all'] : [...documents]));
    const before = index.of(LETTER);
    source.changes.fire([{ id: 't2', after: createRecord('t2') }]);
    assert.equal(index.of(LETTER), before, 'the same answer while nothing of it has changed');

    const running = take('t1', LETTER, { state: 'running' });
    source.changes.fire([{ id: 't1', before: take('t1'), after: running }]);
    assert.deepEqual(index.of(LETTER), [running]);
    source.changes.fire([{ id: 't1', before: running, after: take('t1', OTHER) }]);
    assert.deepEqual([ids(index.of(LETTER)), ids(index.of(OTHER))], [[], ['t1']], 'the file was renamed');
    source.changes.fire([{ id: 't1', before: take('t1', OTHER) }]);
    assert.deepEqual(index.of(OTHER), []);
    assert.deepEqual(told, [[LETTER], [LETTER, OTHER], [OTHER]]);
    assert.equal(source.listed, 1);
  });

  it('begins again when the list is loaded', () => {
    const source = new Source();
    const index = new ShotTaskIndex(source);
    assert.deepEqual(index.of(LETTER), []);
    source.records = [take('t1')];
    source.loads.fire();
    assert.deepEqual(ids(index.of(LETTER)), ['t1']);
  });
});
