import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Metrics } from '../../../src/proxy/reports/metrics.js';

const none = {
  ...{ ready: 0, cooling: 0, disabled: 0, proxy_disabled: 0, refused: 0, blocked: 0, no_client: 0, unreadable: 0 },
};
const textOf = (metrics: Metrics, inFlight = 0, ready = 0) =>
  metrics.text({ accounts: { ...none, ready }, inFlight, unsaved: 0 });

test('a scrape shows what was counted, each time the whole count', async () => {
  const metrics = new Metrics();
  metrics.request(200, 'gemini-3-flash');
  metrics.request(200, 'gemini-3-flash');
  metrics.request(503, '');
  metrics.failover('rate_limited');
  metrics.refresh('failed', 'revoked');
  metrics.truncated();
  metrics.used('gemini-3-flash', 'ci', { in: 5, cached: 2, out: 3, thoughts: 1 });
  metrics.used('gemini-3-flash', 'ci', { in: 5, cached: 0, out: 0, thoughts: 0 });
  metrics.used('made-up-by-nobody', null, { in: 1, cached: 0, out: 0, thoughts: 0 });
  await textOf(metrics);
  const text = await textOf(metrics, 3, 2);
  for (const line of [
    'regrant_requests_total{status="200",model="gemini-3-flash"} 2',
    'regrant_requests_total{status="503",model=""} 1',
    'regrant_failovers_total{cause="rate_limited"} 1',
    'regrant_refreshes_total{outcome="failed",cause="revoked"} 1',
    'regrant_truncated_answers_total 1',
    'regrant_tokens_total{model="gemini-3-flash",kind="in",key="ci"} 10',
    'regrant_tokens_total{model="gemini-3-flash",kind="thoughts",key="ci"} 1',
    'regrant_tokens_total{model="made-up-by-nobody",kind="in",key="-"} 1',
    'regrant_accounts{state="ready"} 2',
    'regrant_accounts{state="no_client"} 0',
    'regrant_in_flight_requests 3',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line}\n${text}`);
  }
});

test('made-up model names open no series of their own', async () => {
  const metrics = new Metrics();
  metrics.request(404, 'made-up');
  metrics.request(200, 'x'.repeat(100));
  for (let n = 0; n < 300; n++) metrics.request(200, `model-${n}`);
  metrics.request(404, 'model-1');
  const text = await textOf(metrics);
  assert.ok(text.includes('regrant_requests_total{status="404",model="other"} 1'));
  assert.ok(text.includes('regrant_requests_total{status="404",model="model-1"} 1'));
  assert.ok(text.includes('regrant_requests_total{status="200",model="other"} 201'));
  assert.is(text.match(/status="200",model="model-/g)?.length, 100);
});

test('two servers in one process count apart', async () => {
  const one = new Metrics();
  const other = new Metrics();
  one.truncated();
  assert.not.match(await textOf(other), /truncated_answers_total 1/);
});

test.run();
