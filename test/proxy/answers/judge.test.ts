import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { verdictOf } from '../../../src/proxy/answers/judge.js';
import type { AskedFor } from '../../../src/proxy/answers/google-answer.js';
import { midnightPacific } from '../../../src/proxy/answers/pacific-midnight.js';

const now = Date.UTC(2026, 10, 22, 15);
const type = (name: string) => ({ '@type': `type.googleapis.com/google.rpc.${name}` });
const info = (reason: string, metadata: object = {}) => ({ ...type('ErrorInfo'), reason, metadata });
const retry = (retryDelay: string) => ({ ...type('RetryInfo'), retryDelay });
const quota = (quotaId: string, quotaMetric = '') => ({
  ...type('QuotaFailure'),
  violations: [{ quotaId, quotaMetric }],
});
const resource = (resourceName: string) => ({ ...type('ResourceInfo'), resourceName });

interface Said {
  readonly on?: AskedFor['upstream'];
  readonly message?: string;
  readonly status?: string;
  readonly retryAfter?: string;
  readonly stored?: boolean;
  readonly atHome?: boolean;
  readonly elsewhere?: boolean;
}

const judged = (code: number, said: Said = {}, ...details: readonly object[]) => {
  const { on = 'gemini', message = 'no', status = '', retryAfter = null, stored = false } = said;
  const { elsewhere = false, atHome = false } = said;
  return verdictOf(
    { status: code, retryAfter, body: JSON.stringify({ error: { code, message, status, details } }) },
    { upstream: on, subject: { model: 'm', group: 'generate' }, ofModel: !elsewhere, ofStored: stored, atHome },
    now,
  );
};

/** `about next cause proof`, and `try` where it counts against the tries. */
const meaning = (...args: Parameters<typeof judged>): string => {
  const { about, next, cause, proof, usesTry } = judged(...args);
  return [
    about,
    next,
    ...(cause === null ? [] : [cause]),
    ...(proof === 'none' ? [] : [proof]),
    ...(usesTry ? ['try'] : []),
  ].join(' ');
};

const toClient = 'request client try';
const upstream = 'upstream another try';
const forbidden = 'account another forbidden another_serves try';

test('every row of what an answer means', () => {
  for (const [args, expected] of [
    [[400, { status: 'FAILED_PRECONDITION' }], 'account one_other precondition another_serves try'],
    [[400, { status: 'FAILED_PRECONDITION', stored: true }], toClient],
    [[400, { status: 'INVALID_ARGUMENT' }], toClient],
    [[401], 'account another unauthorized not_the_path'],
    [[403, {}, info('VALIDATION_REQUIRED')], 'account another validation'],
    [[403, {}, info('ACCESS_TOKEN_SCOPE_INSUFFICIENT')], 'account another scope path_serves'],
    [[403, {}, info('USER_PROJECT_DENIED')], 'account another project_denied'],
    [[403, {}, info('SUBSCRIPTION_REQUIRED')], 'account another subscription'],
    [[403, {}, info('TOS_VIOLATION')], 'account another terms'],
    [[403, { message: 'Closed for a violation of our\n\t Terms.' }], 'account another terms'],
    [[403, { message: 'Gemini is disabled in this account.' }], 'account another terms'],
    [[403, { message: 'Your account has been suspended' }], 'account another terms'],
    [[403, { message: 'You are not eligible for this' }], 'account another subscription'],
    [[403, { message: 'Your project has been denied access.' }], 'project another project_denied'],
    [[403, {}, info('CONSUMER_INVALID')], 'project another project_denied'],
    [[403, { message: 'it has been suspended' }, info('CONSUMER_SUSPENDED')], 'project another project_denied'],
    [[403, {}, info('BILLING_DISABLED')], 'project another billing_disabled'],
    [[403, {}, info('SERVICE_DISABLED')], 'project another service_disabled'],
    [
      [403, {}, info('SERVICE_DISABLED', { service: 'generativelanguage.googleapis.com' })],
      'project another service_disabled',
    ],
    [[403, {}, info('SERVICE_DISABLED', { service: 'cloudaicompanion.googleapis.com' })], forbidden],
    [
      [403, { on: 'cloudcode' }, info('SERVICE_DISABLED', { service: 'cloudaicompanion.googleapis.com' })],
      'project another service_disabled',
    ],
    [
      [403, { on: 'cloudcode' }, info('SERVICE_DISABLED', { service: 'daily-cloudcode-pa.googleapis.com' })],
      'project another service_disabled',
    ],
    [[403, { on: 'cloudcode' }, info('SERVICE_DISABLED', { service: 'storage.googleapis.com' })], forbidden],
    [[403, { message: 'The caller may not' }], forbidden],
    [[403, { message: 'account suspended' }, info('SERVICE_DISABLED', { service: 'x.com' })], forbidden],
    [[403, { stored: true, message: 'no permission to see the File' }], 'stored another'],
    [[403, { stored: true, atHome: true }], forbidden],
    [[404, { stored: true, atHome: true }], 'stored another'],
    [[403, { stored: true }, info('TOS_VIOLATION')], 'account another terms'],
    [[404, { on: 'cloudcode' }, resource('projects/lost-1')], 'account project_anew project_gone another_serves'],
    [
      [404, { on: 'cloudcode', message: 'Resource projects/lost-1 could not be found.' }],
      'account project_anew project_gone another_serves',
    ],
    [
      [404, {}, resource('//cloudresourcemanager.googleapis.com/projects/5')],
      'account another project_gone another_serves',
    ],
    [[404, {}, resource('projects/p/locations/l/models/m')], 'account another no_model another_serves try'],
    [[404, { message: 'models/m is not found for API version v1beta' }], toClient],
    [[404, { message: 'models/m is not found' }], 'account another no_model another_serves try'],
    [[404, { elsewhere: true }], toClient],
    [[404, { stored: true }], 'stored another'],
    [[404, { stored: true, message: 'models/m is not found' }], 'account another no_model another_serves try'],
    [[429, {}, info('MODEL_CAPACITY_EXHAUSTED'), retry('30s')], upstream],
    [[429, { message: 'The model is overloaded.' }], upstream],
    [[429, { message: 'No capacity available for model m' }], upstream],
    [[429, { message: 'The model is currently at capacity.' }], upstream],
    [[429, { message: 'You have exhausted your capacity' }, info('QUOTA_EXHAUSTED')], 'account another quota try'],
    [[529], upstream],
    [[499], upstream],
    [[500], upstream],
    [[503, { message: 'overloaded' }], upstream],
    [[409], toClient],
    [[416], toClient],
  ] as const) {
    assert.is(meaning(...(args as unknown as Parameters<typeof judged>)), expected, JSON.stringify(args));
  }
});

