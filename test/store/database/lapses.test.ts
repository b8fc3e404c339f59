/** When a database is found to be older than it was. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Lapses } from '../../../src/store/database/lapses.js';
import { HighestNumbers } from '../../../src/store/database/told.js';
import { setClock } from '../../support/clock.js';

test('an answer that comes late does not make a database look older than it is', async () => {
  const lapses = new Lapses(setClock());
  const part = lapses.part('account');
  const numbers = new HighestNumbers();
  let number = 0;
  const answers: (() => void)[] = [];
  lapses.lookBy(async () => {
    const asked = new Map([['refused', (number += 1)]]);
    await new Promise<void>((resolve) => answers.push(resolve));
    if (numbers.haveGoneBack(asked)) lapses.found();
  });
  const first = lapses.look();
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  await turn();
  const looks = Promise.all([first, lapses.look(), lapses.look()]);
  for (let turns = 0; turns < 10; turns++) {
    // the newest answer first
    answers.pop()?.();
    await turn();
  }
  await looks;
  assert.is(part.isDue, false);
  assert.is(number, 2, 'whoever asks while one is under way is told by the next');
});

test('what was read before the database was found to be older is read again', async () => {
  const lapses = new Lapses(setClock());
  const part = lapses.part('account');
  let reads = 0;
  lapses.lookBy(() => {
    if (reads === 1) lapses.found();
    return Promise.resolve();
  });
  const read = (): Promise<number> => Promise.resolve((reads += 1));
  assert.is(await part.read(read), 2);
  assert.is(part.isDue, true);
  part.mended(3);
  assert.is(await part.read(read), 3);
  assert.equal([...(lapses.last?.rows ?? [])], [['account', 3]]);
});

test.run();
