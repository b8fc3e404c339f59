import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type App, ask, withApp } from '../../support/app.js';
import { importAccounts } from '../../../src/commands/accounts/import.js';
import { setClock } from '../../support/clock.js';
import { account } from '../../support/directory.js';
import { withDoor } from '../../support/door.js';
import { tokenRateLimited } from '../../support/google.js';
import { runVerb } from '../../support/verb.js';

const anna = { id: 'a1', email: 'anna@example.com', refreshToken: '1//0token-of-anna' };
const dead = { disabled: true, disabled_at: 1_700_000_000, disabled_reason: 'invalid_grant: gone' };

/** A file of tokens, one a line, each granted to a user of its own. */
function tokenFile(app: App, ...names: readonly string[]): string {
  for (const name of names) app.google.grant(`1//0token-of-${name}`, { email: `${name}@example.com` });
  const file = app.dir.at('tokens.txt');
  writeFileSync(file, names.map((name) => `1//0token-of-${name}\n`).join(''));
  return file;
}

const emails = (app: App): string[] =>
  readdirSync(app.dir.at('accounts'))
    .map((name) => JSON.parse(readFileSync(app.dir.at('accounts', name), 'utf8')) as { email: string })
    .map(({ email }) => email)
    .sort();

test('a data directory of Antigravity Tools, into a running supervisor: verified, kept whole, serving at once', () =>
  withApp({ accounts: [anna] }, async (app) => {
    const other = app.dir.at('antigravity', 'accounts');
    mkdirSync(other, { recursive: true });
    writeFileSync(app.dir.at('antigravity', 'accounts.json'), '{"version":"2.0","accounts":[]}');
    writeFileSync(app.dir.at('antigravity', 'gui_config.json'), '{}');
    const put = (parts: Parameters<typeof account>[0]): void => {
      const file = account(parts);
      writeFileSync(app.dir.at('antigravity', 'accounts', `${file.id}.json`), JSON.stringify(file, null, 2));
    };
    app.google.grant('1//0token-of-bob', { email: 'bob@example.com', rotateTo: '1//0rotated-token-of-bob' });
    const off = { proxy_disabled: true, proxy_disabled_at: 5, proxy_disabled_reason: 'tired' };
    put({ ...anna, id: 'x-anna' });
    put({ id: 'x-bob', email: 'bob@example.com', refreshToken: '1//0token-of-bob', ...dead, ...off, created_at: 77 });
    put({ id: 'x-carl', email: 'carl@example.com', refreshToken: '1//0revoked-token-of-carl' });
    writeFileSync(app.dir.at('antigravity', 'accounts', 'torn.json'), '{"id":');
    const running = await app.headless();
    const { status, stdout, stderr } = await app.run(['import', app.dir.at('antigravity')]);
    assert.is(status, 1);
    const lines = stdout.replaceAll(`${app.dir.path}/antigravity/accounts/`, '').trim().split('\n');
    assert.equal(
      lines.map((line) => line.slice(0, 3)),
      ['1/4', '2/4', '3/4', '4/4'],
    );
    const line = (name: string): string => lines.find((one) => one.includes(` ${name}: `)) ?? '';
    assert.match(line('x-anna.json'), / = .*anna@example\.com is here already with this very refresh token/);
    assert.match(line('x-bob.json'), / ✔ .*bob@example\.com is added; still off: tired/);
    assert.match(line('x-carl.json'), / ✖ .*Google refused this token: invalid_grant/);
    assert.match(line('torn.json'), / ✖ .*not JSON, see line 1/);
    assert.match(stderr, /1 unchanged|1 added/);
    assert.not.match(stdout + stderr, /1\/\/0|ya29/);
    const added = readdirSync(app.dir.at('accounts')).filter((name) => name !== 'a1.json');
    assert.is(added.length, 1, 'refused ones are not there');
    const bob = await app.dir.read(added[0]?.slice(0, -5) ?? '');
    assert.is(bob.token.refresh_token, '1//0rotated-token-of-bob');
    assert.equal([bob.disabled, bob.disabled_at, bob.disabled_reason], [false, undefined, undefined]);
    assert.equal([bob.proxy_disabled, bob.proxy_disabled_reason, bob.created_at], [true, 'tired', 77]);
    assert.equal([bob.token.project_id, bob.token.x_unknown_in_token], ['project-x-bob', [1, 'two', null]]);
    assert.equal((bob.x_unknown as { kept: string[] }).kept, ['as', 'is']);
    assert.is(await ask(running.url), 200);
    await running.stop();
  }));

