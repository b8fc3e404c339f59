/** A data directory of Antigravity Tools with all that may stand in it, served by regrant: both programs see the same. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { invalidGrant } from '../../support/google.js';
import { type House, withHouse } from '../../support/house.js';

type Json = Record<string, unknown>;

const model = { name: 'gemini-3-flash', percentage: 80, reset_time: '2026-11-23T08:00:00Z', display_name: 'Flash' };

/** Every key that its account files may have beyond those that any has. */
const optional = {
  device_history: [{ machine_id: 'old' }],
  quota: {
    models: [model],
    last_updated: 1_790_000_000,
    is_forbidden: false,
    subscription_tier: 'PRO',
    model_forwarding_rules: { 'gemini-2.5-pro': 'gemini-3-pro' },
    quota_groups: [{ display_name: 'Gemini', buckets: [{ bucket_id: 'gemini-5h', remaining_fraction: 0.5 }] }],
  },
  protected_models: ['claude'],
  live_limited_models: { claude: { model: 'claude', status: 429, reason: 'x', until: 1, detected_at: 1 } },
  proxy_id: 'p-1',
  proxy_bound_at: 1_780_000_000,
  custom_label: 'spare',
};
const inToken = {
  session_id: '-3750763034362895579',
  is_gcp_tos: true,
  oauth_client_key: 'default',
  id_token: 'e.y.J',
};
const ids = ['6f1c0e5e-0000-4000-8000-000000000001', '6f1c0e5e-0000-4000-8000-000000000002'] as const;
const [ann, bob] = ids;
const people = { [ann]: 'ann@example.com', [bob]: 'bob@example.com' };

interface TheirView {
  readonly email: unknown;
  readonly disabled: boolean;
  readonly proxyDisabled: boolean;
  readonly refreshToken: unknown;
}

const parsed = (file: string): Json => JSON.parse(readFileSync(file, 'utf8')) as Json;

/** What that program shows: the index says who there is, and each file has to have what its structure asks for. */
function theirView(house: House): ReadonlyMap<string, TheirView> {
  const index = parsed(house.dir.at('accounts.json'));
  return new Map(
    (index.accounts as Json[]).map((entry) => {
      const file = parsed(house.dir.at('accounts', `${String(entry.id)}.json`));
      const token = file.token as Json;
      for (const key of ['id', 'email']) assert.is(typeof file[key], 'string', key);
      for (const key of ['created_at', 'last_used']) assert.ok(Number.isInteger(file[key]), key);
      for (const key of ['access_token', 'refresh_token', 'token_type']) assert.is(typeof token[key], 'string', key);
      for (const key of ['expires_in', 'expiry_timestamp']) assert.ok(Number.isInteger(token[key]), key);
      const { disabled = false, proxy_disabled: off = false } = file;
      assert.equal([entry.email, entry.disabled, entry.proxy_disabled], [file.email, disabled, off], 'index and file');
      const view = { email: entry.email, disabled: disabled === true, proxyDisabled: off === true };
      return [String(entry.id), { ...view, refreshToken: token.refresh_token }];
    }),
  );
}

/** Both views of every account, once all that is put off is written. */
async function agree(house: House, clock: ReturnType<typeof setClock>): Promise<ReadonlyMap<string, TheirView>> {
  await house.store.accounts.flush();
  clock.advance(300);
  await house.store.index?.settled();
  const theirs = theirView(house);
  const ours = [...house.supervisor.listing()];
  assert.equal(new Set(theirs.keys()), new Set(ours.map(({ id }) => id)));
  for (const row of ours) {
    const seen = theirs.get(String(row.id));
    assert.is(seen?.email, row.email);
    assert.is(seen?.disabled, row.state === 'disabled');
    assert.is(seen?.proxyDisabled, row.proxy_disabled === true);
    assert.is(seen?.refreshToken, house.store.accounts.get(String(row.id))?.account?.refreshToken);
  }
  return theirs;
}

/** What that program keeps when it saves an account by its structure: the keys that it knows. */
function savedByStructure(json: Json): Json {
  const { x_unknown: _x, token, ...known } = json;
  const { x_unknown_in_token: _t, ...knownToken } = token as Json;
  return { ...known, token: knownToken };
}

async function withAntigravity(
  use: (house: House, clock: ReturnType<typeof setClock>) => Promise<void>,
): Promise<void> {
  const clock = setClock(Date.now());
  await withHouse(
    {
      clock,
      accounts: ids.map((id) => ({
        id,
        email: people[id],
        refreshToken: `1//0token-of-${id}`,
        token: inToken,
        ...optional,
      })),
      prepare: (google, dir) => {
        writeFileSync(dir.at('gui_config.json'), '{"proxy":{"port":8045}}');
        const entry = (id: string): Json => ({
          id,
          email: people[id as typeof ann],
          name: null,
          created_at: 1,
          last_used: 2,
        });
        const index = {
          version: '2.0',
          accounts: ids.map(entry),
          current_account_id: ann,
          current_target_ide: 'antigravity',
        };
        writeFileSync(dir.at('accounts.json'), JSON.stringify(index, null, 2));
        // in such a directory regrant's own settings lie in a folder of its own
        mkdirSync(dir.at('regrant'), { mode: 0o700 });
        renameSync(dir.at('settings.json'), dir.at('regrant', 'settings.json'));
        for (const id of ids) google.grant(`1//0token-of-${id}`, { email: people[id] });
      },
    },
    (house) => use(house, clock),
  );
}

