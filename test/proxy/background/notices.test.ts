import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Notices, type PoolStanding } from '../../../src/proxy/background/notices.js';
import type { GrantEvent, GrantEventKind } from '../../../src/store/records/events.js';

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
  unsaved: 0,
  refusedClients: [],
  ...over,
});

test('a death is told once until the recovery, and a recovery only after a death', () => {
  const notices = new Notices([]);
  assert.is(notices.of(event('recovered')), null);
  assert.is(notices.of(event('disabled'))?.event, 'account_disabled');
  assert.is(notices.of(event('disabled')), null);
  assert.is(notices.of(event('disabled', 'b1'))?.account, 'b1@example.com');
  assert.is(notices.of(event('recovered'))?.event, 'account_recovered');
  assert.is(notices.of(event('recovered')), null);
  assert.is(notices.of(event('disabled'))?.cause, 'revoked');
  for (const kind of ['refused', 'temporary', 'client', 'served', 'warning'] as const) {
    assert.is(notices.of(event(kind)), null);
  }
});

test('an account that is refreshed is alive, whatever brought it back: its next death is told', () => {
  const notices = new Notices([]);
  for (const kind of ['refreshed', 'rotated'] as const) {
    assert.is(notices.of(event('disabled'))?.event, 'account_disabled');
    const { event: name, text } = notices.of(event(kind)) ?? {};
    assert.equal([name, text], ['account_recovered', 'a1@example.com is back: Google honours its refresh token']);
    assert.is(notices.of(event(kind)), null);
  }
});

test('what was disabled before the start is no news, its recovery is', () => {
  const notices = new Notices(['a1']);
  assert.is(notices.of(event('disabled')), null);
  assert.is(notices.of(event('recovered'))?.event, 'account_recovered');
});

test('none serves: after ten seconds of it, once, and again after somebody did; never where there is no account', () => {
  const notices = new Notices([]);
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
  const notices = new Notices([]);
  const noneServes = [{ model: 'gemini-3-flash', next: 1_000_000 }];
  notices.look(standing({ health: 'degraded', noneServes, now: 900_000 }));
  const [notice] = notices.look(standing({ health: 'degraded', noneServes, now: 940_000 }));
  assert.is(notice?.text, 'none of 2 accounts serves gemini-3-flash: next in 1m');
});

test('a refused client: once for each until it is accepted again', () => {
  const notices = new Notices([]);
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

test.run();
