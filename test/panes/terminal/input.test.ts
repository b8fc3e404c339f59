import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputFilter } from '../../../src/panes/terminal/input.js';
import type { Paste } from '../../../src/panes/terminal/keys.js';
import { setClock, type SetClock } from '../../support/clock.js';

interface Rig {
  readonly clock: SetClock;
  readonly filter: InputFilter;
  readonly pastes: Paste[];
  /** What came through as keys, by name. */
  readonly keys: string[];
  readonly columns: number[];
  readonly backgrounds: string[];
}

function rig(): Rig {
  const clock = setClock();
  const [pastes, keys, columns, backgrounds]: [Paste[], string[], number[], string[]] = [[], [], [], []];
  const filter = new InputFilter(clock, {
    key: ({ name }) => keys.push(name),
    paste: (paste) => pastes.push(paste),
    cursorAt: (column) => columns.push(column),
    background: (colour) => backgrounds.push(colour),
    lost: () => undefined,
  });
  return { clock, filter, pastes, keys, columns, backgrounds };
}

const bytes = (text: string): string => Buffer.from(text).toString('latin1');
const token = '1//0gAbCdEf-éü_0123456789'.repeat(5);
const pasted = bytes(`\x1b[200~${token}\x1b[201~`);

test('a paste arrives whole wherever it is cut in two', () => {
  for (let cut = 0; cut <= pasted.length; cut++) {
    const { clock, filter, pastes, keys } = rig();
    filter.feed(pasted.slice(0, cut));
    // within its mark a second, within itself and its end five
    clock.advance(cut === 1 ? 20 : cut < 6 ? 990 : cut === pasted.length ? 0 : 4990);
    filter.feed(pasted.slice(cut));
    clock.advance(100);
    assert.is(pastes.length, 1, `cut at ${cut}`);
    assert.is(pastes[0]?.text, token, `cut at ${cut}`);
    assert.is(pastes[0]?.unfinished, false);
    assert.equal(keys, [], `cut at ${cut}`);
  }
});

test('a paste arrives whole byte by byte', () => {
  const { clock, filter, pastes, keys } = rig();
  for (const byte of pasted) filter.feed(byte);
  clock.advance(100);
  assert.equal(
    pastes.map(({ text }) => text),
    [token],
  );
  assert.equal(keys, []);
});

test('line ends, letters and escapes in a paste are its text and no keys', () => {
  const { clock, filter, pastes, keys } = rig();
  filter.feed('\x1b[200~half\rq\x1b[A\x03\x1b');
  clock.advance(4000);
  filter.feed('other\x1b[201~');
  clock.advance(100);
  assert.is(pastes[0]?.text, 'half\rq\x1b[A\x03\x1bother');
  assert.equal(keys, []);
});

test('what comes within 100 ms behind a paste belongs to it, what comes later is a key', () => {
  const { clock, filter, pastes, keys } = rig();
  filter.feed('j\x1b[200~x\x1b[201~u\r');
  clock.advance(99);
  filter.feed('y');
  assert.equal(pastes, []);
  clock.advance(100);
  filter.feed('k');
  assert.is(pastes[0]?.text, 'xu\ry');
  assert.equal(keys, ['j', 'k']);
});

test('a paste that carries its own end mark runs nothing', () => {
  const { clock, filter, pastes, keys } = rig();
  filter.feed('\x1b[200~1//0abc\x1b[201~xy\r\x1b[201~');
  clock.advance(100);
  assert.equal(
    pastes.map(({ text }) => text),
    ['1//0abcxy\r'],
  );
  assert.equal(keys, []);
});

test('two pastes right behind each other are two', () => {
  const { clock, filter, pastes, keys } = rig();
  filter.feed('\x1b[200~one\x1b[201~\x1b[200~two\x1b[201~');
  clock.advance(100);
  assert.equal(
    pastes.map(({ text }) => text),
    ['one', 'two'],
  );
  assert.equal(keys, []);
});

test('an arrow cut in two is one arrow', () => {
  for (const [head, tail, key] of [
    ['\x1b', '[A', 'up'],
    ['\x1b[', 'A', 'up'],
    ['\x1bO', 'A', 'up'],
    ['\x1b[1;', '5C', 'C-right'],
  ] as const) {
    const { clock, filter, keys } = rig();
    filter.feed(head);
    clock.advance(head === '\x1b' ? 24 : 999);
    filter.feed(tail);
    clock.advance(1000);
    assert.equal(keys, [key]);
  }
});

