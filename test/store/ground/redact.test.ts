import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { redact, withoutEmails } from '../../../src/store/ground/redact.js';

const token = '1//0a.bc-DEF_gh+ij=kl~mn';
const secret = 'plain(secret)*';

test('a known secret is taken out as it is, percent-encoded and escaped as in JSON', () => {
  const writings = [
    token,
    encodeURIComponent(token),
    encodeURIComponent(token).toLowerCase(),
    new URLSearchParams({ '': token }).toString().slice(1),
    token.replaceAll('/', '\\/'),
  ];
  for (const written of writings) {
    assert.is(redact(`for ${written}, of a client`, [token, secret]), 'for [redacted], of a client');
  }
  assert.is(redact('plain%28secret%29%2a and plain(secret)*', [secret]), '[redacted] and [redacted]');
});

test('a key is taken out of a URL wherever it stands in it', () => {
  for (const before of ['?', '&', '#', ';', '%3F', '%26', '%3b']) {
    assert.is(redact(`/v1${before}key=sk-k`), `/v1${before}key=[redacted]`);
  }
  assert.is(redact('/v1?u=http%3A%2F%2Fh%2F%3Fkey%3Dsome-key&x=1'), '/v1?u=http%3A%2F%2Fh%2F%3Fkey=[redacted]&x=1');
  assert.is(redact('/v1beta/sk-0123456789/models;%6bey=abc'), '/v1beta/[redacted]/models;%6bey=[redacted]');
});

test('what only resembles a known secret stays', () => {
  assert.is(redact('plain secret', [secret]), 'plain secret');
  assert.is(redact('a+b, aab', ['xa+b']), 'a+b, aab');
});

test('a lone half of a character in a secret is no harm', () => {
  assert.is(redact('abc\ud83d and more', ['abc\ud83d']), '[redacted] and more');
});

test('e-mail addresses and ID tokens are found wherever they stand', () => {
  assert.is(withoutEmails("x@y@a.b and <o'hara+1@mail.example.com>, a@b"), 'x@[e-mail] and <[e-mail]>, a@b');
  assert.is(redact('id_token:eyJhbGci.eyJzdWI.c2ln, "eyJhbGci.eyJzdWI."'), 'id_token:[redacted], "[redacted]"');
});

test('eight times the text takes about eight times as long, whatever is in it', () => {
  const known = ['1//0a-token-of-somebody', 'GOCSPX-x', 'aaaaaaab'];
  // of the processor and not of the clock: other test files run meanwhile
  const msFor = (text: string): number => {
    const runs = Array.from({ length: 3 }, () => {
      const before = process.cpuUsage();
      redact(withoutEmails(text), known);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    });
    return Math.min(...runs);
  };
  for (const piece of [
    'a',
    'eyJ-',
    'a@',
    'a.',
    '1//',
    'Bearer ',
    'Bearer\t',
    '&key',
    '%26key',
    'sk-',
    'AIza',
    'ya29.',
    '%',
  ]) {
    const [one, eight] = [100_000, 800_000].map((length) => msFor(piece.repeat(length / piece.length)));
    assert.ok(
      (eight ?? 0) < 20 * (one ?? 0) + 60,
      `${piece}: ${one ?? 0} ms, and ${eight ?? 0} ms for eight times as much`,
    );
  }
});

test('a text as large as an answer may be is looked through in no time, whatever is in it', () => {
  const started = performance.now();
  for (const piece of ['a', 'eyJ-', 'a@', 'a.', '1//', 'Bearer ', '&key', 'sk-']) {
    const text = piece.repeat(1_000_000 / piece.length);
    redact(withoutEmails(text), [`${piece}${piece}!`]);
  }
  assert.ok(performance.now() - started < 10_000);
});

test.run();
