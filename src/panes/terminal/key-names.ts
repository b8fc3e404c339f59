/** Which key a token is; null for tokens that no key sends. */
import type { Key } from './keys.js';
import type { Token } from './sequence-parser.js';

/** Modifiers, sent as `1 + bits` in a sequence; Caps Lock and Num Lock do not count. */
const SHIFT = 1;
const ALT = 2;
const CTRL = 4;
const LOCKS = 64 | 128;

/** kitty's event type of a key that is released. */
const RELEASED = 3;

const byFinal: ReadonlyMap<string, string> = new Map(
  Object.entries({
    A: 'up',
    B: 'down',
    C: 'right',
    D: 'left',
    E: 'begin',
    F: 'end',
    H: 'home',
    P: 'f1',
    Q: 'f2',
    R: 'f3',
    S: 'f4',
  }),
);

const byNumber: Readonly<Record<number, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  ...Object.fromEntries([11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24].map((number, at) => [number, `f${at + 1}`])),
};

/** The keypad's sequences in application mode. */
const keypad: ReadonlyMap<string, string> = new Map(
  Object.entries({
    M: 'enter',
    I: 'tab',
    ' ': 'space',
    ...Object.fromEntries(Array.from('*+,-./0123456789=', (char) => [keypadFinal(char), char])),
  }),
);
function keypadFinal(char: string): string {
  return char === '=' ? 'X' : String.fromCharCode(char.charCodeAt(0) + 0x40);
}

/** The first of kitty's numbers for the keypad. */
const FIRST_KEYPAD = 57_399;
const kittyKeypad = [
  ...Array.from('0123456789./*-+'),
  ...[
    'enter',
    '=',
    ',',
    'left',
    'right',
    'up',
    'down',
    'pageup',
    'pagedown',
    'home',
    'end',
    'insert',
    'delete',
    'begin',
  ],
];

const byCode: Readonly<Record<number, string>> = {
  8: 'backspace',
  9: 'tab',
  13: 'enter',
  27: 'escape',
  127: 'backspace',
};

const plain = (name: string): Key => ({ name, text: null });
const letter = (text: string): Key => ({ name: text === ' ' ? 'space' : text, text });

/** The key that a token is; null for what no key sends, and for keys that do nothing alone. */
export function keyOf(token: Token): Key | null {
  switch (token.kind) {
    case 'letter':
      return letter(token.text);
    case 'control':
      return controlKey(token.code);
    case 'escape': {
      const key = keyOf(token.of);
      return key === null ? null : plain(`M-${key.name}`);
    }
    case 'ss3':
      return ss3Key(token.parameters, token.final);
    case 'csi':
      return csiKey(token.parameters, token.final);
    default:
      return null;
  }
}

function controlKey(code: number): Key {
  const named = byCode[code];
  if (named !== undefined) return plain(named);
  return plain(`C-${String.fromCharCode(code + 0x40).toLowerCase()}`);
}

function ss3Key(parameters: string, final: string): Key | null {
  const named = byFinal.get(final);
  if (named !== undefined) return withHeld(named, numbersOf(parameters)?.at(-1)?.[0] ?? 1);
  const key = keypad.get(final);
  if (key === undefined || parameters !== '') return null;
  return key.length === 1 ? letter(key) : key === 'space' ? letter(' ') : plain(key);
}

function csiKey(parameters: string, final: string): Key | null {
  // sequences with private marks or intermediates are the terminal's answers, not keys
  const numbers = numbersOf(parameters);
  if (numbers === null) return null;
  const [[first = 1] = [], [held = 1, event = 1] = []] = numbers;
  if (event === RELEASED) return null;
  if (final === 'u') return codeKey(numbers);
  if (final === 'Z') return parameters === '' || held > 0 ? plain('S-tab') : null;
  if (final === '~') {
    // xterm's modifyOtherKeys: the modifiers, then the letter
    if (first === 27 && numbers.length === 3) return codeKey([numbers[2] ?? [], [held]]);
    const named = byNumber[first];
    return named === undefined ? null : withHeld(named, held);
  }
  const named = byFinal.get(final);
  return named === undefined || numbers.length > 2 || first !== 1 ? null : withHeld(named, held);
}

/** A key by the number of its letter: `code:shifted:base ; modifiers:event ; text`. */
function codeKey(numbers: readonly (readonly number[])[]): Key | null {
  const [[code = 0, shifted] = [], [held = 1] = [], [text] = []] = numbers;
  const bits = (held - 1) & ~LOCKS;
  const isShifted = (bits & SHIFT) !== 0;
  const named = byCode[code] ?? kittyKeypad[code - FIRST_KEYPAD];
  if (named !== undefined && named.length > 1) {
    if (named === 'tab' && bits === SHIFT) return plain('S-tab');
    return bits === 0 || bits === SHIFT ? plain(named) : plain(`${prefixOf(bits)}${named}`);
  }
  if (named === undefined && !isLetter(code)) return null;
  const char = named ?? String.fromCodePoint(code);
  if ((bits & ~SHIFT) !== 0) return plain(`${prefixOf(bits)}${char}`);
  if (text !== undefined && isLetter(text)) return letter(String.fromCodePoint(text));
  if (!isShifted) return letter(char);
  return letter(shifted !== undefined && isLetter(shifted) ? String.fromCodePoint(shifted) : char.toUpperCase());
}

/** A key's name with its modifiers. Shift alone is part of a letter, and is named for no other key here. */
const withHeld = (name: string, held: number): Key => {
  const bits = (held - 1) & ~LOCKS;
  return plain(bits === 0 ? name : `${prefixOf(bits)}${name}`);
};

function prefixOf(bits: number): string {
  const others = bits & ~(SHIFT | ALT | CTRL | LOCKS);
  const said = [
    others === 0 ? '' : 'Super-',
    bits & CTRL ? 'C-' : '',
    bits & ALT ? 'M-' : '',
    bits & SHIFT ? 'S-' : '',
  ];
  return said.join('');
}

/** Whether a number is a letter: no control, no half of a surrogate pair, and no number of a key without a letter. */
const isLetter = (code: number): boolean =>
  code >= 0x20 && code <= 0x10ffff && (code < 0x7f || code > 0x9f) && (code < 0xd800 || code > 0xf8ff);

/** `1;2:3` as numbers; null where there is anything else. */
function numbersOf(parameters: string): number[][] | null {
  if (!/^[0-9:;]*$/.test(parameters)) return null;
  if (parameters === '') return [];
  return parameters
    .split(';')
    .map((part) => part.split(':').map((number, at) => (number === '' ? (at === 0 ? 1 : NaN) : Number(number))));
}
