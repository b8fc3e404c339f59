import { setImmediate as turn } from 'node:timers/promises';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import {
  type PredecessorNews,
  PredecessorNewsSchema,
  RestartFailed,
  type Successor,
} from '../../../src/proxy/contract/succession/handover.js';
import { read } from '../../../src/store/words/saying.js';
import { fastClock, setClock } from '../../support/clock.js';
import { API_KEY, type House, withHouse } from '../../support/house.js';
import { LiveClient, withLiveService } from '../../support/live.js';

const anna = { id: 'a1', email: 'anna@example.com' };
/** What a predecessor tells where nothing else has happened. */
const nothingElse = { lines: '', ended: [], rests: [], awaited: {} };
const never = new Promise<never>(() => undefined);

/** A successor that does as it is told; what it was asked is written down. */
function successor(parts: Partial<Successor> = {}): Successor & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    loaded: Promise.resolve(),
    takeOver: () => Promise.resolve(),
    pass: () => Promise.resolve(false),
    kill: () => {
      asked.push('kill');
      return Promise.resolve();
    },
    ...parts,
    asked,
  };
}

const prepare = (google: { grant(token: string, of: object): void }): void =>
  google.grant('1//0test-refresh-token-of-a1', { email: anna.email });

const handOver = (house: House, to: Successor): Promise<void> => house.supervisor.succession.handOver(() => to);

for (const [what, parts, words] of [
  ['does not load', { loaded: never }, /did not start within 30 s/],
  ['hangs once it has the directory', { takeOver: () => never }, /did not serve within 15 s/],
  [
    'is of a version that cannot',
    { loaded: Promise.reject(new RestartFailed(read('another version'))) },
    /another version/,
  ],
  ['crashes', { takeOver: () => Promise.reject(new RestartFailed(read('it ended (status 70)'))) }, /status 70/],
] as const) {
  if ('loaded' in parts) parts.loaded.catch(() => undefined);
  test(`a successor that ${what} is killed; the old one writes, refreshes and logs as before`, () =>
    withHouse({ accounts: [anna], clock: fastClock(40), prepare }, async (house) => {
      const next = successor(parts);
      const failed = await handOver(house, next).catch((error: unknown) => error);
      assert.instance(failed, RestartFailed);
      assert.match((failed as RestartFailed).message, words);
      assert.equal(next.asked, ['kill']);
      assert.ok(house.store.lock.isOurs);
      assert.equal(house.supervisor.snapshot().banners, []);
      const { operations } = house.supervisor;
      assert.is((await operations.testNow(['a1']))[0]?.ok, true);
      assert.ok((await operations.setProxyDisabled(['a1'], true)).ok);
      assert.is((await house.dir.read('a1')).proxy_disabled, true);
    }));
}

test('between the asking and the taking over nothing is exchanged or written, and a second restart is refused', () =>
  withHouse({ accounts: [{ ...anna, token: { expiry_timestamp: 1 } }], prepare }, async (house) => {
    let serve = (): void => undefined;
    const next = successor({ takeOver: () => new Promise<void>((resolve) => (serve = resolve)) });
    const handing = handOver(house, next);
    await house.until(() => !house.store.lock.isOurs);
    const before = house.google.calls.token.length;
    const { status, text } = await house.ask();
    assert.is(status, 503, text);
    assert.match(text, /Please retry in/);
    assert.is(house.google.calls.token.length, before, 'no exchange');
    const refused = await house.supervisor.operations.setProxyDisabled(['a1'], true).catch((error: unknown) => error);
    assert.is((refused as { code?: string }).code, 'RESTARTING');
    assert.match(String(await handOver(house, next).catch((error: unknown) => error)), /under way already/);
    assert.match(house.supervisor.snapshot().banners[0]?.text ?? '', /a new process takes over: waiting for/);
    serve();
    await handing;
    assert.ok(house.supervisor.succession.isDone);
    const news = house.supervisor.succession.news();
    assert.is(news?.ended[0]?.record.status, 503, 'the request that ended meanwhile is told to the successor');
  }));

test('what a predecessor tells is counted here: the request, its line, what is in flight, until it is gone', () =>
  withHouse({ accounts: [anna], prepare }, async (house) => {
    assert.is((await house.ask()).status, 200);
    const { succession } = house.supervisor;
    const told = { pid: 1, inFlight: 2, accounts: { a1: 2 }, keys: {}, wanted: [], ...nothingElse };
    succession.heard({ ...told, lines: '{"level":30,"time":1,"msg":"a line of the predecessor"}\n' });
    assert.is(house.supervisor.inFlight(), 2);
    assert.is(house.supervisor.snapshot().accounts[0]?.inFlight, 2);
    assert.ok(house.log.includes('a line of the predecessor'));
    succession.gone(1);
    assert.is(house.supervisor.inFlight(), 0);
    assert.is(house.supervisor.snapshot().accounts[0]?.inFlight, 0);
  }));

