import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gate } from '../../../../src/proxy/server/translating/gate.js';

test('so many are inside at a time, and the others follow in their order', () => {
  const gate = new Gate(2);
  const begun: number[] = [];
  for (let i = 0; i < 5; i++) gate.enter(() => begun.push(i));
  assert.equal(begun, [0, 1]);
  gate.leave();
  gate.leave();
  assert.equal(begun, [0, 1, 2, 3]);
  for (let i = 0; i < 3; i++) gate.leave();
  gate.enter(() => begun.push(9));
  assert.equal(begun, [0, 1, 2, 3, 4, 9]);
});

test.run();
