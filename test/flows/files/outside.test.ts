/** What other programs and editors do to the account files while the pool serves. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fastClock } from '../../support/clock.js';
import { adminPolicy, jsonReply } from '../../support/google.js';
import { withHouse, type House } from '../../support/house.js';

const ann = { id: 'ann', email: 'ann@example.com', accessToken: 'ya29.ann', accessEndsIn: 3000 };
const bob = { id: 'bob', email: 'bob@example.com', accessToken: 'ya29.bob', accessEndsIn: 3000 };
const kim = { id: 'kim', email: 'kim@example.com', accessToken: 'ya29.kim', accessEndsIn: 3000 };
const dead = { disabled: true, disabled_at: 1_700_000_000, disabled_reason: 'invalid_grant: gone' };

/** Every account's grant is alive, and whatever access token it holds is good for an answer. */
const serving = (google: House['google']): void => {
  for (const { id, email } of [ann, bob, kim]) google.grant(`1//0test-refresh-token-of-${id}`, { email });
  google.upstream(() => jsonReply(200, { candidates: [] }));
};

/** Resolves once `test` holds; fails after a second. */
async function withinASecond(house: House, test: () => boolean): Promise<number> {
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within a second; log: ${house.log.slice(-5).join(' | ')}`)), 1_000);
  });
  await Promise.race([house.until(test), late]).finally(() => clearTimeout(timer));
  return performance.now() - started;
}

test('an account enabled, added, switched off and removed from outside is so in the running pool within a second', async () => {
  await withHouse({ accounts: [ann, { ...bob, ...dead }], prepare: serving }, async (house) => {
    await house.dir.put(bob);
    await withinASecond(house, () => house.state('bob') === 'ready');
    assert.is((await house.ask()).status, 200);
    await withinASecond(house, () => house.log.includes('Pool reloaded: +1 re-enabled, 1 unchanged'));
    await house.dir.put(kim);
    await withinASecond(house, () => house.state('kim') === 'ready');
    // what comes and goes within a quarter of a second is no change, and has no line
    await withinASecond(house, () => house.log.includes('Pool reloaded: +1 added, 2 unchanged'));
    await house.dir.put({ ...kim, proxy_disabled: true, proxy_disabled_reason: 'by Antigravity Tools' });
    await withinASecond(house, () => house.state('kim') === 'proxy_disabled');
    assert.ok(house.log.includes('Skipping account (kim@example.com): proxy_disabled: by Antigravity Tools'));
    await house.dir.remove('kim');
    await withinASecond(house, () => house.state('kim') === 'gone');
    await withinASecond(house, () => house.log.includes('Pool reloaded: -1 removed, 2 unchanged'));
  });
});

test('a file written in place in two halves is waited for, and never seen torn', async () => {
  // the second half gets four times as long, on a machine that does much else
  const clock = fastClock(1 / 4);
  await withHouse({ accounts: [ann, { ...bob, ...dead }], prepare: serving, clock }, async (house) => {
    const text = JSON.stringify({ ...(await house.dir.read('bob')), disabled: false }, null, 2);
    const states = new Set<string>();
    house.supervisor.onChange(() => states.add(house.state('bob')));
    await house.dir.putRaw('bob.json', text.slice(0, 300));
    await new Promise((resolve) => setTimeout(resolve, 60));
    await house.dir.putRaw('bob.json', text);
    await house.until(() => house.state('bob') === 'ready');
    assert.not.ok(states.has('unreadable'));
  });
});

test('a file that stays torn is a row of its own, serves from its last good copy, and is never changed', async () => {
  await withHouse({ accounts: [ann, bob], prepare: serving }, async (house) => {
    const torn = (await house.dir.readRaw('bob')) + '}';
    await house.dir.putRaw('bob.json', torn);
    await withinASecond(house, () => house.state('bob') === 'unreadable');
    const row = house.supervisor.snapshot().accounts.find(({ id }) => id === 'bob');
    assert.ok(row?.serves);
    assert.is((await house.ask()).status, 200);
    assert.is((await house.ask()).status, 200);
    const said = await house.supervisor.operations.setProxyDisabled(['bob'], true);
    assert.not.ok(said.ok);
    assert.is(await house.dir.readRaw('bob'), torn);
    await house.dir.put(bob);
    await withinASecond(house, () => house.state('bob') === 'ready');
  });
});

test('an account that was refused is asked again when its file changes', async () => {
  const prepare = (google: House['google']): void => google.script('1//0bob', adminPolicy());
  await withHouse({ accounts: [{ ...bob, refreshToken: '1//0bob', accessEndsIn: -10 }], prepare }, async (house) => {
    await house.ask();
    assert.is(house.state('bob'), 'refused');
    house.google.grant('1//0bob', { email: bob.email });
    await house.dir.put({
      ...bob,
      refreshToken: '1//0bob',
      accessEndsIn: -10,
      custom_label: 'the administrator agreed',
    });
    await withinASecond(house, () => house.state('bob') === 'ready');
    assert.is((await house.ask()).status, 200);
  });
});

test('rule 8: if most files vanish at once the old pool stays until R, or until they are back', async () => {
  await withHouse({ accounts: [ann, bob, kim], prepare: serving }, async (house) => {
    const away = house.dir.at('away');
    await rename(house.dir.at('accounts'), away);
    await mkdir(house.dir.at('accounts'));
    await withinASecond(house, () => house.supervisor.snapshot().banners[0]?.code === 'reload_held');
    assert.is(house.supervisor.snapshot().counts.ready, 3);
    assert.is((await house.ask()).status, 200);
    await rm(house.dir.at('accounts'), { recursive: true });
    await rename(away, house.dir.at('accounts'));
    await withinASecond(house, () => house.supervisor.snapshot().banners.length === 0);
    await house.dir.put({ ...ann, custom_label: 'x', proxy_disabled: true });
    await withinASecond(house, () => house.state('ann') === 'proxy_disabled');
    for (const { id } of [ann, bob, kim]) await house.dir.remove(id);
    await withinASecond(house, () => house.supervisor.snapshot().banners[0]?.code === 'reload_held');
    assert.is(house.supervisor.snapshot().counts.ready, 2);
    await house.supervisor.operations.reload();
    assert.is(house.supervisor.snapshot().accounts.length, 0);
    assert.is(house.supervisor.snapshot().banners.length, 0);
  });
});

test('rule 8: files that vanish one after the other within two seconds count together', async () => {
  await withHouse({ accounts: [ann, bob, kim], prepare: serving }, async (house) => {
    await house.dir.remove('ann');
    await withinASecond(house, () => house.state('ann') === 'gone');
    await house.dir.remove('bob');
    await withinASecond(house, () => house.state('ann') === 'ready');
    assert.is(house.supervisor.snapshot().counts.ready, 3);
    assert.match(house.supervisor.snapshot().banners[0]?.text ?? '', /^2 of 3 account files vanished at once/);
  });
});

test('rule 8: a folder that cannot be listed leaves the pool as it was, and its return is noticed', async () => {
  await withHouse({ accounts: [ann, bob], prepare: serving }, async (house) => {
    await rename(house.dir.at('accounts'), house.dir.at('away'));
    await withinASecond(house, () => house.supervisor.snapshot().banners[0]?.code === 'reload_held');
    assert.is((await house.ask()).status, 200);
    await writeFile(house.dir.at('away', 'kim.json'), JSON.stringify({ ...(await readAway(house)), id: 'kim' }));
    await rename(house.dir.at('away'), house.dir.at('accounts'));
    await withinASecond(house, () => house.supervisor.snapshot().banners.length === 0);
    await withinASecond(house, () => house.state('kim') === 'ready');
    await house.dir.put({ ...ann, proxy_disabled: true });
    await withinASecond(house, () => house.state('ann') === 'proxy_disabled');
  });
});

async function readAway(house: House): Promise<Record<string, unknown>> {
  const { readFile } = await import('node:fs/promises');
  return JSON.parse(await readFile(house.dir.at('away', 'ann.json'), 'utf8')) as Record<string, unknown>;
}

test('our own writes are no news', async () => {
  await withHouse({ accounts: [ann, bob], prepare: serving }, async (house) => {
    await house.supervisor.operations.setProxyDisabled(['bob'], true);
    await house.supervisor.operations.setProxyDisabled(['bob'], false);
    await house.store.accounts.flush();
    // a later edit from outside is in the log, so all that came before it was looked at
    await house.dir.put({ ...ann, proxy_disabled: true });
    await withinASecond(house, () => house.log.some((line) => line.startsWith('Pool reloaded: ')));
    assert.equal(
      house.log.filter((line) => line.startsWith('Pool reloaded: ')),
      ['Pool reloaded: -1 now out, 1 unchanged'],
    );
  });
});

test.run();
