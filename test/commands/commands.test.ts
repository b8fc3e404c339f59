import { writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, ask, withApp } from '../support/app.js';

const two = [
  { id: 'a1', email: 'anna@example.com', refreshToken: '1//0good-token-of-anna' },
  { id: 'b1', email: 'bob@example.com', refreshToken: '1//0dead-token-of-bob' },
];

test('status: down (3) where nothing runs, ok (0), degraded (1); one line or JSON', () =>
  withApp({ accounts: two }, async (app) => {
    const down = await app.run(['status']);
    assert.is(down.status, 3);
    assert.match(down.stdout, /^down: no regrant runs/);
    const downJson = await app.run(['status', '--json']);
    assert.is(downJson.status, 3);
    assert.is(downJson.stdout, '');

    const running = await app.headless();
    const ok = await app.run(['status']);
    assert.is(ok.status, 0);
    assert.match(ok.stdout, new RegExp(`^ok: 2 of 2 serve at 127\\.0\\.0\\.1:\\d+, pid ${running.pid}\\n$`));

    app.google.revoke('1//0dead-token-of-bob');
    app.google.expireAccess('bob@example.com');
    for (let i = 0; i < 4; i++) assert.is(await ask(running.url), 200);
    const degraded = await app.run(['status', '--json']);
    assert.is(degraded.status, 1);
    const body = JSON.parse(degraded.stdout) as Record<string, unknown>;
    assert.is(body.status, 'degraded');
    assert.is(body.pid, running.pid);
    assert.is(`http://${String(body.address)}`, running.url);
    assert.is(typeof body.upSince, 'number');
    assert.is((body.accounts as Record<string, number>).disabled, 1);
    assert.is((await running.stop()).status, 0);
  }));

test('accounts: a line each or JSON without tokens, the same from the files as from the running supervisor', () =>
  withApp({ accounts: two }, async (app) => {
    await app.dir.putRaw('torn.json', '{"id":"torn",');
    const fromFiles = await app.run(['accounts', '--json']);
    assert.is(fromFiles.status, 0);
    app.google.revoke('1//0dead-token-of-bob');
    const running = await app.headless();
    for (let i = 0; i < 4; i++) await ask(running.url);
    const listed = await app.run(['accounts', '--json']);
    const accounts = JSON.parse(listed.stdout) as Record<string, unknown>[];
    assert.equal(accounts.map(({ id, state }) => [id, state]).sort(), [
      ['a1', 'ready'],
      ['b1', 'disabled'],
      ['torn', 'unreadable'],
    ]);
    const before = JSON.parse(fromFiles.stdout) as Record<string, unknown>[];
    assert.equal(before.find(({ id }) => id === 'a1')?.state, 'ready');
    const torn = accounts.find(({ id }) => id === 'torn');
    assert.is(torn?.file, 'torn.json');
    assert.ok(String(torn?.reason).length > 0);
    for (const text of [listed.stdout, fromFiles.stdout]) assert.not.match(text, /1\/\/0|ya29/);
    const lines = await app.run(['accounts']);
    assert.match(lines.stdout, /^disabled +bob@example\.com +invalid_grant: /m);
    assert.match(lines.stdout, /^ready +anna@example\.com$/m);
    await running.stop();
  }));

test('add: a token from stdin re-enables a running account within a second; a refused one changes nothing and says so', () =>
  withApp({ accounts: two }, async (app) => {
    app.google.revoke('1//0dead-token-of-bob');
    const running = await app.headless();
    for (let i = 0; i < 4; i++) await ask(running.url);
    assert.is((await app.dir.read('b1')).disabled, true);
    const before = await app.dir.readRaw('b1');
    const refused = await app.run(['add'], { input: '1//0nobody-knows-this\n' });
    assert.is(refused.status, 1);
    assert.match(refused.stderr, /Google refused this token/);
    assert.is(await app.dir.readRaw('b1'), before);
    app.google.grant('1//0new-token-of-bob', { email: 'bob@example.com' });
    const added = await app.run(['add'], { input: ' 1//0new-token\n-of-bob \n' });
    assert.is(added.status, 0, added.stderr);
    assert.match(added.stdout, /bob@example\.com is re-added and ready/);
    const file = await app.dir.read('b1');
    assert.is(file.disabled, false);
    assert.is(file.token.refresh_token, '1//0new-token-of-bob');
    assert.not.match(added.stdout + added.stderr + refused.stderr, /1\/\/0|ya29/);
    await running.stop();
  }));

