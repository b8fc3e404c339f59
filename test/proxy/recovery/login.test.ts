import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type {
  LoginOffer,
  LoginRequest,
  LoginTrouble,
  Progress,
  ReaddResult,
  OperationReply,
} from '../../../src/proxy/contract/operations.js';
import { setClock } from '../../support/clock.js';
import { testClient } from '../../support/google.js';
import { withHouse, type House } from '../../support/house.js';

const anna = { id: 'a1', email: 'anna@example.com', accessEndsIn: 3600 };
const bob = {
  id: 'b1',
  email: 'bob@example.com',
  accessEndsIn: 3600,
  disabled: true,
  disabled_at: 1,
  disabled_reason: 'invalid_grant: dead',
};

const byWhom = (over: Partial<LoginRequest> = {}): LoginRequest => ({
  accountId: null,
  email: null,
  client: null,
  otherAccount: 'ask',
  ...over,
});

async function start(house: House, over: Partial<LoginRequest> = {}): Promise<LoginOffer> {
  const offer = await house.supervisor.operations.startLogin(byWhom(over));
  if ('ok' in offer) throw new Error(offer.text);
  return offer;
}

/** Follows the link as a browser does, without going where it is sent: the address it would open next. */
async function consent(house: House, { url }: LoginOffer, email: string): Promise<string> {
  house.google.signIn(email);
  const response = await fetch(url, { redirect: 'manual' });
  return response.headers.get('location') ?? '';
}

const wait = (house: House, { login }: LoginOffer, steps: Progress[] = []): Promise<ReaddResult | LoginTrouble> =>
  house.supervisor.operations.awaitLogin(login, (news) => steps.push(news));
const paste = (house: House, { login }: LoginOffer, text: string): Promise<OperationReply> =>
  house.supervisor.operations.pasteLogin(login, text);
const outcome = (result: ReaddResult | LoginTrouble | OperationReply): string =>
  'outcome' in result && !result.outcome.startsWith('login_') ? result.outcome : result.text;

/** The account's own refresh of the day, which may come at any moment, is none. */
const codesSent = ({ google }: House): number =>
  google.calls.token.filter(({ grantType }) => grantType === 'authorization_code').length;

test('the link asks for all that a lasting grant needs, with PKCE and a state of its own each time', () =>
  withHouse({ accounts: [anna] }, async (house) => {
    const [one, two] = [await start(house, { accountId: 'a1' }), await start(house)];
    const asked = new URL(one.url);
    const value = (name: string): string => asked.searchParams.get(name) ?? '';
    assert.is(asked.origin + asked.pathname, house.google.authUrl);
    assert.is(value('client_id'), testClient.id);
    assert.is(value('response_type'), 'code');
    assert.is(value('redirect_uri'), `http://127.0.0.1:${one.port}`);
    assert.is(value('access_type'), 'offline');
    assert.is(value('prompt'), 'consent');
    assert.is(value('login_hint'), 'anna@example.com');
    assert.is(value('code_challenge_method'), 'S256');
    assert.match(value('code_challenge'), /^[\w-]{43}$/);
    assert.ok(value('scope').includes('generative-language.retriever'));
    const other = new URL(two.url).searchParams;
    assert.is(other.get('login_hint'), null);
    for (const name of ['state', 'code_challenge']) assert.is.not(other.get(name), value(name));
    assert.not.match(one.url, /GOCSPX|client_secret|verifier/);
    for (const offer of [one, two]) assert.is((await house.supervisor.operations.cancelLogin(offer.login)).ok, true);
  }));

test('the browser reaches the listener: the disabled account is back, on disk and in the pool', () =>
  withHouse({ accounts: [anna, bob] }, async (house) => {
    const offer = await start(house, { accountId: 'b1' });
    const steps: Progress[] = [];
    const waiting = wait(house, offer, steps);
    const page = await fetch(await consent(house, offer, 'bob@example.com'));
    assert.is(page.status, 200);
    assert.match(await page.text(), /Go back to the terminal/);
    const result = await waiting;
    assert.is(outcome(result), 'saved', JSON.stringify(result));
    const file = await house.dir.read('b1');
    assert.is(file.disabled, false);
    assert.match(String(file.token.refresh_token), /^1\/\/0/);
    assert.is(file.token.oauth_client_key, 'default');
    assert.is(house.state('b1'), 'ready');
    assert.equal(
      steps
        .filter(({ status }) => status === 'done')
        .map(({ step }) => step)
        .slice(0, 5),
      ['exchange', 'identity', 'scopes', 'saved', 'reloaded'],
    );
    const [call] = house.google.calls.token.filter(({ grantType }) => grantType === 'authorization_code');
    assert.match(call?.form.get('code_verifier') ?? '', /^[\w-]{43}$/);
    // the port is free again, and the link is spent
    assert.ok(
      await fetch(`http://127.0.0.1:${offer.port}/`).then(
        () => false,
        () => true,
      ),
    );
    assert.match(outcome(await wait(house, offer)), /that login is over/);
  }));

