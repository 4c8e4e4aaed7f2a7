import assert from 'node:assert/strict';
import { Emitter } from '../../../../src/common/events';
import { PromptTakes } from '../../../../src/tasks/model/promptTakes';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import { createRecord } from '../../../support/records';

function build(prompts: readonly (readonly [id: string, prompt: string])[]) {
  const records = new Map<string, TaskRecord>();
  const changes = new Emitter<{ id: string; after?: TaskRecord }[]>();
  const loads = new Emitter<void>();
  let listed = 0;
  const named = (id: string, prompt: string) => createRecord(id, { request: { model: 'm', prompt } });
  prompts.forEach(([id, prompt]) => records.set(id, named(id, prompt)));
  const takes = new PromptTakes({
    list: () => {
      listed++;
      return [...records.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
    },
    onDidChange: changes.event,
    onDidLoad: loads.event,
  });
  return {
    takes,
    records,
    loads,
    get listed() {
      return listed;
    },
    numbers: () => [...records.keys()].sort().map((id) => takes.takeOf(id)?.number),
    set: (id: string, prompt: string) => {
      const after = named(id, prompt);
      records.set(id, after);
      changes.fire([{ id, after }]);
    },
    delete: (id: string) => {
      records.delete(id);
      changes.fire([{ id }]);
    },
  };
}

describe('tasks: the takes of one prompt', () => {
  it('are numbered by time of creation; a prompt that is alone has no number', () => {
    const { takes, numbers } = build([
      ['a', 'A fox'],
      ['b', 'A hen'],
      ['c', 'A fox'],
      ['d', 'A fox'],
    ]);
    assert.deepEqual(numbers(), [1, undefined, 2, 3]);
    assert.deepEqual(takes.takeOf('d'), { number: 3, count: 3 });
    assert.equal(takes.takeOf('nobody'), undefined);
  });

  it('are those whose prompt reads the same, and a prompt that is not known is none', () => {
    const { numbers } = build([
      ['a', 'A fox in the snow'],
      ['b', '  A fox\nin\u00a0the  snow\u200b '],
      ['c', 'A fox in the snow!'],
      ['d', ''],
      ['e', ' \n'],
    ]);
    assert.deepEqual(numbers(), [1, 2, undefined, undefined, undefined]);
  });

  it('keep their numbers when others come, in whatever order the windows say so', () => {
    const built = build([['b', 'A fox']]);
    assert.deepEqual(built.numbers(), [undefined]);
    built.set('d', 'A fox');
    built.set('c', 'A fox');
    assert.deepEqual(built.numbers(), [1, 2, 3]);
    built.set('x', '');
    built.set('x', 'A fox');
    assert.deepEqual(built.numbers(), [1, 2, 3, 4]);
    built.delete('d');
    built.delete('x');
    assert.deepEqual(built.numbers(), [1, 2]);
    built.delete('c');
    assert.deepEqual(built.numbers(), [undefined]);
  });

  it('are found anew only when the list is: a change among 10,000 reads no list', () => {
    const built = build(Array.from({ length: 10_000 }, (_, n) => [`t${String(n).padStart(5, '0')}`, `p${n % 5000}`]));
    assert.equal(built.listed, 0, 'nothing before somebody asks');
    assert.deepEqual(built.takes.takeOf('t09999'), { number: 2, count: 2 });
    for (let n = 10_000; n < 11_000; n++) {
      built.set(`t${n}`, 'p1');
      assert.equal(built.takes.takeOf(`t${n}`)?.count, n - 10_000 + 3);
    }
    assert.equal(built.listed, 1);
    built.records.delete('t00001');
    built.loads.fire();
    assert.equal(built.takes.takeOf('t10000')?.number, 2);
    assert.equal(built.listed, 2);
  });
});
