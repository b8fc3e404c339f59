import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FlightRow } from '../../../src/proxy/contract/operations.js';
import { flightLines } from '../../../src/panes/sheets/flight.js';
import { themeFor } from '../../../src/panes/text/theme.js';

const test = suite('the sheet of what is in flight');
const theme = themeFor({ theme: 'dark', glyphs: 'ascii' }, {});

const row = (id: string, over: Partial<FlightRow> = {}): FlightRow => ({
  ...{ id, ageMs: 0, kind: 'asked', account: null, key: null, model: null, protocol: 'gemini', ip: null, bytes: 0 },
  ...over,
});
const text = (rows: readonly FlightRow[], width: number, index = 0, room = 20): string[] =>
  flightLines(rows, { index, room }, width, theme).map(({ spans }) => spans.map((span) => span.text).join(''));

const session = row('5f-1', {
  ...{ ageMs: 3_725_000, kind: 'live', account: 'anna@example.com', key: 'laptop', model: 'gemini-live-2.5' },
  ...{ bytes: 12_345_678, ip: '127.0.0.1' },
});

test('a request says its age, what it does, its bytes, key, model and account; more where there is room', () => {
  const [head, first, second] = text([session, row('5f-2', { kind: 'held', model: 'gemini-3-flash' })], 78);
  assert.match(head ?? '', /^ {4,}AGE DOES +BYTES KEY +MODEL +ACCOUNT$/);
  assert.match(first ?? '', /^ > +1h02m live +12345k laptop +gemini-live-2\.5 +anna@example\.com$/);
  assert.match(second ?? '', /^ +0s waits +0 - +gemini-3-flash +-$/);
  assert.match(text([session], 198)[1] ?? '', /anna@example\.com +gemini +5f-1 +127\.0\.0\.1$/);
});

test('no line is wider than the sheet, and of more requests than fit the chosen one is seen', () => {
  const long = row('5f-9', { account: `${'a'.repeat(60)}@example.com`, key: 'k'.repeat(64), model: 'm'.repeat(200) });
  for (const width of [58, 78, 118, 198]) {
    for (const line of text([long, session], width)) assert.ok(line.length <= width, `${width}: ${line}`);
  }
  const many = Array.from({ length: 500 }, (_, at) => row(`r${at}`, { key: `k${at}` }));
  for (const index of [0, 250, 499]) {
    const lines = text(many, 78, index, 10);
    assert.is(lines.length, 11);
    assert.ok(lines.some((line) => line.startsWith(' >') && line.includes(` k${index} `)));
  }
});

test('a name that is hostile draws nothing', () => {
  const hostile = row('5f-1', { model: '\u001b[31mred\u202e', account: '\u001b]0;x\u0007@x' });
  assert.not.match(text([hostile], 118).join(''), /[\u001b\u202e\u0007]/);
});

test.run();
