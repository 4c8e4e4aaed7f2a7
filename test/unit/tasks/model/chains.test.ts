import assert from 'node:assert/strict';
import fc from 'fast-check';
import { getChains, getParent } from '../../../../src/tasks/model/chains';

/** `b:a` continues a; `a` continues nothing. */
const link = (text: string) => {
  const [id, task] = text.split(':') as [string, string?];
  return { id, request: task === undefined ? {} : { firstFrame: { from: { task } } } };
};
const links = (text: string) => text.split(' ').map(link);
const names = (text: string) => {
  const chains = getChains(links(text));
  return links(text).map(({ id }) => {
    const take = chains.takeOf(id);
    return take && `${take.chain}${take.number}${take.variant === undefined ? '' : `.${take.variant}`}`;
  });
};

describe('chains', () => {
  it('number takes from the first on, whatever order the records come in', () => {
    assert.deepEqual(names('a b:a c:b x'), ['a1', 'a2', 'a3', undefined]);
    assert.deepEqual(names('c:b b:a x a'), ['a3', 'a2', undefined, 'a1']);
    assert.deepEqual(getChains(links('c:b b:a x a')).takesOf('a'), ['a', 'b', 'c']);
    assert.equal(getChains(links('a b:a')).takeOf('b')?.parent, 'a');
  });

  it('tell apart by age what continues the same take', () => {
    assert.deepEqual(names('a b:a c:a d:b e:c f:e'), ['a1', 'a2.1', 'a2.2', 'a3.1', 'a3.2', 'a4']);
    assert.deepEqual(getChains(links('f:e e:c d:b c:a b:a a')).takesOf('a'), ['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('go on when a take was removed', () => {
    assert.deepEqual(names('b:a c:b'), ['a2', 'a3']);
    assert.deepEqual(names('a c:b'), [undefined, 'b2']);
    assert.deepEqual(names('b:a c:a'), ['a2.1', 'a2.2']);
    assert.equal(getChains(links('b:a')).takeOf('a'), undefined);
  });

  it('make something of what cannot be', () => {
    assert.deepEqual(names('a:a'), [undefined]);
    assert.equal(getParent(link('a:a')), undefined);
    assert.deepEqual(names('a:b b:a'), ['a1', 'a2']);
    assert.deepEqual(names('x:c y:x c:b b:a a:c'), ['a4', 'a5', 'a3', 'a2', 'a1']);
    assert.deepEqual(names('constructor:__proto__ __proto__:toString'), ['toString3', 'toString2']);
  });

  it('hold for any records', () => {
    const id = fc.integer({ min: 0, max: 30 }).map((n) => `t${String(n).padStart(2, '0')}`);
    const anyLinks = fc
      .uniqueArray(fc.record({ id, task: fc.option(id, { nil: undefined }) }), {
        selector: ({ id: own }) => own,
        maxLength: 31,
      })
      .map((all) => all.map(({ id: own, task }) => link(task === undefined ? own : `${own}:${task}`)));
    fc.assert(
      fc.property(anyLinks, fc.func(fc.integer()), (records, chance) => {
        const chains = getChains(records);
        const listed = new Set(records.map(({ id: own }) => own));
        const found: string[] = [];
        for (const chain of new Set(records.flatMap(({ id: own }) => chains.takeOf(own)?.chain ?? [])))
          found.push(...chains.takesOf(chain));
        assert.equal(new Set(found).size, found.length, 'each once');
        for (const record of records) {
          const take = chains.takeOf(record.id);
          const parent = getParent(record);
          const isContinued = records.some((other) => getParent(other) === record.id);
          assert.equal(take !== undefined, parent !== undefined || isContinued);
          assert.equal(found.includes(record.id), take !== undefined);
          if (take?.parent === undefined) {
            assert.ok(take === undefined || take.number === 1);
            continue;
          }
          assert.equal(take.parent, parent);
          const before = chains.takeOf(take.parent);
          assert.equal(before !== undefined, listed.has(take.parent));
          assert.equal(take.number, before ? before.number + 1 : 2);
          assert.equal(take.chain, before ? before.chain : take.parent);
        }
        const names = records
          .map(({ id: own }) => chains.takeOf(own))
          .filter((take) => take !== undefined)
          .map(({ chain, number, variant }) => `${chain} ${number}.${variant ?? ''}`);
        assert.equal(new Set(names).size, names.length, 'no two takes of one name');
        // The same for any order.
        const shuffled = records
          .map((record) => ({ record, at: chance(record.id) }))
          .sort((a, b) => a.at - b.at)
          .map(({ record }) => record);
        const again = getChains(shuffled);
        for (const own of listed) assert.deepEqual(again.takeOf(own), chains.takeOf(own));
      }),
      { numRuns: 500 },
    );
  });

  it('reach as far as the list does, looking at each record a few times', () => {
    const COUNT = 10_000;
    const name = (n: number) => `t${String(n).padStart(6, '0')}`;
    for (const last of [undefined, name(COUNT - 1)]) {
      let looks = 0;
      const records = Array.from({ length: COUNT }, (_, n) => ({
        id: name(n),
        get request() {
          looks += 1;
          const task = n === 0 ? last : name(n - 1);
          return task === undefined ? {} : { firstFrame: { from: { task } } };
        },
      })).reverse();
      const chains = getChains(records);
      assert.equal(chains.takeOf(name(COUNT - 1))?.number, COUNT);
      assert.equal(chains.takesOf(name(0)).length, COUNT);
      assert.ok(looks <= 3 * COUNT, `${looks}`);
    }
  });
});