test('a bare ESC is a key once nothing followed for 25 ms', () => {
  const { clock, filter, keys } = rig();
  filter.feed('\x1b');
  clock.advance(24);
  assert.equal(keys, []);
  clock.advance(1);
  assert.equal(keys, ['escape']);
});

test('an ESC with a letter behind it is Alt and that letter', () => {
  const { clock, filter, keys } = rig();
  filter.feed('\x1bj');
  filter.feed(bytes('\x1bü'));
  filter.feed('\x1b\r');
  clock.advance(100);
  assert.equal(keys, ['M-j', 'M-ü', 'M-enter']);
});

test('a start marker whose ESC came long before still starts a paste', () => {
  const { clock, filter, pastes, keys } = rig();
  filter.feed('\x1b');
  clock.advance(200);
  filter.feed('[200~secret\rq\x1b[201~');
  clock.advance(100);
  assert.is(pastes[0]?.text, 'secret\rq');
  assert.equal(keys, ['escape']);
});

test('a sequence that never ends is dropped after a second and does not swallow the next key', () => {
  const { clock, filter, keys } = rig();
  filter.feed('\x1b[1;');
  clock.advance(1000);
  filter.feed('j');
  assert.equal(keys, ['j']);
});

test('the late answer whose ESC was taken for a key does nothing more', () => {
  const { clock, filter, keys } = rig();
  filter.feed('\x1b');
  clock.advance(200);
  filter.feed('P>|u x\x1b\\j');
  assert.equal(keys, ['escape', 'j']);
});

test('an answer that never ends swallows nothing but itself, and Ctrl-C gets through', () => {
  const { clock, filter, keys } = rig();
  filter.feed('\x1bP');
  clock.advance(1000);
  filter.feed('j\x1b]never ends');
  filter.feed('\x03');
  clock.advance(1000);
  assert.equal(keys, ['j', 'C-c']);
});

test('a paste without an end is over after five seconds, and says so', () => {
  const { clock, filter, pastes } = rig();
  filter.feed('\x1b[200~abc');
  clock.advance(4999);
  assert.is(pastes.length, 0);
  filter.feed('def');
  clock.advance(5000);
  assert.equal(pastes, [{ text: 'abcdef', bytes: 6, cut: false, unfinished: true }]);
});

test('an end marker alone is nothing', () => {
  const { filter, pastes, keys } = rig();
  filter.feed('\x1b[201~j');
  assert.equal(pastes, []);
  assert.equal(keys, ['j']);
});

test('of a huge paste only the start is kept, and all of it is counted', () => {
  const { clock, filter, pastes } = rig();
  filter.feed(`\x1b[200~${'a'.repeat(70_000)}`);
  filter.feed(`${'b'.repeat(70_000)}\x1b[201~`);
  clock.advance(100);
  assert.is(pastes[0]?.bytes, 140_000);
  assert.is(pastes[0]?.cut, true);
  assert.is(pastes[0]?.text.length, 16_384);
});

test('many different letters in one read are a paste of a terminal without bracketed paste', () => {
  const { clock, filter, pastes, keys } = rig();
  filter.feed('abcdefghijklmnopqrstu\rq');
  clock.advance(100);
  assert.is(pastes[0]?.text, 'abcdefghijklmnopqrstu\rq');
  assert.equal(keys, []);
});

test('a key held down on a slow line is no paste', () => {
  const { filter, pastes, keys } = rig();
  filter.feed('j'.repeat(40));
  assert.equal(pastes, []);
  assert.is(keys.length, 40);
});

test('letters that a slow line brought together are keys, each of them', () => {
  const { clock, filter, pastes, keys } = rig();
  filter.feed(':char');
  clock.advance(10);
  filter.feed('ts\r');
  clock.advance(20);
  assert.equal(pastes, []);
  assert.equal(keys, [...Array.from(':charts'), 'enter']);
});

