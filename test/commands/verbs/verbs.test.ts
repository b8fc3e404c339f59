import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import type { CommandArguments } from '../../../src/commands/context.js';
import { mainHelp, verbHelp } from '../../../src/commands/verbs/help.js';
import { manPage } from '../../../src/commands/verbs/man-page.js';
import { verbs } from '../../../src/commands/verbs/verbs.js';
import { operations } from '../../../src/proxy/contract/operations.js';
import { account, withDirectory } from '../../support/directory.js';
import { withDoor } from '../../support/door.js';
import { runVerb, type Said } from '../../support/verb.js';

const test = suite('verbs');
const anna = { id: 'a1', email: 'anna@example.com' };
const bob = { id: 'b1', email: 'bob@example.com' };

/** Runs a row of the table, as the command line does. */
async function run(
  dataDir: string,
  name: string,
  words: readonly string[] = [],
  options: CommandArguments['options'] = {},
  input = '',
) {
  const verb = verbs.find((row) => row.name === name);
  if (verb === undefined) throw new Error(`no verb ${name}`);
  const code = await verb.load();
  return runVerb((context) => code(context, { words, options }), dataDir, { input });
}

const json = { json: true } as const;
const schema = v.literal(1);
const results = v.strictObject({
  schema,
  results: v.array(v.looseObject({ email: v.nullable(v.string()), ok: v.boolean(), text: v.string() })),
});
const said = v.strictObject({ schema, ok: v.boolean(), text: v.string() });
const parsed = <T extends v.GenericSchema>(shape: T, { stdout }: Said): v.InferOutput<T> => {
  assert.is(stdout.trim().split('\n').length, 1, stdout);
  return v.parse(shape, JSON.parse(stdout));
};

test('off and on take an e-mail in any case, one result each; whom nobody knows is one too, and exit 1', () =>
  withDoor({ accounts: [anna, bob] }, async ({ house }) => {
    const at = house.dir.path;
    const off = await run(at, 'off', ['ANNA@example.com', 'nobody@example.com'], json);
    assert.equal(
      parsed(results, off).results.map(({ email, ok }) => [email, ok]),
      [
        ['anna@example.com', true],
        ['nobody@example.com', false],
      ],
    );
    assert.is(off.status, 1);
    assert.is(house.state('a1'), 'proxy_disabled');
    const on = await run(at, 'on', ['anna@example.com']);
    assert.equal([on.status, on.stdout], [0, '✔ anna@example.com: back in the proxy\n']);
    assert.is(house.state('a1'), 'ready');
  }));

test('what acts on accounts works on the files under their lock where nothing runs', () =>
  withDirectory(async (dir) => {
    await dir.put(anna);
    assert.is((await run(dir.path, 'off', [anna.email])).status, 0);
    assert.is((await dir.read('a1')).proxy_disabled, true);
    assert.is((await run(dir.path, 'remove', [anna.email], { yes: true })).status, 0);
    const listed = parsed(
      v.looseObject({ schema, trash: v.array(v.looseObject({ name: v.string() })) }),
      await run(dir.path, 'trash', [], json),
    );
    const name = listed.trash[0]?.name ?? '';
    assert.is((await run(dir.path, 'trash restore', [name])).status, 0);
    assert.is((await dir.read('a1')).email, anna.email);
    assert.is((await run(dir.path, 'trash restore', ['nothing.json'])).status, 1);
  }));

test('test asks Google about each once, and about all with --all; neither is a wrong usage', () =>
  withDoor({ accounts: [anna, { ...bob, refreshToken: '1//0dead' }] }, async ({ house }) => {
    const one = parsed(results, await run(house.dir.path, 'test', [anna.email], json));
    assert.equal(
      one.results.map(({ ok }) => ok),
      [true],
    );
    const all = await run(house.dir.path, 'test', [], { all: true, ...json });
    assert.is(all.status, 1);
    assert.equal(
      parsed(results, all).results.map(({ email, ok }) => [email, ok]),
      [
        ['anna@example.com', true],
        ['bob@example.com', false],
      ],
    );
    for (const [words, options] of [
      [[], {}],
      [[anna.email], { all: true }],
    ] as const) {
      try {
        await run(house.dir.path, 'test', [...words], options);
        assert.unreachable();
      } catch (error) {
        assert.is((error as { code?: string }).code, 'USAGE');
      }
    }
  }));

