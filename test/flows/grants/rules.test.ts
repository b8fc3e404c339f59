/** The rules of the grant, each with what would break it, on real files against a simulated Google. */
import { existsSync, readFileSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fingerprint } from '../../../src/store/ground/fingerprint.js';
import { setClock } from '../../support/clock.js';
import {
  adminPolicy,
  badGateway,
  clientSecretWrong,
  html,
  invalidGrant,
  jsonReply,
  overloaded,
  redirect,
  tokenRateLimited,
  unauthenticated,
} from '../../support/google.js';
import { withHouse, type House } from '../../support/house.js';

const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };
const bob = { id: 'bob', email: 'bob@example.com', refreshToken: '1//0bob-refresh-token' };
const admitted = (house: Pick<House, 'google'>, ...who: readonly { email: string; refreshToken: string }[]): void => {
  for (const { email, refreshToken } of who) house.google.grant(refreshToken, { email });
};
const sent = (house: House, refreshToken: string): number =>
  house.google.calls.token.filter((call) => call.refreshToken === refreshToken).length;

test('rule 1: an upstream 401 forces one refresh, and no upstream status disables', async () => {
  await withHouse({ accounts: [ann], prepare: (google) => admitted({ google }, ann) }, async (house) => {
    assert.is((await house.ask()).status, 200);
    house.google.expireAccess();
    assert.is((await house.ask()).status, 200);
    assert.is(sent(house, ann.refreshToken), 2);
    house.google.upstream(() => unauthenticated('still refused'));
    assert.is((await house.ask()).status, 401);
    assert.is(house.state('ann'), 'cooling', 'still refused with a fresh token: left alone for a minute');
    assert.is((await house.dir.read('ann')).disabled, false);
  });
});

test('rule 2: a verdict on a token that was replaced meanwhile is dropped, and the new one is tried', async () => {
  await withHouse({ accounts: [ann] }, async (house) => {
    const held = house.google.hold(ann.refreshToken);
    const asked = house.ask();
    await held.waiting();
    house.google.grant('1//0ann-newer-token', { email: ann.email });
    await house.dir.put({ ...ann, refreshToken: '1//0ann-newer-token' });
    held.release();
    assert.is((await asked).status, 200);
    assert.is((await house.dir.read('ann')).disabled, false);
    // either the verdict came first, or the watch saw the new file before it
    const told = /^(Verdict dropped \(ann@example\.com\)|Pool reloaded: 1 changed)/;
    assert.ok(house.log.some((line) => told.test(line)));
  });
});

test('rule 2: invalid_grant counts with 400 and 401 as JSON or form, and never in HTML, 2xx, 3xx or 5xx', async () => {
  const body = { error: 'invalid_grant', error_description: 'Bad Request' };
  const never = [
    html(400, '<html>{"error":"invalid_grant"}</html>'),
    jsonReply(500, body),
    jsonReply(200, body),
    jsonReply(403, body),
    jsonReply(400, { message: 'invalid_grant' }),
    jsonReply(400, { error: { error: 'invalid_grant' } }),
    { status: 400, headers: { 'content-type': 'application/json' }, body: '{"error":"invalid_grant"' },
    { status: 400, headers: {}, body: '' },
  ];
  for (const reply of never) {
    await withHouse({ accounts: [ann], prepare: (google) => google.script('*', reply, Infinity) }, async (house) => {
      assert.is((await house.ask()).status, 503);
      assert.is((await house.dir.read('ann')).disabled, false, JSON.stringify(reply));
    });
  }
  const form = {
    status: 401,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'error=invalid_grant&error_description=gone',
  };
  for (const reply of [invalidGrant(), jsonReply(401, body), form]) {
    await withHouse({ accounts: [ann], prepare: (google) => google.script('*', reply, Infinity) }, async (house) => {
      await house.ask();
      assert.is((await house.dir.read('ann')).disabled, true, JSON.stringify(reply));
    });
  }
});

test('rule 2: a key that names no configured client keeps the account out, and nothing is sent', async () => {
  const account = { ...ann, token: { oauth_client_key: 'nobody' } };
  await withHouse({ accounts: [account], prepare: (google) => admitted({ google }, ann) }, async (house) => {
    const { status, text } = await house.ask();
    assert.is(status, 503);
    assert.match(text, /1 no_client \(client_missing\)/);
    assert.is(house.state('ann'), 'no_client');
    assert.is(house.google.calls.token.length, 0);
  });
});

