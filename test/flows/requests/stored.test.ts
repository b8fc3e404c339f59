/** What the Gemini API stores goes to the quota project that made it, with Google's own SDK and with bare requests. */
import { GoogleGenAI } from '@google/genai';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, type House, withHouse } from '../../support/house.js';
import { jsonReply } from '../../support/google.js';
import { withJobs } from '../../support/stored-jobs.js';

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

test('what a packed prompt names is read too, up to a measure, and the prompt goes on as it came', () =>
  house(async ({ google, supervisor }, sdk) => {
    const { uri = '' } = await upload(sdk(), 1_000);
    google.upstream(({ headers }) => (headers['content-encoding'] === undefined ? undefined : jsonReply(200, {})));
    const ask = async (coding: string, body: Buffer): Promise<string> => {
      const headers = { 'x-goog-api-key': API_KEY, 'content-type': 'application/json', 'content-encoding': coding };
      const url = `http://${supervisor.address}/v1beta/models/${model}:generateContent`;
      assert.is((await fetch(url, { method: 'POST', headers, body })).status, 200);
      const last = google.calls.gemini.at(-1);
      assert.is(last?.headers['content-length'], String(body.length));
      return last?.project ?? '';
    };
    const projects = new Set(google.calls.gemini.map(({ project }) => project));
    const prompt = JSON.stringify({ contents: withFile(uri) });
    for (const [coding, pack] of Object.entries({ gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync })) {
      for (let times = 0; times < 2; times++) projects.add(await ask(coding, pack(prompt)));
    }
    assert.is(projects.size, 1);
    const bomb = gzipSync(' '.repeat(8_388_608) + prompt);
    for (let times = 0; times < 3; times++) projects.add(await ask('gzip', bomb));
    assert.is(projects.size, 3);
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

const request = { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] };

/** Turns the pool on, so that what comes next would go to another project if nothing held it. */
const turnOn = (sdk: GoogleGenAI): Promise<unknown> => sdk.models.generateContent({ model, contents: 'hi' });

/** All of a list's pages. */
async function all<T>(pages: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const one of pages) found.push(one);
  return found;
}

test('batches of the SDK are made, read, listed, cancelled and deleted, each as the project that made it', () =>
  house(async ({ google }, sdk) => {
    const made = withJobs(google);
    const first = await sdk().batches.create({ model, src: [request] });
    await turnOn(sdk());
    const second = await sdk().batches.createEmbeddings({ model, src: { inlinedRequests: request } });
    assert.is(new Set(made.values()).size, 1, 'the next one beside the last');
    for (const { name = '' } of [first, second]) {
      await turnOn(sdk());
      assert.is((await sdk().batches.get({ name })).state, 'JOB_STATE_SUCCEEDED');
      await turnOn(sdk());
      await sdk().batches.cancel({ name });
    }
    await sdk().batches.delete({ name: first.name ?? '' });
    assert.equal([...made.keys()], [second.name]);
  }));

test('a video of the SDK is asked for until it is done, wherever the pool is', () =>
  house(async ({ google }, sdk) => {
    withJobs(google);
    const operation = await sdk().models.generateVideos({ model: 'veo-3', prompt: 'rain' });
    for (let times = 0; times < 4; times++) {
      assert.is((await sdk().operations.getVideosOperation({ operation })).done, true);
    }
  }));

test('a file search store of the SDK: made, filled in both ways, asked in a prompt, listed, deleted', () =>
  house(async ({ google }, sdk) => {
    const made = withJobs(google);
    const file = await upload(sdk(), 1_000);
    await turnOn(sdk());
    const { name = '' } = await sdk().fileSearchStores.create({ config: { displayName: 'notes' } });
    await turnOn(sdk());
    const uploaded = await sdk().fileSearchStores.uploadToFileSearchStore({
      fileSearchStoreName: name,
      file: new Blob(['regrant']),
      config: { mimeType: 'text/plain' },
    });
    const imported = await sdk().fileSearchStores.importFile({ fileSearchStoreName: name, fileName: file.name ?? '' });
    for (const operation of [uploaded, imported]) assert.is((await sdk().operations.get({ operation })).done, true);
    const tools = [{ fileSearch: { fileSearchStoreNames: [name] } }];
    for (let times = 0; times < 3; times++) {
      assert.ok((await sdk().models.generateContent({ model, contents: 'hi', config: { tools } })).text);
      assert.is((await sdk().fileSearchStores.get({ name })).name, name);
    }
    const documents = await all(await sdk().fileSearchStores.documents.list({ parent: name }));
    assert.is(documents.length, 1);
    await sdk().fileSearchStores.documents.delete({ name: documents[0]?.name ?? '' });
    await sdk().fileSearchStores.delete({ name, config: { force: true } });
    assert.not.ok(made.has(name));
  }));

test('a tuned model of the SDK is made, read, used and cancelled, wherever the pool is', () =>
  house(async ({ google }, sdk) => {
    withJobs(google);
    const examples = [{ textInput: 'a', output: 'b' }];
    const { name = '' } = await sdk().tunings.tune({ baseModel: 'models/gemini-1', trainingDataset: { examples } });
    for (let times = 0; times < 4; times++) assert.is((await sdk().tunings.get({ name })).name, name);
    for (let times = 0; times < 4; times++) await sdk().tunings.cancel({ name });
    for (let times = 0; times < 4; times++) {
      assert.ok((await sdk().models.generateContent({ model: name, contents: 'hi' })).text);
    }
  }));

test.run();
