/**
 * `--json` of every verb against a schema: on a running supervisor, on a stopped one, and after a wrong word. The lines
 * go through the parser of the command line, one after the other on the same accounts.
 */
import { CommanderError } from 'commander';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { commandLine } from '../../../src/commands/verbs/command-line.js';
import { verbs } from '../../../src/commands/verbs/verbs.js';
import { CannotRun, RegrantError, UsageError } from '../../../src/store/ground/errors.js';
import { SettingsError } from '../../../src/store/settings/settings.js';
import { withDirectory } from '../../support/directory.js';
import { withDoor } from '../../support/door.js';
import { googleSettings, testClient, withGoogle } from '../../support/google.js';
import { runVerb, type Said } from '../../support/verb.js';

const test = suite('--json');

const anna = { id: 'a1', email: 'anna@example.com' };
const bob = { id: 'b1', email: 'bob@example.com' };

const [text, number, flag, time] = [v.string(), v.number(), v.boolean(), v.pipe(v.number(), v.minValue(1))];
const answer = <T extends v.ObjectEntries>(entries: T) => v.strictObject({ schema: v.literal(1), ...entries });
const said = answer({ ok: flag, text });
const results = answer({ results: v.array(v.strictObject({ email: text, ok: flag, text })) });
const imported = answer({
  results: v.array(v.strictObject({ email: v.nullable(text), ok: flag, text, from: text })),
});
const keyShown = answer({ ok: flag, text, key: v.nullable(v.pipe(text, v.regex(/^[\w-]{32,}$/))) });
const trashed = v.strictObject({
  ...{ name: text, kind: v.picklist(['removed', 'replaced']), id: text, email: v.nullable(text), at: time },
});
const [maybeText, maybeNumber] = [v.nullable(text), v.nullable(number)];
const state = v.picklist(
  'ready cooling disabled proxy_disabled refused blocked no_client unreadable'.split(' ') as [string],
);
const statusShape = answer({
  ...{ status: v.picklist(['ok', 'degraded', 'down']), version: text, accounts: v.record(state, number) },
  ...{ unsaved: number, pid: number, address: text, upSince: time },
  noneServes: v.array(v.strictObject({ model: text, next: maybeNumber })),
  log: v.strictObject({ ok: flag, lost: number }),
});
const nothingRuns = answer({
  ...{ status: v.literal('down'), version: text, pid: v.null(), address: v.null(), upSince: v.null() },
});
const keyRow = v.strictObject({
  ...{ name: text, created: maybeNumber, graceUntil: maybeNumber, inFlight: number, requestsToday: number },
  ...{
    tokensToday: number,
    tokensThisMonth: number,
    stoppedBy: maybeText,
    expires: maybeNumber,
    models: v.array(text),
  },
  ...{ tokensPerDay: number, tokensPerMonth: number, requestsPerMinute: number, maxInFlight: number },
  ...{ pin: flag, off: flag, note: text },
});

interface Row {
  /** The schema of what stands on standard output. */
  readonly shape: v.GenericSchema;
  /** Words and options after the verb. */
  readonly line?: string;
  readonly input?: string;
  /** Exit statuses with and without a supervisor; 3: it needs one, and only `status` has something to answer. */
  readonly running: number;
  readonly stopped: number;
  /** Words that are wrong, beside options that nobody knows; and the exit status. */
  readonly wrong?: readonly [line: string, status: number];
}

const both = (shape: v.GenericSchema, more: Partial<Row> = {}): Row => ({ shape, running: 0, stopped: 0, ...more });
const onAccount = (more: Partial<Row> = {}): Row =>
  both(results, { line: bob.email, wrong: ['nobody@example.com', 1], ...more });
const onKey = (shape: v.GenericSchema, more: Partial<Row> = {}): Row =>
  both(shape, { line: 'ci', wrong: ['nobody', 1], ...more });
/** Without `database.url` there is nothing to act on (2); what they say with one: test/commands/database. */
const needsDatabase: Row = { shape: said, running: 2, stopped: 2 };
const needsOne = (shape: v.GenericSchema): Row => ({ shape, running: 0, stopped: 3 });

