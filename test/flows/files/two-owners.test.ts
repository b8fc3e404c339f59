/** `state/` is put back under a running supervisor and a second one starts: only one of them writes and refreshes. */
import { renameSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refreshed } from '../../../src/store/accounts/patches.js';
import { NotSaved } from '../../../src/store/accounts/stored-account.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { closeStore, openStore, type Store } from '../../../src/store/open.js';
import { type House, withHouse } from '../../support/house.js';

const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };

const second = (house: House): Promise<Store> => openStore({ dataDir: house.dir.path, env: {}, clock: systemClock });

const health = async (house: House): Promise<Record<string, unknown>> =>
  (await (await fetch(`http://${house.supervisor.address}/healthz`)).json()) as Record<string, unknown>;

test('a supervisor whose lock another took serves on, and writes and refreshes nothing until that one ends', () =>
  withHouse(
    { accounts: [ann], prepare: (google) => google.grant(ann.refreshToken, { email: ann.email }) },
    async (house) => {
      assert.is((await house.ask()).status, 200);
      await house.store.accounts.flush();
      renameSync(house.dir.at('state'), house.dir.at('state.old'));
      const other = await second(house);
      await house.store.lock.look();
      const exchanges = house.google.calls.token.length;
      const before = JSON.stringify(await house.dir.read('ann'));

      assert.is((await house.ask()).status, 200);
      const results = await house.supervisor.operations.testNow(['ann']).catch((error: unknown) => error);
      assert.is((results as { code?: string }).code, 'LOCK_LOST');
      const off = await house.supervisor.operations.setProxyDisabled(['ann'], true).catch((error: unknown) => error);
      assert.match(String(off), /another regrant \(pid \d+\) has taken over the data directory/);
      assert.is(house.google.calls.token.length, exchanges);
      assert.is(JSON.stringify(await house.dir.read('ann')), before);

      const banner = house.supervisor.snapshot().banners[0];
      assert.equal([banner?.code, banner?.severity], ['lock_lost', 'error']);
      const { status, lock } = await health(house);
      assert.equal([status, lock], ['degraded', 'lost']);
      assert.ok(house.log.some((line) => /has taken over the data directory.*serves on/.test(line)));

      await closeStore(other);
      await house.store.lock.look();
      assert.is((await health(house)).status, 'ok');
      assert.equal(house.supervisor.snapshot().banners, []);
      await house.supervisor.operations.testNow(['ann']);
      assert.is(house.google.calls.token.length, exchanges + 1);
      await house.store.accounts.flush();
      assert.is.not(JSON.stringify(await house.dir.read('ann')), before);
    },
  ));

test('what the second one refreshes is taken in by the first, which goes on serving with it', () =>
  withHouse(
    { accounts: [ann], prepare: (google) => google.grant(ann.refreshToken, { email: ann.email }) },
    async (house) => {
      assert.is((await house.ask()).status, 200);
      await house.store.accounts.flush();
      renameSync(house.dir.at('state'), house.dir.at('state.old'));
      const other = await second(house);
      await house.store.lock.look();
      await house.dir.put({ ...ann, accessToken: 'ya29.of-the-second', accessEndsIn: 3_000 });
      await house.until(() => house.store.accounts.get('ann')?.account?.accessToken === 'ya29.of-the-second');
      await closeStore(other);
    },
  ));

test('what waits to be written when the lock is lost does not hide what the second one gets, nor land over it', () =>
  withHouse(
    { accounts: [ann], prepare: (google) => google.grant(ann.refreshToken, { email: ann.email }) },
    async (house) => {
      const { accounts, lock } = house.store;
      await accounts.flush();
      const known = accounts.get('ann')?.account?.accessToken ?? '';
      renameSync(house.dir.at('state'), house.dir.at('state.old'));
      const other = await second(house);
      await lock.look();
      const now = Math.floor(Date.now() / 1000);
      const answer = { accessToken: 'ya29.of-the-first', expiresIn: 3_599, expiresAt: now + 3_599 };
      const landed = refreshed(ann.refreshToken, { ...answer, tokenType: 'Bearer', idToken: null }, known);
      assert.instance(await accounts.patch('ann', landed).catch((error: unknown) => error), NotSaved);
      assert.is(accounts.get('ann')?.account?.accessToken, 'ya29.of-the-first');
      await house.dir.put({ ...ann, accessToken: 'ya29.of-the-second', accessEndsIn: 7_000 });
      await house.until(() => accounts.get('ann')?.account?.accessToken === 'ya29.of-the-second');
      await closeStore(other);
      await lock.look();
      await accounts.flush();
      assert.is((await house.dir.read('ann')).token.access_token, 'ya29.of-the-second');
      assert.is(accounts.get('ann')?.notSaved, null);
    },
  ));

test.run();
