/** Whatever a terminal sends is parsed whole: what is a key of ours acts, all else is nothing, wherever a read cuts it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputFilter } from '../../../src/panes/terminal/input.js';
import { setClock } from '../../support/clock.js';

/** The keys that these bytes are, cut into pieces at these places, with `ms` between them. */
function keysOf(sent: string, cuts: readonly number[] = [], ms = 24): string[] {
  const clock = setClock();
  const keys: string[] = [];
  const filter = new InputFilter(clock, {
    key: ({ name, text }) => keys.push(text === null ? name : `'${text}`),
    paste: ({ text }) => keys.push(`paste ${text}`),
    lost: () => undefined,
  });
  let from = 0;
  for (const cut of [...cuts, sent.length]) {
    filter.feed(sent.slice(from, cut));
    clock.advance(ms);
    from = cut;
  }
  clock.advance(2000);
  return keys;
}

const keys: Readonly<Record<string, readonly string[]>> = {
  // kitty: letters, Enter, Esc, Ctrl, Alt, events, locks, the keypad
  '\x1b[99;5u': ['C-c'],
  '\x1b[117u': ["'u"],
  '\x1b[117;1u': ["'u"],
  '\x1b[117;65u': ["'u"],
  '\x1b[117;129u': ["'u"],
  '\x1b[117;193u': ["'u"],
  '\x1b[117;1:1u': ["'u"],
  '\x1b[117;1:2u': ["'u"],
  '\x1b[117;1:3u': [],
  '\x1b[117:85;2u': ["'U"],
  '\x1b[117;2u': ["'U"],
  '\x1b[117;2;85u': ["'U"],
  '\x1b[117;3u': ['M-u'],
  '\x1b[117;9u': ['Super-u'],
  '\x1b[100;5u': ['C-d'],
  '\x1b[13u': ['enter'],
  '\x1b[13;1:3u': [],
  '\x1b[13;2u': ['enter'],
  '\x1b[27u': ['escape'],
  '\x1b[27;65u': ['escape'],
  '\x1b[9u': ['tab'],
  '\x1b[9;2u': ['S-tab'],
  '\x1b[127u': ['backspace'],
  '\x1b[32u': ["' "],
  '\x1b[57400u': ["'1"],
  '\x1b[57414u': ['enter'],
  '\x1b[57419u': ['up'],
  '\x1b[57422u': ['pagedown'],
  '\x1b[57358u': [],
  '\x1b[57441;2u': [],
  '\x1b[1;1:1A': ['up'],
  '\x1b[1;1:3A': [],
  '\x1b[1;65B': ['down'],
  '\x1b[5;1:2~': ['pageup'],
  '\x1b[5;1:3~': [],
  '\x1b[1074::119u': ["'в"],
  // xterm's modifyOtherKeys
  '\x1b[27;5;99~': ['C-c'],
  '\x1b[27;2;85~': ["'U"],
  '\x1b[27;3;117~': ['M-u'],
  '\x1b[27;5;13~': ['C-enter'],
  // application keypad and cursor keys
  '\x1bOM': ['enter'],
  '\x1bOp': ["'0"],
  '\x1bOy': ["'9"],
  '\x1bOk': ["'+"],
  '\x1bOo': ["'/"],
  '\x1bOn': ["'."],
  '\x1bOA': ['up'],
  '\x1bOH': ['home'],
  '\x1bO5C': ['C-right'],
  // others that all terminals have
  '\x1b[A': ['up'],
  '\x1b[1;5D': ['C-left'],
  '\x1b[Z': ['S-tab'],
  '\x1b[3~': ['delete'],
  '\x1b[1~': ['home'],
  '\x1b[8~': ['end'],
  '\x1b[24~': ['f12'],
  '\x1bOP': ['f1'],
  '\x1b[1;2R': ['S-f3'],
  // Alt
  '\x1bu': ['M-u'],
  '\x1bx': ['M-x'],
  '\x1b\x7f': ['M-backspace'],
};

