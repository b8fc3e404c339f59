import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gemini } from '../../../src/proxy/upstreams/gemini.js';

const request = {
  ...{ method: 'POST', target: '/v1beta/models/m:generateContent?alt=sse', model: 'm', call: 'generateContent' },
  headers: ['Content-Type', 'application/json'],
};

test('the account pays with its project where it has one', () => {
  assert.equal(gemini.outgoing(request, { projectId: 'p', accessToken: 't' }, ''), {
    method: 'POST',
    path: '/v1beta/models/m:generateContent?alt=sse',
    headers: ['Content-Type', 'application/json', 'Authorization', 'Bearer t', 'x-goog-user-project', 'p'],
  });
});

test('without one no project is named', () => {
  assert.equal(gemini.outgoing(request, { projectId: null, accessToken: 't' }, '/base').headers, [
    ...['Content-Type', 'application/json', 'Authorization', 'Bearer t'],
  ]);
});

test("a base URL's path goes before the request's, and the client's request stays as it was", () => {
  const before = structuredClone(request);
  assert.is(
    gemini.outgoing(request, { projectId: 'p', accessToken: 't' }, '/base').path,
    '/base/v1beta/models/m:generateContent?alt=sse',
  );
  assert.equal(request, before);
});

test.run();
