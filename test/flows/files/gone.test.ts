/** Account files that vanish while the pool serves, and a new token after it: on disk before anything says ready. */
import { mkdir, readdir, rename } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testDisk } from '../../support/disk.js';
import { jsonReply } from '../../support/google.js';
import { withHouse, type House } from '../../support/house.js';

const missing = (): never => {
  throw new Error('the table of this test has no such row');
};

const people = ['ann', 'bob', 'kim'].map((id) => ({ id, email: `${id}@example.com`, accessToken: `ya29.${id}` }));
const newToken = '1//0bob-new-refresh-token';
const ignore = (): void => undefined;

const prepare = (google: House['google']): void => {
  for (const { id, email } of people) google.grant(`1//0test-refresh-token-of-${id}`, { email });
  google.grant(newToken, { email: 'bob@example.com' });
  google.grant('1//0of-lee', { email: 'lee@example.com' });
  google.upstream(() => jsonReply(200, { candidates: [] }));
};

const vanishings: Readonly<Record<string, (house: House) => Promise<unknown>>> = {
  'all files deleted': ({ dir }) => Promise.all(people.map(({ id }) => dir.remove(id))),
  'the folder moved': ({ dir }) => rename(dir.at('accounts'), dir.at('away')),
  'another folder in its place': async ({ dir }) => {
    await rename(dir.at('accounts'), dir.at('away'));
    await mkdir(dir.at('accounts'));
  },
};

/** Each way in which a verified token comes in; its text where it is taken. */
const ways: Readonly<Record<string, (house: House, token: string) => Promise<{ outcome: string; text: string }>>> = {
  'the form': ({ supervisor }, refreshToken) =>
    supervisor.operations.readd({ accountId: 'bob', refreshToken, client: null, otherAccount: 'ask' }, ignore),
  'regrant add': ({ supervisor }, refreshToken) =>
    supervisor.operations.readd({ accountId: null, refreshToken, client: null, otherAccount: 'accept' }, ignore),
  'regrant import': ({ supervisor }, refreshToken) =>
    supervisor.operations.importToken({ refreshToken, client: null, ownClient: null, projectId: null, file: null }),
};

async function gone(house: House, vanish: (house: House) => Promise<unknown>): Promise<void> {
  await vanish(house);
  await house.store.accounts.reread();
  assert.is(house.supervisor.snapshot().banners[0]?.code, 'reload_held');
}

const namesOf = async (house: House): Promise<string[]> => (await readdir(house.dir.at('accounts'))).sort();

for (const [what, vanish] of Object.entries(vanishings)) {
  for (const [way, take] of Object.entries(ways)) {
    test(`${what}, then a new token by ${way}: its file is made again, and R and a restart keep it`, async () => {
      await withHouse({ accounts: people, prepare }, async (house) => {
        const { token: _before, ...before } = await house.dir.read('bob');
        await gone(house, vanish);
        const { outcome, text } = await take(house, newToken);
        assert.match(text, /bob@example\.com is re-added and ready/);
        assert.ok(outcome === 'saved' || outcome === 're-added');
        const { token, ...after } = await house.dir.read('bob');
        assert.equal([token.refresh_token, token.project_id], [newToken, 'project-bob']);
        assert.equal(after, before);
        assert.is(house.supervisor.snapshot().accounts.length, 3, 'the others serve on from memory');
        await house.supervisor.operations.reload();
        assert.equal([house.state('bob'), house.state('ann')], ['ready', 'gone']);
        await house.stop();
        await house.start();
        assert.is(house.state('bob'), 'ready');
        assert.is((await house.ask()).status, 200);
      });
    });
  }
}

test('an import of the very token of an account that is nowhere on disk puts it there', async () => {
  await withHouse({ accounts: people, prepare }, async (house) => {
    await gone(house, vanishings['all files deleted'] ?? missing);
    const { outcome } = await (ways['regrant import'] ?? missing)(house, '1//0test-refresh-token-of-ann');
    assert.is(outcome, 're-added');
    assert.equal(await namesOf(house), ['ann.json']);
  });
});

test('a new account while the folder is gone is on disk too', async () => {
  await withHouse({ accounts: people, prepare }, async (house) => {
    await gone(house, vanishings['the folder moved'] ?? missing);
    const { outcome, text } = await (ways['regrant add'] ?? missing)(house, '1//0of-lee');
    assert.equal([outcome, text], ['saved', 'lee@example.com is added and ready']);
    assert.is((await namesOf(house)).length, 1);
    assert.is(house.supervisor.snapshot().accounts.length, 4);
  });
});

test('a token that cannot be written is never said to be ready', async () => {
  const disk = testDisk();
  await withHouse({ accounts: people, prepare, disk }, async (house) => {
    await gone(house, vanishings['all files deleted'] ?? missing);
    disk.fail('ENOSPC', 'create');
    for (const take of Object.values(ways)) {
      const { outcome, text } = await take(house, newToken);
      assert.is(outcome, 'not_saved');
      assert.match(text, /not saved: .*lost with this process/);
      assert.not.match(text, /ready/);
    }
    await house.supervisor.operations.reload();
    assert.is(house.state('bob'), 'ready', 'R keeps what is nowhere else');
    disk.mend();
  });
});

test('a file that is deleted in the moment of its re-add is made again whole', async () => {
  await withHouse({ accounts: people, prepare }, async (house) => {
    const hold = house.google.hold(newToken);
    const added = (ways['the form'] ?? missing)(house, newToken);
    await house.google.until(({ token }) => token.length > 0);
    const { token: _before, id: _id, ...before } = await house.dir.read('bob');
    await house.dir.remove('bob');
    hold.release();
    assert.is((await added).outcome, 'saved');
    const name = (await namesOf(house)).find((one) => one !== 'ann.json' && one !== 'kim.json') ?? '';
    const { token, id: _newId, ...after } = await house.dir.read(name.slice(0, -5));
    assert.is(token.refresh_token, newToken);
    assert.equal(after, before);
  });
});

test.run();