test('the whole address pasted back, with line breaks; a part of it; the bare code', () =>
  withHouse({ accounts: [anna] }, async (house) => {
    const ways: Record<string, (address: string) => string> = {
      'new1@example.com': (address) => ` ${address.slice(0, 60)}\r\n${address.slice(60)}\n`,
      'new2@example.com': (address) => address.slice(address.indexOf('?')),
      'new3@example.com': (address) => new URL(address).searchParams.get('code') ?? '',
      'new4@example.com': (address) => encodeURIComponent(new URL(address).searchParams.get('code') ?? ''),
      'new5@example.com': (address) => address.replace(/state=[^&]*&?/, ''),
    };
    for (const [email, text] of Object.entries(ways)) {
      const offer = await start(house);
      const waiting = wait(house, offer);
      const said = await paste(house, offer, text(await consent(house, offer, email)));
      assert.equal(said, { ok: true, text: 'the code is being exchanged' });
      const result = await waiting;
      assert.is(outcome(result), 'saved', JSON.stringify(result));
      assert.is('email' in result && result.email, email);
    }
  }));

test('another state is refused at the listener and in a paste, and nothing is sent', () =>
  withHouse({ accounts: [anna] }, async (house) => {
    const offer = await start(house);
    const waiting = wait(house, offer);
    const address = await consent(house, offer, 'anna@example.com');
    const forged = address.replace(/state=[^&]*/, 'state=somebody-elses');
    const page = await fetch(forged);
    assert.is(page.status, 400);
    assert.match(await page.text(), /another login/);
    assert.is((await fetch(address.replace(/state=[^&]*&/, ''))).status, 400);
    const said = await paste(house, offer, forged);
    assert.is(said.ok, false);
    assert.match(said.text, /another login.*nothing was sent/);
    assert.is(codesSent(house), 0);
    // the right one still counts
    await paste(house, offer, address);
    assert.is(outcome(await waiting), 'saved');
  }));

test('what is no answer is said plainly: the link itself, an address without a code, a refresh token, nothing', () =>
  withHouse({ accounts: [anna] }, async (house) => {
    const offer = await start(house);
    const said = async (text: string): Promise<string> => (await paste(house, offer, text)).text;
    assert.match(await said(offer.url), /that is the link itself/);
    assert.match(await said('http://127.0.0.1:1/'), /holds no code: copy the whole address/);
    assert.match(await said('1//0a-refresh-token'), /that is a refresh token, not a code/);
    assert.match(await said('  \n '), /nothing to check/);
    assert.match(await said('x'.repeat(3000)), /too long for a code/);
    assert.is(codesSent(house), 0);
  }));

test('denied consent leaves the link open, and the next answer counts', () =>
  withHouse({ accounts: [anna] }, async (house) => {
    const offer = await start(house);
    const state = new URL(offer.url).searchParams.get('state') ?? '';
    const first = wait(house, offer);
    const page = await fetch(`http://127.0.0.1:${offer.port}/?error=access_denied&state=${state}`);
    assert.match(await page.text(), /consent was denied/);
    assert.match(outcome(await first), /^consent was denied in the browser: open the link again/);
    const pasted = await paste(house, offer, `http://127.0.0.1:${offer.port}/?error=org_internal&state=${state}`);
    assert.match(pasted.text, /of its own organization only/);
    const second = wait(house, offer);
    await fetch(await consent(house, offer, 'anna@example.com'));
    assert.is(outcome(await second), 'saved');
  }));

test('a code used twice, a code that Google refuses, an answer without a refresh token: each says what now', () =>
  withHouse({ accounts: [anna] }, async (house) => {
    const offer = await start(house);
    const first = wait(house, offer);
    await paste(house, offer, '4/0-made-up-code');
    assert.match(
      outcome(await first),
      /Google refused the code: invalid_grant \(Malformed auth code\.\): a code works once/,
    );
    assert.match((await paste(house, offer, '4/0-made-up-code')).text, /that code was used already/);

    house.google.script('*', {
      status: 200,
      headers: {},
      body: JSON.stringify({ access_token: 'ya29.x', expires_in: 3599 }),
    });
    const second = wait(house, offer);
    await paste(house, offer, '4/0-another');
    assert.match(outcome(await second), /gave no refresh token.*nothing was saved: take the app away/);

    const third = wait(house, offer);
    const address = await consent(house, offer, 'anna@example.com');
    await fetch(address);
    assert.is(outcome(await third), 'saved');
    assert.is(house.google.calls.token.filter(({ grantType }) => grantType === 'authorization_code').length, 3);
  }));

