import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { armor, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exportAll } from '../../../src/commands/moving/export.js';
import type { ExportDocument } from '../../../src/commands/moving/export-document.js';
import { importAccounts } from '../../../src/commands/accounts/import.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { withDirectory, type DataDirectory } from '../../support/directory.js';
import { googleSettings, withGoogle, type Google } from '../../support/google.js';
import { API_KEY, House } from '../../support/house.js';
import { runVerb, type Said } from '../../support/verb.js';

const PASSPHRASE = 'a long passphrase of the test';
const has = (program: string): boolean => spawnSync('which', [program]).status === 0;

type Options = Readonly<Record<string, string | true>>;
const exported = (dir: DataDirectory, options: Options, words: string[] = []): Promise<Said> =>
  runVerb((context) => exportAll(context, { words, options }), dir.path, { input: `${PASSPHRASE}\n` });
const imported = (dir: DataDirectory, file: string, options: object = {}, passphrase = PASSPHRASE): Promise<Said> =>
  runVerb((context) => importAccounts(context, { paths: [file], client: undefined, ...options }), dir.path, {
    input: `${passphrase}\n`,
  });

/** The pool as age seals it with the passphrase where it is told to spend little on it: that of an export takes seconds. */
async function sealedCheaply(dir: DataDirectory): Promise<string> {
  const { stdout } = await exported(dir, { plain: true });
  const age = new Encrypter();
  age.setScryptWorkFactor(4);
  age.setPassphrase(PASSPHRASE);
  const file = dir.at('pool.age');
  writeFileSync(file, armor.encode(await age.encrypt(stdout)));
  return file;
}

/** A directory with a living and a dead account, a client key and settings; another one that knows only the same Google. */
const withTwo = (use: (from: DataDirectory, to: DataDirectory, google: Google) => Promise<void>): Promise<void> =>
  withGoogle((google) =>
    withDirectory((from) =>
      withDirectory(async (to) => {
        const settings = googleSettings(google);
        await from.settings({
          ...settings,
          proxy: { port: 1234, maxTries: 5, apiKey: 'sk-moved-key' },
          log: { level: 'debug' },
        });
        await from.put({ id: 'a1', email: 'anna@example.com', refreshToken: '1//0good-token-of-anna' });
        await from.put({ id: 'b1', email: 'bob@example.com', refreshToken: '1//0dead-token-of-bob', disabled: true });
        const key = { sha256: 'ab'.repeat(32), created: 1, note: 'ci' };
        writeFileSync(from.at('keys.json'), JSON.stringify({ schema: 1, keys: { ci: key } }));
        const { clients: _clients, ...oauth } = settings.oauth;
        await to.settings({ ...settings, oauth });
        google.grant('1//0good-token-of-anna', { email: 'anna@example.com' });
        await use(from, to, google);
      }),
    ),
  );

const nothingIn = (dir: DataDirectory): boolean =>
  !existsSync(dir.at('accounts')) || readdirSync(dir.at('accounts')).length === 0;

test('sealed with a passphrase and read back elsewhere: accounts, clients, keys and settings, without the machine’s own', () =>
  withTwo(async (from, to, google) => {
    const file = from.at('pool.age');
    const out = await exported(from, { passphrase: true, to: file });
    assert.is(out.status, 0, out.stderr);
    assert.is(statSync(file).mode & 0o777, 0o600);
    assert.match(readFileSync(file, 'utf8'), /^-----BEGIN AGE ENCRYPTED FILE-----\n/);
    const back = await imported(to, file);
    assert.is(back.status, 0, back.stdout + back.stderr);
    assert.is(google.calls.token.length, 1, 'the dead one is not asked about');
    const files = readdirSync(to.at('accounts')).map(
      (name) => JSON.parse(readFileSync(to.at('accounts', name), 'utf8')) as Record<string, unknown>,
    );
    assert.equal(files.map(({ email, disabled }) => [email, disabled === true]).sort(), [
      ['anna@example.com', false],
      ['bob@example.com', true],
    ]);
    const settings = JSON.parse(readFileSync(to.at('settings.json'), 'utf8')) as Record<
      string,
      Record<string, unknown>
    >;
    assert.equal(
      [settings.proxy?.maxTries, settings.proxy?.apiKey, settings.proxy?.port, settings.log],
      [5, 'sk-moved-key', undefined, undefined],
    );
    assert.equal(Object.keys(settings.oauth?.clients ?? {}), ['default']);
    assert.match(readFileSync(to.at('keys.json'), 'utf8'), /"ci"/);
    const again = await exported(from, { plain: true, to: file }).then(
      () => '',
      (error: unknown) => (error as Error).message,
    );
    assert.match(again, /cannot be written/, 'no file is written over');
  }));

