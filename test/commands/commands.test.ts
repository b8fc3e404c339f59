import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { accounts } from '../../src/commands/accounts/accounts.js';
import { add } from '../../src/commands/accounts/add.js';
import type { Context } from '../../src/commands/context.js';
import { flight } from '../../src/commands/reading/flight.js';
import { usage } from '../../src/commands/reading/usage.js';
import { env } from '../../src/commands/settings/env.js';
import { status } from '../../src/commands/supervisor/status.js';
import { API_KEY, withApp } from '../support/app.js';
import { withDirectory } from '../support/directory.js';
import { withDoor } from '../support/door.js';
import type { House } from '../support/house.js';
import { runVerb, type Said } from '../support/verb.js';

const anna = { id: 'a1', email: 'anna@example.com', refreshToken: '1//0good-token-of-anna' };
const bob = { id: 'b1', email: 'bob@example.com', refreshToken: '1//0token-of-bob' };

/** Bob's grant dies, and a request finds out. */
async function killBob(house: House): Promise<void> {
  house.google.revoke(bob.refreshToken);
  house.google.expireAccess(bob.email);
  for (let i = 0; i < 2; i++) assert.is((await house.ask()).status, 200);
  await house.until(() => house.state('b1') === 'disabled');
}

test('status: ok (0), degraded (1); one line or JSON', () =>
  withDoor({ accounts: [anna, bob] }, async ({ house }) => {
    const { address } = house.supervisor;
    const ok = await runVerb((context) => status(context, { json: false }), house.dir.path);
    assert.equal([ok.status, ok.stdout], [0, `ok: 2 of 2 serve at ${address}, pid ${process.pid}\n`]);
    await killBob(house);
    const degraded = await runVerb((context) => status(context, { json: true }), house.dir.path);
    assert.is(degraded.status, 1);
    const { upSince, ...body } = JSON.parse(degraded.stdout) as Record<string, unknown>;
    assert.is(typeof upSince, 'number');
    assert.equal([body.status, body.pid, body.address], ['degraded', process.pid, address]);
    assert.is((body.accounts as Record<string, number>).disabled, 1);
  }));

test('status: where only the last copy of an unreadable file serves, it does not say that nothing does', () =>
  withDoor({ accounts: [anna] }, async ({ house }) => {
    assert.is((await house.ask()).status, 200);
    await house.store.accounts.flush();
    await house.dir.putRaw('a1.json', '{"id":"a1",');
    await house.until(() => house.state('a1') === 'unreadable');
    const { stdout, status: exitStatus } = await runVerb((context) => status(context, { json: false }), house.dir.path);
    assert.match(stdout, /^ok: only last copies serve \(1 unreadable\) at /);
    assert.is(exitStatus, 0);
  }));

test('accounts: a line each or JSON without tokens, the same from the files as from the running supervisor', () =>
  withDoor({ accounts: [anna, bob] }, async ({ house, server }) => {
    const json = (context: Context): Promise<number> => accounts(context, { json: true });
    await house.dir.putRaw('torn.json', '{"id":"torn",');
    await house.supervisor.operations.reload();
    await killBob(house);
    const listed = await runVerb(json, house.dir.path);
    const found = JSON.parse(listed.stdout) as Record<string, unknown>[];
    assert.equal(found.map(({ id, state }) => [id, state]).sort(), [
      ['a1', 'ready'],
      ['b1', 'disabled'],
      ['torn', 'unreadable'],
    ]);
    const torn = found.find(({ id }) => id === 'torn');
    assert.is(torn?.file, 'torn.json');
    assert.ok(String(torn?.reason).length > 0);
    const { stdout } = await runVerb((context) => accounts(context, { json: false }), house.dir.path);
    assert.match(stdout, /^disabled +bob@example\.com +invalid_grant: /m);
    assert.match(stdout, /^ready +anna@example\.com$/m);

    await server.close();
    await house.stop();
    const fromFiles = await runVerb(json, house.dir.path);
    const lasting = ({ last_used: _, ...rest }: Record<string, unknown>): object => rest;
    assert.equal((JSON.parse(fromFiles.stdout) as Record<string, unknown>[]).map(lasting), found.map(lasting));
    for (const text of [listed.stdout, fromFiles.stdout]) assert.not.match(text, /1\/\/0|ya29/);
    await house.start();
  }));

test('add: a token from stdin re-enables a running account; a refused one changes nothing and says so', () =>
  withDoor({ accounts: [anna, bob] }, async ({ house }) => {
    const adding = (input: string): Promise<Said> =>
      runVerb((context) => add(context, { client: undefined }), house.dir.path, { input });
    await killBob(house);
    const before = await house.dir.readRaw('b1');
    const refused = await adding('1//0nobody-knows-this\n');
    assert.is(refused.status, 1);
    assert.match(refused.stderr, /Google refused this token/);
    assert.is(await house.dir.readRaw('b1'), before);
    house.google.grant('1//0new-token-of-bob', { email: 'bob@example.com' });
    const added = await adding(' 1//0new-token\n-of-bob \n');
    assert.is(added.status, 0, added.stderr);
    assert.match(added.stdout, /bob@example\.com is re-added and ready/);
    const file = await house.dir.read('b1');
    assert.equal([file.disabled, file.token.refresh_token], [false, '1//0new-token-of-bob']);
    assert.not.match(added.stdout + added.stderr + refused.stderr, /1\/\/0|ya29/);
  }));

