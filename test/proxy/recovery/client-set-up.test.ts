import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../src/store/ground/clock.js';
import { RemoteSupervisor } from '../../../src/control/remote.js';
import { setClock } from '../../support/clock.js';
import { withDoor } from '../../support/door.js';
import { testClient } from '../../support/google.js';
import { withHouse, type House } from '../../support/house.js';

const bob = { id: 'bob', email: 'bob@example.com', refreshToken: '1//0good-token-of-bob' };
const none = { oauth: { clients: { default: { id: '', secret: '' } } } };
const request = { client: null, ...testClient };

const fileOf = (house: House): Promise<string> => readFile(join(house.dir.path, 'settings.json'), 'utf8');

const withNoClient = (use: (house: House) => Promise<void>, accounts = [bob]): Promise<void> =>
  withHouse(
    {
      accounts,
      settings: none,
      prepare(google) {
        google.client(testClient.id, testClient.secret);
        google.grant(bob.refreshToken, { email: bob.email });
      },
    },
    use,
  );

test('a client that is set up is used at once: its accounts serve without a restart', () =>
  withNoClient(async (house) => {
    assert.is(house.state('bob'), 'no_client');
    const { ok, text } = await house.supervisor.operations.setUpClient(request);
    assert.ok(ok, text);
    assert.is(text, 'OAuth client "default" is saved and used from now on: Google knows it');
    assert.is((await house.ask()).status, 200);
    const snapshot = house.supervisor.snapshot();
    assert.equal(snapshot.banners, []);
    assert.equal(snapshot.clients, [{ name: 'default', id: testClient.id, hasSecret: true }]);
    assert.ok((await fileOf(house)).includes(testClient.secret));
    assert.not.match(house.log.join('\n'), /GOCSPX/);
  }));

test('one that Google does not know, or with another secret, is not saved', () =>
  withNoClient(async (house) => {
    const before = await fileOf(house);
    for (const wrong of [{ secret: 'GOCSPX-another' }, { id: '9-none.apps.googleusercontent.com' }]) {
      const { ok, text } = await house.supervisor.operations.setUpClient({ ...request, ...wrong });
      assert.not.ok(ok);
      assert.match(text, /^nothing is saved: Google says invalid_client.*; compare id and secret/);
      assert.not.match(text, /GOCSPX/);
    }
    assert.is(await fileOf(house), before);
    assert.is(house.state('bob'), 'no_client');
  }));

test('what cannot be a client is refused without asking Google', () =>
  withNoClient(async (house) => {
    const { ok, text } = await house.supervisor.operations.setUpClient({ ...request, id: 'bob@example.com' });
    assert.not.ok(ok);
    assert.match(text, /that is an e-mail address/);
    assert.is(house.google.calls.token.length, 0);
  }));

test('where Google cannot be asked the client is saved, and said to be unchecked', () =>
  withHouse({ settings: { oauth: { ...none.oauth, tokenUrl: 'http://127.0.0.1:9/token' } } }, async (house) => {
    const { ok, text } = await house.supervisor.operations.setUpClient(request);
    assert.ok(ok);
    assert.match(text, /Google could not be asked about it \(.*connection refused.*the first login will tell/);
  }));

test('Google is waited for no longer than for any refresh', () => {
  const clock = setClock(Date.now());
  return withHouse({ clock, settings: none }, async (house) => {
    const held = house.google.hold('*');
    const saving = house.supervisor.operations.setUpClient(request);
    await held.waiting();
    clock.advance(15_001);
    assert.match((await saving).text, /Google could not be asked about it \(timeout/);
    held.release();
  });
});

test('a refused client that is set up anew is asked again at once, and an empty secret keeps the stored one', () =>
  withHouse(
    {
      accounts: [bob],
      settings: { oauth: { clients: { default: { id: testClient.id, secret: 'GOCSPX-old' } } } },
      prepare(google) {
        google.client(testClient.id, testClient.secret);
        google.grant(bob.refreshToken, { email: bob.email });
      },
    },
    async (house) => {
      assert.is((await house.ask()).status, 503);
      assert.is(house.state('bob'), 'no_client');
      const { operations } = house.supervisor;
      assert.not.ok((await operations.setUpClient({ ...request, secret: '' })).ok);
      assert.ok((await operations.setUpClient(request)).ok);
      assert.is((await house.ask()).status, 200);
      assert.ok((await operations.setUpClient({ ...request, secret: '' })).ok);
      assert.ok((await fileOf(house)).includes(testClient.secret));
    },
  ));

test('a client of another name is its own; the default one stays as it is', () =>
  withNoClient(
    async (house) => {
      assert.ok((await house.supervisor.operations.setUpClient({ ...request, client: 'corp' })).ok);
      assert.is((await house.ask()).status, 200);
      const { oauth } = JSON.parse(await fileOf(house)) as { oauth: { clients: unknown } };
      assert.equal(oauth.clients, {
        default: none.oauth.clients.default,
        corp: testClient,
      });
    },
    [{ ...bob, token: { oauth_client_key: 'corp' } } as typeof bob],
  ));

test('an attached screen sets it up over the control socket', () =>
  withDoor({ settings: none }, async ({ connect, house }) => {
    const remote = await RemoteSupervisor.follow(await connect(), systemClock);
    assert.ok((await remote.operations.setUpClient(request)).ok);
    assert.is(house.supervisor.snapshot().clients.length, 1);
    const wrong = await remote.operations.setUpClient({ ...request, id: '' });
    assert.match(wrong.text, /the client id is missing/);
    remote.close();
    await remote.parted;
  }));

test('an empty secret is saved where it is said that there is none, and not unasked', () =>
  withNoClient(async (house) => {
    const { operations } = house.supervisor;
    const bare = { client: null, id: '5-bare.apps.googleusercontent.com', secret: '' };
    const before = await fileOf(house);
    assert.match(
      (await operations.setUpClient(bare)).text,
      /^nothing is saved: no secret was given, and none is stored/,
    );
    assert.is(await fileOf(house), before);
    house.google.client(bare.id, '');
    assert.ok((await operations.setUpClient({ ...bare, withoutSecret: true })).ok);
    assert.equal(house.supervisor.snapshot().clients[0], { name: 'default', id: bare.id, hasSecret: false });
  }));

test.run();
