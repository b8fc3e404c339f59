import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputFilter } from '../../../src/panes/terminal/input.js';
import type { Paste } from '../../../src/panes/terminal/keys.js';
import { setClock, type SetClock } from '../../support/clock.js';

interface Rig {
  readonly clock: SetClock;
  readonly filter: InputFilter;
  readonly pastes: Paste[];
  /** What came through as keys, a chunk each. */
  readonly chunks: string[];
}

function rig(): Rig {
  const clock = setClock();
  const pastes: Paste[] = [];
  const chunks: string[] = [];
  const filter = new InputFilter(clock, { paste: (paste) => pastes.push(paste), lost: () => undefined });
  filter.output.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  return { clock, filter, pastes, chunks };
}

/** PassThrough hands on in the next turn. */
const flowed = (): Promise<void> => new Promise((done) => void setImmediate(done));

const bytes = (text: string): string => Buffer.from(text).toString('latin1');
const token = '1//0gAbCdEf-éü_0123456789'.repeat(5);
const pasted = bytes(`\x1b[200~${token}\x1b[201~`);

test('a paste arrives whole wherever it is cut in two', async () => {
  for (let cut = 0; cut <= pasted.length; cut++) {
    const { filter, pastes, chunks } = rig();
    filter.feed(pasted.slice(0, cut));
    filter.feed(pasted.slice(cut));
    await flowed();
    assert.is(pastes.length, 1, `cut at ${cut}`);
    assert.is(pastes[0]?.text, token, `cut at ${cut}`);
    assert.is(pastes[0]?.unfinished, false);
    assert.equal(chunks, [], `cut at ${cut}`);
  }
});

test('a paste arrives whole byte by byte', async () => {
  const { filter, pastes, chunks } = rig();
  for (const byte of pasted) filter.feed(byte);
  await flowed();
  assert.equal(
    pastes.map(({ text }) => text),
    [token],
  );
  assert.equal(chunks, []);
});

test('line ends, letters and escapes in a paste are its text and no keys', async () => {
  const { filter, pastes, chunks } = rig();
  filter.feed('\x1b[200~half\rq\x1b[A\x03\x1bother\x1b[201~');
  await flowed();
  assert.is(pastes[0]?.text, 'half\rq\x1b[A\x03\x1bother');
  assert.equal(chunks, []);
});

test('keys around a paste stay keys', async () => {
  const { filter, pastes, chunks } = rig();
  filter.feed('j\x1b[200~x\x1b[201~k');
  await flowed();
  assert.is(pastes[0]?.text, 'x');
  assert.equal(chunks, ['j', 'k']);
});

test('an arrow cut in two is one arrow', async () => {
  for (const [head, tail] of [
    ['\x1b', '[A'],
    ['\x1b[', 'A'],
    ['\x1bO', 'A'],
    ['\x1b[1;', '5C'],
  ] as const) {
    const { clock, filter, chunks } = rig();
    filter.feed(head);
    clock.advance(25);
    filter.feed(tail);
    clock.advance(1000);
    await flowed();
    assert.equal(chunks, [head + tail]);
  }
});

test('a bare ESC is a key after 30 ms', async () => {
  const { clock, filter, chunks } = rig();
  filter.feed('\x1b');
  clock.advance(29);
  await flowed();
  assert.equal(chunks, []);
  clock.advance(1);
  await flowed();
  assert.equal(chunks, ['\x1b']);
});

test('an ESC followed by a letter is two keys', async () => {
  const { clock, filter, chunks } = rig();
  filter.feed('\x1bj');
  clock.advance(100);
  await flowed();
  assert.equal(chunks, ['\x1b', 'j']);
});

test('a start marker whose ESC came long before still starts a paste', async () => {
  const { clock, filter, pastes, chunks } = rig();
  filter.feed('\x1b');
  clock.advance(200);
  filter.feed('[200~secret\rq\x1b[201~');
  await flowed();
  assert.is(pastes[0]?.text, 'secret\rq');
  assert.equal(chunks, ['\x1b']);
});

test('a sequence that never ends is dropped and does not swallow the next key', async () => {
  const { clock, filter, chunks } = rig();
  filter.feed('\x1b[1;');
  clock.advance(500);
  filter.feed('j');
  await flowed();
  assert.equal(chunks, ['j']);
});

