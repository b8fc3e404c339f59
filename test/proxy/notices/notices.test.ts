import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PoolStanding } from '../../../src/proxy/notices/notice.js';
import { Notices } from '../../../src/proxy/notices/notices.js';
import type { GrantEvent, GrantEventKind } from '../../../src/store/records/grant-event.js';
import { Notifier } from '../../../src/proxy/notices/notifier.js';
import { NoticeFile } from '../../../src/store/notices/notice-file.js';
import type { Logger } from '../../../src/store/records/log.js';
import { setClock } from '../../support/clock.js';
import { withDirectory } from '../../support/directory.js';
import { told } from '../../support/told.js';

const event = (kind: GrantEventKind, accountId = 'a1'): GrantEvent => ({
  seq: 0,
  at: 1,
  kind,
  accountId,
  email: `${accountId}@example.com`,
  cause: kind === 'disabled' ? 'revoked' : null,
  tookMs: null,
  nextAt: null,
  text: kind,
  detail: '',
});
const names = (notices: readonly { event: string }[]): string[] => notices.map((notice) => notice.event);
const standing = (over: Partial<PoolStanding>): PoolStanding => ({
  now: 1,
  health: 'ok',
  noneServes: [],
  accounts: 2,
  refusedClients: [],
  conditions: [],
  ...over,
});

test('a death is told once until the recovery, and a recovery only after a death', () => {
  const notices = new Notices(told());
  assert.is(notices.of(event('recovered')), null);
  assert.is(notices.of(event('disabled'))?.event, 'account_disabled');
  assert.is(notices.of(event('disabled')), null);
  assert.is(notices.of(event('disabled', 'b1'))?.account, 'b1@example.com');
  assert.is(notices.of(event('recovered'))?.event, 'account_recovered');
  assert.is(notices.of(event('recovered')), null);
  assert.is(notices.of(event('disabled'))?.cause, 'revoked');
  for (const kind of ['refused', 'temporary', 'client', 'served'] as const) {
    assert.is(notices.of(event(kind)), null);
  }
});

test('a long rest is told once, and its key is forgotten when the rest is over', () => {
  const all = told();
  const notices = new Notices(all);
  const rested = { ...event('rested'), at: 1_000, nextAt: 1_000 + 2 * 3_600_000 };
  assert.is(notices.of(rested)?.event, 'cooling_long');
  assert.is(notices.of(rested), null);
  notices.look(standing({ now: rested.nextAt - 1 }));
  assert.is(all.keys().length, 1);
  notices.look(standing({ now: rested.nextAt + 1 }));
  assert.equal(all.keys(), []);
});

test('an account that is refreshed is alive, whatever brought it back: its next death is told', () => {
  const notices = new Notices(told());
  for (const kind of ['refreshed', 'rotated'] as const) {
    assert.is(notices.of(event('disabled'))?.event, 'account_disabled');
    const { event: name, text } = notices.of(event(kind)) ?? {};
    assert.equal([name, text], ['account_recovered', 'a1@example.com is back: Google honours its refresh token']);
    assert.is(notices.of(event(kind)), null);
  }
});

test('what was disabled before the start is no news, its recovery is', () => {
  const notices = new Notices(told(['account_disabled/a1']));
  assert.is(notices.of(event('disabled')), null);
  assert.is(notices.of(event('recovered'))?.event, 'account_recovered');
});

test('none serves: after ten seconds of it, once, and again after somebody did; never where there is no account', () => {
  const notices = new Notices(told());
  const looked = (over: Partial<PoolStanding>) => names(notices.look(standing(over)));
  const at = 100_000;
  assert.equal(looked({ health: 'down', accounts: 0, now: at }), []);
  assert.equal(looked({ health: 'down', now: at }), []);
  assert.ok(notices.isUndecided);
  assert.equal(looked({ health: 'down', now: at + 9_999 }), []);
  assert.equal(looked({ health: 'down', now: at + 10_000 }), ['none_serves']);
  assert.not.ok(notices.isUndecided);
  assert.equal(looked({ health: 'down', now: at + 20_000 }), []);
  assert.equal(looked({ health: 'degraded', now: at + 21_000 }), []);
  assert.equal(looked({ health: 'down', now: at + 22_000 }), []);
  assert.equal(looked({ health: 'down', now: at + 32_000 }), ['none_serves']);
});

test('a model that nobody serves is named, with the time', () => {
  const notices = new Notices(told());
  const noneServes = [{ model: 'gemini-3-flash', next: 1_000_000 }];
  notices.look(standing({ health: 'degraded', noneServes, now: 900_000 }));
  const [notice] = notices.look(standing({ health: 'degraded', noneServes, now: 940_000 }));
  assert.is(notice?.text, 'none of 2 accounts serves gemini-3-flash: next in 1m');
});

