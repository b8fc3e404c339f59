/** Whoever asked for tests or an import, and is gone: nothing more is sent to Google for him. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock, type SetClock } from '../support/clock.js';
import { withDoor, type Door, type RawControl } from '../support/door.js';
import { tokenRateLimited } from '../support/google.js';

const accounts = Array.from({ length: 30 }, (_, index) => ({
  id: `a${index}`,
  email: `a${index}@example.com`,
  refreshToken: `1//0refresh-token-number-${index}`,
  // the schedule does not ask about them
  ...{ disabled: true, disabled_at: 1_700_000_000, disabled_reason: 'invalid_grant: gone' },
}));
const ids = accounts.map(({ id }) => id);
const testAll = (id: number, accountIds: readonly string[] = ids): string =>
  `${JSON.stringify({ id, request: 'testNow', arguments: [accountIds] })}\n`;
const importOf = (id: number): string =>
  `${JSON.stringify({
    ...{ id, request: 'importToken' },
    arguments: [{ refreshToken: `1//0new-${id}`, client: null, ownClient: null, projectId: null, file: null }],
  })}\n`;

async function passed(clock: SetClock, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 500) {
    clock.advance(500);
    for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Resolves when the supervisor has let go of all clients. */
async function noticed({ server }: Door): Promise<void> {
  const { connections } = server as unknown as { connections: Set<unknown> };
  while (connections.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
}

const ends: readonly (readonly [string, (one: RawControl) => void])[] = [
  ['cut', ({ socket }) => void socket.destroy()],
  ['ended', ({ socket }) => void socket.end()],
];

for (const [how, end] of ends) {
  test(`a test whose asker is gone asks nothing more: a socket that is ${how}, one request for all`, () => {
    const clock = setClock(Date.now());
    return withDoor({ accounts, clock }, async (door) => {
      const { google, supervisor } = door.house;
      const held = google.hold('*');
      const asker = await door.raw();
      asker.socket.write(testAll(1));
      await held.waiting(3);
      end(asker);
      await door.house.until(() => supervisor.snapshot().testing?.of === 3);
      held.release();
      await noticed(door);
      await passed(clock, 20_000);
      assert.is(google.calls.token.length, 3);
      assert.is(supervisor.snapshot().testing, null);
    });
  });
}

test('a test that waits in a pause of the endpoint is not asked after it; what many lines ask for neither', () => {
  const clock = setClock(Date.now());
  return withDoor({ accounts, clock }, async (door) => {
    const { google, supervisor } = door.house;
    google.script('*', tokenRateLimited(30), 3);
    const asker = await door.raw();
    // more than are worked on at a time, as of a doctor with many hands
    for (const [at, id] of ids.entries()) asker.socket.write(at % 3 === 0 ? importOf(at + 1) : testAll(at + 1, [id]));
    await google.until(({ token }) => token.length >= 3);
    await passed(clock, 1_000);
    const before = google.calls.token.length;
    asker.socket.destroy();
    await noticed(door);
    await passed(clock, 60_000);
    assert.is(google.calls.token.length, before);
    assert.is(supervisor.snapshot().testing, null);
    assert.not.ok(door.house.log.some((line) => line.startsWith('Token refresh failed')));
  });
});

test('what somebody else wants too is asked all the same', () => {
  const clock = setClock(Date.now());
  return withDoor({ accounts: accounts.slice(0, 9), clock }, async (door) => {
    const { google, supervisor } = door.house;
    google.script('*', tokenRateLimited(10), 3);
    const asker = await door.raw();
    asker.socket.write(testAll(1, ids.slice(0, 9)));
    await google.until(({ token }) => token.length === 3);
    await passed(clock, 500);
    const others = supervisor.operations.testNow(['a0', 'a8']);
    await passed(clock, 500);
    asker.socket.destroy();
    await noticed(door);
    assert.is(supervisor.snapshot().testing?.of, 2);
    await passed(clock, 20_000);
    assert.equal(
      (await others).map(({ accountId, ok }) => [accountId, ok]),
      [
        ['a0', true],
        ['a8', true],
      ],
    );
    assert.is(google.calls.token.length, 3 + 2);
    assert.is(
      (await supervisor.operations.testNow(['a3']))[0]?.ok,
      true,
      'one that was left is asked when wanted again',
    );
  });
});

test('a request that is left by its id alone asks nothing more, and says so; the others of the client go on', () => {
  const clock = setClock(Date.now());
  return withDoor({ accounts: accounts.slice(0, 3), clock }, async (door) => {
    const { google } = door.house;
    google.script('*', tokenRateLimited(10), 1);
    const client = await door.raw();
    client.socket.write(testAll(1, ['a0']));
    await google.until(({ token }) => token.length === 1);
    await passed(clock, 500);
    client.socket.write(testAll(2, ['a1']) + importOf(3));
    await passed(clock, 500);
    client.socket.write('{"id":4,"request":"leave","arguments":[3]}\n{"id":5,"request":"leave","arguments":[1]}\n');
    await client.line(5);
    const replies = client.lines.slice(1).map((line) => JSON.parse(line) as { id: number; error?: { code: string } });
    const of = (id: number) => replies.find((reply) => reply.id === id);
    assert.is(of(3)?.error?.code, 'NOBODY_WAITS');
    assert.equal(of(1), { id: 1, result: [] });
    await passed(clock, 15_000);
    await client.line(6);
    assert.is(google.calls.token.length, 2);
    assert.match(client.lines[5] ?? '', /"id":2,"result":\[\{"accountId":"a1"/);
  });
});

test.run();
