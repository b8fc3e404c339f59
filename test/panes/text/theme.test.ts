import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { groundOf, themeFor, type Style } from '../../../src/panes/text/theme.js';
import { setClock } from '../../support/clock.js';
import { night } from '../../support/scene.js';
import { withScreen } from '../../support/screen.js';

type Triple = readonly [number, number, number];

/** How those see who lack one kind of cone, in linear RGB (Machado, Oliveira and Fernandes 2009, severity 1). */
const visions: Readonly<Record<string, readonly Triple[]>> = {
  'all cones': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Linear RGB of one of the 256 colours that do not depend on the terminal. */
function linear(index: number): Triple {
  const cube = [0, 95, 135, 175, 215, 255];
  const grey = 8 + 10 * (index - 232);
  const at = index - 16;
  const parts = index >= 232 ? [grey, grey, grey] : [36, 6, 1].map((step) => cube[Math.floor(at / step) % 6] ?? 0);
  const [r = 0, g = 0, b = 0] = parts.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return [r, g, b];
}

const times = (rows: readonly Triple[], [r, g, b]: Triple): Triple => {
  const [x = 0, y = 0, z = 0] = rows.map((row) => Math.max(0, Math.min(1, row[0] * r + row[1] * g + row[2] * b)));
  return [x, y, z];
};

const luminance = ([r, g, b]: Triple): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/** CIE L*a*b*, in which a distance of about 2 is just seen and one of 20 at a glance. */
function lab(rgb: Triple): Triple {
  const xyz = times(
    [
      [0.4124 / 0.95047, 0.3576 / 0.95047, 0.1805 / 0.95047],
      [0.2126, 0.7152, 0.0722],
      [0.0193 / 1.08883, 0.1192 / 1.08883, 0.9505 / 1.08883],
    ],
    rgb,
  );
  const [x = 0, y = 0, z = 0] = xyz.map((t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const env = { TERM: 'xterm-256color', LANG: 'C.UTF-8' };
const grounds = { dark: 0, light: 1 } as const;

for (const theme of ['dark', 'light'] as const) {
  const { sgr } = themeFor({ theme, glyphs: 'auto' }, env);
  const colour = (style: Style): Triple => linear(Number(/38;5;(\d+)/.exec(sgr[style])?.[1]));

  for (const [vision, rows] of Object.entries(visions)) {
    test(`${theme}: what is well, what needs a look and what is dead differ at a glance, with ${vision}`, () => {
      for (const [a, b] of [
        ['good', 'warn'],
        ['good', 'dead'],
        ['warn', 'dead'],
      ] as const) {
        const [one, other] = [a, b].map((style) => lab(times(rows, colour(style))));
        const distance = Math.hypot(...(one ?? [0, 0, 0]).map((part, at) => part - (other?.[at] ?? 0)));
        assert.ok(distance >= 25, `${a} and ${b}: ${distance.toFixed(0)}`);
      }
    });
  }

  test(`${theme}: every colour of text has the contrast that WCAG 2 asks for`, () => {
    for (const style of ['dim', 'accent', 'good', 'warn', 'error', 'dead', 'alarm', 'key'] as const) {
      const [dark = 0, light = 0] = [luminance(colour(style)), grounds[theme]].sort((a, b) => a - b);
      const contrast = (light + 0.05) / (dark + 0.05);
      assert.ok(contrast >= 4.5, `${style}: ${contrast.toFixed(1)}`);
    }
  });
}

test('the letters of strangers are drawn where the locale is UTF-8, also with glyphs in ASCII', () => {
  assert.is(themeFor({ theme: 'auto', glyphs: 'auto' }, env).letters, 'all');
  assert.is(themeFor({ theme: 'auto', glyphs: 'ascii' }, env).letters, 'narrow');
  assert.is(themeFor({ theme: 'auto', glyphs: 'auto' }, { TERM: 'linux', LANG: 'C.UTF-8' }).letters, 'ascii');
  assert.is(themeFor({ theme: 'auto', glyphs: 'auto' }, { TERM: 'xterm', LANG: 'C' }).letters, 'ascii');
});

test('a terminal of eight colours gets no bright ones, since bright black would come out as black on black', async () => {
  for (const COLORFGBG of ['15;0', '0;15']) {
    const { sgr } = themeFor({ theme: 'auto', glyphs: 'auto' }, { TERM: 'linux', LANG: 'C', COLORFGBG });
    for (const codes of Object.values(sgr)) assert.not.match(codes, /\x1b\[(?:\d+;)*(?:9\d|10\d)[;m]/);
  }
  const clock = setClock(Date.UTC(2026, 10, 23, 2, 14, 7));
  await withScreen(night(clock), { clock, env: { TERM: 'linux', LANG: 'C' } }, (screen) => {
    for (const { cells } of screen.rows())
      for (const { char, fg, bg } of cells) if (char !== ' ') assert.not.ok(fg === '0' && bg === 'default', char);
    return Promise.resolve();
  });
});

test('a background that the terminal tells decides, whatever its depth of colour', () => {
  for (const [answer, ground] of [
    ['rgb:ffff/ffff/ffff', 'light'],
    ['rgb:fd/f6/e3', 'light'],
    ['rgba:f/f/f/f', 'light'],
    ['rgb:0000/ffff/0000', 'light'],
    ['rgb:1e1e/1e1e/1e1e', 'dark'],
    ['rgb:0000/0000/ffff', 'dark'],
    ['rgb:00/2b/36', 'dark'],
    ['#ffffff', null],
    ['rgb:fffff/0/0', null],
    ['?', null],
  ] as const) {
    assert.is(groundOf(answer), ground, answer);
  }
});

test.run();
