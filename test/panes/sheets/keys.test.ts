import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KeyRow } from '../../../src/proxy/contract/key-shapes.js';
import { keyLines } from '../../../src/panes/sheets/keys.js';
import { themeFor } from '../../../src/panes/text/theme.js';
import { setClock } from '../../support/clock.js';
import { withScreen, type TestScreen, type TestScreenOptions } from '../../support/screen.js';
import { account, TestSupervisor } from '../../support/supervisor.js';

const test = suite('the sheet of client keys');
const now = Date.UTC(2026, 10, 30, 6);
const theme = themeFor({ theme: 'dark', glyphs: 'ascii' }, {});

const row = (name: string, over: Partial<KeyRow> = {}): KeyRow => ({
  ...{ name, created: null, graceUntil: null, inFlight: 0, requestsToday: 0, tokensToday: 0, tokensThisMonth: 0 },
  ...{ stoppedBy: null, expires: null, models: [], tokensPerDay: 0, tokensPerMonth: 0, requestsPerMinute: 0 },
  ...{ maxInFlight: 0, pin: false, off: false, note: '', ...over },
});
const text = (keys: readonly KeyRow[], index = 0, room = Infinity): string[] =>
  keyLines(keys, { index, room }, now, theme).map(({ spans }) => spans.map((span) => span.text).join(''));

test('a key says what it used today, what stops it, and what it may', () => {
  const [head, first, second] = text([
    row('ci', {
      requestsToday: 1_234,
      tokensToday: 56_789,
      inFlight: 2,
      stoppedBy: 'tokens_per_day',
      tokensPerDay: 50_000,
    }),
    row('laptop', { stoppedBy: 'off', models: ['gemini-3-*'], pin: true, note: 'Anna' }),
  ]);
  assert.match(head ?? '', /KEY +TODAY +TOKENS +AT ONCE {2}STATE/);
  assert.match(first ?? '', /> ci +1,234 +56,789 +2 {2}at its limit of tokens a day · 50,000 tokens a day$/);
  assert.match(second ?? '', / {3}laptop +0 +0 +0 {2}off · only gemini-3-\* · may pin · Anna$/);
});

test('of more keys than fit the chosen one is seen', () => {
  const keys = Array.from({ length: 300 }, (_, i) => row(`k${i}`));
  for (const index of [0, 7, 150, 299]) {
    const lines = text(keys, index, 10);
    assert.is(lines.length, 11);
    assert.ok(lines.some((line) => line.startsWith(` > k${index} `)));
  }
});

test('a name that is hostile draws nothing', () => {
  assert.not.match(text([row('ci', { note: '\u001b[31mred\u202e' })]).join(''), /[\u001b\u202e]/);
});

type Flow = (screen: TestScreen, supervisor: TestSupervisor) => Promise<void>;
const onKeys = (keys: readonly KeyRow[], use: Flow, options: TestScreenOptions = {}): Promise<void> => {
  const clock = setClock();
  const supervisor = new TestSupervisor(clock, [account('anna@example.com')]);
  return withScreen(supervisor, { clock, attached: true, ...options }, async (screen) => {
    await screen.press('K');
    await supervisor.last('keys').reply(keys);
    await screen.settle();
    await use(screen, supervisor);
  });
};

test('the key that was asked about is revoked, whatever keys there are by then', () =>
  onKeys([row('ci'), row('laptop'), row('old')], async (screen, supervisor) => {
    await screen.press('j', 'x');
    assert.ok(screen.has('Revoke the key laptop for good?'));
    await screen.advance(2000);
    await supervisor.last('keys').reply([row('build'), row('ci'), row('laptop'), row('old')]);
    await screen.advance(1000);
    assert.ok(screen.has('build'));
    assert.ok(screen.has('Revoke the key laptop for good?'));
    await screen.press('y');
    assert.equal(supervisor.last('revokeKey').args, ['laptop']);
  }));

test('the choice stays on its key where others come and go', () =>
  onKeys([row('ci'), row('laptop'), row('old')], async (screen, supervisor) => {
    await screen.press('j');
    await screen.advance(2000);
    await supervisor.last('keys').reply([row('build'), row('ci'), row('laptop')]);
    await screen.press('e');
    assert.equal(supervisor.last('setKey').args, ['laptop', { off: true }]);
    await screen.advance(2000);
    await supervisor.last('keys').reply([row('build'), row('ci')]);
    await screen.press('e');
    assert.equal(supervisor.last('setKey').args, ['ci', { off: true }], 'the last one, where it is gone');
  }));

test('a key that is made while the screen is suspended is shown once it is back, and never in the shell', () =>
  onKeys([], async (screen, supervisor) => {
    await screen.press('a');
    await screen.type('ci');
    await screen.press('Enter', 'C-z');
    assert.is(screen.terminal.buffer.active.type, 'normal');
    await supervisor.last('addKey').reply({ ok: true, text: 'the key ci is made', key: 'rg-secret' });
    await screen.settle();
    assert.not(screen.has('rg-secret'));
    process.emit('SIGCONT');
    await screen.settle();
    assert.is(screen.terminal.buffer.active.type, 'normal');
    assert.ok(screen.has('rg-secret'), screen.text());
    assert.ok(screen.input.isRaw);
    await screen.press('y');
    assert.ok(screen.has('key offered to the terminal'), 'its keys act');
    await screen.press('Enter');
    assert.is(screen.terminal.buffer.active.type, 'alternate');
    assert.ok(screen.has('client keys'), 'and the screen is there again');
  }));

test('PgDn, G, g, half pages and the wheel move the choice, and / finds a key that is out of sight', () =>
  onKeys(
    Array.from({ length: 300 }, (_, n) => row(`key-${n}`)),
    async (screen) => {
      const chosen = (): string => /▶ (key-\d+) /.exec(screen.text())?.[1] ?? 'none';
      await screen.press('G');
      assert.is(chosen(), 'key-299');
      await screen.press('g', 'PgDn');
      const page = Number(chosen().slice(4));
      assert.ok(page >= 10 && page <= 40, chosen());
      await screen.press('PgDn');
      assert.is(chosen(), `key-${2 * page}`);
      await screen.press('PgUp', 'C-d', 'C-u');
      assert.is(chosen(), `key-${page}`);
      await screen.press('g', '/');
      await screen.type('key-27');
      await screen.press('Enter');
      assert.is(chosen(), 'key-27');
      await screen.press('n', 'n');
      assert.is(chosen(), 'key-271');
      assert.ok(screen.has('/key-27 3 of 11'), screen.text());
      await screen.press('N');
      assert.is(chosen(), 'key-270');
    },
  ));

test.run();
