/** What is held of a translated answer before the client has any of it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MadeAnswer } from '../../../../src/proxy/forward/made-answer.js';
import { StreamedReply, WholeReply } from '../../../../src/proxy/forward/translated/reply-sinks.js';

type Parts<T extends new (...given: never[]) => unknown> = ConstructorParameters<T>;

const never = (): never => {
  throw new Error('not in this test');
};

/** An upstream's answer that counts how often it was given up. */
function exchange(): { readonly given: Parts<typeof WholeReply>[1]; readonly aborted: () => number } {
  let aborted = 0;
  const given = { abort: () => aborted++, headers: { contentEncoding: '' } };
  return { given: given as unknown as Parts<typeof WholeReply>[1], aborted: () => aborted };
}

test('an answer that is held as a whole is given up at its bound, and nothing of it is kept', async () => {
  const { given, aborted } = exchange();
  const answer = { kind: 'whole', thoughtsShown: false, whole: never } as unknown as Parts<typeof WholeReply>[0];
  const reply = new WholeReply(answer, given, null, never, never, 10_000);
  for (let at = 0; at < 10; at++) reply.chunk(Buffer.alloc(1_000));
  assert.is(aborted(), 0);
  reply.chunk(Buffer.alloc(1));
  assert.is(aborted(), 1);
  assert.match(JSON.stringify(await reply.appraised), /too large/);
  assert.equal((reply as unknown as { chunks: unknown[] }).chunks, []);
});

test('text in which there is nothing yet is held back up to a bound, and then sent', async () => {
  const { given } = exchange();
  const writer = () => ({ event: () => 'x'.repeat(10_000), end: () => '', failed: () => '', ping: () => '' });
  const answer = { kind: 'stream', thoughtsShown: false, writer } as unknown as Parts<typeof StreamedReply>[0];
  let isGood = false;
  const nobody = undefined as unknown as Parts<typeof StreamedReply>[1];
  const reply = new StreamedReply(answer, nobody, given, never);
  void reply.appraised.then(({ kind }) => (isGood = kind === 'good'));
  const nothing = Buffer.from('data: {"candidates":[{"content":{"parts":[]}}]}\n\n');
  for (let at = 0; at < 100; at++) reply.chunk(nothing);
  await Promise.resolve();
  assert.not.ok(isGood);
  for (let at = 0; at < 10; at++) reply.chunk(nothing);
  await reply.appraised;
  await Promise.resolve();
  assert.ok(isGood);
});

test('a list of models that is too long is not kept', () => {
  let made = -1;
  const making = {
    make: (body: Buffer) => {
      made = body.length;
      return { status: 502, message: '' };
    },
  } as unknown as Parts<typeof MadeAnswer>[2];
  const context = { protocol: { errorAnswer: never } } as unknown as Parts<typeof MadeAnswer>[0];
  const answer = new MadeAnswer(context, exchange().given, making, never);
  for (let at = 0; at < 9; at++) answer.chunk(Buffer.alloc(1_048_576));
  assert.throws(() => answer.end(), /not in this test/);
  assert.is(made, 0);
});

test.run();