test('a wrong passphrase, a cut file and a newer version are one line each, and nothing is half done', () =>
  withTwo(async (from, to, google) => {
    const file = await sealedCheaply(from);
    const fails = async (wrong: string, passphrase: string, expected: RegExp): Promise<void> => {
      const error = await imported(to, wrong, {}, passphrase).catch((thrown: unknown) => thrown);
      assert.instance(error, Error);
      assert.match((error as Error).message, expected);
      assert.not.match((error as Error).message, /\n/);
      assert.ok(nothingIn(to));
      assert.is(google.calls.token.length, 0);
    };
    await fails(file, 'another passphrase', /another passphrase sealed it, or it is cut or changed; nothing was done/);
    const text = readFileSync(file, 'utf8');
    const cut = from.at('cut.age');
    writeFileSync(cut, text.slice(0, text.length / 2));
    await fails(cut, PASSPHRASE, /cut or changed; nothing was done/);
    const plain = await exported(from, { plain: true });
    const newer = from.at('newer.json');
    writeFileSync(newer, JSON.stringify({ ...(JSON.parse(plain.stdout) as object), schema: 2, regrant: '9.0.0' }));
    await fails(newer, '', /regrant 9\.0\.0 wrote this export .*schema 2.*nothing was done/);
  }));

test('neither sealed nor --plain is a wrong usage; --plain warns; an e-mail that is none exports nothing', () =>
  withTwo(async (from) => {
    const refused = await exported(from, {}).catch((error: unknown) => error);
    assert.is((refused as { code?: string }).code, 'USAGE');
    const plain = await exported(from, { plain: true }, ['ANNA@example.com']);
    assert.match(plain.stderr, /warning: every token/);
    assert.match(plain.stderr, /one of the two sides will lose them/);
    const document = JSON.parse(plain.stdout) as { schema: number; accounts: { email: string }[] };
    assert.equal([document.schema, document.accounts.map(({ email }) => email)], [1, ['anna@example.com']]);
    const nobody = await exported(from, { plain: true }, ['nobody@example.com']).catch((error: unknown) => error);
    assert.match((nobody as Error).message, /no account nobody/);
  }));

const faultOf = (work: Promise<unknown>): Promise<Error & { code?: string }> =>
  work.then(
    () => new Error('it went well'),
    (error: unknown) => error as Error,
  );

test('what cannot be read is named, and nothing is exported without it; asked for others by name, it is not missed', () =>
  withTwo(async (from) => {
    await from.putRaw('cut.json', '{"id":"cut","email":"cut@exam');
    await from.putRaw('nobody.json', '{"id":"nobody"}');
    mkdirSync(from.at('accounts', 'folder.json'));
    const error = await faultOf(exported(from, { plain: true }));
    assert.is(error.code, 'NOT_EXPORTED');
    assert.match(
      error.message,
      /nothing was exported.*cut\.json: not JSON.*folder\.json: a directory.*nobody\.json: .*e-mail/,
    );
    const named = await exported(from, { plain: true }, ['anna@example.com']);
    assert.is(named.status, 0, named.stderr);
    const missing = await faultOf(exported(from, { plain: true }, ['cut@example.com']));
    assert.match(missing.message, /no account cut@example\.com.*cut\.json: not JSON/);
    for (const name of ['cut.json', 'nobody.json', 'folder.json'])
      rmSync(from.at('accounts', name), { recursive: true });
    writeFileSync(from.at('keys.json'), '{"keys":{');
    assert.match(
      (await faultOf(exported(from, { plain: true }))).message,
      /nothing was exported.*keys\.json: not JSON/,
    );
    rmSync(from.at('keys.json'));
    assert.is((await exported(from, { plain: true })).status, 0, 'no keys are no fault');
    rmSync(from.at('accounts'), { recursive: true });
    writeFileSync(from.at('accounts'), '');
    assert.match((await faultOf(exported(from, { plain: true }))).message, /nothing was exported.*accounts: .*ENOTDIR/);
  }));

