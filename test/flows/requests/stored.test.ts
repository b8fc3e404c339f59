/** What the Gemini API stores goes to the quota project that made it, with Google's own SDK and with bare requests. */
import { GoogleGenAI } from '@google/genai';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, type House, withHouse } from '../../support/house.js';

const model = 'gemini-2.5-flash';
const ids = ['ann', 'bob', 'cy'];
const grantOf = (id: string): string => `1//0grant-of-${id}-abc`;
const projectOf = (id: string): string => `project-${id}`;

const house = (use: (running: House, sdk: () => GoogleGenAI) => Promise<void>): Promise<void> =>
  withHouse(
    {
      accounts: ids.map((id) => ({ id, email: `${id}@example.com`, refreshToken: grantOf(id) })),
      prepare: (google) => {
        for (const id of ids) google.grant(grantOf(id), { email: `${id}@example.com` });
      },
    },
    (running) =>
      use(
        running,
        () => new GoogleGenAI({ apiKey: API_KEY, httpOptions: { baseUrl: `http://${running.supervisor.address}` } }),
      ),
  );

const upload = (sdk: GoogleGenAI, bytes: number) =>
  sdk.files.upload({ file: new Blob([Buffer.alloc(bytes, 'regrant')]), config: { mimeType: 'text/plain' } });

const withFile = (uri: string) => [
  { role: 'user', parts: [{ fileData: { fileUri: uri, mimeType: 'text/plain' } }, { text: 'Say.' }] },
];

test('the SDK uploads a file in pieces, reads it, uses it, deletes it: always as the project that made it', () =>
  house(async ({ google }, sdk) => {
    const file = await upload(sdk(), 9 * 1_048_576);
    assert.is(file.sizeBytes, String(9 * 1_048_576));
    const { name = '', uri = '' } = file;
    for (let n = 0; n < 4; n++) {
      assert.is((await sdk().files.get({ name })).uri, uri);
      assert.ok((await sdk().models.generateContent({ model, contents: withFile(uri) })).text);
    }
    await sdk().files.delete({ name });
    const projects = google.calls.gemini.map(({ project }) => project);
    assert.is(new Set(projects).size, 1, String(projects));
    assert.ok(google.calls.gemini.filter(({ path }) => path.startsWith('/upload/')).length >= 3);
    for (let n = 0; n < 3; n++) await sdk().models.generateContent({ model, contents: 'hi' });
    assert.is(new Set(google.calls.gemini.map(({ project }) => project)).size, 3, 'what names nothing goes to all');
  }));

test('a cached content is used by the project that made it', () =>
  house(async ({ google }, sdk) => {
    const { name = '' } = await sdk().caches.create({ model, config: { contents: 'x'.repeat(10_000) } });
    for (let n = 0; n < 4; n++) {
      const answer = await sdk().models.generateContent({ model, contents: 'hi', config: { cachedContent: name } });
      assert.ok(answer.text);
    }
    assert.is(new Set(google.calls.gemini.map(({ project }) => project)).size, 1);
  }));

test('after a restart it is still known whose a file is', () =>
  house(async (running, sdk) => {
    const { name = '' } = await upload(sdk(), 1_000);
    const [made] = running.google.calls.gemini;
    await running.stop();
    await running.start();
    const before = running.google.calls.gemini.length;
    for (let n = 0; n < 3; n++) await sdk().files.get({ name });
    const projects = running.google.calls.gemini.slice(before).map(({ project }) => project);
    assert.equal(projects, [made?.project, made?.project, made?.project]);
  }));

test('a file that nobody has told of is found by asking one project after the other, and is no reproach to an account', () =>
  house(async (running, sdk) => {
    const { google } = running;
    const direct = {
      authorization: `Bearer ${google.accessToken(grantOf('cy'))}`,
      'x-goog-user-project': projectOf('cy'),
    };
    const made = await fetch(`${google.url}/v1beta/cachedContents`, { method: 'POST', headers: direct, body: '{}' });
    const { name } = (await made.json()) as { name: string };
    for (let n = 0; n < 2; n++) assert.is((await sdk().caches.get({ name })).name, name);
    const projects = google.calls.gemini.slice(1).map(({ project }) => project);
    assert.equal(projects, [projectOf('ann'), projectOf('bob'), projectOf('cy'), projectOf('cy')]);
    for (const row of running.supervisor.snapshot().accounts) assert.is(row.reason, '');
  }));

test('where its account is dead, the client hears which thing cannot be served', () =>
  house(async (running, sdk) => {
    const { name = '' } = await upload(sdk(), 1_000);
    const owner = running.google.calls.gemini[0]?.email?.split('@')[0] ?? '';
    running.google.revoke(grantOf(owner));
    running.google.expireAccess();
    const url = `http://${running.supervisor.address}/v1beta/${name}`;
    const got = await fetch(url, { headers: { 'x-goog-api-key': API_KEY } });
    assert.is(got.status, 503);
    assert.match(await got.text(), new RegExp(`no account can serve ${name}: 1 disabled \\(invalid_grant\\)`));
    assert.is((await running.ask()).status, 200);
  }));

test('an upload’s address leads here, goes on without the key, and is in no log', () =>
  house(async (running) => {
    const base = `http://${running.supervisor.address}`;
    const begun = await fetch(`${base}/upload/v1beta/files?key=${API_KEY}`, {
      method: 'POST',
      headers: {
        'x-goog-upload-protocol': 'resumable',
        'x-goog-upload-command': 'start',
        'content-type': 'application/json',
      },
      body: '{"file":{"displayName":"a"}}',
    });
    const address = begun.headers.get('x-goog-upload-url') ?? '';
    assert.ok(address.startsWith(`${base}/upload/v1beta/files?upload_id=`), address);
    const headers = { 'x-goog-upload-command': 'upload, finalize', 'x-goog-upload-offset': '0' };
    for (const path of ['/metrics', '/v1beta/models', '/upload/v1beta/other']) {
      const other = await fetch(`${base}${path}${new URL(address).search}`);
      assert.is(other.status, 401, path);
    }
    const stranger = await fetch(address.replace(/upload_id=[^&]+/, 'upload_id=guessed'), { method: 'PUT', headers });
    assert.is(stranger.status, 401);
    const done = await fetch(address, { method: 'POST', headers, body: 'whole' });
    assert.is(done.status, 200);
    const { file } = (await done.json()) as { file: { sizeBytes: string } };
    assert.is(file.sizeBytes, '5');
    const id = new URL(address).searchParams.get('upload_id') ?? '';
    await running.stop();
    for (const [name, text] of await running.dir.everything()) assert.not.ok(text.includes(id), name);
    await running.start();
  }));

test.run();
