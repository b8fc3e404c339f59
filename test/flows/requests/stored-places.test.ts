/** Where requests go for what is stored, in front of an upstream that shows each thing to one quota project only. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { StoredResources } from '../../../src/proxy/protocols/gemini/stored-resources.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import type { ResourceRecord } from '../../../src/store/state/state-store.js';
import { playedElsewhere } from '../../support/elsewhere.js';
import {
  ask,
  GENERATE,
  googleFailure,
  type Proxied,
  reply,
  type UpstreamCall,
  withProxy,
} from '../../support/proxy.js';

const projects: Readonly<Record<string, string>> = { a1: 'p', b2: 'p', c3: 'q', d4: 'r' };
const accounts = Object.entries(projects).map(([id, project_id]) => ({ id, token: { project_id } }));
const askers = ({ upstream }: Proxied, from = 0): string =>
  upstream.calls
    .slice(from)
    .map(({ account }) => account)
    .join(' ');

/** What is stored where, and what else is asked is answered. */
const storing =
  (stored: Readonly<Record<string, string>>, status = 404) =>
  (call: UpstreamCall, response: Parameters<typeof reply>[0]): void => {
    const text = `${decodeURIComponent(call.url)} ${call.body.toString()}`;
    const hidden = Object.entries(stored).find(([name, at]) => text.includes(name) && at !== projects[call.account]);
    if (hidden === undefined) reply(response, 200, { candidates: [] });
    else reply(response, status, googleFailure(status, status === 404 ? 'NOT_FOUND' : 'PERMISSION_DENIED'));
  };

const using = (...names: string[]) => ({
  path: GENERATE,
  body: JSON.stringify({
    contents: [
      {
        parts: names.map((name) => ({
          fileData: { fileUri: `https://generativelanguage.googleapis.com/v1beta/${name}` },
        })),
      },
    ],
  }),
});
const looking = (name: string) => ({ method: 'GET', path: `/v1beta/${name}` });

test('two things of different projects are answered 400 with both names, before anybody is asked', async () => {
  await withProxy({ accounts }, storing({ 'files/one': 'p', 'files/two': 'q' }), async (proxied) => {
    for (const name of ['files/one', 'files/two']) assert.is((await ask(proxied, looking(name))).status, 200);
    const { length } = proxied.upstream.calls;
    const apart = await ask(proxied, using('files/one', 'files/two'));
    assert.is(apart.status, 400);
    for (const word of ['files/one', 'files/two', 'INVALID_ARGUMENT']) assert.ok(apart.text.includes(word), apart.text);
    const inPath = { path: '/v1beta/files/one:copy', body: '{"fileName":"files/two"}' };
    assert.is((await ask(proxied, inPath)).status, 400);
    assert.is(proxied.upstream.calls.length, length);
    for (let times = 0; times < 3; times++) assert.is((await ask(proxied, using('files/two'))).status, 200);
    assert.is(askers(proxied, length), 'c3 c3 c3');
  });
});

for (const status of [403, 404]) {
  test(`what a body names and nobody knows is found by a ${status} of the others, and remembered`, async () => {
    await withProxy({ accounts, proxy: { maxTries: 1 } }, storing({ 'files/two': 'r' }, status), async (proxied) => {
      assert.is((await ask(proxied, using('files/two'))).status, 200);
      assert.is(askers(proxied), 'a1 c3 d4', 'one account of each project');
      for (let times = 0; times < 2; times++) assert.is((await ask(proxied, using('files/two'))).status, 200);
      assert.is(askers(proxied, 3), 'd4 d4');
      for (const member of proxied.pool.list()) assert.is(proxied.pool.restOf(member), null);
    });
  });
}