test('a list of tokens, on the files where nothing runs: new ones are added, a disabled account comes back, all taken is 0', () =>
  withApp({ accounts: [{ ...anna, refreshToken: '1//0dead-token-of-anna', ...dead }] }, async (app) => {
    const file = tokenFile(app, 'anna', 'bob', 'bob');
    const { status, stdout, stderr } = await app.run(['import', file]);
    assert.is(status, 0, stdout + stderr);
    assert.match(stdout, /✔ .*tokens\.txt line 1: anna@example\.com is re-added and ready/);
    assert.match(stdout, /✔ .*tokens\.txt line 2: bob@example\.com is added and ready/);
    assert.match(stdout, /= .*tokens\.txt line 3: the same token as .*line 2/);
    assert.match(stderr, /2 refresh tokens to verify/);
    const a1 = await app.dir.read('a1');
    assert.equal([a1.disabled, a1.token.refresh_token], [false, '1//0token-of-anna']);
    const again = await app.run(['import', file]);
    assert.is(again.status, 0);
    assert.match(again.stderr, /2 unchanged, 1 twice/);
    assert.equal(emails(app), ['anna@example.com', 'bob@example.com']);
  }));

test("gcloud's credentials: their client gets a name in the settings once Google took it, and not before", () =>
  withApp({ accounts: [anna] }, async (app) => {
    const id = '764086051850-6qr4p6gpi6hn506pt8ejuq83di341hur.apps.googleusercontent.com';
    app.google.client('1234-test.apps.googleusercontent.com', 'GOCSPX-test-secret');
    app.google.client(id, 'gcloud-secret');
    app.google.grant('1//0token-of-dora', { email: 'dora@example.com', client: id });
    const adc = { type: 'authorized_user', client_id: id, client_secret: 'wrong', refresh_token: '1//0token-of-dora' };
    const file = app.dir.at('adc.json');
    const running = await app.headless();
    const before = readFileSync(app.dir.at('settings.json'), 'utf8');
    writeFileSync(file, JSON.stringify({ ...adc, quota_project_id: 'p-dora' }));
    const refused = await app.run(['import', file]);
    assert.is(refused.status, 1);
    assert.match(refused.stdout, /✖ .*Google refused the OAuth client/);
    assert.is(readFileSync(app.dir.at('settings.json'), 'utf8'), before);
    writeFileSync(file, JSON.stringify({ ...adc, client_secret: 'gcloud-secret', quota_project_id: 'p-dora' }));
    const { status, stdout, stderr } = await app.run(['import', file]);
    assert.is(status, 0, stdout + stderr);
    const { oauth } = JSON.parse(readFileSync(app.dir.at('settings.json'), 'utf8')) as {
      oauth: { clients: Record<string, unknown> };
    };
    assert.equal(oauth.clients.gcloud, { id, secret: 'gcloud-secret' });
    assert.equal(Object.keys(oauth.clients), ['default', 'gcloud']);
    const name = readdirSync(app.dir.at('accounts')).find((one) => one !== 'a1.json') ?? '';
    const { token } = await app.dir.read(name.slice(0, -5));
    assert.equal([token.oauth_client_key, token.project_id], ['gcloud', 'p-dora']);
    assert.not.match(stdout + stderr + refused.stdout + refused.stderr, /gcloud-secret|1\/\/0/);
    // the running supervisor knows the client already, and so does the next one
    app.google.expireAccess();
    for (let i = 0; i < 4; i++) assert.is(await ask(running.url), 200);
    assert.is((await running.stop()).status, 0);
    assert.match((await app.run(['accounts'])).stdout, /^ready +dora@example\.com$/m);
  }));