test('files with a byte order mark are exported, and long numbers come in with every digit', () =>
  withTwo(async (from, to) => {
    const long = '12345678901234567890';
    const bob = (await from.readRaw('b1')).replace('"quota": null', `"x_long": ${long}`);
    assert.match(bob, new RegExp(long));
    await from.putRaw('b1.json', `\uFEFF${bob}`);
    const keys = readFileSync(from.at('keys.json'), 'utf8').replace('"note"', `"x_long":${long},"note"`);
    writeFileSync(from.at('keys.json'), `\uFEFF${keys}`);
    const file = from.at('pool.json');
    const out = await exported(from, { plain: true, to: file });
    assert.is(out.status, 0, out.stderr);
    const text = readFileSync(file, 'utf8');
    assert.equal([text.split(long).length, text.includes('"ci"'), text.includes('bob@')], [3, true, true]);
    writeFileSync(file, `\uFEFF${text}`);
    const back = await imported(to, file);
    assert.is(back.status, 0, back.stdout + back.stderr);
    assert.match(readFileSync(to.at('accounts', 'b1.json'), 'utf8'), new RegExp(`"x_long": ${long}`));
    assert.match(readFileSync(to.at('keys.json'), 'utf8'), new RegExp(`"x_long": ${long}`));
  }));

/** The plain export of a pool, changed, in a file of its own. */
async function changedExport(from: DataDirectory, change: (document: ExportDocument) => object): Promise<string> {
  const { stdout } = await exported(from, { plain: true });
  const file = from.at('changed.json');
  writeFileSync(file, JSON.stringify(change(JSON.parse(stdout) as ExportDocument)));
  return file;
}

test('an export with a setting, a key or a client that is not allowed here takes nothing in', () =>
  withTwo(async (from, to) => {
    const before = readFileSync(to.at('settings.json'), 'utf8');
    const wrong: [string, (document: ExportDocument) => object, RegExp][] = [
      [
        'a setting',
        (all) => ({ ...all, settings: { ...all.settings, pool: { waitSeconds: 'long' } } }),
        /the export: pool\.waitSeconds is "long"; allowed/,
      ],
      ['a client', (all) => ({ ...all, clients: { 'A B': { id: 'x', secret: '' } } }), /allowed: clients named/],
      [
        'a key',
        (all) => ({ ...all, keys: { ...all.keys, two: { sha256: 'open-sesame' } } }),
        /keys\.two\.sha256 is \(not shown\); allowed: 64/,
      ],
      ['a name', (all) => ({ ...all, keys: JSON.parse('{"constructor":{}}') as object }), /names of keys/],
    ];
    for (const [what, change, words] of wrong) {
      const error = await faultOf(imported(to, await changedExport(from, change)));
      assert.match(error.message, words, what);
      assert.not.match(error.message, /sesame|\n/);
      assert.is(readFileSync(to.at('settings.json'), 'utf8'), before, what);
      assert.ok(nothingIn(to) && !existsSync(to.at('keys.json')), what);
    }
  }));

test("settings that this version does not know come in as they are, and the machine's own do not, whoever wrote them", () =>
  withTwo(async (from, to) => {
    const file = await changedExport(from, (all) => ({
      ...all,
      settings: {
        ...all.settings,
        ...{ x_plugin: { 'a.b': 1 }, $schema: 'settings.schema.json' },
        ...{
          notify: { command: 'open-sesame', format: 'text' },
          network: { noProxy: 'x' },
          proxy: { port: 1, maxTries: 4 },
        },
      },
    }));
    const back = await imported(to, file);
    assert.is(back.status, 0, back.stdout + back.stderr);
    const settings = JSON.parse(readFileSync(to.at('settings.json'), 'utf8')) as Record<
      string,
      Record<string, unknown>
    >;
    assert.equal(
      [
        settings.x_plugin,
        settings.$schema,
        settings.notify,
        settings.network,
        settings.proxy?.port,
        settings.proxy?.maxTries,
      ],
      [{ 'a.b': 1 }, 'settings.schema.json', { format: 'text' }, undefined, undefined, 4],
    );
  }));

test('disabled accounts that cannot be taken in are named with the reason, in a dry run too, and the others come in', () =>
  withTwo(async (from, to) => {
    symlinkSync(to.at('nowhere', 'at-all'), to.at('accounts', 'dangling.json'));
    const file = await changedExport(from, (all) => {
      const dead = all.accounts.find(({ disabled }) => disabled === true) ?? {};
      const as = (id: unknown, email: string): object => ({ ...dead, id, email });
      return {
        ...all,
        accounts: [dead, as('../x', 'up@example.com'), as(7, 'no@example.com'), as('dangling', 'd@example.com')],
      };
    });
    const dry = await imported(to, file, { dryRun: true });
    assert.is(dry.status, 1);
    assert.match(dry.stdout, /up@example\.com: its id cannot be the name of a file/);
    const back = await imported(to, file);
    assert.is(back.status, 1);
    assert.match(back.stderr, /1 disabled accounts as they are/);
    assert.match(back.stdout, /up@example\.com: its id cannot/);
    assert.match(back.stdout, /no@example\.com: its id cannot/);
    assert.match(back.stdout, /d@example\.com: its file cannot be written: /);
    assert.ok(existsSync(to.at('accounts', 'b1.json')));
  }));