test('where one account of its project is refused for a reason of its own, another of that project serves', async () => {
  const stored = storing({ 'files/one': 'p' });
  let forbidden = '';
  await withProxy(
    { accounts },
    (call, response) => {
      if (call.account === forbidden) reply(response, 403, googleFailure(403, 'PERMISSION_DENIED'));
      else stored(call, response);
    },
    async (proxied) => {
      assert.is((await ask(proxied, looking('files/one'))).status, 200);
      for (forbidden of ['a1', 'b2']) {
        for (const { id } of proxied.pool.list()) proxied.pool.lift(id);
        for (const asked of [looking('files/one'), using('files/one')])
          assert.is((await ask(proxied, asked)).status, 200, forbidden);
      }
    },
  );
});

test('what is gone from its project is no reproach to its accounts', async () => {
  for (const status of [403, 404]) {
    let isGone = false;
    await withProxy(
      { accounts },
      (_call, response) =>
        isGone ? reply(response, status, googleFailure(status, 'GONE')) : reply(response, 200, { candidates: [] }),
      async (proxied) => {
        assert.is((await ask(proxied, looking('files/one'))).status, 200);
        isGone = true;
        assert.is((await ask(proxied, looking('files/one'))).status, status);
        isGone = false;
        const { length } = proxied.upstream.calls;
        for (let times = 0; times < 4; times++) assert.is((await ask(proxied, { path: GENERATE })).status, 200);
        assert.is(new Set(askers(proxied, length).split(' ')).size, 4, 'nobody rests');
      },
    );
  }
});

test('a tuned model is found in whichever of many projects it is, and no account rests for not having it', async () => {
  const projectOf = (account: string) => `p${account}`;
  const many = ['a1', 'b2', 'c3', 'd4', 'e5', 'f6'].map((id) => ({ id, token: { project_id: projectOf(id) } }));
  for (const status of [403, 404]) {
    await withProxy(
      { accounts: many },
      (call, response) => {
        const isThere = !call.url.includes('tunedModels/t1') || call.account === 'e5';
        if (isThere) reply(response, 200, { candidates: [] });
        else reply(response, status, googleFailure(status, status === 404 ? 'NOT_FOUND' : 'PERMISSION_DENIED'));
      },
      async (proxied) => {
        const call = { path: '/v1beta/tunedModels/t1:generateContent' };
        assert.is((await ask(proxied, call)).status, 200);
        const { length } = proxied.upstream.calls;
        assert.ok(length > 3, 'more than maxTries were asked');
        for (const next of [call, looking('tunedModels/t1'), call]) assert.is((await ask(proxied, next)).status, 200);
        assert.is(askers(proxied, length), 'e5 e5 e5');
        assert.is(proxied.pool.counts().ready, 6);
        const other = proxied.upstream.calls.length;
        for (let times = 0; times < 6; times++) await ask(proxied, { path: GENERATE });
        assert.is(new Set(askers(proxied, other).split(' ')).size, 6);
      },
    );
  }
});

test('what nobody has is told to the client by the last answer, and every project was asked once', async () => {
  await withProxy({ accounts, proxy: { maxTries: 1 } }, storing({ 'files/two': 'nobody' }), async (proxied) => {
    assert.is((await ask(proxied, looking('files/two'))).status, 404);
    assert.is(askers(proxied), 'a1 c3 d4');
  });
});

test('names are known by their decoded form, and a collection within itself is none', async () => {
  await withProxy({ accounts }, storing({ 'batches/b1': 'r' }), async (proxied) => {
    assert.is((await ask(proxied, looking('batches%2Fb1'))).status, 200);
    const { length } = proxied.upstream.calls;
    for (const name of ['batches/b1', 'batches%2Fb1', 'batches/batches%2Fb1']) {
      assert.is((await ask(proxied, looking(name))).status, 200, name);
    }
    assert.is(askers(proxied, length), 'd4 d4 d4');
    await ask(proxied, looking('batches/batches'));
    await proxied.state.flush();
    assert.equal(
      proxied.state.resources.map(({ name }) => name),
      ['batches/b1'],
    );
  });
});

