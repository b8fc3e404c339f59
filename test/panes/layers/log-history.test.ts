/** Lines that are no longer in memory are read from the log's files, by a jump and by moving on. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogPart } from '../../../src/proxy/contract/log-part.js';
import { setClock } from '../../support/clock.js';
import { withScreen, type TestScreen } from '../../support/screen.js';
import { account, TestSupervisor } from '../../support/supervisor.js';

process.env.TZ = 'UTC';

const HOUR = 3600_000;

const onLog = (use: (screen: TestScreen, supervisor: TestSupervisor, now: number) => Promise<void>): Promise<void> => {
  const clock = setClock();
  const supervisor = new TestSupervisor(clock, [account('anna@example.com')]);
  for (let n = 0; n < 3; n++) supervisor.log(`in memory ${n}`, { time: clock.now() - 1000 + n });
  return withScreen(supervisor, { clock }, async (screen) => {
    await screen.press('2');
    await use(screen, supervisor, clock.now());
  });
};

const part = (from: number, count: number, rest: Partial<LogPart> = {}): LogPart => ({
  lines: Array.from({ length: count }, (_, n) =>
    JSON.stringify({ level: 30, time: from + n * 1000, msg: `from the files ${n}` }),
  ),
  older: false,
  newer: true,
  ...rest,
});

test('a jump to a time before the lines in memory reads the files, f goes back to the newest', () =>
  onLog(async (screen, supervisor, now) => {
    await screen.press('@');
    await screen.type('2h');
    await screen.press('Enter');
    const [asked] = supervisor.last('logAround').args as [number];
    assert.ok(Math.abs(asked - (now - 2 * HOUR)) < 2000);
    await supervisor.last('logAround').reply(part(asked - 5000, 40));
    await screen.settle();
    assert.match(screen.row('2 Log').text, /PAUSED in the files from/);
    const selected = screen.row('from the files 5');
    assert.is(selected.cells[3]?.bg, '237', 'the line of that time is the one that the keys are about');
    await screen.press('Enter');
    assert.ok(screen.has('"from the files 5"'), 'Enter shows its record');
    await screen.press('Escape', 'f');
    assert.ok(screen.has('FOLLOW'));
    assert.ok(screen.has('in memory 2'));
  }));

test('k on the first line in memory goes on into the files, and j comes back out of them', () =>
  onLog(async (screen, supervisor, now) => {
    await screen.press('g', 'k');
    const [asked] = supervisor.last('logAround').args as [number];
    assert.is(asked, now - 1000);
    await supervisor.last('logAround').reply(part(asked - 9000, 10, { newer: false }));
    await screen.settle();
    assert.is(screen.row('from the files 8').cells[3]?.bg, '237');
    await screen.press('g', 'k', 'k');
    assert.is(supervisor.asked.length, 1, 'the files hold nothing older');
    await screen.press(...Array.from({ length: 10 }, () => 'j'));
    assert.ok(screen.has('FOLLOW'));
  }));

test('files that hold older lines are read on as one moves up, and newer ones as one moves down', () =>
  onLog(async (screen, supervisor, now) => {
    await screen.press('g', 'k');
    const from = now - HOUR;
    await supervisor.last('logAround').reply(part(from, 4, { older: true }));
    await screen.settle();
    await screen.press('g', 'k');
    assert.equal(supervisor.last('logAround').args, [from]);
    await supervisor.last('logAround').reply(part(from - 4000, 8));
    await screen.settle();
    assert.is(screen.row('from the files 3').cells[3]?.bg, '237');
    await screen.press(...Array.from({ length: 5 }, () => 'j'));
    assert.equal(supervisor.last('logAround').args, [from + 3000], 'and on at the other end');
  }));

test('files without such a line, and a supervisor that cannot read them, are said', () =>
  onLog(async (screen, supervisor) => {
    await screen.press('@');
    await screen.type('2d');
    await screen.press('Enter');
    await supervisor.last('logAround').reply({ lines: [], older: false, newer: false });
    await screen.settle();
    assert.ok(screen.has('hold no line of that time'));
    await screen.press('g', 'k');
    await supervisor.last('logAround').fail(new Error('EACCES: logs'));
    await screen.settle();
    assert.ok(screen.has('EACCES: logs'));
  }));

test('a line that has left the memory is read again from the files', () =>
  onLog(async (screen, supervisor, now) => {
    await screen.press('k');
    for (let n = 0; n < 20_000; n++) supervisor.log(`later ${n}`);
    await screen.news();
    await screen.advance(1000);
    assert.match(screen.row('2 Log').text, /its line is held no more/);
    await screen.press('k');
    assert.equal(supervisor.last('logAround').args, [now - 999]);
  }));

test('a filter holds in the files too', () =>
  onLog(async (screen, supervisor, now) => {
    await screen.press('g', 'k');
    await supervisor.last('logAround').reply(part(now - HOUR, 30));
    await screen.settle();
    await screen.press('/');
    await screen.type('files 2');
    await screen.press('Enter');
    assert.match(screen.row('2 Log').text, /of 11, 19 hidden/);
  }));

test('keys at the upper edge read the files once, until that read is answered', () =>
  onLog(async (screen, supervisor, now) => {
    const reads = (): number => supervisor.asked.filter(({ name }) => name === 'logAround').length;
    await screen.press('g', 'k', 'k', 'k', 'PgUp', 'C-u');
    assert.is(reads(), 1);
    await supervisor.last('logAround').reply(part(now - HOUR, 40, { older: true }));
    await screen.press('g', 'k', 'k');
    assert.is(reads(), 2, 'once more at the edge of the files');
    await supervisor.last('logAround').fail(new Error('EACCES: logs'));
    await screen.press('k');
    assert.is(reads(), 3, 'a read that failed is over too');
  }));

test('a read that is answered after f, or after a jump elsewhere, pulls nobody back', () =>
  onLog(async (screen, supervisor, now) => {
    await screen.press('g', 'k');
    const late = supervisor.last('logAround');
    await screen.press('f');
    await late.reply(part(now - HOUR, 10));
    await screen.settle();
    assert.ok(screen.has('FOLLOW'), screen.text());
    await screen.press('g', 'k');
    const fails = supervisor.last('logAround');
    await screen.press('j');
    await fails.fail(new Error('EACCES: logs'));
    await screen.settle();
    assert.not(screen.has('EACCES'), 'nobody waits for it any more');
    await screen.press('g', 'k');
    const first = supervisor.last('logAround');
    await screen.press('@');
    await screen.type('2h');
    await screen.press('Enter');
    const second = supervisor.last('logAround');
    await first.reply(part(now - 9 * HOUR, 10));
    await second.reply(part(now - 2 * HOUR, 10));
    await screen.settle();
    assert.ok(screen.has('in the files from 00:11:32'), screen.text());
  }));

test.run();
