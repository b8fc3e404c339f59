import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OpenList, type InOpenList } from '../../../src/proxy/transport/open-list.js';

interface One extends InOpenList {
  readonly name: number;
}
const namesIn = (list: OpenList<One>): readonly number[] => {
  const names: number[] = [];
  list.forEach(({ name }) => names.push(name));
  return names.sort((a, b) => a - b);
};

test('whatever comes and goes, the list has those that came and did not go', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(20))), (steps) => {
      const list = new OpenList<One>();
      const all = Array.from({ length: 21 }, (_, name): One => ({ name, place: -1 }));
      const model = new Set<number>();
      for (const [comes, name] of steps) {
        const one = all[name];
        if (one === undefined) continue;
        if (!comes) {
          list.remove(one);
          model.delete(name);
        } else if (!model.has(name)) {
          list.add(one);
          model.add(name);
        }
        assert.is(list.size, model.size);
      }
      assert.equal(
        namesIn(list),
        [...model].sort((a, b) => a - b),
      );
    }),
  );
});

test('each is called once, also where a call removes it or another', () => {
  const list = new OpenList<One>();
  const all = Array.from({ length: 9 }, (_, name): One => ({ name, place: -1 }));
  for (const one of all) list.add(one);
  const called: number[] = [];
  list.forEach((one) => {
    called.push(one.name);
    if (one.name % 2 === 0) list.remove(one);
  });
  assert.equal(
    called.sort((a, b) => a - b),
    all.map(({ name }) => name),
  );
  assert.equal(namesIn(list), [1, 3, 5, 7]);
});

test.run();
