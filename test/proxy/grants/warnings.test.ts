import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { warningDue } from '../../../src/proxy/grants/warnings.js';
import { setClock } from '../../support/clock.js';
import { withHouse } from '../../support/house.js';

const HOUR = 3_600;

test('a grant is warned of once at 48 hours and once at 2', () => {
  assert.is(warningDue(49 * HOUR, null), null);
  assert.is(warningDue(48 * HOUR, null), 48);
  assert.is(warningDue(47 * HOUR, 48), null);
  assert.is(warningDue(2 * HOUR, 48), 2);
  assert.is(warningDue(HOUR, 2), null);
  assert.is(warningDue(HOUR, null), 2, 'first seen late');
  assert.is(warningDue(-1, null), null, 'over already');
});

test('an app in Testing shows the end of its grants, warns of it over restarts, and says what to do', async () => {
  const clock = setClock(Date.now());
  const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };
  await withHouse(
    {
      accounts: [ann],
      clock,
      prepare: (google) => google.grant(ann.refreshToken, { email: ann.email, refreshTokenExpiresIn: 604_799 }),
    },
    async (house) => {
      const warnings = (): number => house.events.filter((event) => event.startsWith('warning ann@')).length;
      await house.supervisor.operations.testNow(['ann']);
      const endsAt = house.supervisor.snapshot().accounts[0]?.grantEndsAt ?? 0;
      assert.is(Math.round((endsAt - clock.now()) / 3_600_000), 168);
      clock.advance(118 * HOUR * 1_000);
      assert.is(warnings(), 0);
      clock.advance(3 * HOUR * 1_000);
      assert.is(warnings(), 1);
      await house.stop();
      await house.start();
      clock.advance(40 * HOUR * 1_000);
      assert.is(warnings(), 1, 'not again after a restart');
      clock.advance(6 * HOUR * 1_000);
      assert.is(warnings(), 2);
    },
  );
});

test.run();