/** In the order in which they are typed: what one changes the next ones meet. */
const table: Readonly<Record<string, Row>> = {
  status: both(v.union([statusShape, nothingRuns]), { stopped: 3 }),
  accounts: both(v.array(v.looseObject({ id: text, email: text, state, cause: maybeText }))),
  off: onAccount(),
  on: onAccount(),
  test: onAccount(),
  clear: onAccount(),
  add: both(results, { input: '1//0second-of-bob\n', wrong: ['surplus', 2] }),
  import: both(imported, { line: '/TOKENS', wrong: ['/nowhere', 1] }),
  export: both(v.looseObject({ schema: v.literal(1) }), { line: '--plain', wrong: ['nobody@example.com --plain', 1] }),
  remove: onAccount({ line: `${bob.email} --yes` }),
  undo: needsOne(said),
  redo: needsOne(said),
  trash: both(answer({ trash: v.array(trashed) })),
  'trash restore': both(results, { line: 'TRASHED --yes', wrong: ['nothing.json', 1] }),
  'client set': both(answer({ results: v.array(v.strictObject({ client: text, ok: flag, text })) }), {
    ...{ line: 'desktop', input: 'new.apps.googleusercontent.com\nGOCSPX-new\n', wrong: ['one two', 2] },
  }),
  doctor: both(
    answer({
      findings: v.array(v.strictObject({ mark: v.picklist(['ok', 'warn', 'bad']), what: text, text })),
    }),
  ),
  events: both(
    answer({
      events: v.array(
        v.strictObject({
          ...{ at: time, kind: text, accountId: text, email: text, cause: maybeText, tookMs: maybeNumber },
          ...{ nextAt: maybeNumber, text, detail: text },
        }),
      ),
    }),
    { wrong: ['--since yesterday', 2] },
  ),
  usage: both(
    answer({
      usage: v.array(
        v.looseObject({
          ...{ day: text, requests: number, failed: number, held: number, in: number, cached: number, out: number },
          ...{ thoughts: number, bytes: number, unread: number },
        }),
      ),
    }),
    { wrong: ['--by colour', 2] },
  ),
  flight: needsOne(answer({ total: number, requests: v.array(v.looseObject({ id: text })) })),
  logs: both(answer({ logs: v.array(v.looseObject({ level: number, time, msg: text })) }), {
    wrong: ['--level loud', 2],
  }),
  models: both(answer({ models: v.array(v.strictObject({ id: text, aliasOf: maybeText, accounts: v.array(text) })) })),
  reload: needsOne(said),
  'config show': both(
    answer({
      settings: v.array(
        v.strictObject({
          ...{ key: text, value: v.unknown(), from: v.picklist(['default', 'file', 'environment']) },
          source: v.optional(text),
        }),
      ),
    }),
  ),
  'config check': both(said),
  'config path': both(answer({ path: text, schemaFile: text })),
  'config set': both(said, { line: 'pool.waitSeconds 5', wrong: ['pool.strategy wish', 2] }),
  'notify test': both(said, { running: 1, stopped: 1 }),
  'key list': both(answer({ keys: v.array(keyRow) })),
  'key add': both(keyShown, { line: 'ci --expires 30d', wrong: ['ci --expires soon', 2] }),
  'key set': onKey(said, { line: 'ci --note CI', wrong: ['ci --tokens-per-day many', 2] }),
  'key off': onKey(said),
  'key on': onKey(said),
  'key rotate': onKey(keyShown),
  boxes: needsDatabase,
  'database init': needsDatabase,
  'database check': needsDatabase,
  'database migrate': needsDatabase,
  'database rekey': needsDatabase,
  'key revoke': onKey(said, { line: 'ci --yes', wrong: ['nobody --yes', 1] }),
  stop: both(answer({ ok: flag, pid: maybeNumber, unsaved: v.array(text) })),
};

/** Those without `--json`, and those that need a process or a service manager of their own (`restart.test`, `service/`). */
const WITHOUT = ['login', 'attach', 'env', 'completion'];
const ELSEWHERE = ['restart', 'service install', 'service uninstall', 'service status'];

/** The exit status of an error, as `app.ts` has it. */
function statusOf(error: unknown): number {
  if (error instanceof CommanderError || error instanceof UsageError || error instanceof SettingsError) return 2;
  if (!(error instanceof RegrantError)) throw error;
  return error instanceof CannotRun ? 3 : 1;
}

/** Types a line after `regrant`. */
async function type(dataDir: string, line: string, input = ''): Promise<Said> {
  let ended: Said = { status: -1, stdout: '', stderr: '' };
  const program = commandLine({
    main: () => Promise.resolve(),
    verb: async ({ load }, given) => {
      const code = await load();
      ended = await runVerb((context) => code(context, given), dataDir, { input });
    },
  });
  const quiet = { writeErr: () => undefined, writeOut: () => undefined };
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)])
    command.configureOutput(quiet);
  try {
    await program.parseAsync(line.split(' '), { from: 'user' });
    return ended;
  } catch (error) {
    return { status: statusOf(error), stdout: '', stderr: String(error) };
  }
}

