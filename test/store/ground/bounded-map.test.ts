import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FeedCopy } from '../../../src/control/feed-copy.js';
import { BoundedMap } from '../../../src/store/ground/bounded-map.js';
import { Ring } from '../../../src/store/ground/ring.js';

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

test('of a ring only the last records are held, however many come', () => {
  const ring = new Ring<number>(100);
  for (let number = 0; number < 1_000; number++) ring.push(number);
  assert.equal([ring.first, ring.next, ring.at(899), ring.at(900), ring.at(999)], [900, 1_000, undefined, 900, 999]);
  assert.is((ring as unknown as { slots: unknown[] }).slots.length, 100);
});

test('of a feed that is followed from another process only the last records are held', () => {
  const feed = new FeedCopy<number, number>(100, (raw) => raw);
  for (let number = 0; number < 1_000; number++) feed.append(number, [number]);
  assert.equal([feed.first, feed.next, feed.at(899), feed.at(900)], [900, 1_000, undefined, 900]);
  const heavy = new FeedCopy<number, number>(100, (raw) => raw, { most: 50, of: () => 10 });
  for (let number = 0; number < 1_000; number++) heavy.append(number, [number]);
  assert.equal([heavy.first, heavy.next, heavy.at(994), heavy.at(995)], [995, 1_000, undefined, 995]);
});

test.run();
