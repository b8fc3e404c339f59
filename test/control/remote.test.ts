import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ControlClient } from '../../src/control/client.js';
import { partedError, RemoteSupervisor } from '../../src/control/remote.js';
import type { Snapshot } from '../../src/proxy/contract/snapshot.js';
import type { Progress } from '../../src/proxy/contract/operations.js';
import { systemClock } from '../../src/store/ground/clock.js';
import { setClock } from '../support/clock.js';
import { withDoor, type Door } from '../support/door.js';
import type { HouseOptions } from '../support/house.js';

const anna = { id: 'a1', email: 'anna@example.com', accessEndsIn: 3600 };
const bob = { id: 'b1', email: 'bob@example.com', refreshToken: '1//0dead-token-of-bob', accessEndsIn: 3600 };

const follow = async ({ connect }: Door): Promise<RemoteSupervisor> =>
  RemoteSupervisor.follow(await connect(), systemClock);

const until = (remote: RemoteSupervisor, test: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const stop = remote.onChange(look);
    function look(): void {
      if (!test()) return;
      stop();
      resolve();
    }
    look();
  });

/** A snapshot without what changes by the millisecond. */
const lasting = ({ now: _now, traffic: _traffic, accounts, ...rest }: Snapshot): object => ({
  ...rest,
  accounts: accounts.map(({ accessExpiresAt: _end, ...row }) => row),
});

const plain = (snapshot: Snapshot): unknown => JSON.parse(JSON.stringify(lasting(snapshot)));

/** Both show the same; the schedule may be at work meanwhile, so that they come to it rather than being it at once. */
const inStep = (remote: RemoteSupervisor, supervisor: { snapshot(): Snapshot }): Promise<void> =>
  until(remote, () => isDeepStrictEqual(plain(remote.snapshot()), plain(supervisor.snapshot())));

test('a follower has a snapshot at once, then both feeds, numbered as they are at the supervisor', () =>
  withDoor({ accounts: [anna] }, async (door) => {
    const { supervisor } = door.house;
    for (let i = 0; i < 450; i++) door.house.store.log.logger.info(`line ${i}`);
    const remote = await follow(door);
    await inStep(remote, supervisor);
    await until(remote, () => remote.logs.next === supervisor.logs.next);
    for (let seq = remote.logs.first; seq < remote.logs.next; seq++) {
      assert.equal(remote.logs.at(seq), supervisor.logs.at(seq));
    }
    assert.is(remote.logs.first, supervisor.logs.first);
    door.house.store.log.logger.warn('one more');
    await until(remote, () => remote.logs.at(remote.logs.next - 1)?.msg === 'one more');
    remote.close();
    assert.is(await remote.parted, 'gone');
  }));

test('of a large pool only the rows that changed are sent, and the others stay the same objects', () => {
  const accounts = Array.from({ length: 300 }, (_, at) => ({ ...anna, id: `a${at}`, email: `a${at}@example.com` }));
  // the schedule refreshes few of them meanwhile
  const settings = { oauth: { exchangesPerSecond: 1 } };
  return withDoor({ accounts, settings }, async (door) => {
    const remote = await follow(door);
    const raw = await door.raw();
    raw.socket.write('{"id":1,"request":"subscribe"}\n');
    await raw.line(4);
    await until(remote, () => remote.snapshot().accounts.length === 300);
    const before = remote.snapshot();
    assert.is((await door.house.ask()).status, 200);
    await until(remote, () => remote.snapshot().accounts.some(({ requests }) => requests === 1));
    const after = remote.snapshot();
    await inStep(remote, door.house.supervisor);
    const same = after.accounts.filter((row, at) => row === before.accounts[at]).length;
    assert.ok(same >= 250, `${same} of 300 rows are the same objects`);
    const isChange = (line: string): boolean => line.startsWith('{"push":"changes"');
    for (let count = 5; !raw.lines.some(isChange); count++) await raw.line(count);
    const sizes = raw.lines.filter(isChange).map((line) => line.length);
    assert.ok(Math.min(...sizes) < 5_000, `sizes ${sizes.join(' ')}`);

    // an account more: the whole list again
    await remote.operations.remove(['a7']);
    await until(remote, () => remote.snapshot().accounts.length === 299);
    assert.not.ok(remote.snapshot().accounts.some(({ id }) => id === 'a7'));
    remote.close();
  });
});