test('env prints exports for a shell, and nothing else on standard output', () =>
  withDoor({}, async ({ house }) => {
    const { status: code, stdout } = await runVerb(env, house.dir.path);
    assert.is(code, 0);
    const url = `http://${house.supervisor.address}`;
    assert.is(stdout, `export GEMINI_API_KEY='${API_KEY}'\nexport GOOGLE_GEMINI_BASE_URL='${url}'\n`);
  }));

test('where nothing runs: status is down (3), add and accounts work on the files, env says that nothing runs', () =>
  withApp({}, async (app) => {
    const [down, downJson, exported] = await Promise.all([
      app.run(['status']),
      app.run(['status', '--json']),
      app.run(['env']),
    ]);
    assert.is(down.status, 3);
    assert.match(down.stdout, /^down: no regrant runs/);
    const { version, ...of } = JSON.parse(downJson.stdout) as Record<string, unknown>;
    assert.equal(of, { schema: 1, status: 'down', pid: null, address: null, upSince: null });
    assert.equal([downJson.status, typeof version], [3, 'string']);
    assert.equal([exported.status, exported.stdout], [3, ''], 'nobody knows the free port that it will take');
    assert.match(exported.stderr, /proxy\.port is 0.*start it/);
    const fixed = await app.run(['env'], { env: { REGRANT_PROXY_HOST: '::', REGRANT_PROXY_PORT: '8045' } });
    assert.is(fixed.status, 0);
    assert.match(fixed.stdout, /^export GOOGLE_GEMINI_BASE_URL='http:\/\/\[::1\]:8045'$/m);
    assert.match(fixed.stderr, /for clients on this machine; those on others use http:\/\/\S+.*allowedHosts/);
    assert.match(fixed.stderr, /no regrant runs/);
    app.google.grant('1//0token-of-carla', { email: 'carla@example.com' });
    assert.is((await app.run(['add'], { input: '' })).status, 1);
    const unknown = await app.run(['add', '--client', 'nope'], { input: '1//0token-of-carla' });
    assert.is(unknown.status, 1);
    assert.match(unknown.stderr, /no OAuth client "nope"/);
    assert.match((await app.run(['accounts'])).stdout, /no account yet: add one with `regrant add`/);
    const added = await app.run(['add'], { input: '1//0token-of-carla' });
    assert.is(added.status, 0, added.stderr);
    assert.match((await app.run(['accounts'])).stdout, /^ready +carla@example\.com$/m);
  }));

test('no terminal or TERM=dumb: says what to use instead, exit 2', () =>
  withApp({}, async (app) => {
    const without = await app.run([]);
    assert.is(without.status, 2);
    assert.match(without.stderr, /use `regrant --headless`/);
    const dumb = app.terminal([], { term: 'dumb' });
    assert.is(await dumb.ended, 2);
    assert.match(dumb.written, /TERM=dumb.*use `regrant --headless`/);
    const nobody = await app.run(['attach']);
    assert.equal([nobody.status, nobody.stderr.includes('nothing to attach to')], [3, true], nobody.stderr);
    const running = await app.headless();
    const blind = await app.run(['attach']);
    assert.equal([blind.status, /no terminal.*run it in one/.test(blind.stderr)], [2, true], blind.stderr);
    await running.stop();
  }));

