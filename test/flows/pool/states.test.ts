/** In every state of a pool the exit status, `/healthz`, the screen, the notice and the metrics say the same. */
import { mkdir, writeFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { statusExit, statusText } from '../../../src/commands/supervisor/status.js';
import { statusOf } from '../../../src/control/requests.js';
import { paint } from '../../../src/panes/text/lines.js';
import { themeFor } from '../../../src/panes/text/theme.js';
import { statusLine } from '../../../src/panes/views/status.js';
import { Notices, NOBODY_AFTER_MS } from '../../../src/proxy/notices/notices.js';
import { told as toldInMemory } from '../../support/told.js';
import type { AccountState, Health } from '../../../src/proxy/contract/snapshot.js';
import { API_KEY, type House, withHouse } from '../../support/house.js';

const seconds = (): number => Math.floor(Date.now() / 1000);
const ids = ['ann', 'bob', 'cy', 'dee'];

/** What becomes of an account: its file, or who rests when the program starts. */
const fates = {
  fine: () => ({}),
  dead: () => ({ disabled: true, disabled_at: seconds(), disabled_reason: 'invalid_grant: Token has been revoked' }),
  off: () => ({ proxy_disabled: true, proxy_disabled_reason: 'by hand' }),
  spared: () => ({ proxy_disabled: true, proxy_disabled_reason: 'quota_protection: gemini-3-pro' }),
  verify: () => ({ validation_blocked: true, validation_blocked_until: seconds() + 600 }),
  forbidden: () => ({ quota: { models: [], is_forbidden: true } }),
  no_client: () => ({ token: { oauth_client_key: 'gone' } }),
  keeps_pro: () => ({ protected_models: ['pro'] }),
  file: () => ({ refreshToken: '' }),
  rests: () => ({}),
  rests_briefly: () => ({}),
  rests_pro: () => ({}),
  rests_flash: () => ({}),
  rests_batch: () => ({}),
  blocked: () => ({}),
} as const;
type Fate = keyof typeof fates;

const resting: Partial<
  Record<Fate, readonly [model: string, group: string, seconds: number, kind: string, cause: string]>
> = {
  rests: ['', '', 3_600, 'rest', 'quota'],
  rests_briefly: ['', '', 9, 'rest', 'quota'],
  rests_pro: ['pro', 'generate', 3_600, 'rest', 'quota_daily'],
  rests_flash: ['flash', 'generate', 3_600, 'rest', 'quota'],
  rests_batch: ['pro', 'batch', 3_600, 'rest', 'quota'],
  blocked: ['', '', 900, 'blocked', 'subscription'],
};

interface PoolCase {
  readonly fates: readonly Fate[];
  /** Models that were asked for within the hour. */
  readonly asked: readonly string[];
  readonly health: Health;
  /** Models that nobody serves. */
  readonly none?: readonly string[];
  readonly counts: Partial<Record<AccountState, number>>;
}

const pools: readonly PoolCase[] = [
  { fates: [], asked: [], health: 'down', counts: {} },
  { fates: ['fine'], asked: [], health: 'ok', counts: { ready: 1 } },
  { fates: ['fine', 'fine', 'fine'], asked: ['flash', 'pro'], health: 'ok', counts: { ready: 3 } },
  { fates: ['fine', 'dead'], asked: [], health: 'degraded', counts: { ready: 1, disabled: 1 } },
  { fates: ['dead'], asked: [], health: 'down', counts: { disabled: 1 } },
  { fates: ['dead', 'dead'], asked: ['flash'], health: 'down', none: ['flash'], counts: { disabled: 2 } },
  { fates: ['fine', 'off'], asked: [], health: 'ok', counts: { ready: 1, proxy_disabled: 1 } },
  { fates: ['off', 'off'], asked: [], health: 'down', counts: { proxy_disabled: 2 } },
  { fates: ['fine', 'spared'], asked: [], health: 'degraded', counts: { ready: 1, proxy_disabled: 1 } },
  { fates: ['spared'], asked: [], health: 'down', counts: { proxy_disabled: 1 } },
  { fates: ['fine', 'verify'], asked: [], health: 'degraded', counts: { ready: 1, blocked: 1 } },
  { fates: ['verify'], asked: [], health: 'down', counts: { blocked: 1 } },
  { fates: ['fine', 'forbidden'], asked: [], health: 'degraded', counts: { ready: 1, blocked: 1 } },
  { fates: ['fine', 'no_client'], asked: [], health: 'degraded', counts: { ready: 1, no_client: 1 } },
  { fates: ['no_client'], asked: [], health: 'down', counts: { no_client: 1 } },
  { fates: ['fine', 'file'], asked: [], health: 'degraded', counts: { ready: 1, unreadable: 1 } },
  { fates: ['file'], asked: [], health: 'down', counts: { unreadable: 1 } },
  { fates: ['rests'], asked: ['flash'], health: 'down', none: ['flash'], counts: { cooling: 1 } },
  {
    fates: ['rests', 'rests'],
    asked: ['flash', 'pro'],
    health: 'down',
    none: ['flash', 'pro'],
    counts: { cooling: 2 },
  },
  { fates: ['rests'], asked: [], health: 'down', none: [''], counts: { cooling: 1 } },
  { fates: ['fine', 'rests'], asked: ['flash'], health: 'degraded', counts: { ready: 1, cooling: 1 } },
  { fates: ['rests_briefly'], asked: ['flash'], health: 'ok', counts: { cooling: 1 } },
  { fates: ['rests_pro'], asked: ['pro'], health: 'down', none: ['pro'], counts: { cooling: 1 } },
  { fates: ['rests_pro'], asked: ['flash'], health: 'ok', counts: { ready: 1 } },
  {
    fates: ['rests_pro', 'rests_pro'],
    asked: ['flash', 'pro'],
    health: 'degraded',
    none: ['pro'],
    counts: { ready: 2 },
  },
  { fates: ['rests_pro', 'rests_flash'], asked: ['flash', 'pro'], health: 'ok', counts: { ready: 2 } },
  { fates: ['rests_batch'], asked: ['pro'], health: 'ok', counts: { ready: 1 } },
  { fates: ['blocked', 'fine'], asked: ['flash'], health: 'degraded', counts: { blocked: 1, ready: 1 } },
  { fates: ['blocked'], asked: ['flash'], health: 'down', none: ['flash'], counts: { blocked: 1 } },
  {
    fates: ['blocked', 'off', 'dead', 'rests'],
    asked: ['pro'],
    health: 'down',
    none: ['pro'],
    counts: { blocked: 1, proxy_disabled: 1, disabled: 1, cooling: 1 },
  },
  { fates: ['keeps_pro'], asked: ['flash', 'pro'], health: 'degraded', none: ['pro'], counts: { ready: 1 } },
  { fates: ['keeps_pro', 'fine'], asked: ['flash', 'pro'], health: 'ok', counts: { ready: 2 } },
];

const theme = themeFor({ theme: 'dark', glyphs: 'unicode' }, { TERM: 'xterm-256color', LANG: 'C.UTF-8' });
const exits: Record<Health, number> = { ok: 0, degraded: 1, down: 3 };
const words: Record<Health, string> = { ok: ' OK ', degraded: ' DEGRADED ', down: ' DOWN ' };

for (const pool of pools) {
  const name = `${pool.fates.join(' ') || 'nobody'}, asked for ${pool.asked.join(' and ') || 'nothing'}: ${pool.health}`;
  test(name, () =>
    withHouse(
      {
        settings: { pool: { waitSeconds: 10 } },
        accounts: pool.fates.map((fate, at) => ({
          id: ids[at] ?? '',
          accessToken: `ya29.${at}`,
          accessEndsIn: 3_000,
          ...fates[fate](),
        })),
        prepare: (_google, dir) => writeState(dir.at('state'), pool),
      },
      (house) => agree(house, pool),
    ),
  );
}

async function writeState(folder: string, { fates: all, asked }: PoolCase): Promise<void> {
  const coolDowns = all.flatMap((fate, at) => {
    const [model, group, length, kind, cause] = resting[fate] ?? [];
    return length === undefined
      ? []
      : [
          {
            who: ids[at],
            about: 'account',
            model,
            group,
            setAt: seconds(),
            seconds: length,
            step: 0,
            kind,
            cause,
            reason: '',
          },
        ];
  });
  const askedModels = asked.map((model) => ({ model, group: 'generate', at: seconds() }));
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/accounts.json`, JSON.stringify({ coolDowns, askedModels }));
}

async function agree(house: House, { health, none = [], counts, fates: all }: PoolCase): Promise<void> {
  const snapshot = house.supervisor.snapshot();
  const now = snapshot.now;
  assert.is(snapshot.health, health, 'the snapshot');
  const serving = snapshot.accounts.filter(({ state, serves }) => state === 'ready' || serves).length;
  assert.is(house.supervisor.status().serving, serving, 'counted without a look at each');
  const base = `http://${house.supervisor.address}`;
  for (const path of ['/healthz', '/readyz']) {
    const answer = await fetch(base + path);
    const body = (await answer.json()) as {
      status: string;
      noneServes: { model: string }[];
      accounts: Record<string, number>;
    };
    assert.equal([answer.status, body.status], [health === 'down' ? 503 : 200, health], path);
    assert.equal(
      body.noneServes.map(({ model }) => model),
      none,
      path,
    );
    const found = Object.fromEntries(Object.entries(body.accounts).filter(([, count]) => count > 0));
    assert.equal(found, counts, path);
  }
  assert.is((await fetch(`${base}/livez`)).status, 200);
  const told = statusOf(house.supervisor);
  assert.equal([statusExit[told.status], told.noneServes.map(({ model }) => model)], [exits[health], none]);
  const line = statusText(told, now);
  assert.ok(line.startsWith(`${health}: `), line);
  for (const model of none) assert.ok(line.includes(`none serves${model === '' ? '' : ` ${model}`}`), line);
  const shown = paint(statusLine(snapshot, 120, theme, { now, attached: false }).line, 120, theme).replace(
    /\x1b\[[\d;]*m/g,
    '',
  );
  assert.ok(shown.includes(words[health]), shown);
  assert.is(shown.includes('NONE SERVES'), none.length > 0, shown);
  for (const one of [line, shown]) {
    const [, serve = '?', of = '?'] = /(\d+)(?: of |\/)(\d+) serve/.exec(one) ?? [];
    assert.is(serve === '0', health === 'down', one);
    if (all.length > 0 && health === 'ok') assert.is(serve, of, one);
  }
  const notices = new Notices(toldInMemory());
  const standing = {
    health,
    noneServes: snapshot.noneServes,
    accounts: all.length,
    refusedClients: [],
    conditions: [],
  };
  notices.look({ ...standing, now });
  const notice = notices.look({ ...standing, now: now + NOBODY_AFTER_MS });
  assert.is(notice.length > 0, all.length > 0 && (health === 'down' || none.length > 0), 'the notice');
  const metrics = await (await fetch(`${base}/metrics`, { headers: { 'x-api-key': API_KEY } })).text();
  for (const [state, count] of Object.entries(snapshot.counts)) {
    assert.ok(metrics.includes(`regrant_accounts{state="${state}"} ${count}\n`), `${state} ${count}`);
  }
}

test.run();