test('a grant that dies is seen by every follower, and one of them brings it back with every step shown', () =>
  withDoor({ accounts: [anna, bob] }, async (door) => {
    const { house } = door;
    house.google.grant('1//0new-token-of-bob', { email: 'bob@example.com' });
    const [one, two] = [await follow(door), await follow(door)];
    const state = (remote: RemoteSupervisor): string =>
      remote.snapshot().accounts.find(({ id }) => id === 'b1')?.state ?? '';
    const tested = await one.operations.testNow(['b1']);
    assert.is(tested[0]?.ok, false);
    await until(two, () => state(two) === 'disabled' && two.events.next === house.supervisor.events.next);
    // the schedule may have looked at anna meanwhile
    const kinds = Array.from({ length: two.events.next }, (_, seq) => two.events.at(seq)?.kind);
    assert.ok(kinds.includes('disabled'), kinds.join(' '));
    assert.is(two.snapshot().alarm?.email, 'bob@example.com');

    const steps: Progress[] = [];
    const request = { accountId: 'b1', client: null, otherAccount: 'ask' as const };
    const refused = await two.operations.readd({ ...request, refreshToken: 'nobody knows' }, () => undefined);
    assert.is('outcome' in refused && refused.outcome, 'refused');
    const saved = await two.operations.readd({ ...request, refreshToken: '1//0new-token-of-bob' }, (news) =>
      steps.push(news),
    );
    assert.is(saved.outcome, 'saved');
    assert.equal(
      [...new Set(steps.map(({ step }) => step))],
      ['exchange', 'identity', 'scopes', 'saved', 'reloaded', 'upstream', 'served'],
    );
    await until(one, () => state(one) === 'ready');
    for (const remote of [one, two]) remote.close();
  }));

test('every other operation goes through: another account asks, off and on, remove and undo, reload, stop', () =>
  withDoor({ accounts: [anna, bob] }, async (door) => {
    const { house } = door;
    house.google.grant('1//0new-token-of-anna', { email: 'anna@example.com' });
    const remote = await follow(door);
    const { operations } = remote;
    const request = { accountId: 'b1', client: null, otherAccount: 'ask' as const };
    const asked = await operations.readd({ ...request, refreshToken: '1//0new-token-of-anna' }, () => undefined);
    assert.is(asked.outcome, 'other_account');
    if (!('pending' in asked)) throw new Error('nothing is pending');
    assert.is(asked.email, 'anna@example.com');
    const accepted = await operations.resume(asked.pending, 'accept', () => undefined);
    assert.is('outcome' in accepted && accepted.outcome, 'saved');
    assert.is((await house.dir.read('a1')).token.refresh_token, '1//0new-token-of-anna');

    assert.is((await operations.setProxyDisabled(['b1'], true)).ok, true);
    assert.is((await house.dir.read('b1')).proxy_disabled, true);
    assert.is((await operations.setProxyDisabled(['b1'], false)).ok, true);
    assert.is((await operations.remove(['b1'])).ok, true);
    await until(remote, () => remote.snapshot().accounts.length === 1);
    assert.is((await operations.undo()).ok, true);
    await until(remote, () => remote.snapshot().accounts.length === 2);
    assert.is((await operations.reload()).ok, true);
    let stopped = false;
    void house.supervisor.stopAsked.then(() => (stopped = true));
    await operations.stop();
    assert.ok(stopped);
    remote.close();
  }));

