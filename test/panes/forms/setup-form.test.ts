import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { night } from '../../support/scene.js';
import { withScreen, type TestScreen } from '../../support/screen.js';
import { account, TestSupervisor } from '../../support/supervisor.js';

const ID = '1234-abc.apps.googleusercontent.com';
const SECRET = 'GOCSPX-never-on-the-screen';
const SAVED = { ok: true, text: 'OAuth client "default" is saved and used from now on: Google knows it' };

type Flow = (screen: TestScreen, supervisor: TestSupervisor) => Promise<void>;

/** A first start: no account, no client. */
const atFirst = (use: Flow): Promise<void> => {
  const clock = setClock();
  const supervisor = new TestSupervisor(clock, [], { clients: [] });
  return withScreen(supervisor, { clock, cols: 80, rows: 24 }, (screen) => use(screen, supervisor));
};

const saved: Flow = async (screen, supervisor) => {
  await screen.press('O');
  await screen.paste(`${ID}\n${SECRET}\n`);
  await screen.press('Enter');
  supervisor.set({ clients: [{ name: 'default', id: ID, hasSecret: true }] });
  await supervisor.last('setUpClient').reply(SAVED);
  await screen.settle();
};

test('the empty screen names the key, the dialog says where to get a client, and both fields are typed', () =>
  atFirst(async (screen, supervisor) => {
    assert.ok(screen.has(/O +first the OAuth client/));
    await screen.press('O');
    assert.ok(screen.has('set up your OAuth client'));
    assert.ok(screen.has('console.cloud.google.com/auth/clients'));
    await screen.type('12O');
    await screen.press('Tab');
    await screen.type('ab');
    assert.ok(screen.has(/client id +12O/));
    assert.ok(screen.has(/secret +••••••••. 2 chars/));
    await screen.press('Enter');
    assert.equal(supervisor.last('setUpClient').args, [{ client: null, id: '12O', secret: 'ab' }]);
    assert.ok(screen.has('asking Google whether it knows this client'));
  }));

test('a paste goes where it belongs and never sends; the secret is not shown', () =>
  atFirst(async (screen, supervisor) => {
    await screen.press('O');
    await screen.paste(' \n');
    assert.ok(screen.has('the paste was empty: nothing taken'));
    await screen.paste(`${SECRET}\n`);
    assert.ok(screen.has('that is the secret'));
    await screen.paste(`\n ${ID}\n`);
    assert.ok(screen.has(ID));
    assert.is(supervisor.asked.length, 0);
    assert.not.ok(screen.has('GOCSPX-n'));
    await screen.press('C-u');
    await screen.paste(
      JSON.stringify({ installed: { client_id: ID, client_secret: SECRET, redirect_uris: [] } }, null, 2),
    );
    assert.ok(screen.has('id and secret are there; Enter checks and saves them'));
    await screen.press('Enter');
    assert.equal(supervisor.last('setUpClient').args, [{ client: null, id: ID, secret: SECRET }]);
  }));

test('a client for web applications is taken, with the word that a login needs another', () =>
  atFirst(async (screen) => {
    await screen.press('O');
    await screen.paste(JSON.stringify({ web: { client_id: ID, client_secret: SECRET } }));
    assert.ok(screen.has('Web application'));
  }));

test('what is refused stays in the fields, with the reason', () =>
  atFirst(async (screen, supervisor) => {
    await screen.press('O', 'Enter');
    await supervisor.last('setUpClient').reply({ ok: false, text: 'the client id is missing' });
    await screen.settle();
    assert.ok(screen.has('the client id is missing'));
    await screen.type('x');
    assert.not.ok(screen.has('the client id is missing'));
    assert.ok(screen.has(/client id +x/));
    await screen.press('Enter', 'Enter', 'Enter');
    await supervisor.last('setUpClient').fail(new Error('the supervisor is gone'));
    await screen.settle();
    assert.ok(screen.has('the supervisor is gone'));
  }));

