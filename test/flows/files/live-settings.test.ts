import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { holdsFromNextStart } from '../../../src/store/settings/live-settings.js';
import { defaultSettings } from '../../../src/store/settings/schema.js';
import { withGoogle, type Google } from '../../support/google.js';
import { API_KEY, withHouse, type House } from '../../support/house.js';
import { startLoad } from '../../support/load.js';
import { withTunnel } from '../../support/tunnel.js';

type Json = Record<string, unknown>;

/** The load shows a key of its own, so that `proxy.apiKey` can be another one under it. */
const LOAD_KEY = 'key-of-the-load-that-nobody-changes-0001';

/** Changes one key of the file as an editor does, and leaves the others. */
function change(house: House, key: string, value: unknown): void {
  const file = house.dir.at('settings.json');
  const settings = JSON.parse(readFileSync(file, 'utf8')) as Json;
  const [section = '', ...rest] = key.split('.');
  const before = settings[section] as Json | undefined;
  settings[section] = rest.length === 0 ? value : { ...before, [rest.join('.')]: value };
  writeFileSync(file, JSON.stringify(settings));
}

interface Sent {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** A request with headers that `fetch` would not send. */
function send(
  house: House,
  { path, method = 'POST', headers = {}, body }: Sent,
): Promise<{ status: number; text: string; headers: Json }> {
  const [host, port] = house.supervisor.address.split(':');
  return new Promise((resolve, reject) => {
    const sent = request(
      { host, port, path, method, headers: { 'content-type': 'application/json', ...headers } },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const keyed = { 'x-goog-api-key': LOAD_KEY };
const hi = '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}';
const generate = (model = 'gemini-3-flash'): string => `/v1beta/models/${model}:generateContent`;
const statusOf = async (house: House, sent: Sent): Promise<number> => (await send(house, sent)).status;
const says = (model: string): string =>
  JSON.stringify({ model, max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] });
const searching = JSON.stringify({
  ...{ model: 'gemini-3-flash', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
  tools: [
    { type: 'web_search_20250305', name: 'web_search' },
    { name: 'f', input_schema: { type: 'object' } },
  ],
});
const login = async (house: House, client: string | null = null): Promise<string> => {
  const offer = await house.supervisor.operations.startLogin({
    accountId: null,
    email: null,
    client,
    otherAccount: 'accept',
  });
  if ('login' in offer) await house.supervisor.operations.cancelLogin(offer.login);
  return 'url' in offer ? offer.url : offer.text;
};
const row = (house: House, id: string) => house.supervisor.snapshot().accounts.find((account) => account.id === id);
/** Accounts that answered the last so many requests of the load. */
const lastServed = (house: House, count: number): Set<string | null> => {
  const { logs } = house.supervisor;
  const all = Array.from({ length: logs.next - logs.first }, (_, at) => logs.at(logs.first + at)?.access ?? null);
  return new Set(
    all
      .filter((access) => access !== null)
      .slice(-count)
      .map(({ account }) => account),
  );
};

interface Row {
  readonly key: string;
  readonly to: (other: Google, tunnel: string) => unknown;
  /** Before, under the other value. */
  readonly first?: Readonly<Record<string, unknown>>;
  readonly seen: (house: House, around: { other: Google; tunnelled: string[] }) => boolean | Promise<boolean>;
}

const calls = (google: Google): number => google.calls.gemini.length;

/** Every live key: what it becomes, and how that is seen. Those that nothing but their reader sees are read in place. */
const table: readonly Row[] = [
  {
    key: 'proxy.authMode',
    to: () => 'off',
    seen: async (h) => (await statusOf(h, { path: generate(), body: hi })) === 200,
  },
  {
    ...{ key: 'proxy.allowedHosts', first: { 'proxy.authMode': 'off' }, to: () => ['box.lan'] },
    seen: async (h) => (await statusOf(h, { path: generate(), body: hi, headers: { host: 'box.lan' } })) === 200,
  },
  {
    ...{ key: 'proxy.apiKey', to: () => 'sk-another-key-of-the-proxy' },
    seen: async (h) =>
      (await statusOf(h, { path: generate(), body: hi, headers: { 'x-api-key': 'sk-another-key-of-the-proxy' } })) ===
        200 && (await statusOf(h, { path: generate(), body: hi, headers: { 'x-api-key': API_KEY } })) === 401,
  },
  {
    ...{ key: 'proxy.corsOrigins', to: () => ['https://app.example'] },
    seen: async (h) => {
      const headers = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
      return (await statusOf(h, { path: generate(), method: 'OPTIONS', headers })) === 204;
    },
  },
  {
    ...{ key: 'proxy.trustedProxies', to: () => ['127.0.0.0/8'] },
    seen: async (h) => {
      const headers = { ...keyed, 'x-forwarded-host': 'front.example', 'x-goog-upload-protocol': 'resumable' };
      const start = { ...headers, 'x-goog-upload-command': 'start', 'x-goog-upload-header-content-length': '1' };
      const answer = await send(h, { path: '/upload/v1beta/files', headers: start, body: '{}' });
      return String(answer.headers['x-goog-upload-url']).includes('front.example');
    },
  },
  {
    ...{ key: 'proxy.maxRequestBytes', to: () => 1_000 },
    seen: async (h) => (await statusOf(h, { path: generate(), body: ' '.repeat(2_000), headers: keyed })) === 413,
  },
  { key: 'proxy.replayBytes', to: () => 64, seen: (h) => h.store.settings.proxy.replayBytes === 64 },
  {
    ...{ key: 'proxy.maxTries', to: () => 1 },
    seen: async (h) => {
      const before = calls(h.google);
      h.google.upstream(({ model }) => (model === 'gemini-2.5-pro' ? { status: 500, body: '{}' } : undefined));
      await send(h, { path: generate('gemini-2.5-pro'), body: hi, headers: keyed });
      const asked = h.google.calls.gemini.slice(before).filter(({ model }) => model === 'gemini-2.5-pro').length;
      h.google.upstream(null);
      return asked === 1;
    },
  },
  {
    ...{
      key: 'oauth.clients',
      to: () => ({ default: { id: 'd.apps', secret: 's' }, second: { id: 'two.apps', secret: 's' } }),
    },
    seen: async (h) => (await login(h, 'second')).includes('client_id=two.apps'),
  },
  {
    ...{
      key: 'oauth.defaultClient',
      first: { 'oauth.clients': { default: { id: 'd.apps', secret: '' }, second: { id: 'two.apps', secret: '' } } },
    },
    ...{ to: () => 'second', seen: async (h: House) => (await login(h)).includes('client_id=two.apps') },
  },
  {
    ...{ key: 'oauth.authUrl', to: () => 'https://login.example/auth' },
    seen: async (h) => (await login(h)).startsWith('https://login.example/auth?'),
  },
  {
    key: 'oauth.scopes',
    to: () => ['openid', 'email', 'another'],
    seen: async (h) => (await login(h)).includes('another'),
  },
  {
    ...{ key: 'oauth.tokenUrl', to: (other: Google) => other.tokenUrl },
    seen: async (h, { other }) => {
      await h.supervisor.operations.testNow(['spare']);
      return other.calls.token.length > 0;
    },
  },
  {
    ...{ key: 'oauth.userInfoUrl', to: (other: Google) => other.userInfoUrl },
    seen: (h, { other }) => h.store.settings.oauth.userInfoUrl === other.userInfoUrl,
  },
  {
    ...{ key: 'oauth.refreshAheadSeconds', to: () => 1_234 },
    seen: async (h) => {
      await h.supervisor.operations.testNow(['spare']);
      const { events } = h.supervisor;
      const last = events.at(events.next - 1);
      return Math.abs((last?.nextAt ?? 0) - (last?.at ?? 0) - (3_599 - 1_234) * 1_000) < 2_000;
    },
  },
  {
    ...{ key: 'oauth.timeoutMs', to: () => 50 },
    seen: async (h) => {
      const hold = h.google.hold('1//0test-refresh-token-of-spare');
      setTimeout(() => hold.release(), 200);
      const [result] = await h.supervisor.operations.testNow(['spare']);
      return result?.ok === false;
    },
  },
  {
    ...{ key: 'oauth.exchangesPerSecond', first: { 'oauth.exchangesPerSecond': 1 }, to: () => 1_000 },
    seen: async (h) => {
      const ids = h.supervisor.snapshot().accounts.map(({ id }) => id);
      const started = performance.now();
      await h.supervisor.operations.testNow(ids);
      await h.supervisor.operations.testNow(ids);
      return performance.now() - started < 900;
    },
  },
  {
    ...{ key: 'upstream.baseUrls', to: (other: Google) => [other.url] },
    seen: async (h, { other }) => {
      const before = calls(h.google);
      other.upstream(() => ({
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: '{"candidates":[]}',
      }));
      await send(h, { path: generate(), body: hi, headers: keyed });
      return calls(other) > 0 && calls(h.google) >= before;
    },
  },
  {
    ...{ key: 'upstream.kind', to: () => 'cloudcode' },
    seen: async (h) => {
      await send(h, { path: generate(), body: hi, headers: keyed });
      return h.google.calls.gemini.some(({ path }) => path.startsWith('/v1internal:'));
    },
  },
  {
    ...{ key: 'network.proxy', to: (_: Google, tunnel: string) => tunnel },
    seen: async (h, { tunnelled }) => {
      await send(h, { path: generate(), body: hi, headers: keyed });
      return tunnelled.length > 0;
    },
  },
  {
    ...{ key: 'upstream.connectionCheckSeconds', to: () => 5 },
    seen: (h) => h.store.settings.upstream.connectionCheckSeconds === 5,
  },
  { key: 'network.noProxy', to: () => '127.0.0.1', seen: (h) => h.store.settings.network.noProxy === '127.0.0.1' },
  { key: 'usage.keepDays', to: () => 3, seen: (h) => h.store.settings.usage.keepDays === 3 },
  {
    ...{ key: 'pool.strategy', to: () => 'fill-first' },
    seen: (h) => lastServed(h, 6).size === 1,
  },
  {
    ...{ key: 'pool.stickySeconds', to: () => 60 },
    seen: (h) => lastServed(h, 6).size === 1,
  },
  {
    ...{ key: 'pool.waitSeconds', to: () => 3 },
    seen: async (h) => {
      const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.4s' }];
      const error = { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'slow down', details };
      const slowDown = {
        status: 429,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ error }),
      };
      const ask = (): Promise<number> => statusOf(h, { path: generate('gemini-3-pro'), body: hi, headers: keyed });
      h.google.upstream(({ model }) => (model === 'gemini-3-pro' ? slowDown : undefined));
      await Promise.all([ask(), ask(), ask()]);
      h.google.upstream(null);
      const status = await ask();
      return status === 200;
    },
  },
  {
    ...{ key: 'models.aliases', to: () => ({ mine: 'gemini-2.5-flash' }) },
    seen: async (h) => (await statusOf(h, { path: generate('mine'), body: hi, headers: keyed })) === 200,
  },
  {
    ...{ key: 'models.hidden', to: () => ['gemini-2.5-flash'] },
    seen: async (h) => (await statusOf(h, { path: generate('gemini-2.5-flash'), body: hi, headers: keyed })) === 404,
  },
  {
    ...{ key: 'protocols.enabled', to: () => ['gemini'] },
    seen: async (h) =>
      (await statusOf(h, { path: '/v1/messages', body: says('gemini-3-flash'), headers: keyed })) === 404,
  },
  {
    ...{ key: 'protocols.searchBesideTools', to: () => 'drop' },
    seen: async (h) => (await statusOf(h, { path: '/v1/messages', body: searching, headers: keyed })) === 200,
  },
  { key: 'quotaProtection.enabled', to: () => true, seen: (h) => row(h, 'low')?.protectedModels[0] === 'gemini-3-pro' },
  {
    ...{ key: 'quotaProtection.thresholdPercent', first: { 'quotaProtection.enabled': true }, to: () => 90 },
    seen: (h) => row(h, 'low')?.protectedModels.length === 2,
  },
  {
    ...{ key: 'quotaProtection.models', first: { 'quotaProtection.enabled': true }, to: () => ['gemini-2.5-pro'] },
    seen: (h) => row(h, 'low')?.protectedModels.length === 0,
  },
  {
    ...{ key: 'log.level', to: () => 'debug' },
    seen: async (h) => {
      await send(h, { path: '/healthz', method: 'GET' });
      return (
        h.supervisor.logs.at(h.supervisor.logs.next - 1)?.level === 20 ||
        h.log.some((line) => line.includes('/healthz'))
      );
    },
  },
  { key: 'ui.theme', to: () => 'light', seen: (h) => h.supervisor.snapshot().ui.theme === 'light' },
  { key: 'ui.glyphs', to: () => 'ascii', seen: (h) => h.supervisor.snapshot().ui.glyphs === 'ascii' },
  { key: 'ui.language', to: () => 'ko', seen: (h) => h.supervisor.snapshot().ui.language === 'ko' },
  { key: 'ui.flash', to: () => false, seen: (h) => !h.supervisor.snapshot().ui.flash },
  { key: 'ui.bell', to: () => true, seen: (h) => h.supervisor.snapshot().ui.bell },
  { key: 'ui.mouse', to: () => true, seen: (h) => h.supervisor.snapshot().ui.mouse },
];

/** Seen elsewhere: what a running program alone follows, what is sent outside, and what Code Assist alone is asked. */
const elsewhere = [
  ...['log.files', 'upstream.onboard'],
  ...['notify.command', 'notify.url', 'notify.format', 'notify.chatId', 'notify.poolBelow'],
];

test('every key is in the table of the live ones, or holds from the next start on', () => {
  const keys = Object.entries(defaultSettings).flatMap(([section, below]) =>
    Object.keys(below as Json).map((key) => `${section}.${key}`),
  );
  const known = new Set([...table.map(({ key }) => key), ...elsewhere]);
  assert.equal(
    keys.filter((key) => !known.has(key) && !holdsFromNextStart(key)),
    [],
  );
});

const accounts = [
  ...['a1', 'a2', 'a3', 'a4', 'a5'].map((id) => ({ id, email: `${id}@example.com` })),
  { id: 'spare', email: 'spare@example.com', proxy_disabled: true },
  {
    ...{ id: 'low', email: 'low@example.com', proxy_disabled: true },
    quota: {
      models: [
        { name: 'gemini-3-pro', percentage: 5, reset_time: '' },
        { name: 'gemini-2.5-pro', percentage: 60, reset_time: '' },
      ],
    },
  },
];

/** A request of the load is under way at every moment, and the houses leave each other time to change something. */
const answersSlowly = () => ({ firstByteMs: 20, chunkMs: 0 });

const underLoad = (
  use: (house: House, around: { other: Google; tunnel: string; tunnelled: string[] }) => Promise<void>,
): Promise<void> =>
  withGoogle((other) =>
    withTunnel(200, (tunnel, tunnelled) =>
      withHouse(
        {
          accounts,
          settings: { pool: { waitSeconds: 0 } },
          google: { pace: answersSlowly },
          prepare: (google, dir) => {
            for (const { id, email } of accounts) google.grant(`1//0test-refresh-token-of-${id}`, { email });
            for (const { id, email } of accounts) other.grant(`1//0test-refresh-token-of-${id}`, { email });
            const sha256 = createHash('sha256').update(LOAD_KEY).digest('hex');
            writeFileSync(dir.at('keys.json'), JSON.stringify({ schema: 1, keys: { load: { sha256, created: 1 } } }));
          },
        },
        async (house) => {
          const load = startLoad(`http://${house.supervisor.address}`, 1, LOAD_KEY);
          await load.reached(10);
          let ended: { failed: number; sent: number };
          try {
            await use(house, { other, tunnel, tunnelled });
          } finally {
            ended = await load.end();
          }
          const { failed, sent } = ended;
          assert.is(failed, 0, `${failed} of ${sent} requests failed`);
        },
      ),
    ),
  );

const WITHIN_MS = 1_000;
const GIVEN_UP_MS = 5_000;

/** When the log says that a setting was taken over, ms since 1970; null: not yet. */
function takenAt({ supervisor: { logs } }: House, key: string): number | null {
  for (let seq = logs.next - 1; seq >= logs.first; seq--) {
    const record = logs.at(seq);
    if (record?.msg.includes(`settings changed: ${key}`) === true) return record.time;
  }
  return null;
}

const inEffect = ({ key, to, first = {}, seen }: Row): Promise<void> =>
  underLoad(async (house, { other, tunnel, tunnelled }) => {
    for (const [before, value] of Object.entries(first)) change(house, before, value);
    if (Object.keys(first).length > 0) await house.supervisor.operations.reload();
    assert.not(await seen(house, { other, tunnelled }), `${key} is seen before the change`);
    const changed = Date.now();
    change(house, key, to(other, tunnel));
    let isSeen = false;
    while (!isSeen && Date.now() - changed < GIVEN_UP_MS) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      isSeen = takenAt(house, key) !== null && (await seen(house, { other, tunnelled }));
    }
    assert.ok(isSeen, `${key} was never seen`);
    // from then on every look sees it: how long one takes says how busy this machine is
    const took = (takenAt(house, key) ?? Infinity) - changed;
    assert.ok(took < WITHIN_MS, `${key} was taken over after ${took} ms`);
  });

/** So many at a time: most of it is waiting for the file to be looked at. */
const AT_ONCE = 13;

for (let at = 0; at < table.length; at += AT_ONCE) {
  const rows = table.slice(at, at + AT_ONCE);
  test(`in effect within a second of its change, and no request fails for it: ${rows.map(({ key }) => key).join(', ')}`, async () => {
    const ended = await Promise.allSettled(rows.map(inEffect));
    for (const { reason } of ended.filter((end) => end.status === 'rejected')) throw reason as Error;
  });
}

test('500 broken files one after the other: the settings before them hold, under one banner and one event', () =>
  withHouse({ accounts: accounts.slice(0, 2) }, async (house) => {
    const file = house.dir.at('settings.json');
    const good = readFileSync(file, 'utf8');
    const before = structuredClone(house.store.settings);
    const settingsEvents = (): number => house.events.filter((event) => event.startsWith('settings ')).length;
    for (let at = 0; at < 500; at++) {
      const broken =
        [
          good.slice(0, (at * 7) % (good.length - 1)),
          `{"pool":{"strategy":"wish-${at}"}}`,
          '[]',
          '{"proxy":{"port":"x"}}',
        ][at % 4] ?? '';
      writeFileSync(file, broken);
      const { fault } = house.store.liveSettings.reload();
      assert.type(fault, 'string', broken);
      assert.is(house.supervisor.snapshot().banners.filter(({ code }) => code === 'settings_wrong').length, 1);
    }
    assert.equal(house.store.settings, before);
    assert.is(settingsEvents(), 1);
    rmSync(file);
    assert.match(house.store.liveSettings.reload().fault ?? '', /settings\.json is gone/);
    writeFileSync(file, good);
    await house.until(() => house.store.liveSettings.trouble === null);
    assert.is(house.supervisor.snapshot().banners.filter(({ code }) => code === 'settings_wrong').length, 0);
    assert.equal([settingsEvents(), house.store.settings], [2, before]);
    const said = await house.supervisor.operations.reload();
    assert.ok(said.ok, said.text);
  }));

test('a port is for the next start, and is said to be', () =>
  withHouse({ accounts: accounts.slice(0, 1) }, async (house) => {
    change(house, 'proxy.port', 1);
    const { ok, text } = await house.supervisor.operations.reload();
    assert.ok(ok);
    assert.match(text, /from the next start on: proxy\.port; pool reloaded/);
    assert.is(house.store.settings.proxy.port, 0);
  }));

test.run();