test('a browser that loads the answer again is told that it was used', () =>
  withHouse({ accounts: [anna] }, async (house) => {
    const offer = await start(house);
    const address = await consent(house, offer, 'anna@example.com');
    const held = house.google.hold(new URL(address).searchParams.get('code') ?? '');
    const waiting = wait(house, offer);
    assert.is((await fetch(address)).status, 200);
    await held.waiting();
    assert.is((await fetch(address)).status, 409);
    held.release();
    assert.is(outcome(await waiting), 'saved');
  }));

test('somebody else logs in than the selected row: it asks, and accepts or drops', () =>
  withHouse({ accounts: [anna, bob] }, async (house) => {
    const { operations } = house.supervisor;
    const offer = await start(house, { accountId: 'b1' });
    const waiting = wait(house, offer);
    await fetch(
      await consent(house, { ...offer, url: offer.url.replace(/login_hint=[^&]*&?/, '') }, 'anna@example.com'),
    );
    const asked = await waiting;
    assert.is(outcome(asked), 'other_account');
    assert.match(asked.text, /belongs to anna@example\.com, which is here too, not to bob@example\.com/);
    assert.is((await house.dir.read('b1')).disabled, true);
    const before = (await house.dir.read('a1')).token.refresh_token;
    const accepted = await operations.resume('pending' in asked ? asked.pending : '', 'accept', () => undefined);
    assert.is(outcome(accepted), 'saved');
    assert.is.not((await house.dir.read('a1')).token.refresh_token, before);
    assert.is((await house.dir.read('b1')).disabled, true);
  }));

test('scopes that were not allowed are named, and do not stop the saving', () =>
  withHouse({ accounts: [anna] }, async (house) => {
    const offer = await start(house, { accountId: 'a1' });
    const steps: Progress[] = [];
    const waiting = wait(house, offer, steps);
    const fewer = new URL(offer.url);
    fewer.searchParams.set('scope', 'openid email profile');
    await fetch(await consent(house, { ...offer, url: fewer.href }, 'anna@example.com'));
    assert.is(outcome(await waiting), 'saved');
    const scopes = steps.find(({ step }) => step === 'scopes');
    assert.is(scopes?.status, 'warning');
    assert.match(scopes?.text ?? '', /missing: cloud-platform, generative-language\.retriever/);
  }));

test('without a client there is no link; a named one is used; a refused one is said', () =>
  withHouse(
    {
      accounts: [anna],
      settings: { oauth: { clients: { default: { id: '', secret: '' }, other: { id: 'o-1', secret: 's' } } } },
    },
    async (house) => {
      const { operations } = house.supervisor;
      const none = await operations.startLogin(byWhom());
      assert.match('ok' in none ? none.text : '', /there is no OAuth client "default"/);
      const offer = await start(house, { client: 'other' });
      assert.is(new URL(offer.url).searchParams.get('client_id'), 'o-1');
      house.google.client('somebody-else', 'x');
      const waiting = wait(house, offer);
      await paste(house, offer, '4/0-any-code');
      assert.match(outcome(await waiting), /Google refused the OAuth client: invalid_client/);
    },
  ));

test('a login that nobody finishes is over after 15 minutes, and its port is free', async () => {
  const clock = setClock();
  await withHouse({ accounts: [anna], clock }, async (house) => {
    const offer = await start(house);
    const waiting = wait(house, offer);
    clock.advance(15 * 60_000);
    assert.match(outcome(await waiting), /the login is over: it was left for 15 minutes; nothing was saved/);
    assert.ok(
      await fetch(`http://127.0.0.1:${offer.port}/`).then(
        () => false,
        () => true,
      ),
    );
  });
});

test('the ninth login closes the first', () =>
  withHouse({ accounts: [anna] }, async (house) => {
    const first = await start(house);
    const waiting = wait(house, first);
    for (let i = 0; i < 8; i++) await start(house);
    assert.match(outcome(await waiting), /another login was started instead/);
  }));

test('no code, verifier, state or token is in the log or an event', () =>
  withHouse({ accounts: [anna] }, async (house) => {
    const offer = await start(house);
    const address = await consent(house, offer, 'anna@example.com');
    const waiting = wait(house, offer);
    await fetch(address);
    await waiting;
    const said = [...house.log, ...house.events].join('\n');
    const { searchParams } = new URL(address);
    const [call] = house.google.calls.token.filter(({ grantType }) => grantType === 'authorization_code');
    for (const secret of [
      searchParams.get('code'),
      searchParams.get('state'),
      call?.form.get('code_verifier'),
      '1//0',
      'ya29',
    ]) {
      assert.ok(typeof secret === 'string' && secret !== '');
      assert.not.ok(said.includes(secret), secret);
    }
  }));

test.run();
