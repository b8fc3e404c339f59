/** Whatever goes through foreign bytes takes about twice as long for twice as many, whatever is in them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sanitise, wrap } from '../../src/panes/text/text.js';
import { beginningOf } from '../../src/proxy/answers/first-event.js';
import type { AskedFor } from '../../src/proxy/answers/google-answer.js';
import { googleErrorOf } from '../../src/proxy/answers/google-error.js';
import { verdictOf } from '../../src/proxy/answers/judge.js';
import { pathShape } from '../../src/proxy/answers/paths.js';
import { lineTokens } from '../../src/proxy/contract/token-text.js';
import { tokensInJson } from '../../src/proxy/contract/tokens-in-json.js';
import { enveloped } from '../../src/proxy/http/envelope.js';
import { conversationOf } from '../../src/proxy/protocols/gemini/conversation.js';
import { totalIn, usedIn } from '../../src/proxy/protocols/gemini/usage.js';
import { EventReader } from '../../src/proxy/protocols/translation/answer/event-reader.js';
import { modelInBody } from '../../src/proxy/subject/body-model.js';
import { Unwrap } from '../../src/proxy/upstreams/unwrap.js';
import { jsonOf, parseJson } from '../../src/store/ground/json.js';
import { parseExactly } from '../../src/store/ground/exact-json.js';
import { LineSplitter } from '../../src/store/ground/text/line-splitter.js';
import { logRecordOf } from '../../src/store/records/log-record.js';

const none = Buffer.alloc(0);
const asked: AskedFor = {
  ...{ upstream: 'gemini', subject: { model: 'm', group: 'generate' }, ofModel: true, ofStored: false },
};

/** Calls `act` with pieces of a text, as they come from a socket. */
const pieces = (text: string, act: (piece: Buffer) => void): void => {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 1_000) act(bytes.subarray(at, at + 1_000));
};

const scans: Readonly<Record<string, (text: string) => unknown>> = {
  modelInBody: (text) => modelInBody(Buffer.from(text)),
  conversationOf: (text) => conversationOf(Buffer.from(text), 'm'),
  enveloped: (text) => enveloped(Buffer.from(text), { before: none, after: none, ifEmpty: none, isWithin: true }),
  usage: (text) => [totalIn(Buffer.from(text)), usedIn(Buffer.from(text))],
  unwrap: (text) => {
    const unwrap = new Unwrap();
    pieces(text, (piece) => unwrap.push(piece));
  },
  events: (text) => {
    const reader = new EventReader();
    pieces(text, (piece) => reader.push(piece));
  },
  beginningOf: (text) => beginningOf(text.slice(0, 65_536), true, false),
  lines: (text) => {
    const splitter = new LineSplitter(65_536, () => undefined);
    pieces(text, (piece) => splitter.push(piece));
  },
  googleErrorOf: (text) => googleErrorOf(text),
  verdictOf: (text) => {
    const body = JSON.stringify({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: text } });
    return verdictOf({ status: 429, retryAfter: null, body }, asked, 0);
  },
  pathShape: (text) => pathShape('GET', `/${text}`),
  lineTokens: (text) => lineTokens(text),
  tokensInJson: (text) => tokensInJson(text),
  jsonOf: (text) => jsonOf(text),
  parseJson: (text) => parseJson(text),
  parseExactly: (text) => parseExactly(text),
  logRecordOf: (text) => logRecordOf(text, 0),
  wrap: (text) => wrap(text, 80),
  sanitise: (text) => sanitise(text),
};

const PIECES = [
  ...[
    'a',
    ' ',
    '\n',
    '"',
    '\\',
    '\\u',
    '[',
    '{',
    '{"a":',
    '"model":',
    '"model',
    ':\\/\\/',
    'data: [\n',
    'data: {}\n\n',
    '1h',
    '1',
    '1 h ',
  ],
  ...[
    'reset after ',
    'Please retry in 1',
    '%2',
    '%2F',
    '/',
    '1//',
    '"refresh_token":',
    '"usageMetadata":{',
    '"response":',
    '\u001b[',
    '😀',
    'a\u0301',
    '🇰🇷',
    '👨\u200d👩\u200d👧',
    '\u0301',
  ],
];

const SMALL = 50_000;

/** ms of the processor, so that what else runs on the machine does not count. */
function msFor(scan: (text: string) => unknown, text: string): number {
  const before = process.cpuUsage();
  try {
    scan(text);
  } catch {
    // no JSON, no event: how long that took is what counts
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Whether twice as much takes about twice as long; a time in which garbage was collected is taken once more. */
function grows(scan: (text: string) => unknown, piece: string): string | null {
  let said: string | null = null;
  for (let tries = 0; tries < 3; tries++) {
    const [one = 0, two = 0] = [SMALL, 2 * SMALL].map((size) => msFor(scan, piece.repeat(size / piece.length)));
    if (two < 3 * one + 10) return null;
    said = `${JSON.stringify(piece)}: ${one} ms, and ${two} ms for twice as much`;
  }
  return said;
}

for (const [name, scan] of Object.entries(scans)) {
  test(`${name}: twice as much takes about twice as long`, () => {
    assert.equal(
      PIECES.map((piece) => grows(scan, piece)).filter((said) => said !== null),
      [],
    );
  });
}

test.run();
