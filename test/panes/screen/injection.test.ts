/** Strangers' text on the real screen: the terminal must be in the same state as with plain text, every border in its place. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LoginOffer } from '../../../src/proxy/contract/operations.js';
import { setClock } from '../../support/clock.js';
import { hostile } from '../../support/hostile.js';
import { withScreen, type TestScreen } from '../../support/screen.js';
import { account, TestSupervisor } from '../../support/supervisor.js';

/** Everything in which a stranger's words can stand. */
function among(clock: { now(): number }, text: string): TestSupervisor {
  const now = clock.now();
  const told = {
    name: text,
    reason: text,
    coolingWhat: text,
    trouble: text,
    notSaved: text,
    client: text,
    projectId: text,
  };
  const rows = [
    account(`${text}@x`, { id: 'a', file: `${text}.json`, ...told }),
    account(`b${text}`, { id: 'b', ...told, state: 'disabled', since: now - 1000, cause: 'revoked' }),
    account('', { id: 'c', file: `${text}.json`, reason: text, state: 'unreadable' }),
    account(`d${text}`, { id: 'd', ...told, state: 'blocked', validationUrl: `https://x/${text}` }),
  ];
  const supervisor = new TestSupervisor(clock, rows, {
    banners: [{ code: 'x', severity: 'error', text }],
    alarm: { at: now - 1000, accountId: 'b', email: `b${text}`, text, count: 1 },
    hint: text,
    address: `127.0.0.1:8045${text}`,
    dataDir: `/home/${text}`,
    clients: [
      { name: 'default', id: text, hasSecret: true },
      { name: text, id: text, hasSecret: true },
    ],
  });
  for (let i = 0; i < 4; i++) {
    supervisor.log(`${text} ${i}`, { source: text, level: 30 + 10 * (i % 3), account: text });
    supervisor.access({ model: text, path: `/${text}`, method: text, account: `b${text}`, left: [text] });
    supervisor.event('disabled', `b${text}`, { accountId: 'b', text, detail: text, cause: 'revoked' });
  }
  return supervisor;
}

const offer = (text: string): LoginOffer => ({
  login: 'l1',
  url: 'https://accounts.example/auth',
  port: 41234,
  client: text,
  email: text,
  machine: `ops@${text}`,
});

type Walk = (screen: TestScreen, supervisor: TestSupervisor, text: string) => Promise<void>;

/** Each leaves something open in which the text stands. */
const views: Readonly<Record<string, Walk>> = {
  detail: (screen) => screen.press('g', 'Enter'),
  record: (screen) => screen.press('2', 'k', 'Enter'),
  timeline: (screen) => screen.press('3', 'Enter'),
  wrapped: (screen) => screen.press('2', 'w', 'z', 'k', 'm'),
  charts: async (screen) => {
    await screen.press(':');
    await screen.paste('charts');
    await screen.press('Enter');
    await screen.advance(1000);
  },
  filter: async (screen, _supervisor, text) => {
    await screen.press('2', '/');
    await screen.paste(text);
  },
  palette: async (screen, _supervisor, text) => {
    await screen.press(':');
    await screen.paste(text);
  },
  form: async (screen, supervisor, text) => {
    await screen.press('g', 'r');
    await screen.paste('1//0token');
    await screen.press('Enter');
    const { progress } = supervisor.last('readd');
    progress({ step: 'exchange', status: 'done', text });
    progress({ step: 'identity', status: 'failed', text });
    await supervisor.last('readd').reply({ outcome: 'refused', cause: 'revoked', text });
    await screen.settle();
  },
  'the login page': async (screen, supervisor, text) => {
    await screen.press('g', 'o');
    await supervisor.last('startLogin').reply(offer(text));
    await screen.settle();
    await supervisor.last('awaitLogin').reply({ outcome: 'login_open', text });
    await screen.settle();
  },
  'the login dialog': async (screen, supervisor, text) => {
    await screen.press('g', 'o');
    await supervisor.last('startLogin').reply(offer(text));
    await screen.press('Enter');
    await screen.paste(text);
    await supervisor.last('awaitLogin').reply({ outcome: 'login_open', text });
    await screen.settle();
  },
  'the set-up': async (screen, supervisor, text) => {
    await screen.press('g', 'O');
    await screen.paste(text);
    await screen.press('Tab', 'Enter', 'Enter');
    await supervisor.last('setUpClient').reply({ ok: false, text });
    await screen.settle();
  },
  'a dialog': (screen) => screen.press('g', 'x'),
  'a notice': async (screen, supervisor, text) => {
    await screen.press('u');
    await supervisor.last('undo').reply({ ok: false, text });
    await screen.settle();
  },
};