test('rule 2: where the client is a guess the others are asked before the verdict, and the issuer is written down', async () => {
  const second = { id: '999-second.apps.googleusercontent.com', secret: 'GOCSPX-second' };
  const first = { id: '111-first.apps.googleusercontent.com', secret: 'GOCSPX-first' };
  await withHouse(
    {
      accounts: [ann],
      settings: { oauth: { clients: { default: first, second } } },
      prepare: (google) => {
        google.client(first.id, first.secret);
        google.client(second.id, second.secret);
        google.grant(ann.refreshToken, { email: ann.email, client: second.id });
      },
    },
    async (house) => {
      assert.is((await house.ask()).status, 200);
      await house.store.accounts.flush();
      const file = await house.dir.read('ann');
      assert.is(file.token.oauth_client_key, 'second');
      assert.is(file.disabled, false);
    },
  );
});

test('rule 3: the three fields are on disk, unknown keys stay, the request goes on with the next account', async () => {
  const settings = { proxy: { port: 0, apiKey: 'sk-test-key-of-the-proxy-in-tests' } };
  await withHouse({ accounts: [bob, ann], settings, prepare: (google) => admitted({ google }, ann) }, async (house) => {
    const before = await house.dir.read('bob');
    for (let i = 0; i < 6; i++) assert.is((await house.ask()).status, 200);
    await house.store.accounts.flush();
    const after = await house.dir.read('bob');
    const { disabled, disabled_at, disabled_reason, ...rest } = after;
    assert.is(disabled, true);
    assert.ok(Math.abs(Number(disabled_at) - Date.now() / 1000) < 60);
    assert.match(String(disabled_reason), /^invalid_grant: /);
    const death = house.supervisor.events.at(house.supervisor.events.next - 1);
    assert.is(death?.kind, 'disabled');
    assert.type(death?.tookMs, 'number', 'the event says how long the refresh took');
    assert.equal({ ...rest, disabled: false }, before);
    assert.is(sent(house, bob.refreshToken), 1);
    const lines = house.log.filter((line) => line.includes('bob@example.com'));
    assert.ok(lines.some((line) => line.startsWith('Token refresh failed (bob@example.com): invalid_grant')));
    assert.ok(
      lines.includes('Disabling account due to invalid_grant (bob@example.com): refresh_token likely revoked/expired'),
    );
    assert.ok(lines.some((line) => line.startsWith('Skipping disabled account (bob@example.com): invalid_grant: ')));
  });
});

test('rule 3: the reason is cut to 800 code points, the last an ellipsis', async () => {
  const words = '🔥'.repeat(900);
  await withHouse(
    { accounts: [ann], prepare: (google) => google.script('*', invalidGrant(words), Infinity) },
    async (house) => {
      await house.ask();
      const reason = Array.from(String((await house.dir.read('ann')).disabled_reason));
      assert.is(reason.join(''), `invalid_grant: ${'🔥'.repeat(784)}…`);
      assert.is(reason.length, 800);
    },
  );
});

test('rule 3: a reason of up to 800 code points is kept whole, and no code point is cut in two', async () => {
  const words = `a${'🔥'.repeat(700)}`;
  await withHouse(
    { accounts: [ann], prepare: (google) => google.script('*', invalidGrant(words), Infinity) },
    async (house) => {
      await house.ask();
      assert.is((await house.dir.read('ann')).disabled_reason, `invalid_grant: ${words}`);
    },
  );
});

test('rule 3: disabled_at keeps the first time', async () => {
  const account = { ...ann, disabled: true, disabled_at: 1_700_000_000, disabled_reason: 'invalid_grant: long ago' };
  await withHouse({ accounts: [account] }, async (house) => {
    const [result] = await house.supervisor.operations.testNow(['ann']);
    assert.is(result?.ok, false);
    const file = await house.dir.read('ann');
    assert.is(file.disabled_at, 1_700_000_000);
    assert.is(file.disabled_reason, 'invalid_grant: long ago');
  });
});

test('rule 4: temporary trouble, refusals and client trouble write nothing into the account file', async () => {
  const replies = [
    ['cooling', badGateway()],
    ['cooling', tokenRateLimited(30)],
    ['cooling', 'reset' as const],
    ['cooling', overloaded()],
    ['refused', adminPolicy()],
    ['no_client', clientSecretWrong()],
  ] as const;
  for (const [state, reply] of replies) {
    await withHouse({ accounts: [ann], prepare: (google) => google.script('*', reply, Infinity) }, async (house) => {
      const before = await house.dir.readRaw('ann');
      assert.is((await house.ask()).status >= 429, true);
      assert.is(house.state('ann'), state);
      const asked = house.google.calls.token.length;
      await house.ask();
      assert.is(house.google.calls.token.length, asked, 'a request never waits for a pause, and never breaks it');
      assert.is(await house.dir.readRaw('ann'), before);
    });
  }
});

