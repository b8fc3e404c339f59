import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firstEndOf, type GrantLife } from '../../../src/proxy/grants/lifetime.js';
import { warningDue } from '../../../src/proxy/background/warnings.js';
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

const DAY = 86_400;
const NOW = 1_800_000_000;
const life = (over: Partial<GrantLife>): string => {
  const plain = { endsAt: null, lifetime: null, bornAt: NOW - DAY, workedAt: NOW, othersDiedAtSeven: 0 };
  const end = firstEndOf({ ...plain, ...over }, NOW);
  return end === null ? 'none' : `${(end.at - NOW) / DAY} d ${end.cause ?? 'limited'}: ${end.because}`;
};

test('an end is in sight where Google said so, where others of the client died at seven days, and after months unused', () => {
  assert.is(life({}), 'none');
  assert.is(life({ endsAt: NOW + 3 * DAY, lifetime: 604_799 }), '3 d testing_expired: Google gave it a limited time');
  assert.is(life({ endsAt: NOW + 3 * DAY, lifetime: 30 * DAY }), '3 d limited: Google gave it a limited time');
  assert.is(
    life({ othersDiedAtSeven: 2 }),
    '6 d testing_expired: 2 other grants of its OAuth client died seven days old',
  );
  assert.is(life({ othersDiedAtSeven: 2, bornAt: NOW - 8 * DAY }), 'none', 'it has outlived them');
  assert.is(life({ othersDiedAtSeven: 2, bornAt: null }), 'none');
  assert.is(life({ workedAt: NOW - 180 * DAY }), '2 d idle_expired: Google ends what nobody uses for six months');
  assert.is(life({ workedAt: NOW - 100 * DAY }), 'none');
  assert.match(life({ workedAt: NOW - 180 * DAY, endsAt: NOW + DAY, lifetime: 30 * DAY }), /^1 d limited/);
});

test('a grant that nobody could use for months is warned of, and again should it come to that again', async () => {
  const clock = setClock(Date.now());
  const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };
  const months = { ...ann, last_used: Math.floor(clock.now() / 1000) - 181 * DAY, token: { oauth_client_key: 'gone' } };
  await withHouse({ accounts: [months], clock }, async (house) => {
    const warnings = (): readonly string[] => house.events.filter((event) => event.startsWith('warning ann@'));
    assert.equal(warnings(), [
      'warning ann@example.com its grant ends in 24 h: Google ends what nobody uses for six months',
    ]);
    const now = Math.floor(clock.now() / 1000);
    for (const [usedAt, warned] of [
      [now, 1],
      [now - 181 * DAY, 2],
    ] as const) {
      await house.dir.put({ ...months, last_used: usedAt });
      await house.supervisor.operations.reload();
      clock.advance(HOUR * 1_000);
      assert.is(warnings().length, warned);
    }
  });
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
      clock.sleep(118 * HOUR * 1_000);
      assert.is(warnings(), 0);
      clock.sleep(3 * HOUR * 1_000);
      assert.is(warnings(), 1);
      await house.stop();
      await house.start();
      clock.sleep(40 * HOUR * 1_000);
      assert.is(warnings(), 1, 'not again after a restart');
      clock.sleep(6 * HOUR * 1_000);
      assert.is(warnings(), 2);
    },
  );
});

test.run();
