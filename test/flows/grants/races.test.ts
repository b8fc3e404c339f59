/** Interleavings that have condemned healthy accounts elsewhere, each held at its worst moment. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HEDGE_MS } from '../../../src/proxy/grants/access-tokens.js';
import { systemDisk, type Disk } from '../../../src/store/disk/disk.js';
import { setClock } from '../../support/clock.js';
import { testDisk } from '../../support/disk.js';
import { jsonReply } from '../../support/google.js';
import { withHouse, type House } from '../../support/house.js';

const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };
const bob = { id: 'bob', email: 'bob@example.com', refreshToken: '1//0bob-refresh-token' };
const newToken = '1//0ann-new-refresh-token';
const readd = (house: House, accountId: string, refreshToken: string) =>
  house.supervisor.operations.readd({ accountId, refreshToken, client: null, otherAccount: 'accept' }, () => undefined);

test('a rotation answered after a reload goes to the account, not to a picture of it', async () => {
  await withHouse(
    {
      accounts: [ann],
      prepare: (google) => {
        google.grant(ann.refreshToken, { email: ann.email, rotateTo: '1//0ann-rotated' });
      },
    },
    async (house) => {
      const held = house.google.hold(ann.refreshToken);
      const asked = house.ask();
      await held.waiting();
      await house.supervisor.operations.reload();
      held.release();
      assert.is((await asked).status, 200);
      assert.is((await house.dir.read('ann')).token.refresh_token, '1//0ann-rotated');
    },
  );
});

const goings: readonly (readonly [string, (house: House) => Promise<() => Promise<unknown>>])[] = [
  [
    'removed and brought back',
    async ({ supervisor: { operations } }) => {
      await operations.remove(['ann']);
      return () => operations.undo();
    },
  ],
  [
    'whose file another program takes away and puts back',
    async (house) => {
      const text = await house.dir.readRaw('ann');
      await house.dir.remove('ann');
      await house.until(() => house.state('ann') === 'gone');
      return () => house.dir.putRaw('ann.json', text);
    },
  ],
];

for (const [what, go] of goings) {
  test(`a rotation answered while its account is gone is not lost: ${what}`, async () => {
    const rotating = { email: ann.email, rotateTo: '1//0ann-rotated' };
    await withHouse(
      { accounts: [ann, bob], prepare: (google) => google.grant(ann.refreshToken, rotating) },
      async (house) => {
        const held = house.google.hold(ann.refreshToken);
        const tested = house.supervisor.operations.testNow(['ann']);
        await held.waiting();
        const comeBack = await go(house);
        held.release();
        await tested;
        await comeBack();
        await house.until(() => house.events.some((event) => event.startsWith('rotated ann@')));
        await house.store.accounts.flush();
        assert.is((await house.dir.read('ann')).token.refresh_token, '1//0ann-rotated');
        assert.is((await house.ask()).status, 200);
        assert.is(house.google.calls.token.filter((call) => call.refreshToken === ann.refreshToken).length, 1);
      },
    );
  });
}

test('an account deleted on disk during its refresh stays deleted', async () => {
  await withHouse({ accounts: [ann, bob] }, async (house) => {
    house.google.grant(bob.refreshToken, { email: bob.email });
    const held = house.google.hold(ann.refreshToken);
    const asked = Promise.all([house.ask(), house.ask()]);
    await held.waiting();
    await house.dir.remove('ann');
    held.release();
    assert.equal(
      (await asked).map(({ status }) => status),
      [200, 200],
    );
    // a second look tells the removal from a file that is just being replaced
    await house.until(() => house.state('ann') === 'gone');
    await house.store.accounts.flush();
    assert.not.ok(existsSync(house.dir.at('accounts', 'ann.json')));
  });
});

test('an account taken out of the proxy during its refresh keeps its new token and stays out', async () => {
  // a clock that stands: nobody but the request asks
  await withHouse({ accounts: [ann], clock: setClock(Date.now()) }, async (house) => {
    house.google.grant(ann.refreshToken, { email: ann.email });
    const held = house.google.hold(ann.refreshToken);
    const asked = house.ask();
    await held.waiting();
    await house.supervisor.operations.setProxyDisabled(['ann'], true);
    held.release();
    await asked;
    await house.store.accounts.flush();
    const file = await house.dir.read('ann');
    assert.is(file.proxy_disabled, true);
    assert.not.equal(file.token.access_token, 'ya29.stale-ann');
    assert.is(house.state('ann'), 'proxy_disabled');
  });
});

test('an edit of other keys during a refresh is kept beside the verdict', async () => {
  await withHouse({ accounts: [ann] }, async (house) => {
    const held = house.google.hold(ann.refreshToken);
    const asked = house.ask();
    await held.waiting();
    await house.dir.put({ ...ann, x_edited: 'meanwhile' });
    held.release();
    await asked;
    await house.store.accounts.flush();
    const file = await house.dir.read('ann');
    assert.is(file.x_edited, 'meanwhile');
    assert.is(file.disabled, true);
  });
});

test('a re-add during a background refresh of the dead token wins', async () => {
  await withHouse({ accounts: [ann] }, async (house) => {
    const held = house.google.hold(ann.refreshToken);
    const testing = house.supervisor.operations.testNow(['ann']);
    await held.waiting();
    house.google.grant(newToken, { email: ann.email });
    const result = await readd(house, 'ann', newToken);
    assert.is(result.outcome, 'saved');
    held.release();
    const [tested] = await testing;
    assert.is(tested?.ok, true, 'the test goes on with the new token');
    const file = await house.dir.read('ann');
    assert.is(file.disabled, false);
    assert.is(file.token.refresh_token, newToken);
  });
});

test('two files with one refresh token die of one answer, and only those that still hold it', async () => {
  const twin = { id: 'twin', email: 'twin@example.com', refreshToken: ann.refreshToken };
  await withHouse({ accounts: [ann, twin] }, async (house) => {
    const held = house.google.hold(ann.refreshToken);
    const asked = house.ask();
    await held.waiting();
    house.google.grant(newToken, { email: twin.email });
    await house.dir.put({ ...twin, refreshToken: newToken });
    held.release();
    await asked;
    await house.store.accounts.flush();
    assert.is((await house.dir.read('ann')).disabled, true);
    assert.is((await house.dir.read('twin')).disabled, false);
    assert.is(house.google.calls.token.filter((call) => call.refreshToken === ann.refreshToken).length, 1);
  });
});

test('500 requests on an expired token make one refresh', async () => {
  await withHouse({ accounts: [ann] }, async (house) => {
    house.google.grant(ann.refreshToken, { email: ann.email });
    const answers = await Promise.all(Array.from({ length: 500 }, () => house.ask()));
    assert.ok(answers.every(({ status }) => status === 200));
    assert.is(house.google.calls.token.length, 1);
  });
});

test('a folder of accounts that vanishes does not take the pool along', async () => {
  await withHouse({ accounts: [ann, bob] }, async (house) => {
    for (const { email, refreshToken } of [ann, bob]) house.google.grant(refreshToken, { email });
    assert.is((await house.ask()).status, 200);
    await house.store.accounts.flush();
    await rm(house.dir.at('accounts'), { recursive: true });
    await house.supervisor.operations.reload();
    assert.is((await house.ask()).status, 200);
    assert.is(house.supervisor.snapshot().banners[0]?.code, 'reload_held');
  });
});

test('200 requests while the token endpoint hangs for one account of three: none fails, none takes longer than the hedge', async () => {
  const clock = setClock(Date.now());
  const cat = { id: 'cat', email: 'cat@example.com', refreshToken: '1//0cat-refresh-token' };
  const trio = [ann, bob, cat];
  const options = {
    accounts: trio,
    clock,
    prepare: (google: House['google']) => {
      google.upstream(() => jsonReply(200, { candidates: [] }));
      for (const { email, refreshToken } of trio) google.grant(refreshToken, { email, expiresIn: 3_599 });
    },
  };
  await withHouse(options, async (house) => {
    /** 200 requests at once, and how long each took on the clock, which `wait` alone moves. */
    const load = async (wait: (answered: () => number) => Promise<void>): Promise<readonly number[]> => {
      let answered = 0;
      const asked = Array.from({ length: 200 }, async () => {
        const before = clock.monotonic();
        assert.is((await house.ask()).status, 200);
        answered++;
        return clock.monotonic() - before;
      });
      await wait(() => answered);
      return Promise.all(asked);
    };
    const healthy = await load(() => Promise.resolve());
    assert.is(Math.max(...healthy), 0, 'nothing waits for the clock while all is well');
    const held = house.google.hold(cat.refreshToken);
    clock.advance(3_599_000);
    await house.supervisor.operations.testNow(['ann', 'bob']);
    const due = (): number => clock.due.filter((at) => at === clock.now() + HEDGE_MS).length;
    const others = due();
    const hanging = await load(async (answered) => {
      await held.waiting();
      const waiting = (): number => due() - others;
      // whoever is not answered by the two others waits for the third
      while (answered() + waiting() < 200) await new Promise(setImmediate);
      clock.advance(HEDGE_MS);
    });
    assert.ok(hanging.includes(HEDGE_MS), 'some waited');
    // twice the healthy median, which is nothing here, and the hedge
    assert.ok(Math.max(...hanging) <= HEDGE_MS, `${Math.max(...hanging)} ms`);
    assert.is(house.google.calls.token.filter(({ refreshToken }) => refreshToken === cat.refreshToken).length, 2);
    held.release();
  });
});