test('a refused client: once for each until it is accepted again', () => {
  const notices = new Notices(told());
  const client = (name: string) => ({ name, code: 'invalid_client', cause: 'client_invalid' });
  assert.equal(names(notices.look(standing({ refusedClients: [client('one')] }))), ['client_refused']);
  const both = standing({ refusedClients: [client('one'), client('two')] });
  assert.equal(
    notices.look(both).map((notice) => notice.client),
    ['two'],
  );
  assert.equal(names(notices.look(standing({}))), []);
  assert.equal(names(notices.look(both)), ['client_refused', 'client_refused']);
});

test('a condition is told once while it goes on, again after its end, and not after a restart', () => {
  const memory = told();
  const low = { key: 'pool_low', event: 'pool_low', account: null, client: null, cause: null, text: 'low' } as const;
  const going = standing({ conditions: [low] });
  const first = new Notices(memory);
  assert.equal(names(first.look(going)), ['pool_low']);
  assert.equal(names(first.look(going)), []);
  const second = new Notices(memory);
  assert.equal(names(second.look(standing({}))), [], 'not seen yet by the new process');
  assert.equal(names(second.look(going)), [], 'it went on over the restart');
  assert.equal(names(second.look(standing({ now: 2 }))), []);
  assert.equal(names(second.look(going)), ['pool_low']);
});

test('what was told before a restart and is not seen for ten minutes is over', () => {
  const memory = told(['client_refused/default']);
  const notices = new Notices(memory);
  const refused = { refusedClients: [{ name: 'default', code: 'invalid_client', cause: 'client_invalid' }] };
  notices.look(standing({ now: 1 }));
  notices.look(standing({ now: 600_001 }));
  assert.equal(names(notices.look(standing({ now: 600_002, ...refused }))), ['client_refused']);
});

test('a limit of a key is told once a period, a rest once, and a grant that ends each time that it is warned of', () => {
  const memory = told();
  const limit = (key: string) =>
    ({ key, event: 'key_limit', account: null, client: null, cause: null, text: '' }) as const;
  for (const expected of ['key_limit', undefined]) {
    assert.is(new Notices(memory).once(limit('key_limit/ci/tokens_per_day/2026-11-30'), 1)?.event, expected);
  }
  assert.is(new Notices(memory).once(limit('key_limit/ci/tokens_per_day/2026-12-1'), 1)?.event, 'key_limit');
  const rest = { ...event('rested'), at: 0, nextAt: 3_600_001 };
  assert.is(new Notices(memory).of(rest)?.event, 'cooling_long');
  assert.is(new Notices(memory).of(rest), null);
  assert.is(new Notices(memory).of({ ...rest, nextAt: 3_600_000 }), null);
  assert.is(new Notices(memory).of(event('warning'))?.event, 'grant_ending');
});

test('deaths and recoveries while it did not run are told at the start, but for the very first one', () => {
  const dead = [{ id: 'a1', email: 'a1@example.com', reason: 'invalid_grant: revoked' }];
  const first = told();
  assert.equal(new Notices(first).catchUp(dead, new Map(), true, 1), []);
  assert.equal(names(new Notices(first).catchUp(dead, new Map(), false, 1)), []);
  assert.equal(names(new Notices(first).catchUp([], new Map([['a1', 'a1@example.com']]), false, 1)), [
    'account_recovered',
  ]);
  const later = told();
  assert.equal(names(new Notices(later).catchUp(dead, new Map(), false, 1)), ['account_disabled']);
  assert.equal(names(new Notices(later).catchUp([], new Map(), false, 1)), [], 'it was removed');
});

test('news that cannot be told is kept up to a bound, and what was told for periods that are over too', () =>
  withDirectory(async (dir) => {
    const clock = setClock();
    const file = new NoticeFile(dir.path, clock);
    const warnings: string[] = [];
    const logger = { info: () => undefined, warn: (text: string) => warnings.push(text) } as unknown as Logger;
    const delivery = {
      ways: ['url'] as const,
      nameOf: () => 'nobody',
      deliver: () => new Promise<string>(() => undefined),
      stop: () => undefined,
    };
    const parts = { clock, logger, delivery, told: file, dead: [], alive: new Map(), standing: () => standing({}) };
    const notifier = new Notifier(parts);
    for (let at = 0; at < 150; at++) {
      const key = `key_limit/ci/requestsPerMinute/${at}`;
      notifier.once({ key, event: 'key_limit', account: null, client: null, cause: null, text: `${at}` });
    }
    assert.equal([file.owed.length, file.owed[0]?.notice.text, warnings.length], [100, '50', 50]);
    for (let at = 0; at < 25_000; at++) file.note(`key_limit/ci/requestsPerMinute/${at}`, at);
    assert.is(file.keys().length, 20_000);
    assert.ok(file.isTold('key_limit/ci/requestsPerMinute/24999'));
    await file.flush();
    const closed = notifier.close(0);
    clock.advance(1);
    await closed;
  }));

test.run();
