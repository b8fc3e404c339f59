/** Text that strangers may put into an account's name, a log line or an answer. */

/** Text that tries to get out of its cell, and what is left of it. */
export const hostile: readonly (readonly [name: string, text: string, shown: string])[] = [
  ['an SGR sequence', '\x1b[31mred\x1b[0m', 'red'],
  ['a C1 CSI', '\x9b31mred', 'red'],
  ['a cursor move', 'a\x1b[2J\x1b[1;1Hb', 'ab'],
  ['an unfinished CSI', 'a\x1b[12;', 'a'],
  ['a title by OSC', 'a\x1b]2;gotcha\x07b', 'ab'],
  ['a link by OSC 8', '\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\', 'click'],
  ['the clipboard by OSC 52', 'x\x1b]52;c;ZXZpbA==\x07y', 'xy'],
  ['a DCS string', 'a\x1bP1$r0m\x1b\\b', 'ab'],
  ['a C1 OSC', 'a\x9d2;x\x9cb', 'ab'],
  ['a lone ESC at the end', 'a\x1b', 'a'],
  ['a character set switch', 'a\x1b(0b', 'ab'],
  ['controls', 'a\x00\x07\x08\x7fb', 'ab'],
  ['line ends', 'a\r\nb\tc', 'a  b c'],
  ['a bidi override', 'a\u202eevil\u202cb', 'aevilb'],
  ['zero-width characters', 'a\u200b\u200d\ufeffb', 'ab'],
  ['combining marks', 'Zalgo\u0300\u0301\u0302', 'Zalgo'],
  ['two-cell letters', '日本x', '??x'],
  ['an emoji', 'a😀b', 'a?b'],
  ['an emoji of several', 'a👩‍👩‍👧b', 'a???b'],
  ['a lone surrogate', 'a\ud83db', 'a?b'],
  ['a two-cell sign of the first plane', 'a⌚b', 'a?b'],
  ['a blessed tag', '{red-fg}x{/}', '{red-fg}x{/}'],
];
