import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { AccountRow } from '../../../src/proxy/contract/snapshot.js';
import { AccountOrder, type OrderOptions } from '../../../src/panes/desk/order.js';
import { isPattern, parsePattern } from '../../../src/panes/text/pattern.js';
import { seeded, type Random } from '../../support/random.js';
import { account } from '../../support/supervisor.js';

const by = (over: Partial<OrderOptions> = {}): OrderOptions => ({
  sort: 'state',
  direction: 'forwards',
  filter: null,
  frozen: false,
  ...over,
});
const emails = (rows: readonly AccountRow[]): string => rows.map(({ email }) => email).join(' ');

const a = account('a');
const b = account('b');
const c = account('c');
const dead = (row: AccountRow): AccountRow => ({ ...row, state: 'disabled', serves: false });

test('by state the dead stand first, then by e-mail, those put off by hand last', () => {
  const order = new AccountOrder(() => 0);
  const off = account('0', { state: 'proxy_disabled' });
  const rows = order.arrange([off, c, dead(b), account('d', { state: 'refused' }), a], by(), 0);
  assert.is(emails(rows), 'b d a c 0');
});

test('an account that cools keeps its place among the ready', () => {
  const order = new AccountOrder(() => 0);
  order.arrange([a, b, c], by(), 0);
  assert.is(emails(order.arrange([a, { ...b, state: 'cooling' }, c], by(), 1)), 'a b c');
});

test('rows that were listed when it froze stay listed, whatever the filter says of them then', () => {
  const order = new AccountOrder(() => 0);
  const parsed = parsePattern('DISABLED');
  const filter = isPattern(parsed) ? parsed : null;
  assert.is(emails(order.arrange([a, dead(b), dead(c)], by({ filter }), 0)), 'b c');
  assert.is(emails(order.arrange([dead(a), b, dead(c)], by({ filter, frozen: true }), 1)), 'b c');
  assert.is(emails(order.arrange([dead(a), b, c], by({ filter, frozen: true }), 2)), 'b c');
  assert.is(emails(order.arrange([dead(a), b, c], by({ filter }), 3)), 'a');
});

test('rows stay where they are while frozen, and come into order after', () => {
  const order = new AccountOrder(() => 0);
  order.arrange([a, b, c], by(), 0);
  assert.is(emails(order.arrange([a, b, dead(c)], by({ frozen: true }), 1)), 'a b c');
  assert.is(emails(order.arrange([dead(account('0')), b, dead(c)], by({ frozen: true }), 2)), 'b c 0');
  assert.is(emails(order.arrange([dead(account('0')), b, dead(c)], by(), 3)), '0 c b');
});

test('orders by counters move at most every two seconds', () => {
  const order = new AccountOrder(() => 0);
  const busy = (row: AccountRow, requests: number): AccountRow => ({ ...row, requests });
  const sort = by({ sort: 'requests' });
  assert.is(emails(order.arrange([busy(a, 1), busy(b, 2)], sort, 0)), 'b a');
  assert.is(emails(order.arrange([busy(a, 3), busy(b, 2)], sort, 500)), 'b a');
  assert.is(emails(order.arrange([busy(a, 3), busy(b, 2)], sort, 2000)), 'a b');
});

test('a filter looks at state word, e-mail, reason, client and file', () => {
  const order = new AccountOrder(() => 0);
  const only = (source: string): string => {
    const parsed = parsePattern(source);
    return emails(
      order.arrange(
        [dead(a), account('b', { reason: 'by hand' }), c],
        by({ filter: isPattern(parsed) ? parsed : null }),
        0,
      ),
    );
  };
  assert.is(only('disabled'), 'a');
  assert.is(only('hand'), 'b');
  assert.is(only('!disabled'), 'b c');
});

test('ten thousand accounts that did not move cost under a millisecond or two to keep in order', () => {
  const order = new AccountOrder(() => 0);
  const accounts = Array.from({ length: 10_000 }, (_, n) => account(`user${n}@example.com`, { id: `a${n}` }));
  order.arrange(accounts, by(), 0);
  // The best of many: a busy machine makes single rounds slow. This is about not sorting, which would be tens of milliseconds.
  const rounds = Array.from({ length: 20 }, (_, i) => {
    const started = performance.now();
    order.arrange(accounts.slice(), by(), i);
    return performance.now() - started;
  });
  assert.ok(Math.min(...rounds) < 4, rounds.join(' '));
});

test('whatever changed, the rows shown are the accounts of now, in the order asked for, and a list once shown stays', () => {
  const random = seeded(20_261_201);
  const order = new AccountOrder(() => 0);
  let accounts: readonly AccountRow[] = [];
  for (let round = 0; round < 500; round++) {
    accounts = changedAtRandom(accounts, random);
    const shown = order.arrange(accounts, by(), round * 100);
    assert.is(new Set(shown).size, accounts.length);
    assert.ok(accounts.every((row) => shown.includes(row)));
    const anew = new AccountOrder(() => 0).arrange(accounts, by(), 0);
    assert.is(emails(shown), emails(anew), `round ${round}`);
    const before = [...shown];
    order.arrange(changedAtRandom(accounts, random), by({ frozen: true }), round * 100);
    assert.equal(shown, before);
    order.arrange(accounts, by(), round * 100);
  }
});

/** Some rows are made anew, now and then one is added or removed. */
function changedAtRandom(accounts: readonly AccountRow[], random: Random): readonly AccountRow[] {
  const rows = accounts.map((row) => {
    if (random(4) > 0) return row;
    return random(3) === 0 ? dead(row) : { ...row, state: 'ready' as const, requests: random(100) };
  });
  if (random(3) === 0) rows.splice(random(rows.length + 1), 0, account(`n${random(1_000_000)}`));
  if (random(4) === 0) rows.splice(random(rows.length + 1), 1);
  return rows;
}

test.run();
