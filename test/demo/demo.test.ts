import { existsSync, readdirSync, statSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { prepareDemo } from '../../src/demo/demo.js';
import { makeCast } from '../../src/demo/cast.js';
import { startPlay } from '../../src/demo/play.js';
import { readKeys } from '../../src/store/keys/key-file.js';
import { keyFor, makeDemoKeys } from '../../src/demo/client-keys.js';
import { chosen, startTraffic } from '../../src/demo/traffic.js';
import { accountOf } from '../../src/store/accounts/account.js';
import { systemClock } from '../../src/store/ground/clock.js';
import type { GrantEvent, GrantEventKind } from '../../src/store/records/grant-event.js';
import { loadSettings } from '../../src/store/settings/settings.js';
import { setClock } from '../support/clock.js';
import { directoryAt } from '../support/directory.js';
import { withGoogle } from '../support/google.js';

const event = (kind: GrantEventKind, email: string): GrantEvent => ({
  seq: 1,
  at: 0,
  kind,
  accountId: 'a',
  email,
  cause: null,
  tookMs: null,
  nextAt: null,
  text: '',
  detail: '',
});

test('the demo makes a closed data directory with six accounts and settings, and takes it away again', async () => {
  const demo = await prepareDemo({ env: { HOME: '/nowhere', REGRANT_PROXY_PORT: '1', REGRANT_UI_GLYPHS: 'ascii' } });
  try {
    assert.is(statSync(demo.dataDir).mode & 0o777, 0o700);
    assert.equal(demo.env, { HOME: '/nowhere', REGRANT_UI_GLYPHS: 'ascii' }, 'how it looks is the operator’s own');
    const directory = directoryAt(demo.dataDir);
    const settings = loadSettings(directory.at('settings.json'), demo.env);
    assert.ok(settings.proxy.port > 0);
    assert.match(settings.oauth.tokenUrl, /^http:\/\/127\.0\.0\.1:\d+\/token$/);
    const files = readdirSync(directory.at('accounts'));
    const accounts = files.map((file) => file.replace('.json', ''));
    assert.is(accounts.length, 6);
    const read = await Promise.all(accounts.map(async (id) => accountOf(await directory.read(id), id)));
    assert.equal(
      read.filter((account) => account.proxyDisabled).map((account) => account.email),
      ['finn@example.com'],
    );
    assert.ok(read.every((account) => account.disabled === null && account.projectId !== null));
    for (const file of files) assert.is(statSync(directory.at('accounts', file)).mode & 0o777, 0o600);
    const keys = readKeys(directory.at('keys.json'));
    assert.is(keys.size, 3);
    assert.is([...keys.values()].filter(({ requestsPerMinute }) => requestsPerMinute > 0).length, 1);
  } finally {
    await demo.close();
  }
  assert.not.ok(existsSync(demo.dataDir));
});

test('a grant dies after some seconds, the hint names the token to paste, and the next one dies after the recovery', () =>
  withGoogle((google) => {
    const clock = setClock();
    const cast = makeCast(300);
    for (const player of Object.values(cast)) google.grant(player.refreshToken, { email: player.email });
    const hints: (string | null)[] = [];
    let tell = (_: GrantEvent): void => assert.unreachable();
    const end = startPlay({
      google,
      cast,
      clock,
      setHint: (hint) => hints.push(hint),
      onEvent: (listener) => {
        tell = listener;
        return () => undefined;
      },
    });
    clock.advance(8000);
    tell(event('disabled', cast.anna.email));
    assert.is(hints.length, 1);
    tell(event('disabled', cast.kim.email));
    assert.match(hints[1] ?? '', /press \. and r.*demo-new-token-for-kim/);
    tell(event('recovered', cast.kim.email));
    clock.advance(60_000);
    tell(event('disabled', cast.ben.email));
    assert.match(hints.at(-1) ?? '', /demo-new-token-for-ben/);
    tell(event('recovered', cast.ben.email));
    assert.match(hints.at(-1) ?? '', /that was all/);
    end();
    assert.equal(clock.due, []);
  }));

test('traffic flows with the key, in the mix, and stops at once with nothing under way', () =>
  withGoogle(async (google) => {
    let arrived = 0;
    google.upstream(async (call) => {
      assert.is(call.headers['x-goog-api-key'], 'sk-1');
      arrived += 1;
      if (arrived > 3) await new Promise(() => undefined);
      return { status: 200, body: {} };
    });
    const clock = setClock();
    const traffic = startTraffic({
      proxyUrl: google.url,
      keys: [{ key: 'sk-1', share: 100 }],
      clock,
      random: () => 0.5,
    });
    // 104 ms lie between two requests, since every roll of the dice is 0.5.
    for (let sent = 1; sent <= 5; sent += 1) {
      await google.until((calls) => calls.gemini.length === sent);
      clock.advance(104);
    }
    await traffic.stop();
    assert.equal(clock.due, []);
    assert.is(
      [...traffic.ended.values()].reduce((all, count) => all + count, 0),
      6,
    );
  }));

test('on stage the demo sends its traffic to the proxy with the key, says what it is, and is silent after the hush', () =>
  withGoogle(async (proxy) => {
    proxy.upstream(() => ({ status: 200, body: {} }));
    const demo = await prepareDemo();
    const hints: (string | null)[] = [];
    let listeners = 0;
    demo.run({
      proxyUrl: proxy.url,
      setHint: (hint) => hints.push(hint),
      onEvent: () => {
        listeners += 1;
        return () => void (listeners -= 1);
      },
    });
    await proxy.until((calls) => calls.gemini.length === 3);
    assert.match(hints[0] ?? '', /^demo: /);
    assert.is(listeners, 1);
    await demo.hush();
    assert.is(listeners, 0);
    const { length } = proxy.calls.gemini;
    await demo.close();
    assert.is(proxy.calls.gemini.length, length);
  }));

test('every kind of request has its share', () => {
  const counts = new Map<string, number>();
  for (let roll = 0; roll < 1; roll += 0.01) counts.set(chosen(roll), (counts.get(chosen(roll)) ?? 0) + 1);
  assert.is(counts.size, 6);
  assert.ok((counts.get('/v1beta/models/gemini-2.5-flash:generateContent') ?? 0) > 30);
});

test('every client of the demo has its share, and its key is known by its hash alone', () => {
  const { keys, file } = makeDemoKeys(0);
  const counts = keys.map(() => 0);
  for (let roll = 0.005; roll < 1; roll += 0.01) {
    const at = keys.findIndex(({ key }) => key === keyFor(keys, roll));
    counts[at] = (counts[at] ?? 0) + 1;
  }
  assert.equal(counts, [60, 34, 6]);
  assert.ok(keys.every(({ key }) => !JSON.stringify(file).includes(key)));
});

test('over real time the traffic keeps to 8 to 12 requests a second', () =>
  withGoogle(async (google) => {
    google.upstream(() => ({ status: 200, body: {} }));
    const traffic = startTraffic({ proxyUrl: google.url, keys: [{ key: 'sk-1', share: 100 }], clock: systemClock });
    await google.until((calls) => calls.gemini.length === 10);
    await traffic.stop();
    const [first, last] = [google.calls.gemini[0], google.calls.gemini[9]];
    const gapMs = ((last?.at ?? 0) - (first?.at ?? 0)) / 9;
    assert.ok(gapMs > 75 && gapMs < 250, `a request every ${gapMs} ms`);
  }));

test.run();