test('a 404 is about the project wherever it names one, and not where it names what lies in one', () => {
  const gone = 'account project_anew project_gone another_serves';
  const noModel = 'account another no_model another_serves try';
  for (const [message, expected] of [
    ['Resource projects/lost-1 could not be found.', gone],
    ['Requested entity was not found: projects/lost-1', gone],
    ['Could not find project projects/example.com:lost-1.', gone],
    ["Project 'lost-1' not found or deleted", gone],
    ['Project `lost-1` does not exist', gone],
    ['Project number 123 was not found.', gone],
    ['Project lost-1 (or its parent) was not found', gone],
    ['The project was deleted', gone],
    ['The requested project was not found: lost-1', gone],
    ['Unknown project id: 1', gone],
    ['Publisher Model `projects/p/locations/l/models/m` was not found or your project does not have access', noModel],
    ['models/m is not found in your project', noModel],
    ['Requested entity was not found.', noModel],
  ] as const) {
    assert.is(meaning(404, { on: 'cloudcode', message }), expected, message);
  }
  const named = { ...resource('lost-1'), resourceType: 'cloudresourcemanager.googleapis.com/Project' };
  assert.is(meaning(404, { on: 'cloudcode' }, named), gone);
  assert.is(meaning(404, { on: 'cloudcode' }, { ...named, resourceType: 'x.googleapis.com/Model' }), noModel);
});

test('whose quota a 429 is about', () => {
  for (const [args, expected] of [
    [[{ message: 'Individual quota reached.' }], 'account another quota'],
    [[{ message: 'Quota per user is used up' }], 'account another quota'],
    [[{}, quota('RequestsPerMinutePerUser')], 'account another quota'],
    [[{}, quota('', 'x.com/requests_per_user')], 'account another quota'],
    [[{}, info('RATE_LIMIT_EXCEEDED', { quota_limit: 'PerUserPerProject' })], 'account another quota'],
    [[{}, info('RATE_LIMIT_EXCEEDED', { quota_metric: 'requests_per_project' })], 'project another quota'],
    [[{}, quota('GenerateRequestsPerMinutePerProjectPerModel')], 'project another quota'],
    [[{ on: 'cloudcode' }, quota('RequestsPerProject')], 'project another quota'],
    [[{ on: 'cloudcode' }, retry('5s')], 'account another quota'],
    [[{}, retry('5s')], 'account another quota'],
    [[{}], 'account another quota try'],
    [[{ on: 'cloudcode' }], 'account another quota try'],
  ] as const) {
    const [said, ...details] = args as readonly [Said, ...object[]];
    assert.is(meaning(429, said, ...details), expected, JSON.stringify(args));
  }
  assert.ok(judged(429, {}, retry('5s')).maybeProject, 'a second account of the project will tell');
  assert.not.ok(judged(429, { on: 'cloudcode' }).maybeProject, "Code Assist's is the account's");
  assert.not.ok(judged(429, {}, quota('PerProject')).maybeProject);
});

