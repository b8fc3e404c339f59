import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FeedFilter, newestOf } from '../../../../src/panes/views/log/feed-filter.js';
import { Ring } from '../../../../src/store/ground/ring.js';

const even = (n: number): boolean => n % 2 === 0;

test('it numbers what passes, oldest first, and goes on with what is new', () => {
  const feed = new Ring<number>(1000);
  const filter = new FeedFilter(even);
  for (let n = 0; n < 5; n++) feed.push(n);
  filter.refresh(feed);
  assert.equal([filter.count, filter.seqAt(0), filter.seqAt(2)], [3, 0, 4]);
  feed.push(6);
  filter.refresh(feed);
  assert.equal([filter.count, filter.seqAt(3)], [4, 5]);
  assert.is(filter.indexFrom(3), 2);
  assert.is(filter.indexFrom(99), 4);
});

test('what the feed forgot is forgotten, also after tens of thousands', () => {
  const feed = new Ring<number>(100);
  const filter = new FeedFilter(even);
  for (let n = 0; n < 20_000; n++) {
    feed.push(n);
    if (n % 50 === 0) filter.refresh(feed);
  }
  filter.refresh(feed);
  assert.is(filter.count, 50);
  assert.is(filter.seqAt(0), 19_900);
});

test('each record is looked at once until the choice changes', () => {
  const feed = new Ring<number>(1000);
  let looked = 0;
  let choice = (_n: number): boolean => true;
  const filter = new FeedFilter<number>((n) => ++looked > 0 && choice(n));
  for (let n = 0; n < 10; n++) feed.push(n);
  filter.refresh(feed);
  filter.refresh(feed);
  assert.is(looked, 10);
  choice = even;
  filter.reset();
  filter.refresh(feed);
  assert.is(filter.count, 5);
});

test('the newest of a long feed are found without looking at the rest', () => {
  const feed = new Ring<number>(20_000);
  for (let n = 0; n < 30_000; n++) feed.push(n);
  let looked = 0;
  const found = newestOf(feed, 3, (n) => ++looked > 0 && even(n));
  assert.equal(found, [29_998, 29_996, 29_994]);
  assert.ok(looked < 10, `looked at ${looked}`);
});

test('where the newest records are hardly wanted the search is given up, in a short feed it is not', () => {
  const feed = new Ring<number>(20_000);
  for (let n = 0; n < 100; n++) feed.push(n);
  assert.equal(
    newestOf(feed, 3, (n) => n === 0),
    [0],
  );
  for (let n = 100; n < 1_000; n++) feed.push(n);
  assert.is(
    newestOf(feed, 3, (n) => n === 0),
    null,
  );
});

test.run();
