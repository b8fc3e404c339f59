/** A disk that takes nothing or hangs: memory stays right, the row says so, the write lands when it can, and a stop says what is lost. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemDisk, type Disk } from '../../../src/store/disk/disk.js';
import { setClock } from '../../support/clock.js';
import { testDisk } from '../../support/disk.js';
import { type House, withHouse } from '../../support/house.js';

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

test.run();