test('what holds no token is said and nobody is asked', () =>
  withApp({ accounts: [anna] }, async (app) => {
    writeFileSync(app.dir.at('torn.json'), '{"refresh_token": ');
    writeFileSync(app.dir.at('prose'), 'this is no list\nof tokens\n');
    const { status, stdout } = await app.run([
      'import',
      app.dir.at('nowhere'),
      app.dir.at('torn.json'),
      app.dir.at('prose'),
    ]);
    assert.is(status, 1);
    assert.is(stdout.trim().split('\n').length, 3);
    assert.match(stdout, /nowhere: no such file or directory/);
    assert.is(app.google.calls.token.length, 0);
    assert.is((await app.run(['import'])).status, 2);
  }));

test('Ctrl-C: those under way end and are whole, the others were never begun, and both are counted', () =>
  withApp({}, async (app) => {
    const names = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'];
    const file = tokenFile(app, ...names);
    const hold = app.google.hold('*');
    const terminal = app.terminal(['import', file], { columns: 200 });
    // so many go together; which of the six they are is nobody's concern
    await app.google.until(({ token }) => token.length === 3);
    terminal.type('\x03');
    await terminal.shows(/stopping: those under way are ended first/);
    hold.release();
    assert.is(await terminal.ended, 130);
    assert.is(terminal.written.match(/✔/g)?.length, 3);
    assert.match(terminal.written, /\n3 added, 3 not begun\r?\n/);
    const added = emails(app);
    assert.is(added.length, 3);
    assert.ok(added.every((email) => names.some((name) => email === `${name}@example.com`)));
    assert.is(app.google.calls.token.length, 3);
  }));

test('Ctrl-C in a pause of the token endpoint: what was not sent is not begun, and nothing waits for the pause', () => {
  const clock = setClock(Date.now());
  return withDoor({ clock }, async ({ house }) => {
    house.google.script('*', tokenRateLimited(60), 4);
    const file = house.dir.at('tokens.txt');
    writeFileSync(file, ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'].map((name) => `1//0token-of-${name}\n`).join(''));
    const imported = runVerb(
      (context) => importAccounts(context, { paths: [file], client: undefined }),
      house.dir.path,
    );
    await house.google.until(({ token }) => token.length >= 1);
    // those that were sent are put back, and all wait for the pause
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
    const before = house.google.calls.token.length;
    process.emit('SIGINT', 'SIGINT');
    const { status, stdout, stderr } = await imported;
    assert.is(status, 130);
    assert.is(stdout, '');
    assert.match(stderr, /\n6 not begun\n$/);
    clock.advance(120_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.is(house.google.calls.token.length, before);
  });
});

test('a supervisor that is killed meanwhile: what is not known is said, nothing half is left', () =>
  withApp({}, async (app) => {
    const file = tokenFile(app, 'n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7');
    const running = await app.headless();
    app.google.hold('*');
    const ended = app.run(['import', file]);
    await app.google.until(({ token }) => token.length === 3);
    running.process.kill('SIGKILL');
    const { status, stdout, stderr } = await ended;
    assert.is(status, 3);
    assert.is(stdout.match(/✖ .*no answer/g)?.length, 6);
    assert.match(stderr, /6 unavailable, 1 not begun/);
    assert.match(stderr, /the running regrant went away/);
    assert.equal(readdirSync(app.dir.at('accounts')), []);
    assert.ok(existsSync(file));
  }));

test.run();
