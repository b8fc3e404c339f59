import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RestartFailed, type Successor } from '../../../src/proxy/contract/succession/handover.js';
import { fastClock } from '../../support/clock.js';
import { type House, withHouse } from '../../support/house.js';

const anna = { id: 'a1', email: 'anna@example.com' };
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
  ['is of a version that cannot', { loaded: Promise.reject(new RestartFailed('another version')) }, /another version/],
  ['crashes', { takeOver: () => Promise.reject(new RestartFailed('it ended (status 70)')) }, /status 70/],
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
    const told = { pid: 1, inFlight: 2, accounts: { a1: 2 }, keys: {}, wanted: [], lines: '', ended: [] };
    succession.heard({ ...told, lines: '{"level":30,"time":1,"msg":"a line of the predecessor"}\n' });
    assert.is(house.supervisor.inFlight(), 2);
    assert.is(house.supervisor.snapshot().accounts[0]?.inFlight, 2);
    assert.ok(house.log.includes('a line of the predecessor'));
    succession.gone(1);
    assert.is(house.supervisor.inFlight(), 0);
    assert.is(house.supervisor.snapshot().accounts[0]?.inFlight, 0);
  }));

test.run();