test('killed at any moment between the answer and the end of its write: the file is whole, and the next start knows or finds out', async () => {
  // create, write, fsync, close, exchange, fsync of the folder, remove: before each of them, and after the last
  for (let at = 0; at <= 7; at++) {
    const crashing = testDisk();
    let current: Disk = crashing;
    const names = Object.keys(systemDisk) as (keyof Disk)[];
    const through =
      (name: keyof Disk) =>
      (...given: unknown[]) =>
        (current[name] as (...given: unknown[]) => unknown)(...given);
    const disk = Object.fromEntries(names.map((name) => [name, through(name)])) as unknown as Disk;
    await withHouse({ accounts: [ann], disk }, async (house) => {
      const before = await house.dir.read('ann');
      crashing.crash(Math.min(at, 6), at < 7 ? 'before' : 'after');
      assert.is((await house.ask()).status, 503);
      await house.stop();
      // nothing else that a real end would not have saved
      await rm(house.dir.at('state'), { recursive: true });
      const { disabled, disabled_at, disabled_reason, ...rest } = await house.dir.read('ann');
      assert.equal({ ...rest, disabled: false }, before, `call ${at}`);
      assert.is(
        typeof disabled_reason === 'string' && typeof disabled_at === 'number',
        disabled,
        'all of it or nothing',
      );
      current = systemDisk;
      await house.start();
      assert.is((await house.ask()).status, 503);
      assert.is((await house.dir.read('ann')).disabled, true);
      assert.is(house.google.calls.token.length, disabled === true ? 1 : 2, 'what is known is not asked again');
      const left = (await readdir(house.dir.at('accounts'))).filter((name) => name !== 'ann.json');
      assert.equal(left, [], 'and nothing lies about');
    });
  }
});

