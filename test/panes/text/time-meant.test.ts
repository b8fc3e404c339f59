import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { timeMeant } from '../../../src/panes/text/time-meant.js';

process.env.TZ = 'UTC';

const now = Date.UTC(2026, 10, 30, 2, 14, 7);
const at = (month: number, day: number, hour = 0, minute = 0, second = 0, year = 2026): number =>
  Date.UTC(year, month - 1, day, hour, minute, second);

const meanings: readonly (readonly [typed: string, time: number | null])[] = [
  ['02:11', at(11, 30, 2, 11)],
  [' 02:11:32 ', at(11, 30, 2, 11, 32)],
  ['2:11', at(11, 30, 2, 11)],
  // not yet today, so it was yesterday
  ['23:50', at(11, 29, 23, 50)],
  ['11-29 14:05', at(11, 29, 14, 5)],
  ['2026-11-29 14:05:59', at(11, 29, 14, 5, 59)],
  ['2026-11-29T14:05', at(11, 29, 14, 5)],
  ['2026-11-29', at(11, 29)],
  ['12-24', at(12, 24, 0, 0, 0, 2025)],
  ['2h', now - 7200_000],
  ['-90s', now - 90_000],
  ['1h30m', now - 5400_000],
  ['2 d', now - 2 * 86_400_000],
  ['10 min', now - 600_000],
  ['2027-01-01', null],
  ['24:00', null],
  ['12:60', null],
  ['02-31', null],
  ['1', null],
  ['', null],
  ['yesterday', null],
  ['12:3', null],
];

for (const [typed, time] of meanings) {
  test(`"${typed}" is ${time === null ? 'no time that was' : new Date(time).toISOString()}`, () =>
    assert.is(timeMeant(typed, now), time));
}

test.run();