test('a supervisor that stops says farewell, one that dies does not, and both are told in plain words', () =>
  withDoor({ accounts: [anna] }, async (door) => {
    const remote = await follow(door);
    await door.server.close();
    const parting = await remote.parted;
    assert.is(parting, 'stopped');
    assert.match(partedError('stopped', 4711).message, /pid 4711\) was stopped/);
    assert.match(partedError('gone', 4711).message, /pid 4711\) went away without a word.*crash\.log/);
    let rejected = '';
    await remote.operations.reload().catch((error: unknown) => (rejected = String(error)));
    assert.match(rejected, /went away/);
  }));

test('a supervisor that says nothing more is said, until it speaks again', () =>
  withDoor({ accounts: [anna] }, async (door) => {
    const clock = setClock();
    const remote = await RemoteSupervisor.follow(await door.connect(), clock);
    const banners = (): readonly string[] => remote.snapshot().banners.map(({ code }) => code);
    assert.not.ok(banners().includes('silent'));
    clock.advance(6_000);
    assert.ok(banners().includes('silent'));
    door.house.store.log.logger.info('it speaks');
    await until(remote, () => !banners().includes('silent'));
    // this process was stopped itself: what came meanwhile is waiting in the socket
    clock.advance(5_500);
    assert.not.ok(banners().includes('silent'));
    remote.close();
  }));

