import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BoundedMap } from '../../../src/store/ground/bounded-map.js';

test('the entry that was put in longest ago makes room, and one that is there already takes none', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1).set('b', 2).set('a', 3);
  assert.equal(
    [...map],
    [
      ['a', 3],
      ['b', 2],
    ],
  );
  map.set('c', 4);
  assert.equal([...map.keys()], ['b', 'c']);
});

test.run();
