/** What was removed or replaced lies in the trash, and comes back by `u`. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ReaddResult } from '../../../src/proxy/contract/operations.js';
import { setClock } from '../../support/clock.js';
import { pause } from '../../support/pause.js';
import { withHouse, type House, type HouseOptions } from '../../support/house.js';

const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };
const bob = { id: 'bob', email: 'bob@example.com', refreshToken: '1//0bob-dead-refresh-token' };
const dead = { disabled: true, disabled_at: 1_700_000_000, disabled_reason: 'invalid_grant: gone' };
const fresh = '1//0bob-new-refresh-token';

const prepare: HouseOptions['prepare'] = (google) => {
  google.grant(ann.refreshToken, { email: ann.email });
  google.grant(fresh, { email: bob.email });
  google.grant('1//0new', { email: 'new@example.com' });
};

const trash = (house: House): string[] =>
  readdirSync(house.dir.at('trash')).map((name) => name.replace(/^\d{13}-/, ''));

/** The files are removed behind the request's back. */
async function emptied(house: House): Promise<void> {
  while (trash(house).length > 0) await new Promise(setImmediate);
}

async function readd(house: House, accountId: string | null, refreshToken: string): Promise<ReaddResult> {
  const request = { accountId, refreshToken, client: null, otherAccount: 'accept' } as const;
  return house.supervisor.operations.readd(request, () => undefined);
}

test('removed accounts lie in the trash and come back together, with every key', async () => {
  await withHouse({ accounts: [ann, { ...bob, ...dead }], prepare }, async (house) => {
    // the schedule's first refresh changes the file: whatever comes after it is ours
    await house.until(() => house.events.some((event) => event.startsWith('refreshed ann@')));
    await house.store.accounts.flush();
    const before = await Promise.all(['ann', 'bob'].map((id) => house.dir.read(id)));
    const { operations } = house.supervisor;
    assert.is(
      (await operations.remove(['ann', 'bob'])).text,
      'removed ann@example.com, bob@example.com; u brings it back',
    );
    assert.equal(readdirSync(house.dir.at('accounts')), []);
    assert.equal(trash(house), ['removed-ann.json', 'removed-bob.json']);
    for (const name of readdirSync(house.dir.at('trash')))
      assert.is(statSync(house.dir.at('trash', name)).mode & 0o777, 0o600);
    assert.is((await house.ask()).status, 503);
    assert.is((await operations.undo()).text, 'brought back ann@example.com, bob@example.com');
    assert.equal(trash(house), []);
    assert.equal(await Promise.all(['ann', 'bob'].map((id) => house.dir.read(id))), before);
    assert.is((await house.ask()).status, 200);
    assert.is((await operations.undo()).text, 'nothing is left to undo');
  });
});

test('an unreadable file is removed and brought back as it is', async () => {
  await withHouse({ accounts: [ann], prepare: (_google, dir) => dir.putRaw('torn.json', '{"id":') }, async (house) => {
    const { operations } = house.supervisor;
    assert.ok((await operations.remove(['torn'])).ok);
    assert.is(house.state('torn'), 'gone');
    assert.ok((await operations.undo()).ok);
    assert.is(house.state('torn'), 'unreadable');
    assert.is(readFileSync(house.dir.at('accounts', 'torn.json'), 'utf8'), '{"id":');
  });
});

test('the credential that a re-add replaced is kept until the new one has served', async () => {
  await withHouse({ accounts: [{ ...bob, ...dead }], prepare }, async (house) => {
    assert.is((await readd(house, 'bob', fresh)).outcome, 'saved');
    assert.equal(trash(house), ['replaced-bob.json']);
    const [name = ''] = readdirSync(house.dir.at('trash'));
    assert.ok(readFileSync(house.dir.at('trash', name), 'utf8').includes(bob.refreshToken));
    assert.is((await house.ask()).status, 200);
    await emptied(house);
    const said = await house.supervisor.operations.undo();
    assert.not.ok(said.ok);
    assert.match(said.text, /^bob@example\.com: its new refresh token has served a request/);
    assert.is((await house.dir.read('bob')).token.refresh_token, fresh);
  });
});

