import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../../src/store/ground/clock.js';
import { byItself, faultsGoTo } from '../../../src/store/ground/faults.js';
import { Listeners } from '../../../src/store/ground/listeners.js';
import { withHouse } from '../../support/house.js';
import { pause } from '../../support/pause.js';

const anna = { id: 'a1', email: 'anna@example.com', accessEndsIn: 3600 };

test('what goes wrong by itself is told once, and ends nothing', async () => {
  const told: string[] = [];
  const stop = faultsGoTo((what, error) => told.push(`${what}: ${String(error)}`));
  byItself('a piece of work', Promise.reject(new Error('so it is')));
  const cancel = systemClock.after(0, () => {
    throw new Error('too late');
  });
  await pause(5);
  cancel();
  stop();
  assert.equal(told.sort(), ['a piece of work: Error: so it is', 'something at its time: Error: too late']);
});

test('one listener that throws takes the news from no other', () => {
  const heard: string[] = [];
  const stop = faultsGoTo((what) => heard.push(what));
  const listeners = new Listeners<[number]>();
  listeners.add(() => {
    throw new Error('x');
  });
  listeners.add((news) => heard.push(`heard ${news}`));
  listeners.tell(7);
  stop();
  assert.equal(heard, ['the hearing of news', 'heard 7']);
});

test('where nobody is there to be told, a bug is raised as before', () => {
  const listeners = new Listeners();
  listeners.add(() => {
    throw new Error('x');
  });
  assert.throws(() => listeners.tell(), /x/);
});

test('in a supervisor it is a line of the log without secrets, and a house of a test that has one fails', async () => {
  const inHouse = withHouse({ accounts: [anna] }, async (house) => {
    house.supervisor.onChange(() => {
      throw new Error('with ya29.secret in it');
    });
    await house.supervisor.operations.reload();
    assert.is((await house.ask()).status, 200);
    assert.ok(house.log.includes('A bug in the hearing of news: with [redacted] in it'));
  });
  assert.match(await inHouse.then(String, String), /A bug in the hearing of news/);
});

test.run();
