import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { faultyTraffic, wrongWith } from '../../support/faulty-traffic.js';

/** On a machine that does much else fewer requests have to do. */
const LONGEST_MS = 60_000;

test('10,000 requests while accounts die and come back and Google fails: no client sees it, and each is accounted for', async () => {
  const figures = await faultyTraffic(10_000, LONGEST_MS);
  assert.equal(wrongWith(figures), []);
  assert.ok(figures.broken > 0 && figures.logged.tries > figures.requests, 'there were faults');
});

test.run();
