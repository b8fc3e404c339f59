/** A disk that takes nothing or hangs: memory stays right, the row says so, the write lands when it can, and a stop says what is lost. */
import { readdirSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { doctor } from '../../../src/commands/reading/doctor.js';
import type { Context } from '../../../src/commands/context.js';
import { stop } from '../../../src/commands/supervisor/stop.js';
import { Control } from '../../../src/control/control.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { systemDisk, type Disk } from '../../../src/store/disk/disk.js';
import { setClock } from '../../support/clock.js';
import { setProxyDisabled } from '../../../src/store/accounts/patches.js';
import { mountPoints, testDisk } from '../../support/disk.js';
import { API_KEY, type House, withHouse } from '../../support/house.js';

const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };
const bob = { id: 'bob', email: 'bob@example.com', refreshToken: '1//0bob-refresh-token' };
const full = 'no space left on the disk (ENOSPC)';

const notSaved = (house: House, id: string): string | null | undefined =>
  house.supervisor.snapshot().accounts.find((row) => row.id === id)?.notSaved;

test('rule 3: a dead account leaves the pool all the same, says that it is not saved, and is on disk once there is space', async () => {
  const disk = testDisk();
  const clock = setClock(Date.now());
  const prepare = (google: House['google']): void => google.grant(ann.refreshToken, { email: ann.email });
  await withHouse({ accounts: [ann, bob], disk, clock, prepare }, async (house) => {
    disk.fail('ENOSPC', 'write');
    for (let request = 0; request < 4; request++) assert.is((await house.ask()).status, 200);
    assert.is(house.state('bob'), 'disabled');
    assert.is(notSaved(house, 'bob'), full);
    assert.not.ok((await house.dir.read('bob')).disabled);
    assert.ok(
      house.supervisor.snapshot().banners.some(({ code, text }) => code === 'not_saved' && text.includes(full)),
    );
    disk.mend();
    clock.advance(1_000);
    await house.until(() => notSaved(house, 'bob') === null);
    const { disabled, disabled_reason } = await house.dir.read('bob');
    assert.ok(disabled);
    assert.match(String(disabled_reason), /^invalid_grant: /);
    await house.until(() => !house.supervisor.snapshot().banners.some(({ code }) => code === 'not_saved'));
  });
});

test('rule 5: a rotated token that cannot be saved serves from memory, and a stop says that it is lost', async () => {
  const disk = testDisk();
  const prepare = (google: House['google']): void =>
    google.grant(ann.refreshToken, { email: ann.email, rotateTo: '1//0ann-rotated-token' });
  await withHouse({ accounts: [ann], disk, prepare }, async (house) => {
    disk.fail('ENOSPC', 'write');
    assert.is((await house.ask()).status, 200);
    assert.is(house.store.accounts.get('ann')?.account?.refreshToken, '1//0ann-rotated-token');
    assert.ok(house.events.some((event) => event.startsWith('rotated ann@example.com')));
    const row = house.supervisor.snapshot().accounts[0];
    assert.equal(
      [row?.notSaved, row?.unsaved],
      [full, ['its new refresh token, which took the place of the one on disk']],
    );
    const losses = await house.stop();
    await house.start();
    assert.is(losses.length, 1);
    assert.match(
      losses[0] ?? '',
      /^ann\.json: its new refresh token, which took the place .* \(no space left on the disk/,
    );
    assert.is((await house.dir.read('ann')).token.refresh_token, ann.refreshToken);
  });
});

test('a disk that hangs holds up no request: new access tokens are used, a dead account is passed over', async () => {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const disk: Disk = { ...systemDisk, sync: (fd) => released.then(() => systemDisk.sync(fd)) };
  const prepare = (google: House['google']): void => google.grant(ann.refreshToken, { email: ann.email });
  await withHouse({ accounts: [ann, bob], disk, prepare }, async (house) => {
    const started = performance.now();
    for (let request = 0; request < 6; request++) assert.is((await house.ask()).status, 200);
    const ms = performance.now() - started;
    assert.ok(ms < 3_000, `${ms.toFixed(0)} ms`);
    assert.is(house.state('bob'), 'disabled');
    const before = [await house.dir.read('ann'), await house.dir.read('bob')];
    assert.equal([before[0]?.token.access_token, before[1]?.disabled], ['ya29.stale-ann', false]);
    release();
    await house.store.accounts.flush();
    assert.is.not((await house.dir.read('ann')).token.access_token, 'ya29.stale-ann');
    assert.ok((await house.dir.read('bob')).disabled);
  });
});

interface Verb {
  readonly context: Context;
  /** What was said on either stream so far. */
  readonly said: () => string;
}

/** Hands in what a verb needs to ask this supervisor. @param answer - of an operator at a terminal; null: there is none */
async function withDoor({ supervisor, dir }: House, answer: string | null, use: (verb: Verb) => Promise<void>) {
  const parts = { supervisor, clock: systemClock, env: {}, own: dir.path };
  const control = await Control.open({ ...parts, moved: () => Promise.resolve(), isOurs: () => Promise.resolve(true) });
  void supervisor.stopAsked.then(() => control.close());
  const stdin = Object.assign(new PassThrough(), { isTTY: answer !== null });
  let text = '';
  const out = new PassThrough();
  out.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (text.endsWith('[y/N] ')) stdin.write(`${answer ?? ''}\n`);
  });
  const context = { dataDir: dir.path, env: {}, clock: systemClock, stdin, stdout: out, stderr: out };
  await use({ context, said: () => text }).finally(() => control.close());
}