/** What a terminal says of itself, or of what is no key here. */
const answers: readonly string[] = [
  '\x1b[?62;22c',
  '\x1b[>41;370;0c',
  '\x1b[=c',
  '\x1b[0n',
  '\x1b[?2026;2$y',
  '\x1b[4;1$y',
  '\x1b[?1u',
  '\x1b[?997;1n',
  '\x1b[8;24;80t',
  '\x1b[I',
  '\x1b[O',
  '\x1b[<0;88;12M',
  '\x1b[<0;88;12m',
  '\x1b[32;88;12M',
  '\x1b[M xq',
  '\x1b[M\x20\xff\x1b',
  '\x1b[M\x03\x71\x0d',
  '\x1b[[A',
  '\x1b[[E',
  '\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\',
  '\x1b]10;rgb:ff/ff/ff\x07',
  '\x1b]52;c;dXh5\x07',
  '\x1bP>|xterm(370)\x1b\\',
  '\x1bP1+r436f=323536\x1b\\',
  '\x1bP1$r0 q\x1b\\',
  '\x1bP!|00000000\x1b\\',
  '\x1b_Gi=31;OK\x1b\\',
  '\x1b^u x y\x1b\\',
  '\x1bXu x y\x1b\\',
  `\x1b]4;1;${'xyu'.repeat(24_000)}\x07`,
  '\x1b[1;2;3;4;5;6;7;8;9x',
  `\x1b[${'1;'.repeat(5000)}u`,
  '\x1b(B',
  '\x1b#8',
  '\x9b0n',
  '\x9d11;u\x9c\x07',
  '\xc2\x9b0n',
];

for (const [sequence, expected] of Object.entries(keys)) {
  test(`${JSON.stringify(sequence)} is ${expected.join(' ') || 'nothing'}, wherever it is cut`, () => {
    for (let cut = 0; cut < sequence.length; cut++) {
      assert.equal(keysOf(sequence, cut === 0 ? [] : [cut]), expected, `cut at ${cut}`);
      // the second counts from the second byte
      if (cut > 1) assert.equal(keysOf(sequence, [cut], 999), expected, `stalled at ${cut}`);
    }
    assert.equal(keysOf(`${sequence}j`), [...expected, "'j"], 'and what follows is itself');
  });
}

for (const sequence of answers) {
  test(`${JSON.stringify(sequence).slice(0, 40)} is no key, wherever it is cut`, () => {
    const cuts = sequence.length > 100 ? [1, 2, 3, 50, 4095, 4096, sequence.length - 1] : Array.from(sequence).keys();
    for (const cut of cuts) {
      assert.equal(keysOf(sequence, cut === 0 ? [] : [cut]), [], `cut at ${cut}`);
      assert.equal(keysOf(`${sequence}j`, cut === 0 ? [] : [cut]), ["'j"], `cut at ${cut}, then a key`);
    }
  });
}

test('every CSI final, with and without private marks and intermediates, split at every byte, leaves no letter behind', () => {
  for (let final = 0x40; final < 0x7f; final++) {
    const char = String.fromCharCode(final);
    for (const mark of ['', '?', '>', '<', '=']) {
      for (const parameters of ['', '0', '62;22', '1:2;3', ';;', '9999999999']) {
        for (const intermediate of ['', ' ', '$', '!']) {
          const sequence = `\x1b[${mark}${parameters}${intermediate}${char}`;
          if (['\x1b[M', '\x1b[['].includes(sequence)) continue;
          const found = keysOf(`${sequence}j`);
          assert.is(found.at(-1), "'j", JSON.stringify(sequence));
          const others = found.slice(0, -1);
          assert.ok(others.length <= 1, `${JSON.stringify(sequence)}: ${others.join(' ')}`);
          if (mark !== '' || intermediate !== '') assert.equal(others, [], JSON.stringify(sequence));
          const bytes = Array.from(sequence, (_, at) => at + 1);
          assert.equal(keysOf(`${sequence}j`, bytes), found, `${JSON.stringify(sequence)} byte by byte`);
          for (const cut of parameters === '62;22' ? bytes : [])
            assert.equal(keysOf(`${sequence}j`, [cut]), found, `${JSON.stringify(sequence)} cut at ${cut}`);
          // with no number in it that stands for a letter, none comes of it
          if (char !== 'u' && char !== '~')
            assert.not(
              others.some((key) => key.startsWith("'")),
              JSON.stringify(sequence),
            );
        }
      }
    }
  }
});

test('what is cut off by another sequence, by CAN or by a byte of no sequence is dropped', () => {
  assert.equal(keysOf('\x1b[1;\x1b[A'), ['up']);
  assert.equal(keysOf('\x1b[12\x18j'), ["'j"]);
  assert.equal(keysOf('\x1b[12\x1aj'), ["'j"]);
  assert.equal(keysOf('\x1b]0;title\x1b[Aj'), ['up', "'j"]);
  assert.equal(keysOf('\x1b\x1b[A'), ['up']);
  assert.equal(keysOf('\xe2\x82j'), ["'j"]);
  assert.equal(keysOf('\xffj'), ["'j"]);
});

test.run();
