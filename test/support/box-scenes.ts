/** Pictures of a pool on several machines: what is in doubt, what the database does not have, and whose box told what. */
import { sharingBanners } from '../../src/proxy/reports/sharing.js';
import type { BoxRow } from '../../src/proxy/contract/snapshot.js';
import type { Sharing } from '../../src/store/shared/sharing.js';
import type { SetClock } from './clock.js';
import type { Scene } from './pictures.js';
import { account, TestSupervisor } from './supervisor.js';

const MINUTE = 60_000;
const AWAY = 'the database cannot be reached';

const boxesAt = (now: number): readonly BoxRow[] =>
  (
    [
      ['box-a', '10.0.0.1:8045', 0, 0],
      ['box-b', '10.0.0.2:8045', 0, 2],
      ['box-c', '10.0.0.3:8045', 1, 0],
    ] as const
  ).map(([name, address, openLeases, spooled], at) => ({
    ...{ name, address, openLeases, spooled, version: '0.1.0', startedAt: now - (at + 1) * 97 * MINUTE },
    ...{ seenAt: now - at * 1_000 - (openLeases > 0 ? MINUTE : 0), isGone: openLeases > 0, skewMs: at * 7 },
  }));

/** The second of three boxes, cut off from the database after the third has ended in the middle of an exchange. */
function cutOff(clock: SetClock): TestSupervisor {
  const now = clock.now();
  const rows = boxesAt(now);
  const doubt = 'box-c sent this token at 02:12 and never told what came back: start box-c, or re-add';
  const waits = { state: 'cooling', serves: false, since: now - MINUTE } as const;
  const supervisor = new TestSupervisor(
    clock,
    [
      account('anna@example.com', { accessExpiresAt: now + 41 * MINUTE, requests: 1204 }),
      account('ben@example.com', { ...waits, cause: 'database', reason: AWAY, coolingUntil: now + 5_000 }),
      account('choi@example.com', { ...waits, cause: 'in_doubt', reason: doubt, coolingUntil: now + 8 * MINUTE }),
      account('dora@example.com', { accessExpiresAt: now + 59 * MINUTE, notSaved: AWAY }),
      account('eun@example.com', {
        ...{ state: 'proxy_disabled', reason: 'by hand', since: now - 4_000, notSaved: AWAY },
        unsaved: ['that it was taken out of the proxy'],
      }),
    ],
    {
      boxes: { own: 'box-b', all: rows },
      banners: sharingBanners({
        ...{ name: 'box-b', boxes: rows, cutOff: 'db.example:5432 does not answer', notSpooled: null },
        ...{ nameTrouble: null, skewMs: 7, isPollingOnly: false, lapse: null },
      } as unknown as Sharing),
    },
  );
  const told = (ms: number, box: string) => ({ at: now - ms, box });
  const next = now + 51 * MINUTE;
  supervisor.event('refreshed', 'anna@example.com', {
    ...{ ...told(9 * MINUTE, 'box-a'), text: 'refreshed', tookMs: 201, nextAt: next },
  });
  supervisor.event('disabled', 'finn@example.com', {
    ...{ ...told(5 * MINUTE, 'box-c'), cause: 'revoked', tookMs: 164, text: 'invalid_grant "Bad Request"' },
    detail: 'likeliest: revoked · on disk · out of pool in 3 ms · 0 requests failed',
  });
  supervisor.event('rested', 'eun@example.com', { ...told(2 * MINUTE, 'box-a'), text: 'rate limit' });
  supervisor.event('temporary', 'ben@example.com', { ...told(MINUTE, 'box-b'), text: AWAY, nextAt: now + 5_000 });
  supervisor.event('recovered', 'dora@example.com', {
    ...{ ...told(1_000, 'box-b'), text: 're-added: refresh token of 103 chars, sha256 9b1d02aa', tookMs: 210 },
  });
  return supervisor;
}

const detailOf =
  (name: string): NonNullable<Scene['act']> =>
  async (screen) => {
    await screen.press('/');
    await screen.type(name);
    await screen.press('Enter', 'Enter');
  };

export const boxScenes: readonly Scene[] = [
  { name: 'boxes-cut-off', supervisor: cutOff },
  { name: 'boxes-events', supervisor: cutOff, act: (screen) => screen.press('3', 'z') },
  { name: 'boxes-doubt', supervisor: cutOff, act: detailOf('choi') },
  { name: 'boxes-not-saved', supervisor: cutOff, act: detailOf('dora') },
  {
    name: 'boxes-listed',
    supervisor: cutOff,
    async act(screen) {
      await screen.press(':');
      await screen.type('boxes');
      await screen.press('Enter');
    },
  },
];