test('remove asks, and without a terminal says that nothing was done; undo and redo go back and forth', () =>
  withDoor({ accounts: [anna, bob] }, async ({ house }) => {
    const at = house.dir.path;
    const unasked = await run(at, 'remove', [bob.email]);
    assert.is(unasked.status, 1);
    assert.match(unasked.stderr, /--yes/);
    assert.is(house.state('b1'), 'ready');
    assert.is((await run(at, 'remove', [bob.email], { yes: true })).status, 0);
    assert.is(house.state('b1'), 'gone');
    assert.is(parsed(said, await run(at, 'undo', [], json)).ok, true);
    assert.is(house.state('b1'), 'ready');
    assert.is((await run(at, 'redo')).status, 0);
    assert.is(house.state('b1'), 'gone');
    assert.is((await run(at, 'undo')).status, 0);
    assert.is(house.state('b1'), 'ready');
    assert.is((await run(at, 'undo')).status, 1);
  }));

test('undo of a re-add asks, since it brings an older credential back; redo brings the newer one', () =>
  withDoor({ accounts: [bob] }, async ({ house }) => {
    const at = house.dir.path;
    house.google.grant('1//0second', { email: bob.email });
    assert.is((await run(at, 'add', [], {}, '1//0second\n')).status, 0);
    const unasked = await run(at, 'undo');
    assert.is(unasked.status, 1);
    assert.match(unasked.stderr, /older credential of bob@example\.com/);
    assert.is((await run(at, 'undo', [], { yes: true })).status, 0);
    assert.is.not((await house.dir.read('b1')).token.refresh_token, '1//0second');
    assert.is((await run(at, 'redo')).status, 0);
    assert.is((await house.dir.read('b1')).token.refresh_token, '1//0second');
  }));

test('what needs a supervisor says so where none runs (exit 3); stop has nothing to do (exit 0)', () =>
  withDirectory(async (dir) => {
    for (const [name, options] of [
      ['attach', {}],
      ['reload', {}],
      ['undo', {}],
      ['redo', {}],
      ['events', { f: true }],
      ['logs', { f: true }],
    ] as const) {
      try {
        await run(dir.path, name, [], options);
        assert.unreachable(name);
      } catch (error) {
        assert.is((error as { code?: string }).code, 'NOTHING_RUNS', name);
      }
    }
    assert.is((await run(dir.path, 'stop', [], json)).status, 0);
  }));

test('events and logs: what was, filtered by time, account and level; a wrong time is a wrong usage', () =>
  withDoor({ accounts: [anna, { ...bob, refreshToken: '1//0dead' }] }, async ({ house }) => {
    const at = house.dir.path;
    await run(at, 'test', [], { all: true });
    await house.store.events.flush();
    const shape = v.strictObject({
      schema,
      events: v.array(v.looseObject({ at: v.number(), kind: v.string(), email: v.string() })),
    });
    const found = parsed(shape, await run(at, 'events', [], { account: 'Bob@example.com', since: '1h', ...json }));
    assert.ok(found.events.some(({ kind }) => kind === 'disabled'));
    assert.ok(found.events.every(({ email }) => email === bob.email));
    assert.match((await run(at, 'events')).stdout, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}disabled {3}bob@example\.com/m);
    try {
      await run(at, 'events', [], { since: 'yesterday' });
      assert.unreachable();
    } catch (error) {
      assert.is((error as { code?: string }).code, 'USAGE');
    }
  }));

/** Each file and folder of a folder, with what it says. */
const allBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .map((at) => (statSync(at).isFile() ? `${at} ${readFileSync(at, 'utf8')}` : at));

