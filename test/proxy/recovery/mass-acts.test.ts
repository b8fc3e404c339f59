/** Acts on many accounts: with progress, to be stopped, and no one stops the others. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MassActs } from '../../../src/proxy/recovery/mass-acts.js';
import { setClock } from '../../support/clock.js';
import { withHouse } from '../../support/house.js';

const many = Array.from({ length: 6 }, (_, index) => `a${index}`);
const accounts = many.map((id) => ({ id, email: `${id}@example.com`, refreshToken: `1//0${id}` }));

test('an act tells how far it is, goes on past one that cannot be, and is stopped between two', async () => {
  const told: string[] = [];
  const acts = new MassActs({
    clock: setClock(5_000),
    changed: () => told.push(`${acts.progress?.done ?? '-'}+${acts.progress?.failed ?? '-'}`),
  });
  assert.is(acts.stop(), 0);
  const items = Array.from({ length: 250 }, (_, index) => index);
  const all = await acts.run('off', items, (item) => Promise.resolve(item === 7 ? 'a7 cannot be' : null));
  assert.equal([all.done.length, all.faults, all.left], [249, ['a7 cannot be'], 0]);
  assert.equal([told.at(-2), told.at(-1), acts.progress], ['249+1', '-+-', null]);
  let left = 0;
  const some = await acts.run('remove', items, (item) => {
    assert.equal([acts.progress?.what, acts.progress?.of, acts.progress?.since], ['remove', 250, 5_000]);
    if (item === 99) left = acts.stop();
    return Promise.resolve(null);
  });
  assert.is(some.done.length + some.left, 250);
  assert.ok(some.done.length >= 100 && some.done.length < 104, `${some.done.length}`);
  assert.ok(left >= some.left);
  const after = await acts.run('on', [1, 2], () => Promise.resolve(null));
  assert.equal(after.done, [1, 2], 'a stop is about what was asked for before it');
});

test('while one act is under way another waits, and both are stopped together; other work gets its turn', async () => {
  const acts = new MassActs({ clock: setClock(), changed: () => undefined });
  let turns = 0;
  const ticking = setInterval(() => turns++, 0);
  const order: string[] = [];
  const items = Array.from({ length: 1_000 }, (_, index) => index);
  const act = (name: string) => (): Promise<null> => {
    if (order.at(-1) !== name) order.push(name);
    return Promise.resolve(null);
  };
  await Promise.all([acts.run('off', items, act('first')), acts.run('on', items, act('second'))]);
  clearInterval(ticking);
  assert.equal(order, ['first', 'second']);
  assert.ok(turns > 0);
  void acts.run('off', items, () => new Promise(() => undefined));
  void acts.run('on', items, act('third'));
  await new Promise(setImmediate);
  acts.stop();
  assert.not(order.includes('third'));
});

test('one that cannot be read is named, and the others are taken out, put back and removed; u brings all back', () =>
  withHouse({ accounts, prepare: (_google, dir) => dir.putRaw('torn.json', '{"id":') }, async (house) => {
    const { operations } = house.supervisor;
    const ids = ['a0', 'torn', ...many.slice(1)];
    const off = await operations.setProxyDisabled(ids, true);
    assert.is(off.ok, false);
    assert.match(
      off.text,
      /^a0@example\.com, a1@example\.com, a2@example\.com and 3 more: taken out of the proxy; e puts it back; torn\.json cannot be read .*, so it is not changed$/,
    );
    const marks = async (): Promise<unknown[]> =>
      Promise.all(many.map(async (id) => (await house.dir.read(id)).proxy_disabled));
    assert.equal(await marks(), [true, true, true, true, true, true]);
    assert.is((await operations.setProxyDisabled(many, false)).ok, true);
    assert.equal(await marks(), [false, false, false, false, false, false]);
    // the file of one is gone from under it, and a folder is in the place of another's copy
    assert.match(
      (await operations.remove(ids)).text,
      /^removed a0@example\.com, torn\.json, a1@.* and 4 more; u brings/,
    );
    assert.is(house.store.accounts.list().length, 0);
    writeFileSync(house.dir.at('accounts', 'a3.json'), '{"id": "a3"}');
    const back = await operations.undo();
    assert.is(back.ok, false);
    assert.match(
      back.text,
      /^a3\.json is not brought back: an account of that name.*; brought back a0@example\.com, torn/,
    );
    rmSync(house.dir.at('accounts', 'a3.json'));
    assert.is((await operations.undo()).text, 'brought back a3@example.com');
    assert.match(readFileSync(house.dir.at('accounts', 'a3.json'), 'utf8'), /a3@example\.com/);
  }));

test('blocks of many are lifted a few at a time: nothing waits for the disk so long that it is told as not saved', () => {
  const blocked = accounts.map((account) => ({ ...account, validation_blocked: true, validation_blocked_until: 4e9 }));
  return withHouse({ accounts: blocked }, async (house) => {
    const { accounts: store } = house.store;
    const patch = store.patch.bind(store);
    const waiting = { now: 0, most: 0 };
    store.patch = (...given) => {
      waiting.most = Math.max(waiting.most, ++waiting.now);
      return patch(...given).finally(() => waiting.now--);
    };
    const cleared = await house.supervisor.operations.clear(many);
    assert.ok(cleared.ok, cleared.text);
    assert.ok(waiting.most <= 3, `${waiting.most} at once`);
    assert.is((await house.dir.read('a5')).validation_blocked, false);
  });
});

test.run();