test('after an upstream 401 too a hanging endpoint is waited for no longer than the hedge', async () => {
  const clock = setClock(Date.now());
  await withHouse({ accounts: [ann, bob], clock }, async (house) => {
    for (const { email, refreshToken } of [ann, bob]) house.google.grant(refreshToken, { email });
    assert.equal([(await house.ask()).status, (await house.ask()).status], [200, 200]);
    const held = house.google.hold(ann.refreshToken);
    house.google.expireAccess(ann.email);
    const asked = [house.ask(), house.ask()];
    await held.waiting();
    await Promise.race(asked);
    while (!clock.due.includes(clock.now() + HEDGE_MS)) await new Promise(setImmediate);
    clock.advance(HEDGE_MS);
    assert.equal(
      (await Promise.all(asked)).map(({ status }) => status),
      [200, 200],
    );
    held.release();
  });
});

test('five grants that die within a minute raise one banner with what they share', async () => {
  const accounts = Array.from({ length: 5 }, (_, index) => ({
    id: `a${index}`,
    email: `a${index}@example.com`,
    refreshToken: `1//0dead-token-number-${index}`,
  }));
  await withHouse({ accounts }, async (house) => {
    await Promise.all(accounts.map(() => house.ask()));
    await house.supervisor.operations.testNow(accounts.map(({ id }) => id));
    const { banners, alarm } = house.supervisor.snapshot();
    const banner = banners.find(({ code }) => code === 'many_deaths');
    assert.match(banner?.text ?? '', /^5 accounts died within a minute: .*OAuth client "default"; T asks Google/);
    assert.is(alarm?.count, 5);
  });
});

test('a clock that is off from the token endpoint by more than a minute is said', async () => {
  const clock = setClock(Date.now() + 300_000);
  await withHouse({ accounts: [ann], clock, google: { clock: undefined } }, async (house) => {
    house.google.script('*', { status: 400, headers: { date: new Date().toUTCString() }, body: '{}' });
    await house.supervisor.operations.testNow(['ann']);
    const banner = house.supervisor.snapshot().banners.find(({ code }) => code === 'clock');
    assert.match(banner?.text ?? '', /^this machine's clock is [56] min ahead of Google's/);
  });
});

test('a wall clock that jumps neither kills nor keeps tokens', async () => {
  const clock = setClock(Date.now());
  let jump = 0;
  const jumping = { ...clock, now: () => clock.now() + jump };
  await withHouse(
    { accounts: [ann], clock: jumping, prepare: (google) => google.grant(ann.refreshToken, { email: ann.email }) },
    async (house) => {
      house.google.upstream(() => jsonReply(200, { candidates: [] }));
      assert.is((await house.ask()).status, 200);
      for (const days of [400, -400]) {
        jump = days * 86_400_000;
        assert.is((await house.ask()).status, 200);
        assert.is(house.state('ann'), 'ready');
      }
      assert.is(house.google.calls.token.length, 1, 'not refreshed for a clock that was set');
      clock.advance(3_600_000);
      assert.is((await house.ask()).status, 200);
      assert.is(house.google.calls.token.length, 2, 'an hour is an hour');
    },
  );
});

test.run();