test('what is in memory only is told by log, health, listing and metrics within five seconds, and its end too', async () => {
  const disk = testDisk();
  const prepare = (google: House['google']): void =>
    google.grant(ann.refreshToken, { email: ann.email, rotateTo: '1//0ann-rotated-token' });
  await withHouse({ accounts: [ann], disk, prepare }, async (house) => {
    const get = async (path: string): Promise<string> =>
      (await fetch(`http://${house.supervisor.address}${path}`, { headers: { 'x-goog-api-key': API_KEY } })).text();
    disk.fail('ENOSPC', 'write');
    assert.is((await house.ask()).status, 200);
    await house.until(() =>
      house.log.some((text) =>
        text.startsWith('1 account is not saved, and lost if this program ends: ann.json: its new refresh token'),
      ),
    );
    const { status, unsaved } = JSON.parse(await get('/healthz')) as Record<string, unknown>;
    assert.equal([status, unsaved], ['degraded', 1]);
    assert.is([...house.supervisor.listing()][0]?.unsaved, true);
    assert.match(await get('/metrics'), /^regrant_unsaved 1$/m);
    await withDoor(house, null, async ({ context, said }) => {
      assert.is(await doctor(context), 1);
      assert.match(said(), /✖ ann@example\.com: not saved: its newest credential/);
    });
    disk.mend();
    await house.until(() => house.log.includes('All accounts are saved again'));
    assert.is((JSON.parse(await get('/healthz')) as Record<string, unknown>).status, 'ok');
    assert.is([...house.supervisor.listing()][0]?.unsaved, undefined);
  });
});

for (const [who, answer, ends] of [
  ['an operator who says no', 'n', false],
  ['an operator who says yes', 'y', true],
  ['a script', null, true],
] as const) {
  test(`stop with a loss exits 1; for ${who} it ${ends ? 'stops' : 'ends nothing'}`, async () => {
    const disk = testDisk();
    const prepare = (google: House['google']): void =>
      google.grant(ann.refreshToken, { email: ann.email, rotateTo: '1//0ann-rotated-token' });
    await withHouse({ accounts: [ann], disk, prepare }, async (house) => {
      disk.fail('ENOSPC', 'write');
      assert.is((await house.ask()).status, 200);
      let isAsked = false;
      void house.supervisor.stopAsked.then(() => (isAsked = true));
      await withDoor(house, answer, async ({ context, said }) => {
        assert.is(await stop(context), 1);
        assert.is(said().includes('one account is not saved, and what is new of it is lost'), answer !== null);
        assert.is(
          said().includes('not saved, and lost if the last try fails too: ann.json: its new refresh token'),
          ends,
        );
      });
      assert.is(isAsked, ends);
      disk.mend();
    });
  });
}

test('a disk that does not take a change for seconds counts as not saved until it does', async () => {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const disk: Disk = { ...systemDisk, sync: (fd) => released.then(() => systemDisk.sync(fd)) };
  const prepare = (google: House['google']): void => google.grant(ann.refreshToken, { email: ann.email });
  await withHouse({ accounts: [ann], disk, prepare }, async (house) => {
    assert.is((await house.ask()).status, 200);
    const began = performance.now();
    await house.until(() => notSaved(house, 'ann') !== null);
    assert.match(notSaved(house, 'ann') ?? '', /^the disk has not taken it for /);
    assert.ok(performance.now() - began < 5_000);
    release();
    await house.until(() => notSaved(house, 'ann') === null);
    assert.is(house.supervisor.snapshot().unsaved, 0);
  });
});

test('a file that cannot be replaced (a bind mount) is written in its place, and its row says so once', async () => {
  const disk = mountPoints();
  await withHouse({ accounts: [ann], disk }, async (house) => {
    for (const at of [1, 2]) await house.store.accounts.patch('ann', setProxyDisabled({ at, reason: 'by hand' }));
    assert.is((await house.dir.read('ann')).proxy_disabled_at, 2);
    assert.is(notSaved(house, 'ann'), null);
    assert.equal(readdirSync(house.dir.at('trash')), []);
    const told = house.events.filter((event) => event.includes('it is written in its place'));
    assert.equal(told.length, 1, told.join('\n'));
    assert.match(
      told[0] ?? '',
      /^warning ann@example\.com its file cannot be replaced \(it is in use, or a mount point/,
    );
  });
});

test.run();
