/** Quota protection: what is left is read, kept in the files, and models with little left are spared until their reset. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Google } from '../../support/google.js';
import { setClock } from '../../support/clock.js';
import { API_KEY, type House, type HouseOptions, withHouse } from '../../support/house.js';
import type { DataDirectory } from '../../support/directory.js';

const HOUR_MS = 3600_000;
const pro = 'gemini-2.5-pro';
const flash = 'gemini-2.5-flash';
const names = ['ann', 'bob'];

/** Two accounts of Code Assist with living tokens, on a clock that stands. */
const house = (
  options: HouseOptions,
  use: (house: House, clock: ReturnType<typeof setClock>) => Promise<void>,
): Promise<void> => {
  const clock = setClock();
  const prepare = async (google: Google, dir: DataDirectory): Promise<void> => {
    for (const name of names) {
      const email = `${name}@example.com`;
      const refreshToken = `1//0${name}-refresh-token`;
      google.grant(refreshToken, { email, expiresIn: 360_000 });
      const now = clock.now();
      await dir.put({
        id: name,
        email,
        refreshToken,
        accessToken: google.accessToken(refreshToken),
        accessEndsIn: 360_000,
        now,
      });
    }
    await options.prepare?.(google, dir);
    const settings = {
      proxy: { port: 0, apiKey: API_KEY },
      oauth: {
        clients: { default: { id: 'x', secret: 'y' } },
        tokenUrl: google.tokenUrl,
        userInfoUrl: google.userInfoUrl,
      },
      upstream: { kind: 'cloudcode', baseUrls: [google.url] },
      quotaProtection: { enabled: true },
      ...options.settings,
    };
    await dir.settings(settings);
  };
  return withHouse({ clock, prepare }, (running) => use(running, clock));
};

const readings = (google: Google) => google.calls.gemini.filter(({ path }) => path.endsWith(':fetchAvailableModels'));
const generatedBy = (google: Google): (string | null)[] =>
  google.calls.gemini.filter(({ verb }) => verb === 'generateContent').map(({ email }) => email);

