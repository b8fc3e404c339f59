import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { UsageSum } from '../../../src/proxy/contract/operations.js';
import { inOrder, usageLines, usedBy } from '../../../src/panes/sheets/usage.js';
import { themeFor } from '../../../src/panes/text/theme.js';
import { setClock } from '../../support/clock.js';
import { withScreen, type TestScreen } from '../../support/screen.js';
import { account, TestSupervisor } from '../../support/supervisor.js';

const test = suite('the sheet of usage');
const theme = themeFor({ theme: 'dark', glyphs: 'ascii' }, {});
const now = new Date(2026, 10, 30, 6).getTime();

const sum = (day: string, account: string, over: Partial<UsageSum> = {}): UsageSum => ({
  ...{ day, account, requests: 1, failed: 0, held: 0, in: 0, cached: 0, out: 0, thoughts: 0, bytes: 0, unread: 0 },
  ...over,
});
const sums = [
  sum('2026-11-29', 'anna', { in: 100, out: 50 }),
  sum('2026-11-30', 'anna', { in: 20, requests: 9 }),
  sum('2026-11-30', 'ben', { in: 300 }),
];

test('sums are by name over all days, the most of the chosen column first', () => {
  assert.equal(
    inOrder(usedBy(sums, 'account'), 'in').map(({ name, sums: { requests, in: given } }) => [name, requests, given]),
    [
      ['ben', 1, 300],
      ['anna', 10, 120],
    ],
  );
  assert.is(inOrder(usedBy(sums, 'account'), 'requests')[0]?.name, 'anna');
});

test('the bars are those of the one at the cursor, the columns as many as fit', () => {
  const used = inOrder(usedBy(sums, 'account'), 'in');
  const text = (index: number, width: number): string[] =>
    usageLines(used, { index, sorted: 'in', by: 'account', days: 7 }, { width, room: 40, now, theme }).map(
      ({ spans }) => spans.map((span) => span.text).join(''),
    );
  const anna = text(1, 78);
  assert.match(anna[0] ?? '', /tokens a day: anna/);
  assert.is(anna.filter((line) => /^ 2026-11-\d\d /.test(line)).length, 7);
  assert.match(anna[6] ?? '', /2026-11-29 +150 #{40,}/);
  assert.match(anna[7] ?? '', /2026-11-30 +20 #{4,8}$/);
  for (const width of [58, 78, 118, 198])
    for (const line of text(0, width)) assert.ok(line.length <= width, `${width}: ${line}`);
  assert.match(text(0, 198).join('\n'), /requests +failed +held +in +cached +out +thoughts +unread/);
});

const onUsage = (use: (screen: TestScreen, supervisor: TestSupervisor) => Promise<void>): Promise<void> => {
  const clock = setClock(now);
  const supervisor = new TestSupervisor(clock, [account('anna@example.com')]);
  return withScreen(supervisor, { clock }, async (screen) => {
    await screen.press(':');
    await screen.type('usage');
    await screen.press('Enter');
    await use(screen, supervisor);
  });
};

test('a fault is said until other sums are asked for, and that of an overtaken question never', () =>
  onUsage(async (screen, supervisor) => {
    await supervisor.last('usage').fail(new Error('EACCES: usage'));
    await screen.settle();
    assert.ok(screen.has('EACCES: usage'));
    await screen.press('b');
    assert.not(screen.has('EACCES: usage'));
    assert.ok(screen.has('adding up'));
    const overtaken = supervisor.last('usage');
    await screen.press('b');
    await overtaken.fail(new Error('EIO: usage'));
    await screen.settle();
    assert.not(screen.has('EIO: usage'));
    await supervisor.last('usage').reply([{ ...sum('2026-11-30', '', { in: 5 }), model: 'gemini-9' }]);
    await screen.settle();
    assert.ok(screen.has('gemini-9'), screen.text());
  }));

test.run();