test("files of accounts without a project are seen by every account of their OAuth client's project", async () => {
  const own = [
    { id: 'a1', token: { project_id: undefined } },
    { id: 'b2', token: { project_id: undefined } },
    { id: 'c3' },
  ];
  await withProxy(
    { accounts: own },
    (call, response) => {
      if (call.account === 'c3') reply(response, 404, googleFailure(404, 'NOT_FOUND'));
      else reply(response, 200, { name: 'files/one' });
    },
    async (proxied) => {
      assert.is(proxied.pool.get('a1')?.quotaProject, '1234');
      const seen = new Set<string>();
      for (let times = 0; times < 8; times++) {
        const before = proxied.upstream.calls.length;
        assert.is((await ask(proxied, looking('files/one'))).status, 200);
        assert.is(proxied.upstream.calls.length, before + 1, 'nobody else is asked');
        seen.add(askers(proxied, before));
      }
      assert.not(seen.has('c3'));
    },
  );
});

test('an interaction is known by its id alone, and goes on where it is stored', async () => {
  await withProxy(
    { accounts },
    (call, response) => {
      const stream = call.body.includes('"stream":true');
      const interaction = { id: `v1_${call.account}`, object: 'interaction', outputs: [{ text: 'see files/readme' }] };
      if (stream) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(`event: x\ndata: ${JSON.stringify({ event_type: 'interaction.start', interaction })}\n\n`);
      } else reply(response, 200, interaction);
    },
    async (proxied) => {
      const create = (more: object) => ({
        path: '/v1beta/interactions',
        body: JSON.stringify({ model: 'm', input: 'x', ...more }),
      });
      for (const more of [{}, { stream: true }]) {
        const made = await ask(proxied, create(more));
        const [, id = ''] = /"id":"(v1_\w+)"/.exec(made.text) ?? [];
        const { length } = proxied.upstream.calls;
        await ask(proxied, create({ previous_interaction_id: id }));
        await ask(proxied, looking(`interactions/${id}`));
        await ask(proxied, { ...looking(`interactions/${id}/cancel`), method: 'POST', body: '{}' });
        assert.is(new Set(proxied.upstream.calls.slice(length).map(({ account }) => projects[account])).size, 1);
        assert.is(projects[proxied.upstream.call(length).account], projects[id.slice(3)]);
      }
      await proxied.state.flush();
      assert.ok(proxied.state.resources.every(({ name }) => name.startsWith('interactions/')));
    },
  );
});

test('what only another box has seen stored goes to its project at once, and an upload that it began to its account', async () => {
  const known = new Map<string, ResourceRecord>();
  const setResources = (take: () => readonly ResourceRecord[]): void =>
    take().forEach((record) => known.set(record.name, record));
  const other = new StoredResources({ resources: [], setResources, elsewhere: null }, systemClock);
  const { elsewhere } = playedElsewhere(known);
  const upload = '/upload/v1beta/files?upload_id=u1';
  await withProxy({ accounts, elsewhere }, storing({ 'files/two': 'r', 'files/three': 'q' }), async (proxied) => {
    const host = new URL(proxied.upstream.url).host;
    other.learn(['files/two'], 'r');
    other.uploading(upload, { project: 'q', account: 'c3', host }, 'ci');
    assert.is((await ask(proxied, using('files/two'))).status, 200);
    assert.is((await ask(proxied, { path: upload, body: 'bytes', headers: {} })).status, 200);
    assert.is((await ask(proxied, { path: '/upload/v1beta/files?upload_id=u2', headers: {} })).status, 401);
    assert.is(askers(proxied), 'd4 c3');
    // asked for once, and nobody knows it: the accounts are asked as ever
    assert.is((await ask(proxied, looking('files/three'))).status, 200);
    assert.is(proxied.upstream.calls.at(-1)?.account, 'c3');
  });
});

test.run();