/** Lets time pass, ten seconds at a time, until so many more readings were asked for. */
async function pass(running: House, clock: ReturnType<typeof setClock>, more: number): Promise<void> {
  const count = readings(running.google).length + more;
  while (readings(running.google).length < count) {
    clock.advance(10_000);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Lets time pass until both accounts have been read, and are written. */
async function readAll(running: House, clock: ReturnType<typeof setClock>): Promise<void> {
  await pass(running, clock, names.length);
  for (const name of names) {
    await running.until(() => running.store.accounts.get(name)?.account?.quota !== null);
  }
  await running.store.accounts.flush();
}

test('each account is read in its time, and its file says what is left', () =>
  house({}, async (running, clock) => {
    running.google.quota('ann@example.com', pro, { percentage: 7, resetAt: clock.now() + HOUR_MS });
    await readAll(running, clock);
    const times = readings(running.google).map(({ at }) => at);
    assert.ok(Math.abs((times[0] ?? 0) - (times[1] ?? 0)) >= 1_000, 'not both at once');
    const ann = await running.dir.read('ann');
    const { models } = ann.quota as { models: { name: string; percentage: number; reset_time: string }[] };
    assert.equal(ann.protected_models, [pro]);
    assert.equal(
      models.filter(({ name }) => name === pro),
      [{ name: pro, percentage: 7, reset_time: new Date(Date.UTC(2026, 10, 23, 3, 11, 32)).toISOString() }],
    );
    assert.equal(ann.x_unknown, { kept: ['as', 'is'], order: { z: 1, a: 2 } });
    assert.is((await running.dir.read('bob')).protected_models, undefined);
    assert.is(running.supervisor.snapshot().accounts.find(({ id }) => id === 'ann')?.quotaPercent, 7);
  }));

test('a model with little left is spared, others serve; the log says so once; a reset releases it', () =>
  house({}, async (running, clock) => {
    running.google.quota('ann@example.com', pro, { percentage: 7, resetAt: clock.now() + HOUR_MS });
    await readAll(running, clock);
    for (let n = 0; n < 4; n++) assert.is((await running.ask(pro)).status, 200);
    assert.equal(new Set(generatedBy(running.google)), new Set(['bob@example.com']));
    for (let n = 0; n < 2; n++) assert.is((await running.ask(flash)).status, 200);
    assert.ok(generatedBy(running.google).includes('ann@example.com'));
    const line = `Skipping account (ann@example.com): quota_protection: little is left for ${pro}`;
    await readAll(running, clock);
    assert.is(running.log.filter((msg) => msg === line).length, 1);
    await running.supervisor.operations.reload();
    assert.is(running.log.filter((msg) => msg === line).length, 2);
    const before = generatedBy(running.google).length;
    clock.advance(HOUR_MS - (clock.now() - Date.UTC(2026, 10, 23, 2, 11, 32)));
    for (let n = 0; n < 2; n++) assert.is((await running.ask(pro)).status, 200);
    assert.ok(generatedBy(running.google).slice(before).includes('ann@example.com'));
  }));

test('where all that could serve keep the model, the client hears why', () =>
  house({}, async (running, clock) => {
    for (const name of names) {
      running.google.quota(`${name}@example.com`, pro, { percentage: 0, resetAt: clock.now() + HOUR_MS });
    }
    await readAll(running, clock);
    const { status, text } = await running.ask(pro);
    assert.is(status, 503);
    assert.match(text, /2 quota_protected/);
  }));

test('switched off, the quota is read all the same, and nothing is marked', () =>
  house({ settings: { quotaProtection: { enabled: false } } }, async (running, clock) => {
    running.google.quota('ann@example.com', pro, { percentage: 0, resetAt: clock.now() + HOUR_MS });
    await readAll(running, clock);
    const ann = await running.dir.read('ann');
    assert.is(ann.protected_models, undefined);
    assert.is(running.supervisor.snapshot().accounts.find(({ id }) => id === 'ann')?.quotaPercent, 0);
  }));

/** Ann's file says that Google forbids her the service. */
const annForbidden =
  (more: Record<string, unknown> = {}): HouseOptions['prepare'] =>
  async (_google, dir) => {
    const { token } = await dir.read('ann');
    const quota = { models: [], is_forbidden: true, forbidden_reason: 'Terms of\n service', subscription_tier: 'PRO' };
    await dir.put({ id: 'ann', email: 'ann@example.com', token, quota, ...more });
  };

const quotaOf = async (running: House, id: string): Promise<Record<string, unknown>> => {
  await running.store.accounts.flush();
  return ((await running.dir.read(id)) as { quota?: Record<string, unknown> }).quota ?? {};
};

/** Lets time pass, half a minute at a time. */
async function passMs(clock: ReturnType<typeof setClock>, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 30_000) {
    clock.advance(30_000);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const readingsOf = (google: Google, name: string): number =>
  readings(google).filter(({ email }) => email === `${name}@example.com`).length;

/** The same once none has been asked for in a moment of the standing clock: the last may just be on its way. */
async function readInAll(google: Google, name: string): Promise<number> {
  for (;;) {
    const before = readingsOf(google, name);
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (readingsOf(google, name) === before) return before;
  }
}

const tosViolation = {
  status: 403,
  body: {
    error: {
      code: 403,
      message: 'This service has been disabled in this account for violation of Terms of Service.',
      status: 'PERMISSION_DENIED',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'TOS_VIOLATION',
          domain: 'cloudcode-pa.googleapis.com',
          metadata: { appeal_url: 'https://forms.example/appeal' },
        },
      ],
    },
  },
};
const suspended =
  'Google has closed the service to this account over its terms of service; appeal at https://forms.example/appeal';

test('an account that Google forbids the service is out with its words; where it is switched off too, nobody asks', () =>
  house({ prepare: annForbidden({ proxy_disabled: true }) }, async (running, clock) => {
    clock.advance(2_000_000);
    await running.until(() => running.store.accounts.get('bob')?.account?.quota !== null);
    assert.equal(new Set(readings(running.google).map(({ email }) => email)), new Set(['bob@example.com']));
    const row = running.supervisor.snapshot().accounts.find(({ id }) => id === 'ann');
    assert.equal([row?.state, row?.reason], ['blocked', 'forbidden: Terms of service']);
    assert.ok(
      running.log.includes('Skipping account (ann@example.com): quota_protection: forbidden: Terms of service'),
    );
    const quota = await quotaOf(running, 'ann');
    assert.equal([quota.is_forbidden, quota.subscription_tier], [true, 'PRO']);
    // putting it back lifts what it waited for: the next answer decides again
    await running.supervisor.operations.setProxyDisabled(['ann'], false);
    await running.until(() => running.state('ann') === 'ready');
  }));

test('an account that its file says is forbidden comes back once Code Assist answers it', () =>
  house({ prepare: annForbidden() }, async (running, clock) => {
    assert.is(running.state('ann'), 'blocked');
    await pass(running, clock, names.length);
    await running.until(() => running.state('ann') === 'ready');
    const quota = await quotaOf(running, 'ann');
    assert.equal([quota.is_forbidden, quota.forbidden_reason, quota.subscription_tier], [false, undefined, 'PRO']);
    assert.ok((quota.models as unknown[]).length > 0);
    const told = 'Account no longer forbidden (ann@example.com): Code Assist says again what is left of its quota';
    assert.is(running.log.filter((msg) => msg === told).length, 1);
    for (let n = 0; n < 2; n++) assert.is((await running.ask(flash)).status, 200);
    assert.ok(generatedBy(running.google).includes('ann@example.com'));
  }));

test('it is asked with a new access token where its own has ended', () =>
  house(
    {
      prepare: async (google, dir) => {
        await annForbidden()?.(google, dir);
        const { token, quota } = await dir.read('ann');
        await dir.put({
          ...{ id: 'ann', email: 'ann@example.com', quota },
          token: { ...token, access_token: 'ya29.ended', expiry_timestamp: 1 },
        });
      },
    },
    async (running, clock) => {
      await pass(running, clock, names.length);
      await running.until(() => running.state('ann') === 'ready');
      assert.is((await quotaOf(running, 'ann')).is_forbidden, false);
    },
  ));

test('one that stays forbidden is asked about once an hour, its words are renewed, and another token is tried at once', () =>
  house({ prepare: annForbidden() }, async (running, clock) => {
    let forbidden = true;
    running.google.upstream(({ email, path }) =>
      forbidden && email === 'ann@example.com' && path.endsWith(':fetchAvailableModels') ? tosViolation : undefined,
    );
    await passMs(clock, 4 * HOUR_MS);
    const asked = await readInAll(running.google, 'ann');
    assert.ok(asked >= 3 && asked <= 5, `${asked} times in four hours`);
    assert.ok(readingsOf(running.google, 'bob') > 12);
    const row = running.supervisor.snapshot().accounts.find(({ id }) => id === 'ann');
    assert.equal([row?.state, row?.reason], ['blocked', `forbidden: ${suspended}`]);
    assert.is(running.log.filter((msg) => msg.startsWith('Quota not read (ann')).length, 1);
    forbidden = false;
    await running.supervisor.operations.testNow(['ann']);
    await passMs(clock, 30_000);
    await running.until(() => running.state('ann') === 'ready' && readingsOf(running.google, 'ann') > asked);
    assert.is(await readInAll(running.google, 'ann'), asked + 1);
  }));

test('an account that Code Assist says is suspended is kept out and says so; any other 403 about the quota keeps nobody out', () =>
  house({}, async (running, clock) => {
    running.google.upstream(({ email, path }) => {
      if (!path.endsWith(':fetchAvailableModels')) return undefined;
      return email === 'ann@example.com'
        ? tosViolation
        : { status: 403, body: { error: { code: 403, message: 'no', status: 'PERMISSION_DENIED', details: [] } } };
    });
    await pass(running, clock, names.length);
    await running.until(() => running.state('ann') === 'blocked');
    const quota = await quotaOf(running, 'ann');
    assert.equal([quota.is_forbidden, quota.forbidden_reason], [true, suspended]);
    assert.is((await running.dir.read('ann')).disabled, false);
    assert.is(running.state('bob'), 'ready');
    assert.is((await quotaOf(running, 'bob')).is_forbidden, undefined);
    for (let n = 0; n < 3; n++) assert.is((await running.ask(flash)).status, 200);
    assert.equal(new Set(generatedBy(running.google)), new Set(['bob@example.com']));
  }));

test('what cannot be read is said once, and a human who has to verify blocks the account', () =>
  house({}, async (running, clock) => {
    const url = 'https://accounts.google.com/signin/continue?x=1';
    running.google.upstream((call) =>
      call.email !== 'ann@example.com'
        ? { status: 500, body: 'trouble' }
        : {
            status: 403,
            body: {
              error: {
                code: 403,
                message: 'verify',
                details: [{ reason: 'VALIDATION_REQUIRED', metadata: { validation_url: url } }],
              },
            },
          },
    );
    const told = (): number => running.log.filter((msg) => msg.startsWith('Quota not read (bob')).length;
    await pass(running, clock, 2);
    await running.until(() => running.state('ann') === 'blocked' && told() > 0);
    assert.is(running.supervisor.snapshot().accounts.find(({ id }) => id === 'ann')?.validationUrl, url);
    await pass(running, clock, 3);
    assert.is(told(), 1);
    assert.is(running.state('bob'), 'ready');
  }));

test('weekly and five-hour limits are read, kept in the file, shown with their resets, and an empty week spares its models', () =>
  house({}, async (running, clock) => {
    const [week, hours] = [clock.now() + 100 * HOUR_MS, clock.now() + 2 * HOUR_MS].map((at) =>
      new Date(at).toISOString(),
    );
    const groups = (left: number) => [
      {
        displayName: 'Gemini Models',
        buckets: [
          // Google leaves out what is zero
          {
            bucketId: 'gemini-weekly',
            window: 'weekly',
            resetTime: week,
            ...(left > 0 && { remainingFraction: left }),
          },
          { bucketId: 'gemini-5h', window: '5h', resetTime: hours, remainingFraction: 0.6 },
        ],
      },
    ];
    running.google.upstream(({ email, path }) =>
      path.endsWith(':retrieveUserQuotaSummary')
        ? { status: 200, body: { groups: groups(email === 'ann@example.com' ? 0 : 0.8) } }
        : undefined,
    );
    await readAll(running, clock);
    const ann = (await running.dir.read('ann')).quota as { quota_groups: unknown };
    assert.equal(ann.quota_groups, [
      {
        display_name: 'Gemini Models',
        buckets: [
          { bucket_id: 'gemini-weekly', window: 'weekly', remaining_fraction: 0, reset_time: week },
          { bucket_id: 'gemini-5h', window: '5h', remaining_fraction: 0.6, reset_time: hours },
        ],
      },
    ]);
    const row = running.supervisor.snapshot().accounts.find(({ id }) => id === 'ann');
    assert.equal(
      row?.quotaLimits.map(({ window, percentage, resetAt }) => [window, percentage, resetAt]),
      [
        ['weekly', 0, Date.parse(week ?? '')],
        ['5h', 60, Date.parse(hours ?? '')],
      ],
    );
    for (let n = 0; n < 4; n++) assert.is((await running.ask(pro)).status, 200);
    assert.equal(new Set(generatedBy(running.google)), new Set(['bob@example.com']));
  }));

test("another program's quota protection is not by hand", async () => {
  const out = { proxy_disabled: true, proxy_disabled_reason: 'quota_protection', proxy_disabled_at: 5 };
  await house({}, async (running) => {
    await running.dir.put({ ...(await running.dir.read('ann')), ...out });
    await running.store.accounts.reread();
    const row = running.supervisor.snapshot().accounts.find(({ id }) => id === 'ann');
    assert.equal([row?.state, row?.reason], ['proxy_disabled', 'quota_protection']);
    const response = await fetch(`http://${running.supervisor.address}/healthz`);
    assert.is(((await response.json()) as { status: string }).status, 'degraded');
  });
});

test.run();
