/** Whom an answer of the token endpoint is about: the token that was sent, and the client that it was sent with. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Assembly } from '../../../src/proxy/supervisor/assembly.js';
import { systemDisk } from '../../../src/store/disk/disk.js';
import { fingerprint } from '../../../src/store/ground/fingerprint.js';
import { setClock } from '../../support/clock.js';
import { clientMismatch, invalidGrant, jsonReply, testClient } from '../../support/google.js';
import { withHouse, type House, type HouseOptions } from '../../support/house.js';
import { standsStill } from '../../support/proxy.js';

const bob = { id: 'bob', email: 'bob@example.com', refreshToken: '1//0bob-refresh-token' };
const corp = { id: '999-corp.apps.googleusercontent.com', secret: 'GOCSPX-corp' };
const bobs = { ...bob, token: { oauth_client_key: 'default' } };

/** A house that knows two clients, as Google does. Its clock stands, so that the schedule asks nothing in between. */
const withTwoClients = (options: HouseOptions, use: (house: House) => Promise<void>): Promise<void> =>
  withHouse(
    {
      ...options,
      clock: setClock(Date.now()),
      settings: { oauth: { clients: { default: testClient, corp } } },
      async prepare(google, dir) {
        google.client(testClient.id, testClient.secret);
        google.client(corp.id, corp.secret);
        await options.prepare?.(google, dir);
      },
    },
    use,
  );

const paste = (house: House, client: string | null) =>
  house.supervisor.operations.readd(
    { accountId: 'bob', refreshToken: bob.refreshToken, client, otherAccount: 'accept' },
    () => undefined,
  );
const sentWith = (house: House, { id }: { readonly id: string }): number =>
  house.google.calls.token.filter(({ clientId }) => clientId === id).length;
const refresherOf = (house: House) =>
  (house.supervisor as unknown as { parts: Pick<Assembly, 'grants'> }).parts.grants.refresher;

for (const [what, reply] of [
  ['refusal', clientMismatch()],
  ['verdict', invalidGrant('Bad Request')],
] as const) {
  test(`rule 2: the ${what} of another client than the account's does not fall on the account`, async () => {
    await withTwoClients({ accounts: [bobs] }, async (house) => {
      house.google.script(bob.refreshToken, reply);
      assert.is((await paste(house, 'corp')).outcome, 'refused');
      assert.is(sentWith(house, corp), 1);
      assert.is(house.state('bob'), 'ready');
      assert.is((await house.dir.read('bob')).disabled, false);
      assert.is(house.store.state.refused(fingerprint(bob.refreshToken)), undefined);
      house.google.grant(bob.refreshToken, { email: bob.email, client: testClient.id });
      assert.is((await house.ask()).status, 200);
    });
  });
}

test('rule 6: an account that waited for the exchange of another client is refreshed with its own', async () => {
  await withTwoClients({ accounts: [bobs] }, async (house) => {
    house.google.grant(bob.refreshToken, { email: bob.email, client: testClient.id });
    const held = house.google.hold(bob.refreshToken);
    const pasted = paste(house, 'corp');
    await held.waiting();
    const asked = house.ask();
    await standsStill(() => house.google.calls.token.length, 50);
    assert.is(house.google.calls.token.length, 1, 'one at a time for each token');
    held.release();
    assert.is((await pasted).outcome, 'refused');
    assert.is((await asked).status, 200);
  });
});

test('rule 6: a paste with another client does not share the failure of the exchange it met', async () => {
  await withTwoClients({ accounts: [bobs] }, async (house) => {
    house.google.grant(bob.refreshToken, { email: bob.email, client: corp.id });
    const held = house.google.hold(bob.refreshToken);
    const tested = house.supervisor.operations.testNow(['bob']);
    await held.waiting();
    const pasted = paste(house, 'corp');
    await standsStill(() => house.google.calls.token.length, 50);
    assert.is(house.google.calls.token.length, 1, 'one at a time for each token');
    held.release();
    assert.is((await tested)[0]?.cause, 'other_client');
    assert.is((await pasted).outcome, 'saved');
    assert.is((await house.dir.read('bob')).token.oauth_client_key, 'corp');
    assert.is(house.state('bob'), 'ready');
  });
});

test('a late refusal of a secret that was replaced meanwhile does not refuse the new one', async () => {
  await withTwoClients({ accounts: [bobs] }, async (house) => {
    house.google.grant(bob.refreshToken, { email: bob.email });
    const held = house.google.hold(bob.refreshToken);
    const tested = house.supervisor.operations.testNow(['bob']);
    await held.waiting();
    house.google.client(testClient.id, 'GOCSPX-newer');
    const request = { client: 'default', id: testClient.id, secret: 'GOCSPX-newer' };
    assert.ok((await house.supervisor.operations.setUpClient(request)).ok);
    held.release();
    await tested;
    assert.is(house.state('bob'), 'ready');
    assert.equal(house.supervisor.snapshot().banners, []);
    assert.is((await house.ask()).status, 200);
  });
});

test('rule 2: where the client is a guess, a verdict counts only if the likeliest issuer was heard', async () => {
  const prepare = (google: House['google']): void => google.client(testClient.id, 'GOCSPX-another');
  await withTwoClients({ accounts: [bob], prepare }, async (house) => {
    assert.is((await house.ask()).status, 503);
    assert.equal([sentWith(house, testClient), sentWith(house, corp)], [1, 1]);
    assert.is((await house.dir.read('bob')).disabled, false);
    assert.is(house.state('bob'), 'no_client');
  });
});

test('an answer of userinfo that never ends is cut off', async () => {
  await withHouse({ accounts: [bobs], clock: setClock(Date.now()) }, async (house) => {
    house.google.grant(bob.refreshToken, { email: bob.email, idToken: 'absent' });
    house.google.userInfo(() => jsonReply(200, { email: bob.email, filler: 'x'.repeat(3_000_000) }));
    const result = await paste(house, null);
    assert.is(result.outcome, 'identity_unknown');
    assert.match(result.text, /an answer without end/);
  });
});

test('rule 5: a rotated token is not sent while it is still being written', async () => {
  const rotated = '1//0bob-rotated-token';
  let gate: Promise<void> | null = null;
  const disk = {
    ...systemDisk,
    async create(...given: Parameters<typeof systemDisk.create>) {
      await gate;
      return systemDisk.create(...given);
    },
  };
  await withHouse({ accounts: [bobs], disk, clock: setClock(Date.now()) }, async (house) => {
    house.google.grant(bob.refreshToken, { email: bob.email, rotateTo: rotated });
    let open = (): void => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const first = refresherOf(house).refresh('bob', 'test');
    await house.until(() => house.store.accounts.get('bob')?.account?.refreshToken === rotated);
    const second = refresherOf(house).refresh('bob', 'test');
    await standsStill(() => house.google.calls.token.length, 50);
    assert.is(house.google.calls.token.length, 1);
    assert.is((await house.dir.read('bob')).token.refresh_token, bob.refreshToken);
    open();
    assert.is((await first).refreshToken, rotated);
    assert.is((await second).refreshToken, rotated);
    assert.is((await house.dir.read('bob')).token.refresh_token, rotated);
  });
});

test.run();