test('add works on the files where nothing runs, and an empty or unknown client is refused', () =>
  withApp({ accounts: [] }, async (app) => {
    app.google.grant('1//0token-of-carla', { email: 'carla@example.com' });
    assert.is((await app.run(['add'], { input: '' })).status, 1);
    const unknown = await app.run(['add', '--client', 'nope'], { input: '1//0token-of-carla' });
    assert.is(unknown.status, 1);
    assert.match(unknown.stderr, /no OAuth client "nope"/);
    const added = await app.run(['add'], { input: '1//0token-of-carla' });
    assert.is(added.status, 0, added.stderr);
    assert.match((await app.run(['accounts'])).stdout, /^ready +carla@example\.com$/m);
  }));

test('env prints exports for a shell, and nothing else on standard output', () =>
  withApp({}, async (app) => {
    const running = await app.headless();
    const { status, stdout } = await app.run(['env']);
    assert.is(status, 0);
    assert.is(stdout, `export GEMINI_API_KEY='${API_KEY}'\nexport GOOGLE_GEMINI_BASE_URL='${running.url}'\n`);
    await running.stop();
  }));

test('no terminal or TERM=dumb: says what to use instead, exit 2', () =>
  withApp({}, async (app) => {
    const without = await app.run([]);
    assert.is(without.status, 2);
    assert.match(without.stderr, /use `regrant --headless`/);
    const dumb = app.terminal([], { term: 'dumb' });
    assert.is(await dumb.ended, 2);
    assert.match(dumb.written, /TERM=dumb.*use `regrant --headless`/);
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

    assert.is((await app.run(['--nonsense'])).status, 2);
    assert.is((await app.run(['frobnicate'])).status, 2);
    assert.is((await app.run(['--headless', '--demo'])).status, 2);
    assert.is((await app.run(['--help'])).status, 0);
    assert.match((await app.run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);

    await writeFile(app.dir.at('settings.json'), '{ "proxy": { "apiKey": "sk-quoted-nowhere", } }');
    const broken = await app.run(['--headless']);
    assert.is(broken.status, 2);
    assert.match(broken.stderr, /settings\.json is not JSON, see line 1; mend it/);
    assert.not.match(broken.stderr, /sk-quoted/);
    for (const { stderr } of [inUse, wrong, broken]) assert.is(stderr.trim().split('\n').length, 1, stderr);
  }));

test('a data directory that cannot be made names itself, exit 3', () =>
  withApp({}, async (app) => {
    await writeFile(app.dir.at('a-file'), '');
    const { status, stderr } = await app.run(['--headless', '--data-dir', app.dir.at('a-file', 'below')]);
    assert.is(status, 3);
    assert.match(stderr, /cannot use the data directory .*a-file\/below: .*--data-dir/);
  }));

test('without an OAuth client it serves, and says in the 503 what to configure', () =>
  withApp(
    { accounts: [two[0] ?? {}], settings: { oauth: { clients: { default: { id: '', secret: '' } } } } },
    async (app) => {
      const running = await app.headless();
      const response = await fetch(`${running.url}/v1beta/models/gemini-3-flash:generateContent`, {
        method: 'POST',
        headers: { 'x-goog-api-key': API_KEY },
        body: '{}',
      });
      assert.is(response.status, 503);
      const { error } = (await response.json()) as { error: { message: string } };
      assert.match(error.message, /no.client/i);
      assert.is((await app.run(['status'])).status, 3);
      await running.stop();
    },
  ));

test('without an account requests get 503, and the list says how to add one', () =>
  withApp({}, async (app) => {
    const running = await app.headless();
    assert.is(await ask(running.url), 503);
    assert.match((await app.run(['accounts'])).stdout, /no account yet: add one with `regrant add`/);
    await running.stop();
  }));

test.run();
