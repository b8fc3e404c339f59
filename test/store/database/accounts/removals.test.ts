/** Accounts that are removed and brought back while the database does not answer, or does and nobody hears it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newAccount } from '../../../../src/store/accounts/new-account.js';
import { setProject } from '../../../../src/store/accounts/patches.js';
import { NotSaved } from '../../../../src/store/accounts/stored-account.js';
import { DatabaseAccounts } from '../../../../src/store/database/accounts/database-accounts.js';
import { systemClock } from '../../../../src/store/ground/clock.js';
import { account } from '../../../support/directory.js';
import { MemoryRows, noSpool } from '../../../support/memory-rows.js';
import { tokenAnswer } from '../../../support/token-answer.js';

const credential = {
  ...{ email: 'new@example.com', name: 'New', refreshToken: '1//0new', clientKey: 'default' },
  answer: tokenAnswer('ya29.new'),
};

async function withRows(use: (store: DatabaseAccounts, rows: MemoryRows) => Promise<void>): Promise<void> {
  const rows = new MemoryRows();
  rows.put('a1', account({ id: 'a1' }));
  const store = await DatabaseAccounts.open({
    ...{ rows, news: rows.news, clock: systemClock, spool: noSpool, successorOf: () => null },
  });
  const unfollow = store.follow();
  try {
    await use(store, rows);
  } finally {
    unfollow();
    store.close();
  }
}

const notSaved = async (work: Promise<unknown>): Promise<void> => {
  const failure = await work.catch((error: unknown) => error);
  assert.instance(failure, NotSaved);
};

/** Everything that waits is saved, and what others did is taken in. */
async function allTold(store: DatabaseAccounts, rows: MemoryRows): Promise<void> {
  rows.reach = 'works';
  await store.reload();
  assert.equal(await store.flush(), []);
  await store.reload();
}

test('a removal whose answer did not come is taken back all the same', () =>
  withRows(async (store, rows) => {
    rows.reach = 'answers are lost';
    await notSaved(store.moveAway('a1'));
    assert.is(rows.at('a1')?.removed, true);
    await store.bringBack('a1');
    assert.is(store.get('a1')?.account?.email, 'anna@example.com');
    const gone: string[] = [];
    store.onChange((ids) => void gone.push(...ids.filter((id) => store.get(id) === undefined)));
    await allTold(store, rows);
    assert.is(rows.at('a1')?.removed, false);
    assert.is(store.get('a1')?.account?.email, 'anna@example.com');
    assert.equal(gone, [], 'it is never away in between');
  }));

test('a removal that is being tried again when it is taken back does not come after it', () =>
  withRows(async (store, rows) => {
    rows.reach = 'none';
    await notSaved(store.moveAway('a1'));
    const tries = store.flush();
    await store.bringBack('a1');
    await tries;
    await allTold(store, rows);
    assert.is(rows.at('a1')?.removed, false);
    assert.is(store.get('a1')?.account?.email, 'anna@example.com');
  }));

test('what an account had waiting when it was removed is saved when it is brought back', () =>
  withRows(async (store, rows) => {
    rows.reach = 'none';
    await notSaved(store.patch('a1', setProject('p-9')));
    await notSaved(store.moveAway('a1'));
    await store.bringBack('a1');
    assert.is(store.get('a1')?.account?.projectId, 'p-9');
    await allTold(store, rows);
    assert.is((rows.at('a1')?.json?.token as { project_id?: string }).project_id, 'p-9');
  }));

test('an account that the database never had is there after it was removed and brought back', () =>
  withRows(async (store, rows) => {
    rows.reach = 'none';
    await notSaved(store.create('n1', newAccount('n1', credential, 1)));
    await notSaved(store.moveAway('n1'));
    await store.bringBack('n1');
    await allTold(store, rows);
    assert.is(rows.at('n1')?.removed, false);
    assert.is(store.get('n1')?.account?.refreshToken, '1//0new');
  }));

test('what is removed, brought back and removed again is removed', () =>
  withRows(async (store, rows) => {
    rows.reach = 'none';
    await notSaved(store.moveAway('a1'));
    await store.bringBack('a1');
    await notSaved(store.moveAway('a1'));
    await allTold(store, rows);
    assert.is(rows.at('a1')?.removed, true);
    assert.is(store.get('a1'), undefined);
  }));

test.run();