test("a terminal's late answers and the mouse are no keys, wherever a read cuts them", async () => {
  const told = [
    '\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\',
    '\x1b]10;rgb:ff/ff/ff\x07',
    '\x1bP>|xterm(370)\x1b\\',
    '\x1bP1+r436f=323536\x1b\\',
    '\x1b_Gi=31;OK\x1b\\',
    '\x1b[M xq',
    '\x1b[?62;22c',
    '\x1b[<0;88;12M',
  ];
  for (const sequence of told) {
    for (let cut = 1; cut < sequence.length; cut++) {
      const { clock, filter, pastes, chunks } = rig();
      filter.feed(sequence.slice(0, cut));
      clock.advance(20);
      filter.feed(`${sequence.slice(cut)}j`);
      await flowed();
      assert.equal(pastes, []);
      assert.equal(
        chunks.filter((chunk) => chunk !== sequence),
        ['j'],
        `${JSON.stringify(sequence)} cut at ${cut}`,
      );
    }
  }
});

test('the late answer whose ESC was taken for a key does nothing more', async () => {
  const { clock, filter, chunks } = rig();
  filter.feed('\x1b');
  clock.advance(200);
  filter.feed('P>|u x\x1b\\j');
  await flowed();
  assert.equal(chunks, ['\x1b', 'j']);
});

test('Alt with a letter that begins such an answer is ESC and the letter, and Ctrl-C gets through', async () => {
  const { clock, filter, chunks } = rig();
  filter.feed('\x1bP');
  clock.advance(300);
  filter.feed('\x1b]never ends\x03');
  clock.advance(300);
  await flowed();
  assert.equal(chunks.slice(0, 2), ['\x1b', 'P']);
  assert.ok(chunks.includes('\x03'));
});

test('a paste without an end is over after two seconds, and says so', () => {
  const { clock, filter, pastes } = rig();
  filter.feed('\x1b[200~abc');
  clock.advance(1999);
  assert.is(pastes.length, 0);
  filter.feed('def');
  clock.advance(2000);
  assert.equal(pastes, [{ text: 'abcdef', bytes: 6, cut: false, unfinished: true }]);
});

test('an end marker alone is nothing', async () => {
  const { filter, pastes, chunks } = rig();
  filter.feed('\x1b[201~j');
  await flowed();
  assert.equal(pastes, []);
  assert.equal(chunks, ['j']);
});

test('of a huge paste only the start is kept, and all of it is counted', () => {
  const { filter, pastes } = rig();
  filter.feed(`\x1b[200~${'a'.repeat(70_000)}`);
  filter.feed(`${'b'.repeat(70_000)}\x1b[201~`);
  assert.is(pastes[0]?.bytes, 140_000);
  assert.is(pastes[0]?.cut, true);
  assert.is(pastes[0]?.text.length, 16_384);
});

test('many different letters in one read are a paste of a terminal without bracketed paste', async () => {
  const { filter, pastes, chunks } = rig();
  filter.feed('abcdefghijklmnopqrstu\rq');
  await flowed();
  assert.is(pastes[0]?.text, 'abcdefghijklmnopqrstu\rq');
  assert.equal(chunks, []);
});

test('a key held down on a slow line is no paste', async () => {
  const { filter, pastes, chunks } = rig();
  filter.feed('j'.repeat(40));
  await flowed();
  assert.equal(pastes, []);
  assert.is(chunks.join('').length, 40);
});

test('Ctrl-C at the end of a burst is still Ctrl-C', async () => {
  const { filter, pastes, chunks } = rig();
  filter.feed('abcdefghijklmnopqrstuvwxyz\x03');
  await flowed();
  assert.is(pastes.length, 1);
  assert.equal(chunks, ['\x03']);
});

test('a letter of several bytes cut in two is handed on as its bytes', async () => {
  const { filter, chunks } = rig();
  const received: Buffer[] = [];
  filter.output.on('data', (chunk: Buffer) => received.push(chunk));
  const [first = '', second = ''] = bytes('é');
  filter.feed(first);
  filter.feed(second);
  await flowed();
  assert.is(Buffer.concat(received).toString(), 'é');
  assert.is(chunks.length, 2);
});

test.run();
