import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copySequence } from '../../../src/panes/terminal/sequences.js';

/** What a terminal behind GNU screen gets: the contents of its device control strings, put together. */
const handedOn = (sent: string): string =>
  Array.from(sent.matchAll(/\x1bP([^]*?)\x1b\\/g), ([, piece]) => piece).join('');

test('GNU screen is given pieces that it takes, which make the sequence again', () => {
  for (const size of [1, 500, 575, 576, 577, 5000, 56_244, 80_000]) {
    const text = 'a'.repeat(size);
    const plain = copySequence(text, {});
    const sent = copySequence(text, { STY: '1234.pts-0.box' });
    for (const [, piece = ''] of sent.matchAll(/\x1bP([^]*?)\x1b\\/g))
      assert.ok(piece.length <= 768, String(piece.length));
    assert.is(handedOn(sent), plain);
  }
});

test('tmux is told both ways', () => {
  const sent = copySequence('x', { TMUX: '/tmp/tmux-0/default,1,0' });
  assert.is(sent, '\x1b]52;c;eA==\x07\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\');
});

test.run();