const readingVerbs = [
  ...['status', 'events', 'logs', 'usage', 'trash', 'accounts', 'models', 'key list'],
  ...['config path', 'config show', 'config check'],
];
for (const name of readingVerbs)
  test(`a verb that only reads makes nothing: ${name}`, () =>
    withDirectory(async (dir) => {
      const nowhere = dir.at('not-there');
      const empty = dir.at('empty');
      mkdirSync(empty, { mode: 0o700 });
      const plain = dir.at('plain');
      mkdirSync(path.join(plain, 'accounts'), { recursive: true, mode: 0o700 });
      writeFileSync(path.join(plain, 'accounts', 'a1.json'), JSON.stringify(account(anna)));
      writeFileSync(path.join(plain, 'settings.json'), '{}', { mode: 0o644 });
      for (const at of [nowhere, empty, plain]) {
        const before = allBelow(dir.path);
        await run(at, name, [], json);
        assert.equal(allBelow(dir.path), before, at);
      }
      assert.is(statSync(path.join(plain, 'settings.json')).mode & 0o777, 0o644);
    }));

test('a doctor makes nothing where there is no pool to ask about', () =>
  withDirectory(async (dir) => {
    const empty = dir.at('empty');
    mkdirSync(empty, { mode: 0o700 });
    const unreachable = { oauth: { tokenUrl: 'http://127.0.0.1:1/', userInfoUrl: 'http://127.0.0.1:1/' } };
    writeFileSync(
      path.join(empty, 'settings.json'),
      JSON.stringify({ ...unreachable, upstream: { baseUrls: ['http://127.0.0.1:1'] } }),
    );
    const before = allBelow(dir.path);
    assert.match((await run(empty, 'doctor')).stdout, /▲ accounts: none yet; add one with `regrant add`\n$/);
    assert.equal(allBelow(dir.path), before);
  }));

test('an OAuth client comes on standard input and is asked about', () =>
  withDoor({ accounts: [anna] }, async ({ house }) => {
    house.google.client('new.apps.googleusercontent.com', 'GOCSPX-new');
    const set = await run(
      house.dir.path,
      'client set',
      ['desktop'],
      json,
      'new.apps.googleusercontent.com\nGOCSPX-new\n',
    );
    assert.is(set.status, 0, set.stderr + set.stdout);
    assert.not.match(set.stdout, /GOCSPX/);
    assert.is((await run(house.dir.path, 'client set', ['desktop'], {}, 'GOCSPX-oops\n')).status, 1);
  }));

test('help names each verb at the start of a line of its own; each has examples and a manual', () => {
  const help = mainHelp(verbs);
  const page = manPage(verbs, '1.2.3');
  for (const verb of verbs) {
    assert.match(help, new RegExp(`^${verb.name}\\b`, 'm'));
    assert.ok(verb.examples.length > 0, verb.name);
    assert.ok(
      verb.examples.every((example) => example.includes('regrant')),
      verb.name,
    );
    for (const { flag } of verb.options) assert.ok(verbHelp(verb).includes(flag));
    assert.ok(page.includes(`.B ${verb.name}`), verb.name);
  }
  assert.is(new Set(verbs.map(({ name }) => name)).size, verbs.length);
});

test('every operation of the socket has a verb, but those that are the screen\u2019s own or steps of another', () => {
  const screens = ['looked', 'saveView', 'stopTests', 'stepQuestions', 'logAround', 'flight'];
  const steps = { resume: 'add', awaitLogin: 'login', pasteLogin: 'login', cancelLogin: 'login' };
  const byVerb: Record<string, string> = {
    ...{ readd: 'add', importToken: 'import', setUpClient: 'client set', startLogin: 'login', testNow: 'test' },
    checkNow: 'doctor',
    ...{
      setProxyDisabled: 'off',
      clear: 'clear',
      remove: 'remove',
      undo: 'undo',
      redo: 'redo',
      reload: 'reload',
      restart: 'restart',
      stop: 'stop',
    },
    ...{ restoreTrashed: 'trash restore', keys: 'key list', addKey: 'key add', setKey: 'key set', usage: 'usage' },
    flight: 'flight',
    ...{ settings: 'config show', setSetting: 'config set', undoSetting: 'config set' },
    ...{ testNotice: 'notify test', rotateKey: 'key rotate', revokeKey: 'key revoke', ...steps },
  };
  const known = new Set(verbs.map(({ name }) => name));
  for (const name of Object.keys(operations)) {
    assert.ok(screens.includes(name) || known.has(byVerb[name] ?? ''), name);
  }
});

test.run();