test('rule 4: an account in temporary trouble serves on while its access token lives', async () => {
  const alive = { ...ann, accessToken: 'set below', accessEndsIn: 100 };
  await withHouse(
    {
      accounts: [],
      prepare: async (google, dir) => {
        admitted({ google }, ann);
        await dir.put({ ...alive, accessToken: google.accessToken(ann.refreshToken) });
        google.script('*', badGateway(), Infinity);
      },
    },
    async (house) => {
      const [result] = await house.supervisor.operations.testNow(['ann']);
      assert.is(result?.cause, 'provider_trouble');
      assert.is(house.state('ann'), 'ready');
      assert.is((await house.ask()).status, 200);
    },
  );
});

test('rule 4: a refused client pauses all of its accounts, and one account probes for all', async () => {
  const clock = setClock(Date.now());
  const accounts = ['a', 'b', 'c', 'd'].map((id) => ({
    id,
    email: `${id}@example.com`,
    refreshToken: `1//0token-of-${id}-long-enough`,
  }));
  await withHouse(
    { accounts, clock, prepare: (google) => google.script('*', clientSecretWrong(), Infinity) },
    async (house) => {
      await house.ask();
      assert.is(house.google.calls.token.length, 1);
      assert.equal(
        accounts.map(({ id }) => house.state(id)),
        ['no_client', 'no_client', 'no_client', 'no_client'],
      );
      const { banners } = house.supervisor.snapshot();
      assert.match(banners[0]?.text ?? '', /OAuth client "default" \(invalid_client\)/);
      clock.advance(61_000);
      await house.google.until((calls) => calls.token.length >= 2);
      await house.supervisor.operations.testNow([]);
      assert.is(house.google.calls.token.length, 2, 'one probe a client, not an account');
    },
  );
});

test('rule 5: a rotated refresh token is on disk before it is used', async () => {
  const rotated = '1//0ann-rotated-token';
  await withHouse(
    {
      accounts: [ann],
      prepare: (google) => {
        google.grant(ann.refreshToken, { email: ann.email, rotateTo: rotated });
      },
    },
    async (house) => {
      let onDisk = '';
      house.google.upstream(async () => {
        onDisk = String((await house.dir.read('ann')).token.refresh_token);
        return undefined;
      });
      assert.is((await house.ask()).status, 200);
      assert.is(onDisk, rotated);
      await house.supervisor.operations.testNow(['ann']);
      assert.is(sent(house, rotated), 1, 'memory has it too');
    },
  );
});

test('rule 6: two accounts that hold one refresh token share one exchange and its rotated token', async () => {
  const twin = { id: 'twin', email: 'twin@example.com', refreshToken: ann.refreshToken };
  await withHouse(
    {
      accounts: [ann, twin],
      prepare: (google) => {
        google.grant(ann.refreshToken, { email: ann.email, rotateTo: '1//0shared-rotated' });
      },
    },
    async (house) => {
      const statuses = await Promise.all(Array.from({ length: 20 }, () => house.ask()));
      assert.ok(statuses.every(({ status }) => status === 200));
      assert.is(sent(house, ann.refreshToken), 1);
      await house.store.accounts.flush();
      for (const id of ['ann', 'twin']) {
        assert.is((await house.dir.read(id)).token.refresh_token, '1//0shared-rotated');
      }
    },
  );
});

test('rule 6: the waiting ends, the exchange runs on, and a rotated answer is not lost', async () => {
  const clock = setClock(Date.now());
  const rotated = '1//0ann-late-rotation';
  await withHouse(
    {
      accounts: [ann],
      clock,
      prepare: (google) => {
        google.grant(ann.refreshToken, { email: ann.email, rotateTo: rotated });
      },
    },
    async (house) => {
      const held = house.google.hold(ann.refreshToken);
      const asked = house.ask();
      await held.waiting();
      clock.advance(15_001);
      assert.is((await asked).status, 503);
      held.release();
      await house.until(() => house.events.some((event) => event.startsWith('rotated ann@')));
      assert.is((await house.dir.read('ann')).token.refresh_token, rotated);
    },
  );
});

