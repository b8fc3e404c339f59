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

test.run();
