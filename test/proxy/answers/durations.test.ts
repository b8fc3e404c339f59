import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { durationMs, untilMs } from '../../../src/proxy/answers/durations.js';
import { midnightPacific } from '../../../src/proxy/answers/pacific-midnight.js';

test('a duration takes hours, minutes, seconds, milliseconds and fractions of each', () => {
  for (const [text, ms] of [
    ['34s', 34_000],
    ['12.5s', 12_500],
    ['0s', 0],
    ['2h31m12.5s', 9_072_500],
    ['108h48m20.795762633s', 391_700_796],
    ['4h54m', 17_640_000],
    ['201.506475ms', 202],
    ['1.5h', 5_400_000],
    ['1h 5m', 3_900_000],
    ['6d22h', 597_600_000],
    ['45 seconds', 45_000],
    ['1 hour, 5 minutes and 2 secs', 3_902_000],
    ['2 days 3 hrs 1min', 183_660_000],
    [`${'9'.repeat(400)}s`, 31 * 86_400_000],
    ['', null],
    ['soon', null],
    ['-3s', null],
    ['5', null],
    ['5 s or so', null],
  ] as const) {
    assert.is(durationMs(text), ms, text);
  }
});

test('a time that is written out counts for as long as it is to come', () => {
  const now = Date.UTC(2026, 10, 30);
  assert.is(untilMs('2026-11-30T00:01:00Z', now), 60_000);
  assert.is(untilMs('2026-11-29T16:01:00-08:00', now), 60_000);
  assert.is(untilMs('2026-11-29T23:59:00Z', now), null);
  assert.is(untilMs('9999-01-01T00:00:00Z', now), 31 * 86_400_000);
  for (const nonsense of ['', '12', 'tomorrow', '2026-13-40T99:99:99Z']) assert.is(untilMs(nonsense, now), null);
});

test("a day's end in California is midnight there, on the days that are longer or shorter too", () => {
  for (const [now, midnight] of [
    [Date.UTC(2026, 10, 30, 2), Date.UTC(2026, 10, 30, 8)],
    [Date.UTC(2026, 10, 30, 8), Date.UTC(2026, 11, 1, 8)],
    [Date.UTC(2026, 6, 1, 12), Date.UTC(2026, 6, 2, 7)],
    // The clocks go forward on 8 March 2026 and back on 1 November.
    [Date.UTC(2026, 2, 8, 9), Date.UTC(2026, 2, 9, 7)],
    [Date.UTC(2026, 10, 1, 8), Date.UTC(2026, 10, 2, 8)],
  ] as const) {
    assert.is(new Date(midnightPacific(now)).toISOString(), new Date(midnight).toISOString());
  }
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) }), (now) => {
      const left = midnightPacific(now) - now;
      assert.ok(left > 0 && left <= 25 * 3_600_000);
      assert.is(
        new Date(midnightPacific(now)).toLocaleTimeString('en-GB', { timeZone: 'America/Los_Angeles' }),
        '00:00:00',
      );
    }),
  );
});

test.run();
