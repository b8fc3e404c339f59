import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { beginningOf } from '../../../src/proxy/answers/first-event.js';
import { googleErrorOf } from '../../../src/proxy/answers/google-error.js';
import { StreamError } from '../../../src/proxy/answers/stream-error.js';

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
    `data: [${body}]\n\n`,
  ]) {
    assert.is(begins(text, true), 429, text);
  }
});

test('so does JSON, in a list too, and a code that is only a word', () => {
  for (const text of [body, `[${body}`, ` [ ${body} ]`, `[${body},\n`]) assert.is(begins(text, false), 429, text);
  assert.is(begins('{"error":{"status":"UNAVAILABLE"}}', false), 503);
});

test('a byte order mark before it changes nothing', () => {
  for (const mark of ['\uFEFF', Buffer.from('\uFEFF').toString('latin1')]) {
    assert.is(begins(mark + body, false), 429);
    for (let cut = 1; cut < 10; cut++) assert.is(begins((mark + body).slice(0, cut), false, false), 'unclear');
  }
  assert.is(googleErrorOf(`\uFEFF${body}`)?.code, 429);
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

const said = JSON.stringify({
  candidates: [{ content: { parts: [{ text: 'data: {"error":{"code":500}}\n{"error":{' }] } }],
});
const args = JSON.stringify({ functionCall: { args: { error: { code: 500 }, list: [{}, { error: { code: 501 } }] } } });
const spelt = [
  { error: { code: 503, message: 'm', status: 'UNAVAILABLE' } },
  { error: { message: `it {is} "${'x'.repeat(400)}`, code: 503 } },
  { error: { status: 'UNAVAILABLE' } },
];
const events = spelt.flatMap((error) => [
  ...[`data: ${JSON.stringify(error)}\r\n\r\n`, `data:[${JSON.stringify(error)}]\n\n`, JSON.stringify(error)],
  `event: error\ndata: ${JSON.stringify(error, null, 2).replaceAll('\n', '\ndata: ')}\n\n`,
]);
const lists = spelt.flatMap((error) => [
  ...[`,\r\n${JSON.stringify(error, null, 2)}]\n`, `,${JSON.stringify(error)}\n]`, `,${JSON.stringify(error)}`],
]);

/** The code that is found in a stream which comes in pieces of so many bytes. */
function codeIn(text: string, { isEvents, size }: { isEvents: boolean; size: number }): number | null {
  const bytes = Buffer.from(text);
  const reader = new StreamError(isEvents);
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  return reader.code;
}

test('an error within a stream is found however it is written and cut, in events and in a list', () => {
  for (const size of [1, 2, 3, 5, 7, 16, 31, 64, 100_000]) {
    for (const last of [...events, 'data: {"error":{"code":503,"mess']) {
      assert.is(
        codeIn(`data: ${said}\r\n\r\ndata: ${args}\n\n${last}`, { isEvents: true, size }),
        503,
        `${size} ${last}`,
      );
    }
    for (const last of lists) {
      assert.is(codeIn(`[${said}\n,\r\n${args}${last}`, { isEvents: false, size }), 503, `${size} ${last}`);
    }
  }
});

test('what a model says, and what a call takes, about errors is none', () => {
  for (const size of [1, 7, 32, 100_000]) {
    assert.is(codeIn(`data: ${said}\n\ndata: ${args}\n\ndata: ${said}`, { isEvents: true, size }), null);
    assert.is(codeIn(`[${said},${args}]`, { isEvents: false, size }), null);
    assert.is(codeIn(`[${args},${said}]`, { isEvents: false, size }), null);
  }
});

test('an error that is only called a stream of events is one as well, however it comes', () => {
  const error = { error: { code: 429, message: 'x', status: 'RESOURCE_EXHAUSTED' } };
  for (const text of [JSON.stringify(error), JSON.stringify(error, null, 2), `\uFEFF\n [\n${JSON.stringify(error)}]`]) {
    const beginning = beginningOf(text, true, true);
    assert.is(typeof beginning === 'string' ? beginning : beginning.status, 429, text);
    for (let at = 0; at < text.lastIndexOf('}'); at++) {
      assert.is(beginningOf(text.slice(0, at), true, false), 'unclear', `${at} of ${text}`);
    }
  }
  assert.is(beginningOf('{"candidates":[]}', true, false), 'good');
  assert.is(beginningOf(': {"error":{"code":429}}\n\ndata: {"candidates":[]}\n\n', true, false), 'good');
});

test('an event without data is none: the first one that has some is the first event', () => {
  const error = JSON.stringify({ error: { code: 429, message: 'x', status: 'RESOURCE_EXHAUSTED' } });
  const good = JSON.stringify({ candidates: [{ content: { parts: [{ text: 'hi' }] } }] });
  const nothing = [
    'data:\n\n',
    'data: \r\n\r\n',
    'data\n\n',
    'data:\ndata:\n\n',
    ': ping\n\n',
    'event: error\n\n',
    'id: 7\nretry: 100\n\n',
    'event: ping\ndata:\n\n',
  ];
  for (const before of [...nothing, nothing.join(''), `\uFEFF${nothing.join('')}`]) {
    const refused = `${before}data: ${error}\n\n`;
    assert.is(begins(refused, true), 429, refused);
    for (let at = 0; at < refused.lastIndexOf('}'); at++) {
      assert.is(beginningOf(refused.slice(0, at), true, false), 'unclear', `${at} of ${refused}`);
    }
    assert.is(beginningOf(`${before}data: ${good}\n\n`, true, false), 'good', before);
  }
});

test.run();