function check(name: string, { shape }: Row, wanted: number, { status, stdout, stderr }: Said): void {
  assert.is(status, wanted, `${name}: ${stderr}${stdout}`);
  // lines of the log are as they were written then
  if (name !== 'logs')
    assert.not.match(stdout, /\bpress [A-Za-z.]\b|\b[a-zA-Z] puts it back/, `${name} speaks of keys`);
  if ((wanted === 3 || wanted === 2) && name !== 'status') {
    assert.is(stdout, '', `${name} says on standard error what it needs`);
    return;
  }
  const parsed = v.safeParse(shape, JSON.parse(stdout));
  assert.ok(
    parsed.success,
    `${name}: ${JSON.stringify(parsed.issues?.map((issue) => [v.getDotPath(issue), issue.message]))}\n${stdout}`,
  );
}

/** Types every verb of the table. */
async function typeAll(dataDir: string, tokens: string, when: 'running' | 'stopped'): Promise<void> {
  for (const [name, row] of Object.entries(table)) {
    const trash = JSON.parse((await type(dataDir, 'trash --json')).stdout) as { trash: { name: string }[] };
    const words = (row.line ?? '').replace('TRASHED', trash.trash.at(-1)?.name ?? '').replace('/TOKENS', tokens);
    const ended = await type(dataDir, `${name} ${words} --json`.replace(/ +/g, ' '), row.input);
    check(name, row, row[when], ended);
  }
}

/** What the verbs need of Google. */
function prepare(google: { grant(token: string, of: object): void; client(id: string, secret: string): void }): void {
  for (const { id, email } of [anna, bob]) google.grant(`1//0test-refresh-token-of-${id}`, { email });
  google.grant('1//0second-of-bob', { email: bob.email });
  google.grant('1//0carl', { email: 'carl@example.com' });
  google.client(testClient.id, testClient.secret);
  google.client('new.apps.googleusercontent.com', 'GOCSPX-new');
}

test('every verb is in the table, or has no --json', () => {
  assert.equal(verbs.map(({ name }) => name).sort(), [...Object.keys(table), ...WITHOUT, ...ELSEWHERE].sort());
  for (const { name, options } of verbs)
    assert.is(
      options.some((option) => option.flag === '--json'),
      !WITHOUT.includes(name),
      name,
    );
});

test('on a running supervisor each verb answers by its schema', () =>
  withDoor({ accounts: [anna, bob], prepare }, async ({ house, server }) => {
    await house.dir.putRaw('../tokens.txt', '1//0carl\n');
    assert.is((await house.ask()).status, 200, 'so that there is usage, and lines of the log');
    // its answer goes out before the door is closed
    void house.supervisor.stopAsked.then(() => setTimeout(() => void server.close(), 20));
    await typeAll(house.dir.path, house.dir.at('tokens.txt'), 'running');
  }));

test('on a stopped one each works on the files, or says that it needs one (exit 3)', () =>
  withGoogle((google) =>
    withDirectory(async (dir) => {
      prepare(google);
      await dir.settings(googleSettings(google));
      for (const parts of [anna, bob]) await dir.put(parts);
      await dir.putRaw('../tokens.txt', '1//0carl\n');
      await typeAll(dir.path, dir.at('tokens.txt'), 'stopped');
    }),
  ));

test('after a wrong word nothing is done: exit 2, or a result that says so by the schema', () =>
  withDoor({ accounts: [anna, bob], prepare }, async ({ house }) => {
    await type(house.dir.path, 'key add ci --json');
    for (const [name, { shape, wrong, line = '' }] of Object.entries(table)) {
      const unknown = await type(house.dir.path, `${name} ${line} --json --no-such-option`.replace(/ +/g, ' '));
      assert.equal([unknown.status, unknown.stdout], [2, ''], name);
      const [words, wanted] = wrong ?? ['surplus', 2];
      const ended = await type(house.dir.path, `${name} ${words} --json`);
      assert.is(ended.status, wanted, `${name} ${words}: ${ended.stdout}${ended.stderr}`);
      if (ended.stdout === '') continue;
      const parsed = v.safeParse(shape, JSON.parse(ended.stdout));
      assert.ok(parsed.success, `${name} ${words}: ${ended.stdout}`);
    }
    for (const name of WITHOUT) assert.is((await type(house.dir.path, `${name} --json`)).status, 2, name);
    assert.equal([house.state('a1'), house.state('b1')], ['ready', 'ready']);
  }));

test.run();
