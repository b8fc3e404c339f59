/** The rows of accounts, as pictures follow each other. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { account } from '../../support/directory.js';
import { setClock } from '../../support/clock.js';
import { firstRowsFirst } from '../../../src/proxy/reports/first-rows.js';
import { accountsIn } from '../../../src/proxy/contract/snapshot.js';
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

test('an account that rests for one model is cooling only while no other was asked for within the hour', async () => {
  const clock = setClock();
  await withHouse({ accounts: accounts.slice(0, 1), clock }, async (house) => {
    const state = (): string | undefined => house.supervisor.snapshot().accounts[0]?.state;
    const answer = (status: number, body: string) =>
      house.google.upstream(() => ({ status, headers: { 'content-type': 'application/json' }, body }));
    answer(429, '{"error":{"code":429,"message":"Please retry in 9h."}}');
    await house.ask('flash');
    assert.is(state(), 'cooling');
    answer(200, '{}');
    await house.ask('pro');
    assert.is(state(), 'ready');
    clock.advance(1_800_000);
    await house.ask('flash');
    clock.advance(1_800_000);
    assert.is(state(), 'cooling');
  });
});

test('an account that is added or removed changes no row but its own', async () => {
  const clock = setClock();
  await withHouse({ accounts, clock }, async (house) => {
    const { supervisor, store } = house;
    const before = supervisor.snapshot().accounts;
    await store.accounts.create('a10b', account({ id: 'a10b', email: 'a10b@example.com' }));
    const more = supervisor.snapshot().accounts;
    assert.is(more.length, accounts.length + 1);
    assert.equal(
      more.filter((row) => !before.includes(row)).map(({ id }) => id),
      ['a10b'],
    );
    await store.accounts.moveAway('a10', house.dir.at('a10.away'));
    await ask(house, 1);
    const fewer = supervisor.snapshot().accounts;
    const known = fewer.filter((row) => more.includes(row));
    assert.is(fewer.length, accounts.length);
    assert.is(known.length, accounts.length - 1, 'all but the one that has served');
    assert.equal(
      fewer.map(({ id }) => id),
      more.flatMap(({ id }) => (id === 'a10' ? [] : [id])),
    );
  });
});

test('the causes of a death are ranked again when others die likewise, and else once a minute', async () => {
  const clock = setClock();
  const at = Math.floor(clock.now() / 1000);
  const dead = { disabled: true, disabled_at: at, disabled_reason: 'invalid_grant: gone', created_at: at - 7 * 86_400 };
  // nobody knows when this one died, so its words have an age in them
  const { disabled_at: _at, ...undated } = { ...dead, id: 'a0', accessEndsIn: 3_000, last_used: at - 3_600 };
  const all = [{ id: 'a1', ...dead }, undated, ...accounts.slice(2)];
  await withHouse({ accounts: all, clock }, async ({ supervisor, store }) => {
    const row = (wanted = 'a1') => supervisor.snapshot().accounts.find(({ id }) => id === wanted);
    const before = row();
    clock.advance(2_000);
    assert.is(row(), before, 'nothing has happened');
    await store.accounts.create('b1', account({ id: 'b1', email: 'b1@example.com', ...dead }));
    clock.advance(2_000);
    const after = row();
    assert.match(after?.causes.find(({ cause }) => cause === 'testing_expired')?.because ?? '', /so did 1 other/);
    clock.advance(2_000);
    const aged = row('a0');
    clock.advance(61_000);
    assert.is.not(row('a0'), aged, 'its words have an age in them');
    assert.is(row(), after, 'nothing else is to be said');
  });
});

test('a screen in this process has the first rows of very many at once, and is told when all are made, by turns', async () => {
  const many = Array.from({ length: 900 }, (_, at) => ({ id: `a${at}`, accessEndsIn: 3_000 }));
  await withHouse({ accounts: many, clock: setClock() }, async ({ supervisor }) => {
    const screen = firstRowsFirst(supervisor);
    const told = new Promise<void>((resolve) =>
      screen.onChange(() => screen.snapshot().accounts.length > 200 && resolve()),
    );
    const { accounts: first, counts } = screen.snapshot();
    assert.equal([first.length, accountsIn(counts)], [200, 900]);
    await told;
    assert.is(screen.snapshot().accounts.length, 900);
    assert.equal(
      first.filter((row, at) => screen.snapshot().accounts[at] !== row),
      [],
      'the same rows',
    );
    assert.is(firstRowsFirst(supervisor), supervisor, 'all rows are made');
  });
});

test('what changed and served while nobody looked is made by turns before the next picture of all', async () => {
  const many = Array.from({ length: 260 }, (_, at) => ({ id: `a${at}`, accessEndsIn: 3_000 }));
  await withHouse({ accounts: many, clock: setClock() }, async (house) => {
    const { supervisor } = house;
    const before = supervisor.snapshot().accounts;
    assert.is(supervisor.prepared(), null);
    await ask(house, 120);
    await supervisor.operations.setProxyDisabled(
      many.slice(150).map(({ id }) => id),
      true,
    );
    const preparing = supervisor.prepared();
    assert.is.not(preparing, null);
    const first = supervisor.snapshot(200).accounts;
    await ask(house, 1);
    await preparing;
    assert.is(supervisor.prepared(), null, 'only the one that served meanwhile is left');
    const after = supervisor.snapshot().accounts;
    assert.is(served(house), 121);
    assert.equal(
      after.map(({ id }) => id),
      before.map(({ id }) => id),
    );
    assert.is(after.filter(({ state }) => state === 'proxy_disabled').length, 110);
    assert.is(first.length, 200);
    assert.is(before.filter(({ state }) => state === 'proxy_disabled').length, 0, 'a list that was returned stays');
  });
});

test.run();
