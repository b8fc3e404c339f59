import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Paths, pathShape } from '../../../src/proxy/answers/paths.js';

test('a path is its method and its segments, with the names taken out', () => {
  for (const [path, shape] of [
    ['/v1beta/models/gemini-3-flash:generateContent', '/v1beta/models/*:generateContent'],
    ['/v1beta/models/gemini%2D3%3AcountTokens', '/v1beta/models/*:countTokens'],
    ['//v1beta/models', '/v1beta/models'],
    ['/v1beta/files/abc:download', '/v1beta/files/*:download'],
    ['/upload/v1beta/files', '/upload/v1beta/files'],
    ['/v1beta/permissions:check', '/v1beta/permissions:check'],
    ['/v1beta/tunedModels/mine/permissions/p-1', '/v1beta/tunedModels/*/permissions/*'],
    ['/v1beta/openai/chat/completions', '/v1beta/openai/chat/completions'],
    ['/v1/messages/count_tokens', '/v1/messages/count_tokens'],
    ['/v1/responses/resp_1', '/v1/responses/*'],
    ['/v1beta/odd/0123456789abcdef', '/v1beta/odd/*'],
  ] as const) {
    assert.is(pathShape('GET', path), `GET ${shape}`);
  }
});

test('a path that refuses is known as such for ten minutes, or until it serves', () => {
  const paths = new Paths();
  paths.refused('GET /x', 0);
  assert.ok(paths.refuses('GET /x', 599_999));
  assert.not.ok(paths.refuses('GET /x', 600_000));
  paths.refused('GET /x', 700_000);
  paths.served('GET /x', 'a', 700_001);
  assert.not.ok(paths.refuses('GET /x', 700_002));
});

test('one that has served within the hour is never known to refuse', () => {
  const paths = new Paths();
  paths.served('GET /x', 'a', 0);
  paths.refused('GET /x', 3_599_999);
  assert.not.ok(paths.refuses('GET /x', 3_599_999));
  paths.refused('GET /x', 3_600_000);
  assert.ok(paths.refuses('GET /x', 3_600_000));
});

test('it is known whom a path has served, and strange paths are forgotten first', () => {
  const paths = new Paths();
  paths.served('GET /x', 'a', 0);
  assert.ok(paths.hasServedAccount('GET /x', 'a'));
  assert.not.ok(paths.hasServedAccount('GET /x', 'b'));
  for (let at = 0; at < 600; at++) paths.served(`GET /${at}`, 'a', at);
  assert.not.ok(paths.hasServedAccount('GET /x', 'a'));
  assert.ok(paths.hasServedAccount('GET /599', 'a'));
});

test("of a path's accounts the one that was served first is forgotten", () => {
  const paths = new Paths();
  for (let at = 0; at < 2_500; at++) paths.served('GET /x', `a${at}`, at);
  assert.equal(
    ['a499', 'a500', 'a2499'].map((account) => paths.hasServedAccount('GET /x', account)),
    [false, true, true],
  );
});

test.run();