test('what is no file, or cannot be read, is one line and not a bug: nothing blocks, nothing ends with 70', () =>
  withTwo(async (from, to) => {
    writeFileSync(from.at('file'), '');
    symlinkSync(from.at('loop'), from.at('loop'));
    execFileSync('mkfifo', [from.at('pipe')]);
    const places: [string, RegExp][] = [
      ['file/below', /ENOTDIR/],
      ['loop', /ELOOP/],
      ['pipe', /no regular file/],
      ['x'.repeat(300), /ENAMETOOLONG/],
    ];
    for (const [name, words] of places) {
      const said = await imported(to, from.at(name));
      assert.is(said.status, 1, name);
      assert.match(said.stdout, words);
    }
  }));

test('--dry-run says what would be, and neither asks Google nor writes anything', () =>
  withTwo(async (from, to, google) => {
    const file = await sealedCheaply(from);
    const { status, stdout } = await imported(to, file, { dryRun: true });
    assert.is(status, 0);
    assert.match(stdout, /anna@example\.com: would be verified/);
    assert.match(stdout, /bob@example\.com: would come in disabled/);
    assert.ok(nothingIn(to) && google.calls.token.length === 0);
  }));

if (has('age') && has('age-keygen')) {
  test('age itself opens what --recipient made, and its identity opens it here', () =>
    withTwo(async (from, to) => {
      const identity = from.at('identity.txt');
      execFileSync('age-keygen', ['-o', identity], { stdio: 'ignore' });
      const recipient = execFileSync('age-keygen', ['-y', identity], { encoding: 'utf8' }).trim();
      const file = from.at('pool.age');
      await exported(from, { recipient, to: file });
      const text = execFileSync('age', ['-d', '-i', identity, file], { encoding: 'utf8' });
      assert.is((JSON.parse(text) as { schema: number }).schema, 1);
      const back = await imported(to, file, { identity });
      assert.is(back.status, 0, back.stdout + back.stderr);
    }));
} else {
  console.log('skipped: there is no age here');
  test.skip('age itself opens what --recipient made (there is no age here)', () => undefined);
}

test('read back on another data directory every account serves, and clients go on with the keys they had', () =>
  withGoogle((google) =>
    withDirectory((from) =>
      withDirectory(async (to) => {
        const accounts = ['anna', 'ben', 'choi', 'dora'].map((name) => ({
          ...{ id: `${name}-1`, email: `${name}@example.com`, refreshToken: `1//0good-token-of-${name}` },
        }));
        for (const parts of accounts) {
          google.grant(parts.refreshToken, { email: parts.email });
          await from.put(parts);
        }
        const key = 'key-of-ci-that-moves-with-the-pool-0001';
        const sha256 = createHash('sha256').update(key).digest('hex');
        writeFileSync(from.at('keys.json'), JSON.stringify({ schema: 1, keys: { ci: { sha256, created: 1 } } }));
        const settings = googleSettings(google);
        await from.settings({ ...settings, proxy: { apiKey: API_KEY, maxTries: 5 } });
        const file = from.at('pool.age');
        const secret = await generateIdentity();
        writeFileSync(from.at('identity.txt'), secret);
        const recipient = await identityToRecipient(secret);
        assert.is((await exported(from, { recipient, to: file })).status, 0);
        // what the other directory knows is where this Google is; the OAuth client comes with the export
        const { clients: _clients, ...oauth } = settings.oauth;
        await to.settings({ ...settings, oauth, proxy: { port: 0 } });
        assert.is((await imported(to, file, { identity: from.at('identity.txt') })).status, 0);

        const house = new House(to, google, systemClock);
        await house.start();
        try {
          for (const shown of [API_KEY, key, API_KEY, key, API_KEY, key, API_KEY, key]) {
            const { status } = await fetch(
              `http://${house.supervisor.address}/v1beta/models/gemini-3-flash:generateContent`,
              {
                method: 'POST',
                headers: { 'content-type': 'application/json', 'x-goog-api-key': shown },
                body: '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
              },
            );
            assert.is(status, 200);
          }
          assert.equal(
            house.supervisor
              .snapshot()
              .accounts.map(({ email, state, requests }) => [email, state, requests])
              .sort(),
            accounts.map(({ email }) => [email, 'ready', 2]),
          );
        } finally {
          await house.stop();
        }
      }),
    ),
  ));

test.run();