test('rule 7: every skip is a line with its reason, in the order of the checks', async () => {
  const accounts = [
    { ...ann, disabled: true, disabled_at: 1, disabled_reason: 'invalid_grant: gone', proxy_disabled: true },
    { ...bob, proxy_disabled: true, proxy_disabled_reason: 'on holiday' },
    {
      id: 'val',
      email: 'val@example.com',
      validation_blocked: true,
      validation_blocked_until: 4_000_000_000,
      validation_blocked_reason: 'verify',
    },
  ];
  const prepare = (google: House['google']): void => {
    for (const { id, email } of accounts) google.grant(`1//0test-refresh-token-of-${id}`, { email });
    admitted({ google }, bob);
  };
  await withHouse({ accounts, prepare }, async (house) => {
    const skips = (): string[] => house.log.filter((line) => line.startsWith('Skipping'));
    const expected = [
      'Skipping disabled account (ann@example.com): invalid_grant: gone',
      'Skipping account (bob@example.com): proxy_disabled: on holiday',
      'Skipping account (val@example.com): validation_blocked: verify',
    ];
    assert.equal(skips(), expected);
    await house.supervisor.operations.reload();
    assert.equal(skips(), [...expected, ...expected], 'R says them all again');
    await house.supervisor.operations.setProxyDisabled(['bob'], false);
    await house.supervisor.operations.setProxyDisabled(['bob'], true);
    assert.equal(skips().slice(6), ['Skipping account (bob@example.com): proxy_disabled: by hand']);
  });
});

test('rule 8: a reload is a swap that keeps statistics and cool-downs, and says what changed', async () => {
  await withHouse({ accounts: [ann, bob], prepare: (google) => admitted({ google }, ann, bob) }, async (house) => {
    await house.ask();
    await house.ask();
    await house.store.accounts.flush();
    await house.dir.put({ id: 'new', email: 'new@example.com' });
    await house.dir.putRaw('torn.json', '{"id":"torn",');
    const { text } = await house.supervisor.operations.reload();
    assert.is(text, 'pool reloaded: +1 added, 2 unchanged, 1 unreadable (torn.json)');
    assert.ok(house.log.includes('Pool reloaded: +1 added, 2 unchanged, 1 unreadable (torn.json)'));
    const rows = house.supervisor.snapshot().accounts;
    assert.is(rows.find(({ id }) => id === 'ann')?.requests, 1);
    assert.is(rows.find(({ id }) => id === 'torn')?.state, 'unreadable');
    assert.is(await readFile(house.dir.at('accounts', 'torn.json'), 'utf8'), '{"id":"torn",');
  });
});

test('rule 8: a folder that cannot be listed leaves the pool as it was and says so until R', async () => {
  if (process.getuid?.() === 0) return; // root lists everything
  await withHouse({ accounts: [ann], prepare: (google) => admitted({ google }, ann) }, async (house) => {
    await chmod(house.dir.at('accounts'), 0);
    assert.is((await house.supervisor.operations.reload()).ok, false);
    assert.is((await house.ask()).status, 200);
    assert.is(house.supervisor.snapshot().banners[0]?.code, 'reload_held');
    await chmod(house.dir.at('accounts'), 0o700);
    assert.is((await house.supervisor.operations.reload()).ok, true);
    assert.equal(house.supervisor.snapshot().banners, []);
  });
});

test('rule 12: a redirect of the token endpoint is not followed', async () => {
  await withHouse({ accounts: [] }, async (other) => {
    await withHouse(
      {
        accounts: [ann],
        prepare: (google) => google.script('*', redirect(other.google.tokenUrl), Infinity),
      },
      async (house) => {
        await house.ask();
        assert.is(house.google.calls.token.length, 1);
        assert.is(other.google.calls.token.length, 0);
        assert.is((await house.dir.read('ann')).disabled, false);
      },
    );
  });
});

test('rule 13: a refused token is never sent again by a request, the schedule or a restart', async () => {
  await withHouse({ accounts: [ann, bob], prepare: (google) => admitted({ google }, ann) }, async (house) => {
    for (let i = 0; i < 4; i++) await house.ask();
    assert.is(sent(house, bob.refreshToken), 1);
    await house.stop();
    await house.start();
    for (let i = 0; i < 4; i++) assert.is((await house.ask()).status, 200);
    assert.is(house.state('bob'), 'disabled');
    assert.is(sent(house, bob.refreshToken), 1);
  });
});

test('rule 13: a file that cannot be read at one start does not make its refused token unknown at the next', async () => {
  await withHouse({ accounts: [ann, bob], prepare: (google) => admitted({ google }, ann) }, async (house) => {
    for (let i = 0; i < 4; i++) await house.ask();
    const { disabled_at: first, disabled_reason: _reason, ...cleared } = await house.dir.read('bob');
    await house.stop();
    await house.dir.putRaw('bob.json', '{"id":"bob",');
    await house.start();
    assert.is(house.state('bob'), 'unreadable');
    await house.stop();
    await house.dir.put({ ...cleared, disabled: false });
    await house.start();
    for (let i = 0; i < 4; i++) assert.is((await house.ask()).status, 200);
    await house.store.accounts.flush();
    assert.is((await house.dir.read('bob')).disabled_at, first);
    assert.is(sent(house, bob.refreshToken), 1);
  });
});