/** Passes everything on between clients and a socket. @returns the longest line each way so far, bytes */
async function relay({ path }: Door, from: string): Promise<{ readonly up: number; readonly down: number }> {
  const longest = { up: 0, down: 0 };
  const server = net.createServer((client) => {
    const upstream = net.createConnection(path);
    const watch = (way: 'up' | 'down') => {
      let line = 0;
      return (bytes: Buffer): void => {
        for (let at = 0, end = bytes.indexOf(10); ; at = end + 1, end = bytes.indexOf(10, at)) {
          line += (end < 0 ? bytes.length : end) - at;
          longest[way] = Math.max(longest[way], line);
          if (end < 0) return;
          line = 0;
        }
      };
    };
    for (const socket of [client, upstream]) socket.on('error', () => undefined).unref();
    client.on('data', watch('up')).pipe(upstream).on('data', watch('down')).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(from, resolve));
  server.unref();
  return longest;
}

test('no line is longer than 1 MiB in either direction: lists, pictures and ids go in pages', () => {
  const accounts = Array.from({ length: 60 }, (_, at) => ({ ...anna, id: `a${at}`, email: `a${at}@example.com` }));
  const prepare: HouseOptions['prepare'] = (google, dir) => {
    for (const { id, email } of accounts) {
      google.grant(`1//0test-refresh-token-of-${id}`, { email });
      const file = dir.at('accounts', `${id}.json`);
      const json = JSON.parse(readFileSync(file, 'utf8')) as object;
      writeFileSync(file, JSON.stringify({ ...json, label: 'l'.repeat(300), note: 'n'.repeat(60_000) }));
    }
  };
  return withDoor({ accounts, prepare }, async (door) => {
    const from = door.house.dir.at('relayed.sock');
    const longest = await relay(door, from);
    const client = await ControlClient.connect(from);
    if (client === null) throw new Error('nothing listens');
    const listed = await client.request('accounts', []);
    assert.equal(
      listed.map(({ id, note }) => [id, String(note).length]),
      [...door.house.supervisor.listing()].map(({ id }) => [id, 60_000]),
    );
    const pages: number[] = [];
    await client.listAccounts((page) => pages.push(page.length));
    assert.ok(pages.length > 10 && pages.reduce((sum, count) => sum + count) === 60, pages.join(' '));
    const unknown = Array.from(
      { length: 40_000 },
      (_, at) => `0b8d6f0e-5f0c-4c1e-9d0e-${String(at).padStart(12, '0')}`,
    );
    assert.is((await client.request('testNow', [[...unknown, 'a7']])).at(-1)?.accountId, 'a7');
    for (const way of ['up', 'down'] as const) assert.ok(longest[way] < 1_048_576, `${way}: ${longest[way]} bytes`);
    assert.ok(longest.up > 10_000 && longest.down > 60_000);
  });
});

test('one message that is longer than 1 MiB comes in parts, in both directions: an account whose file has megabytes', () => {
  const note = '"한😀\\'.repeat(300_000);
  const prepare: HouseOptions['prepare'] = async (google, dir) => {
    google.grant('1//0new-token-of-eve', { email: 'eve@example.com' });
    await dir.put({ ...anna, note });
  };
  return withDoor({ accounts: [anna, bob], prepare }, async (door) => {
    const from = door.house.dir.at('relayed.sock');
    const longest = await relay(door, from);
    const client = await ControlClient.connect(from);
    if (client === null) throw new Error('nothing listens');
    const listed = await client.request('accounts', []);
    assert.equal(
      listed.map(({ id }) => id),
      ['a1', 'b1'],
    );
    assert.ok(listed[0]?.note === note);
    const file = { id: 'e1', email: 'eve@example.com', token: { refresh_token: '1//0new-token-of-eve' }, note };
    const asked = { refreshToken: '1//0new-token-of-eve', client: null, ownClient: null, projectId: null, file };
    assert.is((await client.request('importToken', [asked])).outcome, 'added');
    const added = (await client.request('accounts', [])).find(({ email }) => email === 'eve@example.com');
    assert.ok(added?.note === note);
    for (const way of ['up', 'down'] as const)
      assert.ok(longest[way] > 500_000 && longest[way] <= 1_048_576, `${way}: ${longest[way]} bytes`);
  });
});

test('no push is longer than 1 MiB, however long the lines of a followed log are', () =>
  withDoor({ accounts: [anna] }, async (door) => {
    const { store, supervisor } = door.house;
    // four times 1 MiB of them, were they all in one line
    for (let at = 0; at < 90; at++) store.log.logger.info({ words: '한'.repeat(16_000) }, `line ${at}`);
    const from = door.house.dir.at('relayed.sock');
    const longest = await relay(door, from);
    const client = await ControlClient.connect(from);
    if (client === null) throw new Error('nothing listens');
    const remote = await RemoteSupervisor.follow(client, systemClock);
    await until(remote, () => remote.logs.next >= supervisor.logs.next);
    assert.is(remote.logs.at(remote.logs.next - 1)?.msg, 'line 89');
    assert.ok(longest.down > 40_000 && longest.down < 1_048_576, `${longest.down} bytes`);
    remote.close();
  }));

test('an attached screen has the first rows of a large pool at once, and then all of them in their places', () => {
  const ids = Array.from({ length: 700 }, (_, at) => `a${at}`);
  const accounts = ids.map((id) => ({ ...anna, id, email: `${id}@example.com` }));
  return withDoor({ accounts, settings: { oauth: { exchangesPerSecond: 1 } } }, async (door) => {
    const remote = await follow(door);
    const first = remote.snapshot();
    assert.ok(first.accounts.length > 100 && first.accounts.length < 700, String(first.accounts.length));
    assert.is(first.counts.ready, 700);
    await until(remote, () => remote.snapshot().accounts.length === 700);
    assert.equal(
      remote.snapshot().accounts.map(({ id }) => id),
      door.house.supervisor.snapshot().accounts.map(({ id }) => id),
    );
    // with another account the picture is never less than whole
    let least = Infinity;
    remote.onChange(() => (least = Math.min(least, remote.snapshot().accounts.length)));
    await remote.operations.remove(['a3']);
    await until(remote, () => remote.snapshot().accounts.length === 699);
    assert.is(least, 699);
    await inStep(remote, door.house.supervisor);
    remote.close();
  });
});

test('nothing secret crosses the socket but what is pasted', () =>
  withDoor({ accounts: [anna, bob] }, async (door) => {
    const { house, raw } = door;
    const { socket, lines, line } = await raw();
    socket.write('{"id":1,"request":"subscribe"}\n{"id":2,"request":"accounts"}\n{"id":3,"request":"status"}\n');
    await house.ask();
    await line(6);
    const said = lines.join('\n');
    for (const secret of ['1//0', 'ya29', 'GOCSPX', 'sk-test-key']) assert.not.ok(said.includes(secret), secret);
  }));

test.run();