test('Ctrl-C at the end of a burst is still Ctrl-C, within it it is text', () => {
  for (const [sent, key] of [
    ['abcdefghijklmnopqrstuvwxyz\x03', ['C-c']],
    ['abcdefghijklmnopqrstuvwxyz\x03q', []],
  ] as const) {
    const { clock, filter, pastes, keys } = rig();
    filter.feed(sent);
    clock.advance(100);
    assert.is(pastes.length, 1);
    assert.equal(keys, key);
  }
});

test('a letter of several bytes cut in two is one letter', () => {
  for (const letter of ['é', '한', '🙂']) {
    const { filter, keys } = rig();
    for (const byte of bytes(letter)) filter.feed(byte);
    assert.equal(keys, [letter]);
  }
});

/** Pastes of every size in chunks of every size: nothing of them is ever a key, but the first few typed ones. */
const sizes = [1, 2, 20, 21, 22, 100, 4095, 4096, 5000, 16_384, 100_000];
const chunks = [1, 2, 3, 7, 16, 20, 21, 64, 1000, 4095, 4096, 65_536];

test('pastes with marks of 1 to 100,000 bytes in chunks of every size arrive whole', () => {
  for (const size of sizes) {
    for (const chunk of chunks) {
      if (size / chunk > 20_000) continue;
      const text = 'xy1/.u\rd\x03Q'.repeat(Math.ceil(size / 10)).slice(0, size);
      const { clock, filter, pastes, keys } = rig();
      const sent = `\x1b[200~${text}\x1b[201~`;
      for (let at = 0; at < sent.length; at += chunk) {
        filter.feed(sent.slice(at, at + chunk));
        clock.advance(at % 3 === 0 ? 0 : 24);
      }
      clock.advance(100);
      assert.equal(keys, [], `${size} in chunks of ${chunk}`);
      assert.is(pastes.length, 1, `${size} in chunks of ${chunk}`);
      assert.is(pastes[0]?.bytes, size);
      assert.is(pastes[0]?.text, text.slice(0, 16_384));
    }
  }
});

test('pastes without marks in chunks of every size run nothing, whatever they hold, until 100 ms of silence', () => {
  for (const size of sizes.filter((each) => each > 20)) {
    for (const chunk of chunks.filter((each) => each > 1)) {
      const text = 'xy1/.uFd\rQ'.repeat(Math.ceil(size / 10)).slice(0, size);
      const { clock, filter, pastes, keys } = rig();
      for (let at = 0; at < text.length; at += chunk) {
        filter.feed(text.slice(at, at + chunk));
        // a terminal's line discipline hands on 4,095 bytes, then takes its time
        clock.advance(at < 2 * chunk * 11 ? 0 : 99);
      }
      clock.advance(100);
      filter.feed('j');
      assert.equal(keys, ['j'], `${size} in chunks of ${chunk}`);
      assert.is(pastes.length, 1, `${size} in chunks of ${chunk}`);
      assert.is(pastes[0]?.bytes, size);
    }
  }
});

test('one byte at a time, faster than a hand, is a paste from the twenty-first letter on', () => {
  const { clock, filter, pastes, keys } = rig();
  for (const letter of 'abcdefghijklmnopqrstuvwxyz0123456789') {
    filter.feed(letter);
    clock.advance(1);
  }
  clock.advance(100);
  assert.is(keys.length, 20);
  assert.is(pastes[0]?.text, 'uvwxyz0123456789');
});

test('F3 with Shift is no answer where the cursor stands, unless that was asked', () => {
  const { clock, filter, keys, columns } = rig();
  filter.feed('\x1b[1;2R');
  assert.equal([keys, columns], [['S-f3'], []]);
  filter.awaitCursor();
  filter.feed('\x1b[1;9R\x1b[1;2R');
  assert.equal([keys, columns], [['S-f3', 'S-f3'], [9]]);
  filter.awaitCursor();
  clock.advance(5001);
  filter.feed('\x1b[1;2R');
  assert.equal(columns, [9]);
});

test('the background is told as the terminal says it', () => {
  const { filter, keys, backgrounds } = rig();
  filter.feed('\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\');
  filter.feed('\x1b]11;rgb:ff/ff/ff\x07');
  filter.feed('\x1b]10;rgb:ff/ff/ff\x07');
  assert.equal(backgrounds, ['rgb:1e1e/1e1e/1e1e', 'rgb:ff/ff/ff']);
  assert.equal(keys, []);
});

test.run();
