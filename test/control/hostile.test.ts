import { randomBytes, randomInt } from 'node:crypto';
import net from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RemoteSupervisor } from '../../src/control/remote.js';
import { systemClock } from '../../src/store/ground/clock.js';
import { withDoor } from '../support/door.js';

const anna = { id: 'a1', email: 'anna@example.com', accessEndsIn: 3600 };

/**
 * The longest that others had to wait for while something was going on, in ms of this process's CPU: a busy machine adds
 * nothing to that.
 */
async function longestTurn(during: () => Promise<void>): Promise<number> {
  let longest = 0;
  let last = process.cpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(last);
    longest = Math.max(longest, (user + system) / 1000);
    last = process.cpuUsage();
  }, 5);
  await during();
  clearInterval(timer);
  return longest;
}

/** Waits for what comes by itself, within some seconds. */
async function eventually(test: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let i = 0; i < 500; i++) {
    if (await test()) return true;
    await new Promise((done) => setTimeout(done, 20));
  }
  return false;
}

const pieces = [
  '{"id":1,"request":"status"}',
  '{"id":1,"request":"regrant","arguments":{"accountId":null,"refreshToken":5}}',
  '{"id":1e999,"request":"accounts"}',
  '{"id":2,"request":"subscribe","arguments":[]}',
  '['.repeat(10_000),
  '"\\ud800"',
  'null',
  '{"id":3,"request":"resume","arguments":{"pending":"x","decision":"accept"}}',
  '{"__proto__":{"id":1},"request":"status"}',
];

/** Some bytes that are nearly requests, or nothing like them. */
function garbage(): Buffer {
  const one = Buffer.from(`${pieces[randomInt(pieces.length)] ?? ''}\n`);
  switch (randomInt(4)) {
    case 0:
      return randomBytes(randomInt(1, 5_000));
    case 1:
      return one.subarray(0, randomInt(1, one.length));
    case 2: {
      const spoilt = Buffer.from(one);
      spoilt[randomInt(spoilt.length)] = randomInt(256);
      return spoilt;
    }
    default:
      return one;
  }
}

test('garbage neither crashes nor blocks the supervisor, and leaves no connection behind', () =>
  withDoor({ accounts: [anna] }, async ({ path, connect, house, server }) => {
    const good = await RemoteSupervisor.follow(await connect(), systemClock);
    const turn = await longestTurn(async () => {
      for (let round = 0; round < 200; round++) {
        const socket = net.createConnection(path);
        socket.on('error', () => undefined);
        for (let i = randomInt(1, 6); i > 0; i--) socket.write(garbage());
        await new Promise((done) => setTimeout(done, randomInt(3)));
        socket.destroy();
        if (round % 20 === 0) assert.is((await house.ask()).status, 200);
      }
    });
    assert.ok(turn < 250, `one turn took ${turn.toFixed(0)} ms of CPU`);
    assert.is((await good.operations.reload()).ok, true);
    good.close();
    await good.parted;
    const open = (): Promise<number> =>
      new Promise((resolve) =>
        (server as unknown as { server: net.Server }).server.getConnections((_error, count) => resolve(count)),
      );
    assert.ok(await eventually(async () => (await open()) === 0), 'a connection is left');
  }));

test('a flood of requests in one breath is worked off between those of others', () =>
  withDoor({ accounts: [anna] }, async ({ connect, raw }) => {
    const flooder = await raw();
    const other = await connect();
    flooder.socket.write('{"id":1,"request":"accounts"}\n'.repeat(20_000));
    const turn = await longestTurn(async () => {
      for (let i = 0; i < 5; i++) assert.is((await other.request('status', [])).status, 'ok');
    });
    assert.ok(turn < 250, `one turn took ${turn.toFixed(0)} ms of CPU`);
    flooder.socket.destroy();
  }));

test('a client that never reads is held to a bound, and the others get all', () =>
  withDoor({ accounts: [anna] }, async ({ connect, raw, house, server }) => {
    const stalled = await raw();
    stalled.socket.pause();
    stalled.socket.unpipe();
    stalled.socket.write('{"id":1,"request":"subscribe"}\n');
    stalled.socket.write('{"id":2,"request":"accounts"}\n'.repeat(50_000));
    const good = await RemoteSupervisor.follow(await connect(), systemClock);
    const { logger } = house.store.log;
    for (let i = 0; i < 6_000; i++) {
      logger.info({ filler: 'x'.repeat(400) }, `line ${i}`);
      if (i % 200 === 0) await new Promise((done) => setImmediate(done));
    }
    await new Promise<void>((resolve) => {
      good.onChange(() => {
        if (good.logs.at(good.logs.next - 1)?.msg === 'line 5999') resolve();
      });
    });
    const { connections } = server as unknown as { connections: Set<{ socket: net.Socket }> };
    const queued = Math.max(...[...connections].map(({ socket }) => socket.writableLength));
    assert.ok(queued < 1_500_000, `${queued} bytes are queued for it`);

    // it reads again: the latest snapshot, and no gap that it is not told of
    const pushes: { push?: string; first?: number; records?: unknown[] }[] = [];
    let rest = '';
    stalled.socket.on('data', (bytes: Buffer) => {
      const parts = (rest + bytes.toString()).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) pushes.push(JSON.parse(part) as { push?: string });
    });
    stalled.socket.resume();
    const last = house.supervisor.logs.next;
    const seen = (): boolean =>
      pushes.some(({ push, first = 0, records = [] }) => push === 'logs' && first + records.length >= last);
    assert.ok(await eventually(seen), 'it catches up');
    good.close();
    stalled.socket.destroy();
  }));

test('clients that come and go leave nothing behind', () =>
  withDoor({ accounts: [anna] }, async ({ connect, path, house, server }) => {
    const { supervisor } = house;
    let listeners = 0;
    const real = supervisor.onChange.bind(supervisor);
    supervisor.onChange = (listener) => {
      listeners += 1;
      const stop = real(listener);
      return () => {
        listeners -= 1;
        stop();
      };
    };
    for (let i = 0; i < 25; i++) {
      const remote = await RemoteSupervisor.follow(await connect(), systemClock);
      const socket = net.createConnection(path);
      socket.on('error', () => undefined);
      socket.write('{"id":1,"request":"subscribe"}\n{"id":2,"request":"testNow","arguments":{"accountIds":["a1"]}}\n');
      await new Promise((done) => setTimeout(done, randomInt(4)));
      socket.destroy();
      remote.close();
      await remote.parted;
    }
    const { connections } = server as unknown as { connections: Set<unknown> };
    assert.ok(
      await eventually(() => listeners + connections.size === 0),
      `${listeners} listeners, ${connections.size} connections`,
    );
  }));

test.run();
