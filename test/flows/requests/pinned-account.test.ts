/** A key that may pin names the account that serves it (`x-regrant-account`). */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withHouse, type House } from '../../support/house.js';
import type { Google } from '../../support/google.js';

const test = suite('pinned account');
const anna = { id: 'a1', email: 'anna@example.com', refreshToken: '1//0anna' };
const bob = { id: 'b1', email: 'Bob@Example.com', refreshToken: '1//0bob' };
const accounts = [anna, bob];
const prepare = (google: Google): void => {
  for (const { refreshToken, email } of accounts) google.grant(refreshToken, { email });
};

async function keyOf(house: House, name: string, pin: boolean): Promise<string> {
  return (await house.supervisor.operations.addKey(name, { pin })).key ?? '';
}

async function ask(house: House, key: string, email: string, path = '/v1beta/models/gemini-3-flash:generateContent') {
  const isGemini = path.startsWith('/v1beta');
  const body = isGemini
    ? { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }
    : { model: 'gemini-3-flash', messages: [{ role: 'user', content: 'hi' }], max_tokens: 9 };
  const response = await fetch(`http://${house.supervisor.address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, 'x-regrant-account': email },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** Whose tokens Google was shown, in turn. */
const asked = (house: House): readonly string[] =>
  house.google.generated().map(({ email }) => email?.toLowerCase() ?? '');

test('a pinning key is served by the account that it names, in any protocol, and the header goes no further', () =>
  withHouse({ accounts, prepare }, async (house) => {
    const key = await keyOf(house, 'ops', true);
    for (const path of [undefined, undefined, undefined, '/v1/messages', '/v1/chat/completions']) {
      assert.is((await ask(house, key, 'bob@example.COM', path)).status, 200);
    }
    assert.equal(asked(house), Array<string>(5).fill('bob@example.com'));
    assert.ok(house.google.calls.gemini.every(({ headers }) => !JSON.stringify(headers).includes('x-regrant-account')));
  }));

test('the header of a key that may not pin is ignored, and goes no further', () =>
  withHouse({ accounts, prepare }, async (house) => {
    const key = await keyOf(house, 'ci', false);
    for (let i = 0; i < 4; i++) assert.is((await ask(house, key, 'nobody@example.com')).status, 200);
    assert.is(new Set(asked(house)).size, 2);
    assert.ok(house.google.calls.gemini.every(({ headers }) => !JSON.stringify(headers).includes('x-regrant-account')));
  }));

test('an account that nobody knows is a 404 in the protocol of who asks, and nobody is asked', () =>
  withHouse({ accounts, prepare }, async (house) => {
    const key = await keyOf(house, 'ops', true);
    const [gemini, claude] = [
      await ask(house, key, 'eve@example.com'),
      await ask(house, key, 'eve@example.com', '/v1/messages'),
    ];
    assert.equal([gemini.status, claude.status], [404, 404]);
    assert.match(claude.text, /"not_found_error"/);
    assert.not.match(gemini.text + claude.text, /eve@/);
    assert.is(house.google.calls.gemini.length, 0);
  }));

test('one that is out is told by its state, not by its e-mail, and nobody else is asked', () =>
  withHouse({ accounts, prepare }, async (house) => {
    const key = await keyOf(house, 'ops', true);
    house.google.revoke(bob.refreshToken);
    house.google.expireAccess(bob.email);
    const dead = await ask(house, key, bob.email);
    assert.is(dead.status, 503);
    await house.until(() => house.state(bob.id) === 'disabled');
    const out = await ask(house, key, bob.email);
    assert.is(out.status, 503);
    assert.match(out.text, /x-regrant-account cannot serve: disabled \(invalid_grant\)/);
    assert.not.match(out.text, /bob@/i);
    assert.is((await ask(house, key, anna.email)).status, 200);
    assert.is(asked(house).at(-1), anna.email);
  }));

test('one that rests is waited for where that is soon, and a 429 with the time where it is not', () =>
  withHouse({ accounts, prepare, settings: { pool: { waitSeconds: 5 } } }, async (house) => {
    const key = await keyOf(house, 'ops', true);
    let [seconds, refusals] = ['1', 1];
    const body = { error: { code: 429, message: 'Quota exceeded', status: 'RESOURCE_EXHAUSTED' } };
    house.google.upstream(() =>
      refusals-- > 0 ? { status: 429, headers: { 'retry-after': seconds }, body } : undefined,
    );
    const held = await ask(house, key, bob.email);
    assert.is(held.status, 200);
    [seconds, refusals] = ['3600', 1];
    await ask(house, key, bob.email);
    const rests = await ask(house, key, bob.email);
    assert.is(rests.status, 429);
    const wait = Number(rests.headers.get('retry-after'));
    assert.ok(wait > 3_500 && wait <= 3_600, String(wait));
    assert.is((await ask(house, key, anna.email)).status, 200);
    assert.equal(
      asked(house),
      ['bob', 'bob', 'bob', 'anna'].map((name) => `${name}@example.com`),
    );
  }));

test.run();