const seconds = (said: Said, ...details: readonly object[]) => judged(429, said, ...details).seconds;

test('until when a 429 counts: the first of what it says, the exact before the rounded', () => {
  const stamp = info('X', { quotaResetTimeStamp: '2026-11-22T15:00:20Z', quotaResetDelay: '30s' });
  for (const [args, expected] of [
    [[{ message: 'Please retry in 5s', retryAfter: '7' }, retry('9.25s'), stamp], 9.25],
    [[{ message: 'Please retry in 5s', retryAfter: '7' }, stamp], 20],
    [[{ message: 'Please retry in 5s', retryAfter: '7' }, info('X', { quotaResetDelay: '30s' })], 30],
    [[{ message: 'Please retry in 5s', retryAfter: '7' }], 7],
    [[{ message: 'Please retry in 5s', retryAfter: 'Sun, 22 Nov 2026 15:01:00 GMT' }], 60],
    [[{ message: 'Please retry in 47.4s.' }], 47.4],
    [[{ message: 'It will reset after 27h41m36s.' }], 99_696],
    [[{ message: 'Resets in 108h48m29s' }], 391_709],
    [[{ message: 'RESETS IN 2H' }], 7_200],
    [[{ message: 'You are out of quota. Please retry\n\t\tin  33s.' }], 33],
    [[{ message: 'Please retry in 5s', retryAfter: '-1' }], 5],
    [[{ message: 'Please try again in 200ms' }], 0.2],
    [[{}, info('X', { quotaResetDelay: '201.506475ms' })], 0.202],
    [[{ retryAfter: '0' }], 0],
    [[{ retryAfter: '0' }, retry('0s'), info('X', { quotaResetDelay: '4s' })], 4],
    [[{ retryAfter: 'soon' }, retry('never'), info('X', { quotaResetTimeStamp: '2020-01-01T00:00:00Z' })], null],
    [[{ retryAfter: '9'.repeat(400) }], 31 * 86_400],
    [[{}, retry('999999h')], 31 * 86_400],
  ] as const) {
    const [said, ...details] = args as readonly [Said, ...object[]];
    assert.is(seconds(said, ...details), expected, JSON.stringify(args));
  }
});

test("a day's quota counts until midnight in California, or as long as is said where that is longer", () => {
  const midnight = (midnightPacific(now) - now) / 1000;
  for (const args of [
    [{}, quota('RequestsPerDayPerProjectPerModel'), retry('34s')],
    [{ message: 'Used up: 100 requests per day', retryAfter: '20' }],
    [{}, quota('', 'x.com/requests_per_day')],
    [{}, info('RATE_LIMIT_EXCEEDED', { quota_limit: 'RequestsPerDay' })],
  ] as const) {
    const [said, ...details] = args as readonly [Said, ...object[]];
    assert.is(seconds(said, ...details), midnight, JSON.stringify(args));
    assert.is(judged(429, said, ...details).cause, 'quota_daily');
  }
  assert.is(seconds({}, quota('PerDay'), retry('90000s')), 90_000);
});

test("Google's words stand on one line, and a link goes with them", () => {
  const verdict = judged(
    403,
    { message: 'Please\n\t verify' },
    info('VALIDATION_REQUIRED', { validation_url: 'https://x.test/v' }),
  );
  assert.is(verdict.words, 'Please verify');
  assert.is(verdict.url, 'https://x.test/v');
  assert.is(judged(403, {}, info('VALIDATION_REQUIRED', { validation_url: 'javascript:1' })).url, null);
  assert.is(
    judged(403, {}, info('TOS_VIOLATION'), { ...type('Help'), links: [{ url: 'https://x.test/h' }] }).url,
    'https://x.test/h',
  );
  assert.is(judged(403, { message: 'x'.repeat(5_000) }).words.length, 300);
});

test('a body that is no error of the kind is judged by its status', () => {
  for (const [status, about] of [
    [400, 'request'],
    [401, 'account'],
    [403, 'account'],
    [404, 'account'],
    [429, 'account'],
    [500, 'upstream'],
  ] as const) {
    for (const body of ['', '<html>', '{', '[[[', '{"error":[]}']) {
      const verdict = verdictOf(
        { status, retryAfter: null, body },
        { upstream: 'gemini', subject: { model: 'm', group: 'generate' }, ofModel: true, ofStored: false },
        now,
      );
      assert.is(verdict.about, about, `${status} ${body}`);
    }
  }
});

test.run();
