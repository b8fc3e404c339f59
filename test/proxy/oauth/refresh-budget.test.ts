import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RefreshBudget } from '../../../src/proxy/oauth/refresh-budget.js';
import { setClock } from '../../support/clock.js';
import { invalidGrant } from '../../support/google.js';
import { withHouse, type House } from '../../support/house.js';

test('twenty exchanges may fail, and five seconds pass; the last one gets a second more', () => {
  const many = new RefreshBudget();
  assert.is(many.begin(1_000), 6_000);
  for (let each = 0; each < 19; each++) many.failed(1);
  assert.not(many.isSpent(1_100));
  many.failed(1);
  assert.ok(many.isSpent(1_100));
  const slow = new RefreshBudget();
  slow.begin(1_000);
  assert.not(slow.isSpent(5_999));
  assert.is(slow.begin(5_999), 1_001);
  assert.ok(slow.isSpent(6_000));
});

test('a request of a pool whose grants are all dead asks about twenty, and then has its 503', async () => {
  const accounts = Array.from({ length: 30 }, (_, index) => ({
    id: `a${index}`,
    email: `a${index}@example.com`,
    refreshToken: `1//0refresh-token-${index}`,
  }));
  const prepare = (google: House['google']): void => google.script('*', invalidGrant(), Infinity);
  // it is not held either, for those that it may not ask about any more
  for (const waitSeconds of [0, 10]) {
    const settings = { pool: { waitSeconds } };
    await withHouse({ accounts, clock: setClock(Date.now()), prepare, settings }, async (house) => {
      const late = new Promise<{ status: number }>((resolve) => setTimeout(resolve, 5_000, { status: NaN }).unref());
      assert.is((await Promise.race([house.ask(), late])).status, 503);
      assert.is(house.google.calls.token.length, 20);
    });
  }
});

test('a request waits for a token endpoint that hangs no longer than six seconds', async () => {
  const clock = setClock(Date.now());
  const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };
  await withHouse({ accounts: [ann], clock }, async (house) => {
    const held = house.google.hold(ann.refreshToken);
    const asked = house.ask();
    await held.waiting();
    clock.advance(5_999);
    clock.advance(1);
    assert.is((await asked).status, 503);
    held.release();
  });
});

test.run();