test('disable, re-add, rotate and toggle: both programs agree on every account after each, and no key is lost', async () => {
  await withAntigravity(async (house, clock) => {
    const { operations } = house.supervisor;
    const before = await house.dir.read(bob);
    await agree(house, clock);

    house.google.script(`1//0token-of-${bob}`, invalidGrant());
    await operations.testNow([bob]);
    assert.is((await agree(house, clock)).get(bob)?.disabled, true);

    house.google.grant('1//0new-token-of-bob', { email: people[bob] });
    const request = {
      accountId: bob,
      refreshToken: '1//0new-token-of-bob',
      client: null,
      otherAccount: 'ask',
    } as const;
    assert.is((await operations.readd(request, () => undefined)).outcome, 'saved');
    const readded = (await agree(house, clock)).get(bob);
    assert.equal([readded?.disabled, readded?.refreshToken], [false, '1//0new-token-of-bob']);

    house.google.grant('1//0new-token-of-bob', { email: people[bob], rotateTo: '1//0rotated-token-of-bob' });
    await operations.testNow([bob]);
    assert.is((await agree(house, clock)).get(bob)?.refreshToken, '1//0rotated-token-of-bob');

    await operations.setProxyDisabled([ann, bob], true);
    assert.ok([...(await agree(house, clock)).values()].every(({ proxyDisabled }) => proxyDisabled));
    await operations.setProxyDisabled([bob], false);
    await agree(house, clock);

    const { token, ...after } = await house.dir.read(bob);
    const { token: tokenBefore, ...rest } = before;
    assert.equal(after, rest, 'all but the credential is as it was');
    for (const [key, value] of Object.entries(tokenBefore)) {
      if (!/_token$|^expir/.test(key)) assert.equal(token[key], value, key);
    }
  });
});

test('that program saves what it had read before a re-add: the re-add holds, its quota is kept, and both agree', async () => {
  await withAntigravity(async (house, clock) => {
    const { operations } = house.supervisor;
    house.google.script(`1//0token-of-${bob}`, invalidGrant());
    await operations.testNow([bob]);
    await agree(house, clock);
    const copy = savedByStructure(await house.dir.read(bob));
    house.google.grant('1//0new-token-of-bob', { email: people[bob] });
    const request = {
      accountId: bob,
      refreshToken: '1//0new-token-of-bob',
      client: null,
      otherAccount: 'ask',
    } as const;
    assert.is((await operations.readd(request, () => undefined)).outcome, 'saved');
    const quota = { ...optional.quota, last_updated: 1_790_000_500 };
    writeFileSync(house.dir.at('accounts', `${bob}.json`), JSON.stringify({ ...copy, quota }, null, 2));
    await house.store.accounts.reread();
    const seen = (await agree(house, clock)).get(bob);
    assert.equal([seen?.disabled, seen?.refreshToken], [false, '1//0new-token-of-bob']);
    const file = await house.dir.read(bob);
    assert.equal([file.quota, file.disabled_reason], [quota, undefined]);
  });
});

test('an account that was removed or added is so in both', async () => {
  await withAntigravity(async (house, clock) => {
    const { operations } = house.supervisor;
    await operations.remove([ann]);
    assert.equal([...(await agree(house, clock)).keys()], [bob]);
    assert.is(parsed(house.dir.at('accounts.json')).current_account_id, bob);
    await operations.undo();
    house.google.grant('1//0token-of-cleo', { email: 'cleo@example.com' });
    const request = {
      accountId: null,
      refreshToken: '1//0token-of-cleo',
      client: null,
      otherAccount: 'accept',
    } as const;
    assert.is((await operations.readd(request, () => undefined)).outcome, 'saved');
    // it has two seconds to list them itself
    await house.store.accounts.flush();
    for (let round = 0; round < 3; round++) {
      clock.advance(2_000);
      await house.store.index?.settled();
    }
    const seen = [...(await agree(house, clock)).values()].map(({ email }) => email);
    assert.equal(seen.sort(), ['ann@example.com', 'bob@example.com', 'cleo@example.com']);
  });
});

test('nothing of ours lies where that program cleans up: a folder of our own, and account files only', async () => {
  await withAntigravity(async (house, clock) => {
    await house.supervisor.operations.setProxyDisabled([ann], true);
    await house.ask();
    await house.supervisor.operations.remove([ann]);
    await agree(house, clock);
    await house.stop();
    assert.equal(readdirSync(house.dir.path).sort(), ['accounts', 'accounts.json', 'gui_config.json', 'regrant']);
    assert.equal(readdirSync(house.dir.at('accounts')), [`${bob}.json`]);
    assert.equal(readdirSync(house.dir.at('regrant')).sort(), ['logs', 'settings.json', 'state', 'trash', 'usage']);
    assert.is(readFileSync(house.dir.at('gui_config.json'), 'utf8'), '{"proxy":{"port":8045}}');
    await house.start();
  });
});

test.run();