test('after it is saved o goes on to the login, and a to the form for a token', async () => {
  await atFirst(async (screen, supervisor) => {
    await saved(screen, supervisor);
    assert.ok(screen.has('Now the first account'));
    await screen.press('o');
    assert.is(supervisor.last('startLogin').name, 'startLogin');
  });
  await atFirst(async (screen, supervisor) => {
    await saved(screen, supervisor);
    await screen.press('a');
    assert.ok(screen.has('add an account: paste its refresh token'));
  });
});

test('o leads to the set-up where there is no client to log in with', () =>
  atFirst(async (screen, supervisor) => {
    await screen.press('o');
    assert.ok(screen.has('set up your OAuth client'));
    assert.is(supervisor.asked.length, 0);
    await screen.press('Escape');
    assert.not.ok(screen.has('set up your OAuth client'));
  }));

test('closed while Google is asked, the end is said at the foot; Ctrl-C still asks', () =>
  atFirst(async (screen, supervisor) => {
    await screen.press('O');
    await screen.paste(`${ID} ${SECRET}`);
    await screen.press('Enter', 'Escape');
    await supervisor.last('setUpClient').reply(SAVED);
    await screen.settle();
    assert.ok(screen.has('is saved and used from now on'));
    await screen.press('O', 'C-c');
    assert.ok(screen.has('Leave regrant?'));
  }));

test('on an account whose client is not configured, O sets up that one; else the one that is there', async () => {
  const clock = setClock();
  const lost = account('lost@example.com', { state: 'no_client', serves: false, client: 'corp' });
  await withScreen(new TestSupervisor(clock, [lost]), { clock }, async (screen) => {
    assert.ok(screen.has('O sets it up'));
    await screen.press('O');
    assert.ok(screen.has('set up the OAuth client "corp"'));
  });
  const supervisor = night(clock);
  await withScreen(supervisor, { clock }, async (screen) => {
    await screen.press('O');
    assert.ok(screen.has('set up the OAuth client "default"'));
    assert.ok(screen.has('1234567890-abcdefghijkl.apps.googleusercontent.com'));
    assert.ok(screen.has('as it is stored'));
  });
});

/** What is known of the client, what is typed, and whether Enter asks before it saves a client without a secret. */
const emptySecrets: readonly (readonly [stored: string, hasSecret: boolean, typed: string, asks: boolean])[] = [
  ['', false, ID, true],
  [ID, false, ID, true],
  [ID, true, ID, false],
  [ID, true, '9-another.apps.googleusercontent.com', true],
];

for (const [stored, hasSecret, typed, asks] of emptySecrets) {
  const what = stored === '' ? 'nothing' : hasSecret ? 'an id and a secret' : 'an id without a secret';
  test(`with ${what} stored and ${typed === stored ? 'the same' : 'another'} id, an empty secret is ${asks ? 'asked about' : 'kept'}`, async () => {
    const clock = setClock();
    const clients = stored === '' ? [] : [{ name: 'default', id: stored, hasSecret }];
    const supervisor = new TestSupervisor(clock, [], { clients });
    await withScreen(supervisor, { clock, cols: 80, rows: 24 }, async (screen) => {
      await screen.press('O', 'C-u');
      await screen.type(typed);
      assert.is(screen.has('as it is stored'), hasSecret && typed === stored);
      await screen.press('Enter', 'Enter');
      assert.is(supervisor.asked.length, asks ? 0 : 1);
      assert.is(screen.has('none is stored'), asks);
      if (!asks) return;
      await screen.press('Enter');
      const args = [{ client: stored === '' ? null : 'default', id: typed, secret: '', withoutSecret: true }];
      assert.equal(supervisor.last('setUpClient').args, args);
    });
  });
}

test('a letter after the question takes it back: what is typed then is saved without another', () =>
  atFirst(async (screen, supervisor) => {
    await screen.press('O');
    await screen.type(ID);
    await screen.press('Enter', 'Enter');
    assert.ok(screen.has('none is stored'));
    await screen.type('ab');
    assert.not.ok(screen.has('none is stored'));
    await screen.press('Enter');
    assert.equal(supervisor.last('setUpClient').args, [{ client: null, id: ID, secret: 'ab' }]);
  }));

test.run();
