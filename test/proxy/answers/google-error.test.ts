import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { beginningOf } from '../../../src/proxy/answers/first-event.js';
import { googleErrorOf } from '../../../src/proxy/answers/google-error.js';

const error = { code: 429, message: 'enough', status: 'RESOURCE_EXHAUSTED' };
const body = JSON.stringify({ error });

test('an error is read from its envelope, from a list, and with whatever details it has', () => {
  assert.is(googleErrorOf(body)?.message, 'enough');
  assert.is(googleErrorOf(`[${body}]`)?.code, 429);
  const details = [
    'odd',
    { reason: 'A', metadata: { service: 's', n: 3 } },
    { retryDelay: '1.5s' },
    { retryDelay: { seconds: '2', nanos: 500_000_000 } },
    { violations: [{ quotaId: 'Q' }, 7] },
    { resourceName: 'projects/p' },
  ];
  const read = googleErrorOf(JSON.stringify({ error: { ...error, details } }));
  assert.equal(read?.details.map(({ reason }) => reason).filter(Boolean), ['A']);
  assert.equal(
    read?.details.map(({ retryDelay }) => retryDelay).filter((ms) => ms !== null),
    [1_500, 2_500],
  );
  assert.is(read?.details.at(-1)?.resourceName, 'projects/p');
});

test('what is no error, or is nested over a hundred levels, is none', () => {
  for (const text of ['', 'x', '[]', '{}', '{"error":"text"}', '<html>', 'null'])
    assert.is(googleErrorOf(text), null, text);
  const deep = (levels: number) =>
    `{"error":{"code":400,"message":"m","details":[${'{"x":'.repeat(levels - 3)}1${'}'.repeat(levels - 3)}]}}`;
  assert.is(googleErrorOf(deep(100))?.code, 400);
  assert.is(googleErrorOf(deep(101)), null);
  assert.is(googleErrorOf('['.repeat(1e6)), null);
  assert.is(googleErrorOf(JSON.stringify({ error: { ...error, message: '{['.repeat(200) } }))?.code, 429);
});

const begins = (text: string, isStream: boolean, hasEnded = true) => {
  const beginning = beginningOf(text, isStream, hasEnded);
  return typeof beginning === 'string' ? beginning : beginning.status;
};

test('a stream whose first event is an error counts as that, also where the end cuts the event off', () => {
  for (const text of [
    `data: ${body}\r\n\r\n`,
    `data: ${body}\n\n`,
    `data:${body}`,
    `: ping\n\nevent: error\ndata: ${body}\n`,
    `\uFEFFdata: ${body}`,
    `data: ${JSON.stringify({ error }, null, 2).replaceAll('\n', '\ndata: ')}\n\n`,
    'data: {"error":{"code":429,"message":"bro',
  ]) {
    assert.is(begins(text, true), 429, text);
  }
});

test('so does JSON, in a list too, and a code that is only a word', () => {
  for (const text of [body, `[${body}`, ` [ ${body} ]`, `[${body},\n`]) assert.is(begins(text, false), 429, text);
  assert.is(begins('{"error":{"status":"UNAVAILABLE"}}', false), 503);
});

test('anything else is good at once', () => {
  for (const [text, isStream] of [
    ['data: {"candidates":[]}\n\n', true],
    ['data: {"candidates":[', true],
    ['[{"candidates"', false],
    ['{"error":"no object"}', false],
    ['{"error":{"code":200}}', false],
    ['{"errors":[]}', false],
    ['plain', false],
  ] as const) {
    assert.is(begins(text, isStream, !text.endsWith('[') && !text.endsWith('"')), 'good', text);
  }
  assert.is(
    begins(`{"error":{"code":429,"message":"${'x'.repeat(70_000)}`, false, false),
    'good',
    'too long for an error',
  );
});

test('however the chunks break, what is decided early is what is decided at the end', () => {
  const texts = [
    `data: ${body}\r\n\r\n`,
    `data: {"x":1}\n\n`,
    `data: {"error":{"code":500}}`,
    body,
    `[${body}]`,
    '{"a":1}',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.nat(200), (text, cut) => {
      const isStream = text.startsWith('data');
      const early = begins(text.slice(0, cut), isStream, false);
      if (early !== 'unclear') assert.is(early, begins(text, isStream));
    }),
  );
});

test.run();
