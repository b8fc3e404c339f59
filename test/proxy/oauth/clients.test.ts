/** What an OAuth client that Google refuses, or takes again, means for all of its accounts. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { clientMismatch, clientSecretWrong, testClient } from '../../support/google.js';
import { withHouse, type House } from '../../support/house.js';

const accounts = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((id) => ({
  id,
  email: `${id}@example.com`,
  refreshToken: `1//0refresh-token-of-${id}`,
}));
const ids = accounts.map(({ id }) => id);
const admitAll = (google: House['google']): void => {
  for (const { email, refreshToken } of accounts) google.grant(refreshToken, { email });
};
const states = (house: House): readonly string[] => [...new Set(ids.map((id) => house.state(id)))];

test('rule 4: a client that is accepted again brings all of its accounts back, not only the one that probed', async () => {
  const clock = setClock(Date.now());
  await withHouse({ accounts, clock, prepare: admitAll }, async (house) => {
    house.google.script('*', clientSecretWrong());
    assert.is((await house.ask()).status, 503);
    assert.equal(states(house), ['no_client']);
    clock.advance(61_000);
    await house.google.until((calls) => calls.token.length >= 2);
    await house.until(() => house.events.some((event) => event.startsWith('refreshed ')));
    assert.equal(states(house), ['ready']);
    assert.is((await house.ask()).status, 200);
  });
});

test('a client that comes with an imported token serves the accounts that name it already', async () => {
  const imported = { id: '777-imported.apps.googleusercontent.com', secret: 'GOCSPX-imported' };
  const waiting = accounts.map((account) => ({ ...account, token: { oauth_client_key: 'client-777' } }));
  const prepare = (google: House['google']): void => {
    google.client(testClient.id, testClient.secret);
    google.client(imported.id, imported.secret);
    google.grant('1//0imported-token', { email: 'new@example.com', client: imported.id });
    admitAll(google);
  };
  await withHouse({ accounts: waiting, prepare }, async (house) => {
    assert.equal(states(house), ['no_client']);
    const request = { refreshToken: '1//0imported-token', client: null, projectId: null, file: null };
    const { outcome } = await house.supervisor.operations.importToken({ ...request, ownClient: imported });
    assert.is(outcome, 'added');
    assert.equal(states(house), ['ready']);
  });
});

test("another client gives accounts whose token was another client's a new try", async () => {
  const clock = setClock(Date.now());
  await withHouse({ accounts: accounts.slice(0, 1), clock, prepare: admitAll }, async (house) => {
    house.google.script('*', clientMismatch());
    assert.is((await house.ask()).status, 503);
    assert.is(house.state('a'), 'refused');
    const right = { client: null, id: '888-right.apps.googleusercontent.com', secret: 'GOCSPX-right' };
    const { ok } = await house.supervisor.operations.setUpClient(right);
    assert.ok(ok);
    assert.is(house.state('a'), 'ready');
    assert.is((await house.ask()).status, 200);
  });
});

test('once a client is mended, accounts that were refused for another cause meanwhile come back with the others', async () => {
  const clock = setClock(Date.now());
  await withHouse({ accounts, clock, prepare: admitAll }, async (house) => {
    house.google.script('1//0refresh-token-of-b', clientMismatch());
    await house.supervisor.operations.testNow(['b']);
    assert.is(house.state('b'), 'refused');
    house.google.script('1//0refresh-token-of-a', clientSecretWrong());
    await house.supervisor.operations.testNow(['a']);
    assert.equal(states(house), ['no_client']);
    assert.is((await house.supervisor.operations.testNow(['c']))[0]?.ok, true);
    assert.equal(states(house), ['ready']);
  });
});

test('rule 4: a refused client is asked about once by a test of all its accounts, not once for each', async () => {
  await withHouse({ accounts }, async (house) => {
    house.google.script('*', clientSecretWrong(), Infinity);
    const results = await house.supervisor.operations.testNow(ids);
    assert.ok(results.every(({ cause }) => cause === 'client_invalid'));
    // three are under way before the first answer; the schedule may have been there before
    assert.ok(house.google.calls.token.length <= 5, `${house.google.calls.token.length}`);
    const before = house.google.calls.token.length;
    await house.supervisor.operations.testNow(['a']);
    assert.is(house.google.calls.token.length, before + 1, 'a later test does ask');
    house.google.unscript('*');
    admitAll(house.google);
    await house.supervisor.operations.testNow(ids);
    assert.equal(states(house), ['ready']);
  });
});

test('a refusal that repeats itself tells nobody anew that all accounts pause', async () => {
  const clock = setClock(Date.now());
  await withHouse({ accounts, clock }, async (house) => {
    house.google.script('*', clientSecretWrong(), Infinity);
    await house.supervisor.operations.testNow(['a']);
    clock.advance(10_001);
    let changes = 0;
    const { pool } = (house.supervisor as unknown as { parts: { pool: { onChange(told: Told): () => void } } }).parts;
    pool.onChange((changed) => (changes = Math.max(changes, changed?.length ?? Infinity)));
    await house.supervisor.operations.testNow(['a']);
    assert.ok(changes <= 1, `${changes} accounts were looked at anew`);
  });
});

type Told = (ids: readonly string[] | null) => void;

test.run();