test('what cannot be used is one line that names the thing and the next step', () =>
  withApp({}, async (app) => {
    const taken = net.createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const inUse = await app.run(['--headless'], { env: { REGRANT_PROXY_PORT: String(port) } });
    taken.close();
    assert.is(inUse.status, 3);
    assert.match(inUse.stderr, new RegExp(`127\\.0\\.0\\.1:${port} is in use.*proxy\\.port`));

    const wrong = await app.run(['--headless'], { env: { REGRANT_PROXY_AUTH_MODE: 'maybe' } });
    assert.is(wrong.status, 2);
    assert.match(wrong.stderr, /REGRANT_PROXY_AUTH_MODE: proxy\.authMode is "maybe"; allowed: "off"/);

    for (const words of [['--nonsense'], ['frobnicate'], ['--headless', '--demo']]) {
      assert.is((await app.run(words)).status, 2, words.join(' '));
    }
    assert.is((await app.run(['--help'])).status, 0);
    assert.match((await app.run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);

    await writeFile(app.dir.at('settings.json'), '{ "proxy": { "apiKey": "sk-quoted-nowhere", } }');
    const broken = await app.run(['--headless']);
    assert.is(broken.status, 2);
    assert.match(broken.stderr, /settings\.json is not JSON, see line 1; mend it/);
    assert.not.match(broken.stderr, /sk-quoted/);
    for (const { stderr } of [inUse, wrong, broken]) assert.is(stderr.trim().split('\n').length, 1, stderr);
  }));

test('a word that a verb takes no part in is wrong usage (2), and a token there is not shown', () =>
  withApp({}, async (app) => {
    for (const args of [
      ['stop', 'now'],
      ['accounts', 'json'],
      ['login', 'anna@example.com', 'b@x.org'],
      ['add', '1//0token-of-carla'],
    ]) {
      const { status: code, stdout, stderr } = await app.run(args);
      assert.equal([code, stdout], [2, ''], args.join(' '));
      assert.match(stderr, `too many arguments for '${args[0] ?? ''}'`);
      assert.not.match(stderr, /1\/\//);
    }
  }));

test('a name, a time or a recipient that is none is wrong usage (2), and nothing was done', () =>
  withApp({}, async (app) => {
    const key = ['key', 'add'];
    for (const args of [
      [...key, 'two words'],
      [...key, '-'],
      [...key, 'x'.repeat(65)],
      [...key, 'constructor'],
      [...key, 'alice', '--expires', '0d'],
      [...key, 'alice', '--expires', 'soon'],
      ['key', 'set', 'alice', '--expires', '0s'],
      ['export', '--recipient', 'age1nobody', '--to', app.dir.at('out.age')],
    ]) {
      const { status, stdout, stderr } = await app.run(args);
      assert.equal([status, stdout], [2, ''], `${args.join(' ')}: ${stderr}`);
      assert.is(stderr.trim().split('\n').length, 1, stderr);
    }
    assert.equal([existsSync(app.dir.at('keys.json')), existsSync(app.dir.at('out.age'))], [false, false]);
  }));

test('--data-dir: an empty one is wrong usage, not the folder that one happens to be in; of two the last one counts', () =>
  withApp({}, async (app) => {
    for (const args of [
      ['--data-dir', ''],
      ['accounts', '--data-dir='],
    ]) {
      const empty = await app.run(args);
      assert.is(empty.status, 2, args.join(' '));
      assert.match(empty.stderr, /^regrant: --data-dir names no directory\b/);
      assert.is(empty.stderr.trim().split('\n').length, 1);
    }
    const last = app.dir.at('the-last-one');
    const first = app.dir.at('the-first-one');
    const { status: code } = await app.run(['--data-dir', first, 'off', 'anna@example.com', `--data-dir=${last}`]);
    assert.is(code, 1, 'nobody of that name is there');
    assert.equal([existsSync(last), existsSync(first)], [true, false]);
  }));

test('a data directory that cannot be made names itself, exit 3', () =>
  withApp({}, async (app) => {
    await writeFile(app.dir.at('a-file'), '');
    const { status, stderr } = await app.run(['--headless', '--data-dir', app.dir.at('a-file', 'below')]);
    assert.is(status, 3);
    assert.match(stderr, /cannot use the data directory .*a-file\/below: .*--data-dir/);
  }));

test('usage only reads: in a data directory without settings it makes none, nor where there is no directory', () =>
  withDirectory(async (dir) => {
    for (const place of [dir.path, dir.at('not-there')]) {
      const said = await runVerb((context) => usage(context, { words: [], options: {} }), place);
      assert.equal(said, { status: 0, stdout: 'nothing was used in this time\n', stderr: '' });
    }
    assert.equal([...(await dir.everything()).keys()], []);
    assert.not(existsSync(dir.at('not-there')));
  }));

test('flight: the requests under way, one line or JSON each', () =>
  withDoor({ accounts: [anna] }, async ({ house }) => {
    const asked = (options: Record<string, true> = {}): Promise<Said> =>
      runVerb((context) => flight(context, { words: [], options }), house.dir.path);
    assert.is((await asked()).stdout, 'nothing is in flight\n');
    let release = (): void => undefined;
    const open = new Promise<void>((resolve) => (release = resolve));
    house.google.upstream(async () => {
      await open;
      return undefined;
    });
    const answer = house.ask();
    await house.google.until(({ gemini }) => gemini.length > 0);
    assert.match(
      (await asked()).stdout,
      /^ +0s {2}asked +0 {2}default {2}gemini-3-flash {2}anna@example\.com {2}gemini {2}\S+\n$/,
    );
    const { total, requests } = JSON.parse((await asked({ json: true })).stdout) as {
      total: number;
      requests: object[];
    };
    assert.equal([total, requests.length], [1, 1]);
    release();
    await answer;
  }));

test('without an OAuth client or an account it serves, and says in the 503 what to configure', async () => {
  const settings = { oauth: { clients: { default: { id: '', secret: '' } } } };
  await withDoor({ accounts: [anna], settings }, async ({ house }) => {
    const { status: code, text } = await house.ask();
    assert.is(code, 503);
    assert.match(text, /no.client/i);
    assert.is((await runVerb((context) => status(context, { json: false }), house.dir.path)).status, 3);
  });
  await withDoor({}, async ({ house }) => assert.is((await house.ask()).status, 503));
});

test.run();
