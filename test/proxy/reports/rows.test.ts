/** The rows of accounts, as pictures follow each other. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { withHouse, type House } from '../../support/house.js';

const accounts = Array.from({ length: 20 }, (_, at) => ({
  id: `a${at}`,
  email: `a${at}@example.com`,
  accessEndsIn: 3_000,
}));

const served = ({ supervisor }: House): number =>
  supervisor.snapshot().accounts.reduce((sum, { requests }) => sum + requests, 0);

async function ask(house: House, times: number): Promise<void> {
  house.google.upstream(() => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{}' }));
  for (let n = 0; n < times; n++) assert.is((await house.ask()).status, 200);
}

test('what a few accounts served is in the next picture; what many did, in one of two a second', async () => {
  const clock = setClock();
  await withHouse({ accounts, clock }, async (house) => {
    await ask(house, 20);
    assert.is(served(house), 20);
    await ask(house, 20);
    assert.is(served(house), 20);
    clock.advance(500);
    assert.is(served(house), 40);
    await ask(house, 3);
    assert.is(served(house), 43);
  });
});

test('a row stays the same object until something of it changes, and the list until one of its rows does', async () => {
  const clock = setClock();
  await withHouse({ accounts, clock }, async (house) => {
    const before = house.supervisor.snapshot().accounts;
    assert.is(house.supervisor.snapshot().accounts, before);
    await ask(house, 1);
    const after = house.supervisor.snapshot().accounts;
    assert.is(after.filter((row, at) => row !== before[at]).length, 1);
    assert.equal(
      before.map(({ requests }) => requests),
      accounts.map(() => 0),
    );
  });
});

test.run();