test('it is kept over a restart, and cleared by the first request after that', async () => {
  await withHouse({ accounts: [{ ...bob, ...dead }], prepare }, async (house) => {
    await readd(house, 'bob', fresh);
    await house.stop();
    await house.start();
    assert.equal(trash(house), ['replaced-bob.json']);
    assert.is((await house.ask()).status, 200);
    await emptied(house);
  });
});

test('a re-add is undone: the old credential with its flags, and nothing else; and what was undone is kept', async () => {
  await withHouse({ accounts: [{ ...bob, ...dead }], prepare }, async (house) => {
    const before = await house.dir.read('bob');
    await readd(house, 'bob', fresh);
    await house.supervisor.operations.setProxyDisabled(['bob'], true);
    const said = await house.supervisor.operations.undo();
    assert.is(said.text, 'bob@example.com: its previous refresh token is back, and it is disabled again with it');
    const {
      proxy_disabled: off,
      proxy_disabled_at: _at,
      proxy_disabled_reason: _why,
      ...after
    } = await house.dir.read('bob');
    assert.ok(off);
    assert.equal({ ...after, proxy_disabled: false }, before);
    assert.is(house.state('bob'), 'disabled');
    const [name = ''] = readdirSync(house.dir.at('trash'));
    assert.ok(readFileSync(house.dir.at('trash', name), 'utf8').includes(fresh));
  });
});

test('several steps are undone one after the other, the last first', async () => {
  await withHouse({ accounts: [ann, { ...bob, ...dead }], prepare }, async (house) => {
    const { operations } = house.supervisor;
    await readd(house, 'bob', fresh);
    const added = await readd(house, null, '1//0new');
    if (added.outcome !== 'saved') throw new Error(added.text);
    await operations.remove(['ann']);
    assert.is((await operations.undo()).text, 'brought back ann@example.com');
    assert.is((await operations.undo()).text, 'removed new@example.com again; its file lies in the trash');
    assert.is(house.state(added.accountId), 'gone');
    assert.ok((await operations.undo()).ok);
    assert.is(house.state('bob'), 'disabled');
    assert.not.ok((await operations.undo()).ok);
  });
});

test('a file that stands again is not replaced by an undo', async () => {
  await withHouse({ accounts: [ann], prepare }, async (house) => {
    const { operations } = house.supervisor;
    await operations.remove(['ann']);
    await house.dir.put({ ...ann, custom_label: 'another one' });
    const said = await operations.undo();
    assert.not.ok(said.ok);
    assert.match(said.text, /^ann\.json is not brought back: an account of that name stands there again; it lies in /);
    assert.is((await house.dir.read('ann')).custom_label, 'another one');
    assert.equal(trash(house), ['removed-ann.json']);
  });
});

for (const [what, aheadDays, left] of [
  ['goes once a server has said what time it is', 0, []],
  ['stays while only this machine’s clock, set ahead, says so', 40, ['removed-old.json']],
] as const) {
  test(`what lies in the trash for over 30 days ${what}`, async () => {
    const now = Date.now();
    const clock = setClock(now + aheadDays * 86_400_000);
    await withHouse({ accounts: [ann], prepare, clock }, async (house) => {
      const at = now - (41 - aheadDays) * 86_400_000;
      writeFileSync(house.dir.at('trash', `${at}-removed-old.json`), '{}');
      clock.advance(3_600_000);
      await pause(20);
      assert.equal(trash(house), ['removed-old.json'], 'nobody has said what time it is');
      await house.supervisor.operations.testNow(['ann']);
      clock.advance(3_600_000);
      for (let waited = 0; waited < 5_000 && trash(house).length > left.length; waited += 10) await pause(10);
      assert.equal(trash(house), left);
    });
  });
}

test.run();
