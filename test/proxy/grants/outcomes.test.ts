/** What follows from an answer of the token endpoint: in the file, in the state, and in what is told. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fingerprint } from '../../../src/store/ground/fingerprint.js';
import { setClock } from '../../support/clock.js';
import { testDisk } from '../../support/disk.js';
import { testClient } from '../../support/google.js';
import { withHouse, type House } from '../../support/house.js';
import { pause } from '../../support/pause.js';
import { standsStill } from '../../support/proxy.js';

const bob = { id: 'bob', email: 'bob@example.com', refreshToken: '1//0bob-refresh-token' };
const corp = { id: '999-corp.apps.googleusercontent.com', secret: 'GOCSPX-corp' };
const twoClients = { oauth: { clients: { default: testClient, corp } } };
const rotated = '1//0bob-rotated-token';

test('rule 2: a verdict on a token that is replaced on disk during the writing is dropped, and no death is told', async () => {
  const disk = testDisk();
  await withHouse({ accounts: [bob], disk, clock: setClock(Date.now()) }, async (house) => {
    const file = house.dir.at('accounts', 'bob.json');
    let edited = false;
    disk.before('create', (created) => {
      if (edited || !created.includes('/accounts/')) return;
      edited = true;
      const text = readFileSync(file, 'utf8').replace(bob.refreshToken, '1//0pasted-by-an-editor');
      writeFileSync(`${file}.tmp`, text);
      renameSync(`${file}.tmp`, file);
    });
    house.google.grant('1//0pasted-by-an-editor', { email: bob.email });
    assert.is((await house.ask()).status, 200);
    assert.ok(edited);
    assert.is((await house.dir.read('bob')).disabled, false);
    assert.ok(house.log.some((line) => line.startsWith('Verdict dropped (bob@example.com)')));
    assert.equal(
      house.events.filter((event) => event.startsWith('disabled ')),
      [],
    );
  });
});

test('rule 6: all who hold a dead token die at once, not one write after the other', async () => {
  const disk = testDisk();
  const twin = { ...bob, id: 'twin', email: 'twin@example.com' };
  await withHouse({ accounts: [bob, twin], disk, clock: setClock(Date.now()) }, async (house) => {
    let alive: readonly string[] = [];
    disk.before('create', (file) => {
      if (alive.length === 0 && file.includes('/accounts/')) alive = ['bob', 'twin'].map((id) => house.state(id));
    });
    await house.ask();
    assert.equal(alive, ['disabled', 'disabled']);
    for (const id of ['bob', 'twin']) assert.is((await house.dir.read(id)).disabled, true);
  });
});

test('rule 11: the flags are cleared in the write of the token that Google honours, a rotated one too', async () => {
  for (const terms of [{}, { rotateTo: rotated }]) {
    const disk = testDisk();
    const dead = { ...bob, disabled: true, disabled_at: 1_700_000_000, disabled_reason: 'invalid_grant: a mistake' };
    const prepare = (google: House['google']): void => google.grant(bob.refreshToken, { email: bob.email, ...terms });
    await withHouse({ accounts: [dead], disk, prepare }, async (house) => {
      assert.is((await house.supervisor.operations.testNow(['bob']))[0]?.ok, true);
      await house.store.accounts.flush();
      const file = await house.dir.read('bob');
      assert.is(file.disabled, false);
      assert.not('disabled_reason' in file);
      assert.is(file.token.refresh_token, 'rotateTo' in terms ? rotated : bob.refreshToken);
      assert.is(disk.created.length, 1, 'one write');
    });
  }
});

test('rule 2: the accepted client of a guess is written down also where it is the default one', async () => {
  for (const [settings, key] of [
    [twoClients, 'default'],
    [{}, undefined],
  ] as const) {
    const prepare = (google: House['google']): void =>
      google.grant(bob.refreshToken, { email: bob.email, client: testClient.id });
    await withHouse({ accounts: [bob], settings, prepare }, async (house) => {
      assert.is((await house.ask()).status, 200);
      await house.store.accounts.flush();
      assert.is((await house.dir.read('bob')).token.oauth_client_key, key);
    });
  }
});

test('what is known of a grant goes on with the token that took its place, and is not kept twice', async () => {
  await withHouse({ accounts: [bob], clock: setClock(Date.now()) }, async (house) => {
    const testOnce = async (): Promise<void> => {
      assert.is((await house.supervisor.operations.testNow(['bob']))[0]?.ok, true);
    };
    house.google.grant(bob.refreshToken, { email: bob.email });
    await testOnce();
    const first = house.store.state.grant(fingerprint(bob.refreshToken))?.firstSeen;
    assert.type(first, 'number');
    house.google.grant(bob.refreshToken, { email: bob.email, rotateTo: rotated });
    await testOnce();
    assert.is(house.store.state.grant(fingerprint(rotated))?.firstSeen, first);
    assert.is(house.store.state.grant(fingerprint(bob.refreshToken)), undefined);
  });
});

test('the life of an access token is counted from the answer, however late it is saved', async () => {
  const clock = setClock(Date.now());
  const newToken = '1//0token-of-eve';
  const prepare = (google: House['google']): void =>
    google.grant(newToken, { email: 'eve@example.com', expiresIn: 3_599 });
  await withHouse({ accounts: [bob], clock, prepare }, async (house) => {
    const { operations } = house.supervisor;
    const answeredAt = Math.floor(clock.now() / 1000);
    const request = { accountId: 'bob', refreshToken: newToken, client: null, otherAccount: 'ask' } as const;
    const asked = await operations.readd(request, () => undefined);
    assert.ok('pending' in asked);
    clock.advance(200_000);
    const saved = await operations.resume(asked.pending, 'accept', () => undefined);
    assert.ok('accountId' in saved);
    assert.is((await house.dir.read(saved.accountId)).token.expiry_timestamp, answeredAt + 3_599);
  });
});

test('rule 13: where the state was lost, the files of dead grants say which tokens were refused', async () => {
  const dead = { ...bob, disabled: true, disabled_at: 1_700_000_000, disabled_reason: 'invalid_grant: revoked' };
  await withHouse({ accounts: [dead], clock: setClock(Date.now()) }, async (house) => {
    await house.store.accounts.flush();
    assert.is(house.store.state.refused(fingerprint(bob.refreshToken))?.at, 1_700_000_000);
  });
});

test('the first token that is there again ends the waiting of all whom the network kept from theirs', async () => {
  const clock = setClock(Date.now());
  const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };
  const prepare = (google: House['google']): void => {
    for (const { email, refreshToken } of [ann, bob]) google.grant(refreshToken, { email });
    for (const { refreshToken } of [ann, bob]) google.script(refreshToken, 'reset', 2 * 4);
  };
  await withHouse({ accounts: [ann, bob], clock, prepare }, async (house) => {
    for (let each = 0; each < 4; each++) await house.supervisor.operations.testNow(['ann', 'bob']);
    const before = house.google.calls.token.length;
    assert.is((await house.supervisor.operations.testNow(['ann']))[0]?.ok, true);
    clock.advance(1_100);
    await house.google.until(({ token }) => token.length === before + 2);
    await house.until(() => house.state('bob') === 'ready');
  });
});

/** So many accounts whose access tokens have ended, and a network that went away long ago. */
async function afterOutage(
  count: number,
  use: (house: House, pass: (ms: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const STEP_MS = 250;
  const clock = setClock(Date.now());
  const accounts = Array.from({ length: count }, (_, index) => ({
    ...{ id: `a${index}`, email: `a${index}@example.com`, refreshToken: `1//0refresh-token-of-a${index}` },
  }));
  const prepare = (google: House['google']): void => {
    for (const { email, refreshToken } of accounts) {
      google.grant(refreshToken, { email });
      google.script(refreshToken, 'reset', 1_000);
    }
  };
  await withHouse({ accounts, clock, prepare }, async (house) => {
    const settled = (): Promise<void> => standsStill(() => house.google.calls.token.length, 20);
    const pass = async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= STEP_MS) {
        clock.advance(Math.min(left, STEP_MS));
        await settled();
      }
    };
    // no request comes, so that the pauses become as long as they may
    const ids = accounts.map(({ id }) => id);
    for (let failures = 0; failures < 5; failures++) {
      clock.advance(300_000);
      const testing = { isOver: false };
      const tested = house.supervisor.operations.testNow(ids).then(() => (testing.isOver = true));
      while (!testing.isOver) {
        clock.advance(500);
        await pause(2);
      }
      await tested;
    }
    for (const { refreshToken } of accounts) house.google.unscript(refreshToken);
    await use(house, pass);
  });
}

test('back from a long outage, the first request is answered within 5 s, and the last of 40 accounts is there within 8 s', () =>
  afterOutage(40, async (house, pass) => {
    const isBack = (): number => house.supervisor.snapshot().accounts.filter(({ state }) => state === 'ready').length;
    const statuses: number[] = [];
    let backAfterMs = 0;
    for (; isBack() < 40 && backAfterMs < 60_000; backAfterMs += 500) {
      statuses.push((await house.ask()).status);
      await pass(500);
    }
    assert.ok(statuses.slice(0, 10).includes(200), String(statuses));
    assert.ok(backAfterMs <= 8_000, `all were back after ${backAfterMs} ms`);
  }));

test.run();