/** Every kind of control sequence among these bytes: final character and private mode, without its numbers. */
function kinds(bytes: string): Set<string> {
  const found = bytes.match(
    /\x1b(?:\[[?>=]?[0-9;]*[ -/]*[@-~]|\][0-9]+|[^[\]])|[\x00-\x09\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]/g,
  );
  return new Set(
    (found ?? []).map((sequence) => (/^\x1b\[[\d;]*[a-zA-Z]$/.test(sequence) ? (sequence.at(-1) ?? '') : sequence)),
  );
}

interface Look {
  readonly kinds: Set<string>;
  readonly state: object;
}

async function lookOf(text: string, walk: Walk): Promise<Look> {
  const clock = setClock(Date.UTC(2026, 10, 23, 2, 14, 7));
  const supervisor = among(clock, text);
  const looks: Look[] = [];
  await withScreen(supervisor, { clock, cols: 100, rows: 30 }, async (screen) => {
    const { terminal } = screen;
    const titles: string[] = [];
    const osc: string[] = [];
    terminal.onTitleChange((title) => titles.push(title));
    for (const code of [8, 10, 11, 12, 52]) terminal.parser.registerOscHandler(code, (data) => osc.push(data) > 0);
    let bytes = '';
    const write = screen.output.write.bind(screen.output) as (chunk: string, done?: () => void) => boolean;
    screen.output.write = ((chunk: string, done?: () => void) => {
      bytes += chunk;
      return write(chunk, done);
    }) as typeof screen.output.write;
    await walk(screen, supervisor, text);
    await screen.resize(80, 24);
    checkBorders(screen, text);
    const { modes, buffer } = terminal;
    const { insertMode, originMode, wraparoundMode, applicationCursorKeysMode, bracketedPasteMode } = modes;
    const kept = { insertMode, originMode, wraparoundMode, applicationCursorKeysMode, bracketedPasteMode };
    looks.push({ kinds: kinds(bytes), state: { ...kept, type: buffer.active.type, titles, osc } });
  });
  const [look] = looks;
  if (look === undefined) throw new Error('nothing was looked at');
  return look;
}

/** Every box that is open has its sides, all the way down. */
function checkBorders({ terminal }: TestScreen, text: string): void {
  const { active } = terminal.buffer;
  if (active.type === 'normal') return;
  const at = (x: number, y: number): string => active.getLine(y)?.getCell(x)?.getChars() ?? '';
  for (let y = 0; y < terminal.rows; y++) {
    for (let x = 0; x < terminal.cols; x++) {
      if (at(x, y) !== '╔') continue;
      const end = Array.from({ length: terminal.cols }, (_, to) => to).find((to) => to > x && at(to, y) === '╗') ?? -1;
      for (let row = y + 1; at(x, row) !== '╚' && row < terminal.rows; row++) {
        assert.is(at(x, row) + at(end, row), '║║', `${JSON.stringify(text.slice(0, 40))}, row ${row}`);
      }
    }
    const sides = at(0, y) + at(terminal.cols - 1, y);
    if (/[║│╔┌╚└]/.test(sides))
      assert.match(sides, /║║|││|╔╗|┌┐|╚╝|└┘/, `${JSON.stringify(text.slice(0, 40))}, row ${y}`);
  }
}

const texts = hostile.map(([, text]) => text);
const half = Math.ceil(texts.length / 2);
/** Many together: a walk for each would take minutes. */
const corpus: readonly string[] = [
  texts.slice(0, half).join(' '),
  texts.slice(half).join(' '),
  [
    '日本語'.repeat(20),
    '👨‍👩‍👧‍👦🇩🇪❤️'.repeat(10),
    'שלום עולם '.repeat(5),
    'Z\u0300\u0301\u0302\u0303\u0304'.repeat(10),
    'long'.repeat(1000),
  ].join(' '),
];

for (const [name, walk] of Object.entries(views)) {
  test(`${name}: strangers' text leaves the terminal as plain text does`, async () => {
    const plain = await lookOf('plain', walk);
    for (const text of corpus) {
      const { kinds: sent, state } = await lookOf(text, walk);
      assert.equal(state, plain.state, JSON.stringify(text.slice(0, 80)));
      // to a column and one to the right: how a letter of another width is put into its cell
      const more = [...sent].filter((kind) => !plain.kinds.has(kind) && !'GCHKm'.includes(kind));
      assert.equal(
        more.map((kind) => Buffer.from(kind).toString('hex')),
        [],
        JSON.stringify(text.slice(0, 80)),
      );
    }
  });
}

test.run();