test('rule 13: cleared from outside, it serves on borrowed time and is disabled again with the first time', async () => {
  const clock = setClock(Date.now());
  await withHouse({ accounts: [ann], clock }, async (house) => {
    await house.ask();
    const first = await house.dir.read('ann');
    assert.is(first.disabled, true);
    // another program renewed the access token alone and cleared the flag
    const { disabled_at: _at, disabled_reason: _reason, ...cleared } = first;
    const accessToken = 'ya29.renewed-by-another-program';
    house.google.upstream(() => jsonReply(200, { candidates: [] }));
    await house.dir.put({
      ...cleared,
      disabled: false,
      token: {
        ...first.token,
        access_token: accessToken,
        expiry_timestamp: Math.floor(clock.now() / 1000) + 600,
      },
    });
    await house.supervisor.operations.reload();
    assert.is(house.state('ann'), 'ready');
    const row = house.supervisor.snapshot().accounts[0];
    assert.is(row?.borrowedUntil, (Math.floor(clock.now() / 1000) + 600) * 1000);
    assert.is((await house.ask()).status, 200);
    clock.advance(601_000);
    await house.until(() => house.state('ann') === 'disabled');
    await house.store.accounts.flush();
    const again = await house.dir.read('ann');
    assert.is(again.disabled_at, first.disabled_at);
    assert.is(sent(house, ann.refreshToken), 1, 'nobody was asked again');
  });
});

test('rule 13: a test on borrowed time disables with the first time', async () => {
  const clock = setClock(Date.now());
  await withHouse({ accounts: [ann], clock }, async (house) => {
    await house.ask();
    const { disabled_at: first, disabled_reason: _reason, ...cleared } = await house.dir.read('ann');
    clock.advance(3_600_000);
    await house.dir.put({ ...cleared, disabled: false });
    await house.supervisor.operations.reload();
    await house.supervisor.operations.testNow(['ann']);
    assert.is(sent(house, ann.refreshToken), 2);
    await house.store.accounts.flush();
    const again = await house.dir.read('ann');
    assert.is(again.disabled, true);
    assert.is(again.disabled_at, first);
  });
});

test('rule 11: t on a disabled account clears the flags if Google honours its token after all', async () => {
  const account = { ...ann, disabled: true, disabled_at: 1_700_000_000, disabled_reason: 'invalid_grant: a mistake' };
  await withHouse({ accounts: [account], prepare: (google) => admitted({ google }, ann) }, async (house) => {
    assert.is((await house.ask()).status, 503);
    const [result] = await house.supervisor.operations.testNow(['ann']);
    assert.is(result?.ok, true);
    assert.is((await house.ask()).status, 200);
    await house.store.accounts.flush();
    const file = await house.dir.read('ann');
    assert.is(file.disabled, false);
    assert.not('disabled_at' in file);
    assert.not('disabled_reason' in file);
    assert.ok(house.log.some((line) => line.startsWith('Account re-enabled (ann@example.com): ')));
  });
});

test('a known dead token is named by its fingerprint only', async () => {
  await withHouse({ accounts: [ann] }, async (house) => {
    await house.ask();
    await house.store.state.flush();
    const files = ['accounts.json', 'accounts.jsonl'].filter((name) => existsSync(house.dir.at('state', name)));
    const state = files.map((name) => readFileSync(house.dir.at('state', name), 'utf8')).join('');
    assert.ok(state.includes(fingerprint(ann.refreshToken)));
    assert.not.ok(state.includes(ann.refreshToken));
  });
});

test('what another program wrote of a death gives its cause, and no other beside a certain one', async () => {
  const rapt = { error: 'invalid_grant', error_description: 'reauth related error', error_subtype: 'invalid_rapt' };
  const reason = `invalid_grant: ${JSON.stringify(rapt, null, 2)}`;
  const dead = { ...ann, disabled: true, disabled_at: 1_700_000_000, disabled_reason: reason };
  await withHouse({ accounts: [dead] }, (house) => {
    const row = house.supervisor.snapshot().accounts[0];
    assert.equal(
      row?.causes.map(({ cause, fit }) => `${cause} ${fit}`),
      ['reauth_required certain'],
    );
    assert.is([...house.supervisor.listing()][0]?.cause, 'reauth_required');
    assert.is([...house.supervisor.listing()][0]?.since, 1_700_000_000);
    return Promise.resolve();
  });
});

test.run();
