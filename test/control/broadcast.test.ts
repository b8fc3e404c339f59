/** When attached screens are told what is new. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Broadcast } from '../../src/control/broadcast.js';
import { setClock } from '../support/clock.js';
import { withHouse } from '../support/house.js';

test('a screen that attaches gets its first picture at once, however long the last one took to make', () =>
  withHouse({ accounts: [{ id: 'a1', accessEndsIn: 3_000 }], clock: setClock() }, ({ supervisor }) => {
    const clock = setClock();
    const slow = Object.create(supervisor, {
      snapshot: { value: () => (clock.sleep(400), supervisor.snapshot()) },
    }) as typeof supervisor;
    const broadcast = new Broadcast(slow, clock);
    const receiver = () => {
      const lines: string[] = [];
      return { lines, isBehind: false, send: (line: string) => void lines.push(line) };
    };
    const [first, second] = [receiver(), receiver()];
    broadcast.add(first);
    clock.advance(0);
    assert.match(first.lines[0] ?? '', /"push":"snapshot"/);
    broadcast.remove(first);
    broadcast.add(second);
    clock.advance(0);
    assert.match(second.lines[0] ?? '', /"push":"snapshot"/);
    broadcast.remove(second);
    return Promise.resolve();
  }));

test('with many accounts the first rows are sent at once, and no other row is made before the next turn', () => {
  const accounts = Array.from({ length: 900 }, (_, at) => ({ id: `a${at}`, accessEndsIn: 3_000 }));
  return withHouse({ accounts, clock: setClock() }, async ({ supervisor }) => {
    const clock = setClock();
    let wholes = 0;
    const counted = Object.create(supervisor, {
      snapshot: { value: (first?: number) => ((wholes += Number(first === undefined)), supervisor.snapshot(first)) },
    }) as typeof supervisor;
    const broadcast = new Broadcast(counted, clock);
    const lines: string[] = [];
    broadcast.add({ isBehind: false, send: (line: string) => void lines.push(line) });
    assert.is(wholes, 0);
    const [first] = lines.map((line) => JSON.parse(line) as { total: number; snapshot: { accounts: object[] } });
    assert.equal([first?.total, first?.snapshot.accounts.length], [900, 200]);
    // turn by turn, until all are made: a whole picture then, of the same rows
    for (let turns = 0; wholes === 0; turns++) {
      clock.advance(0);
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(turns < 200);
    }
    const whole = lines
      .map((line) => JSON.parse(line) as { push: string; total?: number })
      .filter(({ push }) => push === 'snapshot');
    assert.equal(
      whole.map(({ total }) => total),
      [900, 900],
    );
    assert.is(supervisor.snapshot().accounts[899], supervisor.snapshot().accounts[899]);
  });
});

test.run();
