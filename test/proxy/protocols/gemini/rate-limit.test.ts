import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { coolDownOf, midnightPacific } from '../../../../src/proxy/protocols/gemini/rate-limit.js';

const now = Date.UTC(2026, 10, 22, 15, 0, 0);
const google = (...details: unknown[]) =>
  JSON.stringify({
    error: { code: 429, message: 'You exceeded your current quota', status: 'RESOURCE_EXHAUSTED', details },
  });
const retryInfo = (retryDelay: string) => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });
const quotaFailure = (violation: object) => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaDimensions: { model: 'gemini-3-flash' } }, violation],
});
const until = (retryAfter: string | null, body = '') => coolDownOf({ retryAfter, body }, now).untilMs - now;

test('Retry-After is seconds or a date', () => {
  assert.is(until('30'), 30_000);
  assert.is(until('0'), 0);
  assert.is(until('Sun, 22 Nov 2026 15:01:00 GMT'), 60_000);
  assert.is(until('Sun, 22 Nov 2026 14:00:00 GMT'), 0);
  for (const nonsense of ['', 'soon']) assert.is(until(nonsense), 10_000, nonsense);
});

test('RetryInfo counts where no Retry-After is there, fractions too', () => {
  assert.is(until(null, google(retryInfo('12.5s'))), 12_500);
  assert.is(until(null, google({ '@type': 'x' }, retryInfo('37s'))), 37_000);
  assert.is(until(null, google(retryInfo('2h31m12.5s'))), 9_072_500);
  assert.is(until('30', google(retryInfo('12.5s'))), 30_000);
});

test('the error of a stream that is no SSE comes in a list', () => {
  assert.is(until(null, `[${google(retryInfo('5s'))}]`), 5_000);
});

test('no wait is longer than any quota, however many digits it is said in', () => {
  const digits = '9'.repeat(400);
  const month = 31 * 86_400_000;
  for (const much of [digits, '99999999999999', 'Fri, 31 Dec 9999 23:59:59 GMT']) assert.is(until(much), month);
  assert.is(until(null, google(retryInfo(`${digits}s`))), month);
});

test('a daily quota cools until midnight in California, whatever shorter delay is named beside it', () => {
  const midnight = Date.UTC(2026, 10, 23, 8) - now;
  const daily = { quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier', quotaMetric: 'm', quotaValue: '250' };
  assert.is(until(null, google(quotaFailure(daily))), midnight);
  assert.is(until('20', google(quotaFailure(daily), retryInfo('34s'))), midnight);
  assert.is(until(null, google(quotaFailure({ quotaMetric: 'x.com/requests_per_day' }))), midnight);
  assert.is(
    until(null, google({ reason: 'RATE_LIMIT_EXCEEDED', metadata: { quota_limit: 'RequestsPerDay' } })),
    midnight,
  );
  assert.is(
    until(null, google(quotaFailure({ quotaId: 'GenerateRequestsPerMinutePerProject' }), retryInfo('7s'))),
    7_000,
  );
});

test('ten seconds where nothing is said, or nothing that can be read', () => {
  for (const body of [
    '',
    '{',
    '[]',
    'null',
    '"x"',
    '<html>',
    google(),
    google(retryInfo('soon')),
    google(5, null),
    '{"error":"x"}',
  ]) {
    assert.is(until(null, body), 10_000, body);
  }
});

test('midnight in California holds over both changes of the clocks', () => {
  const iso = (at: string) => new Date(midnightPacific(Date.parse(at))).toISOString();
  assert.is(iso('2026-07-01T12:00:00.123Z'), '2026-07-02T07:00:00.000Z');
  assert.is(iso('2026-12-31T23:59:59Z'), '2027-01-01T08:00:00.000Z');
  assert.is(iso('2026-03-08T08:30:00Z'), '2026-03-09T07:00:00.000Z');
  assert.is(iso('2026-11-01T07:30:00Z'), '2026-11-02T08:00:00.000Z');
  assert.is(iso('2026-07-02T07:00:00Z'), '2026-07-03T07:00:00.000Z');
  assert.is(iso('2026-07-02T06:59:59.999Z'), '2026-07-02T07:00:00.000Z');
});

test.run();
