import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Flash } from '../../../src/panes/desk/flash.js';
import { account } from '../../support/supervisor.js';

const well = account('bob');
const dead = account('bob', { state: 'disabled' });

function died(): Flash {
  const flash = new Flash();
  flash.observe([well], 0);
  assert.is(flash.observe([dead], 1000).length, 1);
  return flash;
}

test('a death flashes in six phases of 200 ms, reverse first, and then stands still', () => {
  const flash = died();
  const phases = [0, 200, 400, 600, 800, 1000, 1200, 5000].map((ms) => flash.highlight('bob', 1000 + ms, false));
  assert.equal(phases, ['flash', null, 'flash', null, 'flash', null, null, null]);
});

test('the next phase is known beforehand, and there is none after the last', () => {
  const flash = died();
  assert.is(flash.nextChange(1000), 1200);
  assert.is(flash.nextChange(1399), 1400);
  assert.is(flash.nextChange(2200), null);
});

test('several deaths are one flash in one rhythm', () => {
  const flash = new Flash();
  const ann = account('ann');
  flash.observe([well, ann], 0);
  flash.observe([dead, ann], 1000);
  flash.observe([dead, { ...ann, state: 'disabled' }], 1250);
  for (const at of [1400, 1500, 1700, 1900]) {
    assert.is(flash.highlight('bob', at, false), flash.highlight('ann', at, false), String(at));
  }
  assert.is(flash.lit(1450, false), true);
  assert.ok(flash.running(2450));
});

test('with flashing off it stands in reverse without a rhythm', () => {
  const flash = died();
  const phases = [0, 200, 400, 1199, 1200].map((ms) => flash.highlight('bob', 1000 + ms, true));
  assert.equal(phases, ['flash', 'flash', 'flash', 'flash', null]);
});

test('what was dead before anyone looked does not flash', () => {
  const flash = new Flash();
  assert.equal(flash.observe([dead], 0), []);
  assert.equal(flash.observe([dead], 10), []);
  assert.is(flash.highlight('bob', 10, false), null);
});

test('an account that comes back is marked for three seconds', () => {
  const flash = new Flash();
  flash.observe([dead], 0);
  flash.observe([well], 100);
  assert.is(flash.highlight('bob', 3099, false), 'recovered');
  assert.is(flash.highlight('bob', 3100, false), null);
});

test.run();
