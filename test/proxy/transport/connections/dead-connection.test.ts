import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addressesNow } from '../../../../src/proxy/transport/connections/network-watch.js';
import { FAR_PORT, FarBox, inOwnNetwork } from '../../../support/far-network.js';
import { ask, type Got, type Proxied, withProxy } from '../../../support/proxy.js';

const CHECK_SECONDS = 1;
/** Short, so that the time is looked at four times a second. */
const timeouts = { idleMs: 2_500 };
const THINKING = 'think-2300';
const SLOW = 'slow-2300';

/** What happened in one run, in which requests of all kinds were under way together. */
interface Run {
  readonly afterDeath: Got;
  readonly tookMs: number;
  readonly tries: number | undefined;
  readonly forgotten: readonly number[];
  readonly thoughtAbout: Got;
  readonly slowlyRead: Got;
  /** The kernel's timer of each connection that was idle for a moment: to the upstream, and from clients. */
  readonly timers: { readonly upstream: readonly string[]; readonly clients: readonly string[] };
}

let far: FarBox;
let run: Run;

const askFor = (proxied: Proxied, model: string, body = '{"contents":[]}'): Promise<Got> =>
  ask(proxied, { path: `/v1beta/models/${model}:generateContent`, body });

/** The ports that requests for a model came from. */
const portsOf = (model: string): readonly number[] =>
  far.requests.filter(({ path }) => path.includes(`/${model}:`)).map(({ port }) => port);

/** The number of the timer that runs for each open connection with this port at one end, in two digits. */
function timersOf(end: 'local' | 'remote', port: number): readonly string[] {
  const rows = readFileSync('/proc/self/net/tcp', 'utf8').matchAll(/^ *\d+: \w+:(\w+) \w+:(\w+) 01 \S+ (\w\w):/gm);
  return [...rows].flatMap(([, local = '', remote = '', timer = '']) =>
    Number.parseInt(end === 'local' ? local : remote, 16) === port ? [timer] : [],
  );
}

async function runAll(proxied: Proxied): Promise<Run> {
  const large = JSON.stringify({ contents: [{ parts: [{ text: 'x'.repeat(7_000_000) }] }] });
  const left = [askFor(proxied, THINKING), askFor(proxied, SLOW, large)] as const;
  await Promise.all(['think-200-a', 'think-200-b', 'think-200-c'].map((model) => askFor(proxied, model)));
  const timers = { upstream: timersOf('remote', FAR_PORT), clients: timersOf('local', proxied.port) };
  const forgotten = ['a', 'b', 'c'].flatMap((which) => portsOf(`think-200-${which}`));
  for (const port of forgotten) far.forget(port);
  const before = performance.now();
  const afterDeath = await askFor(proxied, 'again');
  const tookMs = performance.now() - before;
  const tries = proxied.records.find(({ model }) => model === 'again')?.tries;
  const [thoughtAbout, slowlyRead] = await Promise.all(left);
  return { afterDeath, tookMs, tries, forgotten, thoughtAbout, slowlyRead, timers };
}

function tests(): void {
  test.before(async () => {
    far = await FarBox.start();
    const options = { baseUrls: [far.url], connectionCheckSeconds: CHECK_SECONDS, timeouts };
    run = await withProxy(options, () => undefined, runAll);
  });
  test.after(() => far.stop());

  test('a request on a kept connection that died without a word is answered over a new one', () => {
    const { afterDeath, tookMs, forgotten } = run;
    assert.is(afterDeath.status, 200);
    assert.ok(tookMs >= CHECK_SECONDS * 1000, `not before nobody had acknowledged it for that long: ${tookMs} ms`);
    assert.is(portsOf('again').length, 1);
    assert.is(new Set([...forgotten, ...portsOf('again')]).size, 4);
  });

  test('that is no other try: the account is asked again as if the old connection had refused it', () => {
    assert.is(run.tries, 1);
  });

  test('other connections that were idle are given up with it: no request dies on each of them in turn', () => {
    assert.ok(run.tookMs < CHECK_SECONDS * 1000 + 1_500, `after ${run.tookMs} ms`);
  });

  test('a request that the upstream has and thinks about is left alone', () => {
    assert.is(run.thoughtAbout.status, 200);
    assert.is(portsOf(THINKING).length, 1);
  });

  test('a request that the upstream is slow to read is left alone', () => {
    assert.is(run.slowlyRead.status, 200);
    assert.is(portsOf(SLOW).length, 1);
  });

  test('TCP asks on connections of both sides whether the other end is still there', () => {
    const KEEP_ALIVE = '02';
    assert.ok(run.timers.upstream.includes(KEEP_ALIVE), JSON.stringify(run.timers));
    assert.ok(run.timers.clients.includes(KEEP_ALIVE), JSON.stringify(run.timers));
  });

  test('an address that comes is seen, one that only reaches neighbours is not', () => {
    const before = addressesNow();
    execFileSync('ip', ['addr', 'add', '169.254.7.7/16', 'dev', 'near']);
    assert.is(addressesNow(), before);
    execFileSync('ip', ['addr', 'add', '10.9.1.1/24', 'dev', 'near']);
    assert.is.not(addressesNow(), before);
  });

  test.run();
}

inOwnNetwork(tests, (why) => {
  test.skip(`no network of its own is allowed here (${why}): no connection dies`, () => undefined);
  test.run();
});
