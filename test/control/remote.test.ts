import { isDeepStrictEqual } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { partedError, RemoteSupervisor } from '../../src/control/remote.js';
import type { Snapshot } from '../../src/proxy/contract/snapshot.js';
import type { Progress } from '../../src/proxy/contract/operations.js';
import { systemClock } from '../../src/store/ground/clock.js';
import { setClock } from '../support/clock.js';
import { withDoor, type Door } from '../support/door.js';

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
  return withDoor({ accounts }, async (door) => {
    const remote = await follow(door);
    const raw = await door.raw();
    raw.socket.write('{"id":1,"request":"subscribe"}\n');
    await raw.line(4);
    await until(remote, () => remote.snapshot().traffic.inFlight === 0);
    const before = remote.snapshot();
    assert.is((await door.house.ask()).status, 200);
    await until(remote, () => remote.snapshot().accounts.some(({ requests }) => requests === 1));
    const after = remote.snapshot();
    await inStep(remote, door.house.supervisor);
    const same = after.accounts.filter((row, at) => row === before.accounts[at]).length;
    // the schedule refreshes some meanwhile
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