/** All that a house has to tell its successor, as it comes over the socket. */
function told(house: House): PredecessorNews[] {
  const all: PredecessorNews[] = [];
  for (let next = house.supervisor.succession.news(); next !== null; next = house.supervisor.succession.news())
    all.push(v.parse(PredecessorNewsSchema, JSON.parse(JSON.stringify(next))));
  return all;
}

const times = (words: readonly string[], what: RegExp): number => words.filter((word) => what.test(word)).length;
const usedUp = {
  status: 429,
  body: { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Resource has been exhausted: per day.' } },
  headers: { 'retry-after': '120' },
};

test('an account that begins to rest in the old process rests in the new one, which tells it, once', () =>
  withHouse({ accounts: [anna], prepare }, async (old) => {
    assert.is((await old.ask()).status, 200);
    await handOver(old, successor());
    old.google.upstream(() => usedUp);
    assert.is((await old.ask()).status, 429);
    assert.is(times(old.events, /^rested /), 0, 'the old one tells nothing');
    assert.is(times(old.log, /rests|cannot be written/), 0, old.log.join('\n'));
    const news = told(old);
    assert.is(news.flatMap(({ rests }) => rests).length, 1);
    await withHouse({ accounts: [anna], prepare }, async (next) => {
      for (const one of news) next.supervisor.succession.heard(one);
      assert.is(next.state('a1'), 'cooling');
      assert.is(times(next.events, /^rested anna@/), 1, next.events.join('\n'));
      assert.is(times(next.log, /^Account rests \(anna/), 1);
      assert.is((await next.ask()).status, 429);
      assert.is(next.google.calls.gemini.length, 0, 'the upstream is not asked again');
    });
  }));

test('what its own predecessor tells a process that was followed goes on; another successor is told all in flight', () =>
  withHouse({ accounts: [anna], prepare }, async (middle) => {
    const { succession } = middle.supervisor;
    assert.is((await middle.ask()).status, 200);
    await handOver(middle, successor());
    assert.is((await middle.ask()).status, 200);
    const [ended] = told(middle).flatMap((news) => news.ended);
    assert.ok(ended);
    const first = { pid: 1, inFlight: 0, accounts: {}, keys: {}, wanted: [], ...nothingElse };
    succession.heard({ ...first, ended: [ended] });
    assert.equal(
      told(middle).flatMap((news) => news.ended),
      [ended],
    );
    middle.google.upstream(() => never);
    const asking = middle.ask().catch(() => 'cut');
    await middle.google.until(({ gemini }) => gemini.length > 2);
    assert.is(told(middle).at(-1)?.inFlight, 1);
    assert.is(succession.news(), null);
    succession.tellAnew();
    assert.is(succession.news()?.inFlight, 1);
    await succession.cut();
    assert.is(await asking, 'cut');
  }));

test('the line of a request that ended a moment ago is told with it, and is not left behind', () =>
  withHouse({ accounts: [anna], prepare }, async (old) => {
    assert.is((await old.ask()).status, 200);
    await handOver(old, successor());
    told(old);
    assert.is((await old.ask()).status, 200);
    const news = told(old);
    assert.is(news.flatMap(({ ended }) => ended).length, 1);
    assert.match(news.map(({ lines }) => lines).join(''), /"status":200/);
  }));

test('where the successor fails after all, what began to rest meanwhile is told here', () =>
  withHouse({ accounts: [anna], prepare }, async (house) => {
    assert.is((await house.ask()).status, 200);
    let fail = (): void => undefined;
    const takeOver = (): Promise<void> =>
      new Promise((_resolve, reject) => (fail = () => reject(new RestartFailed(read('gone')))));
    const handing = handOver(house, successor({ takeOver })).catch((error: unknown) => error);
    await house.until(() => !house.store.lock.isOurs);
    house.google.upstream(() => usedUp);
    await house.ask();
    assert.is(times(house.events, /^rested /), 0);
    fail();
    assert.instance(await handing, RestartFailed);
    assert.is(times(house.events, /^rested anna@/), 1);
  }));

test('an account that came back just before: its first request is told by the new process, wherever it is served', () =>
  withHouse({ accounts: [anna], prepare }, async (old) => {
    old.google.grant('1//0new-token', { email: anna.email });
    const request = { accountId: 'a1', refreshToken: '1//0new-token', client: null, otherAccount: 'accept' } as const;
    await old.supervisor.operations.readd(request, () => undefined);
    await handOver(old, successor());
    assert.is((await old.ask()).status, 200);
    const news = told(old);
    assert.equal(
      news.map(({ awaited, ended }) => [Object.keys(awaited), ended.length]),
      [[['a1'], 1]],
    );
    for (const [heard, where] of [
      [news, 'there'],
      [news.map((one) => ({ ...one, ended: [] })), 'here'],
    ] as const) {
      await withHouse({ accounts: [anna], prepare }, async (next) => {
        for (const one of heard) next.supervisor.succession.heard(one);
        assert.is(times(next.events, /^served anna@.* first request/), where === 'there' ? 1 : 0);
        assert.is((await next.ask()).status, 200);
        assert.is(times(next.events, /^served anna@.* first request/), 1, where);
      });
    }
  }));

test('a request that is held at the moment of the handover is served with the token that the successor gets', () => {
  const expired = { ...anna, token: { expiry_timestamp: 1 } };
  return withHouse({ accounts: [expired], settings: { pool: { waitSeconds: 60 } }, prepare }, async (old) => {
    let serve = (): void => undefined;
    const takeOver = (): Promise<void> => new Promise((resolve) => (serve = resolve));
    const handing = handOver(old, successor({ takeOver }));
    await old.until(() => !old.store.lock.isOurs);
    const held = old.ask();
    // nobody is told that a request begins to wait
    while (old.supervisor.snapshot().traffic.waiting === 0) await turn();
    serve();
    await handing;
    const news = told(old);
    assert.equal(news.at(-1)?.wanted, ['a1']);
    await withHouse({ accounts: [expired], prepare }, async (next) => {
      for (const one of news) next.supervisor.succession.heard(one);
      await next.google.until(({ token }) => token.length > 0);
    });
    // this Google knows no token of that one
    old.google.upstream(({ headers }) => ({
      ...{ status: headers.authorization === 'Bearer ya29.of-the-successor' ? 200 : 401, body: {} },
    }));
    await old.dir.put({ ...anna, accessToken: 'ya29.of-the-successor', accessEndsIn: 3_000 });
    assert.equal(told(old).at(-1)?.wanted, [], 'it is found on disk, and not asked for again');
    assert.is((await held).status, 200);
    assert.is(old.google.calls.token.length, 0, 'the old one asks for none');
  });
});

test('a key that is taken away in the directory ends a stream of the old process within a second', () =>
  withHouse({ accounts: [anna], prepare }, async (house) => {
    const { key } = await house.supervisor.operations.addKey('ci', {});
    house.google.upstream(() => never);
    const asks = (shown: string | null): Promise<string> =>
      fetch(`http://${house.supervisor.address}/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-goog-api-key': shown ?? '' },
        body: '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
      }).then(
        () => 'answered',
        () => 'cut',
      );
    const [cut, other] = [asks(key), asks(API_KEY)];
    await house.google.until(({ gemini }) => gemini.length > 1);
    await handOver(house, successor());
    const file = house.dir.at('keys.json');
    const keys = JSON.parse(await readFile(file, 'utf8')) as { keys: { ci?: object } };
    delete keys.keys.ci;
    const from = performance.now();
    await writeFile(file, JSON.stringify(keys));
    assert.is(await cut, 'cut');
    assert.ok(performance.now() - from < 1_000);
    assert.is(house.supervisor.succession.inFlight, 1, 'the other goes on');
    await house.supervisor.succession.cut();
    assert.is(await other, 'cut');
  }));

test('a Live session goes on in the old process for an hour, and is then told 1012', () =>
  withLiveService(async (service) => {
    const clock = setClock();
    const settings = { upstream: { kind: 'gemini', baseUrls: [service.url] } };
    const lasting = { ...anna, accessToken: 'ya29.live-a1', accessEndsIn: 30_000 };
    await withHouse({ accounts: [lasting], settings, clock, prepare }, async (house) => {
      const [host = '', port = ''] = house.supervisor.address.split(':');
      const client = new LiveClient({ host, port: Number(port) });
      await client.opened;
      await handOver(house, successor());
      const drained = house.supervisor.succession.drained();
      for (let minute = 1; minute < 60; minute++) {
        clock.advance(60_000);
        client.socket.send(`minute ${minute}`);
        assert.is((await client.received(minute)).at(-1), `minute ${minute}`);
      }
      clock.advance(59_000);
      client.socket.send('still here');
      await client.received(60);
      clock.advance(2_000);
      assert.is((await client.closed).code, 1012);
      await drained;
    });
  }));

test.run();
