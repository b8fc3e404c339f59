import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../support/clock.js';
import {
  type Google,
  allScopes,
  badGateway,
  quotaExceeded,
  redirect,
  tokenRateLimited,
  withGoogle,
} from '../support/google.js';

const ask = (google: Google, form: Record<string, string>): Promise<Response> =>
  fetch(google.tokenUrl, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
const refresh = (google: Google, refreshToken: string, client = 'c1', secret = 's1'): Promise<Response> =>
  ask(google, { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: client, client_secret: secret });
const body = async (response: Response): Promise<Record<string, unknown>> =>
  (await response.json()) as Record<string, unknown>;

const generate = (google: Google, accessToken: string, init: { path?: string; project?: string; body?: string } = {}) =>
  fetch(google.url + (init.path ?? '/v1beta/models/gemini-2.5-pro:generateContent'), {
    method: 'POST',
    headers: {
      ...(accessToken && { authorization: `Bearer ${accessToken}` }),
      'content-type': 'application/json',
      ...(init.project !== '' && { 'x-goog-user-project': init.project ?? 'p-1' }),
    },
    body: init.body ?? '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
  });
const problem = async (response: Response): Promise<[number, string, string | undefined]> => {
  const { error } = (await response.json()) as { error: { status: string; details?: { reason?: string }[] } };
  return [response.status, error.status, error.details?.[0]?.reason];
};

test('a refresh token is exchanged for an access token that serves, and userinfo tells whose it is', () =>
  withGoogle(async (google) => {
    google.grant('1//kim', { email: 'kim@example.com', refreshTokenExpiresIn: 604_800 });
    const tokens = await body(await refresh(google, '1//kim'));
    assert.match(String(tokens.access_token), /^ya29\./);
    assert.is(tokens.expires_in, 3599);
    assert.is(tokens.refresh_token, undefined);
    assert.is(tokens.refresh_token_expires_in, 604_800);
    assert.ok(String(tokens.scope).split(' ').includes('https://www.googleapis.com/auth/userinfo.email'));
    const claims = JSON.parse(
      Buffer.from(String(tokens.id_token).split('.')[1] ?? '', 'base64url').toString(),
    ) as Record<string, unknown>;
    assert.is(claims.email, 'kim@example.com');
    assert.is(claims.aud, 'c1');
    const who = await fetch(google.userInfoUrl, {
      headers: { authorization: `Bearer ${String(tokens.access_token)}` },
    });
    assert.is((await body(who)).email, 'kim@example.com');
    assert.is((await fetch(google.userInfoUrl)).status, 401);
    assert.is((await generate(google, String(tokens.access_token))).status, 200);
    assert.is(google.generated('kim@example.com').length, 1);
    assert.equal(
      google.calls.token.map((call) => [call.refreshToken, call.clientId]),
      [['1//kim', 'c1']],
    );
  }));

test('a revoked grant, and one that never was, are refused in Google’s words', () =>
  withGoogle(async (google) => {
    google.grant('1//kim', { email: 'kim@example.com' });
    google.revoke('1//kim');
    const revoked = await refresh(google, '1//kim');
    assert.is(revoked.status, 400);
    assert.equal(await body(revoked), {
      error: 'invalid_grant',
      error_description: 'Token has been expired or revoked.',
    });
    assert.equal(await body(await refresh(google, 'never')), {
      error: 'invalid_grant',
      error_description: 'Bad Request',
    });
    google.revoke('1//kim', { description: 'reauth related error (invalid_rapt)', subtype: 'invalid_rapt' });
    assert.is((await body(await refresh(google, '1//kim'))).error_subtype, 'invalid_rapt');
  }));

test('once a client is registered, others, wrong secrets and the tokens of others are refused', () =>
  withGoogle(async (google) => {
    google.client('c1', 's1');
    google.client('c2', 's2');
    google.grant('1//kim', { email: 'kim@example.com', client: 'c1' });
    const answers = [];
    for (const [id, secret] of [
      ['c1', 's1'],
      ['c1', 'wrong'],
      ['c3', 's3'],
      ['c2', 's2'],
    ] as const) {
      const answer = await refresh(google, '1//kim', id, secret);
      answers.push([answer.status, (await body(answer)).error]);
    }
    assert.equal(answers, [
      [200, undefined],
      [401, 'invalid_client'],
      [401, 'invalid_client'],
      [401, 'unauthorized_client'],
    ]);
    google.forgetClient('c1');
    assert.is((await body(await refresh(google, '1//kim'))).error, 'invalid_client');
  }));

test('a rotated token replaces the old one', () =>
  withGoogle(async (google) => {
    google.grant('1//old', { email: 'kim@example.com', rotateTo: '1//new' });
    assert.is((await body(await refresh(google, '1//old'))).refresh_token, '1//new');
    assert.is((await refresh(google, '1//old')).status, 400);
    const again = await body(await refresh(google, '1//new'));
    assert.is(again.refresh_token, undefined);
    assert.ok(again.access_token);
  }));

test('an access token ends with the clock, and when it is told to', () => {
  const clock = setClock();
  return withGoogle(
    async (google) => {
      google.grant('1//kim', { email: 'kim@example.com', expiresIn: 60 });
      google.grant('1//ann', { email: 'ann@example.com' });
      const [kim, ann] = [google.accessToken('1//kim'), google.accessToken('1//ann')];
      clock.advance(59_000);
      assert.is((await generate(google, kim)).status, 200);
      clock.advance(1000);
      assert.equal(await problem(await generate(google, kim)), [401, 'UNAUTHENTICATED', 'ACCESS_TOKEN_EXPIRED']);
      assert.is((await generate(google, ann)).status, 200);
      google.expireAccess('ann@example.com');
      assert.is((await generate(google, ann)).status, 401);
    },
    { clock },
  );
});

test('Gemini refuses a token without a Gemini scope, a call without a quota project, and a call without credentials', () =>
  withGoogle(async (google) => {
    google.grant('1//cloud', { email: 'kim@example.com', scopes: allScopes.slice(0, 4) });
    google.grant('1//all', { email: 'kim@example.com' });
    const refusals = [
      await problem(await generate(google, google.accessToken('1//cloud'))),
      await problem(await generate(google, google.accessToken('1//all'), { project: '' })),
      await problem(await generate(google, '')),
    ];
    assert.equal(refusals, [
      [403, 'PERMISSION_DENIED', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT'],
      [403, 'PERMISSION_DENIED', 'SERVICE_DISABLED'],
      [403, 'PERMISSION_DENIED', undefined],
    ]);
  }));

test('where the client’s own project pays, no quota project has to be named', () =>
  withGoogle(
    async (google) => {
      google.grant('1//all', { email: 'kim@example.com' });
      assert.is((await generate(google, google.accessToken('1//all'), { project: '' })).status, 200);
    },
    { quotaProject: 'client' },
  ));

test('content streams as events with alt=sse and as one JSON array without', () =>
  withGoogle(async (google) => {
    google.grant('1//kim', { email: 'kim@example.com' });
    const token = google.accessToken('1//kim');
    const path = '/v1beta/models/gemini-2.5-flash:streamGenerateContent';
    const events = await generate(google, token, { path: `${path}?alt=sse` });
    assert.is(events.headers.get('content-type'), 'text/event-stream');
    const lines = (await events.text()).split('\r\n\r\n').filter(Boolean);
    assert.ok(lines.length > 3 && lines.every((line) => line.startsWith('data: {')));
    assert.match(lines.at(-1) ?? '', /"finishReason":"STOP"/);
    const array = (await (await generate(google, token, { path })).json()) as unknown[];
    assert.is(array.length, lines.length);
  }));

test('models are listed, counted for, and not found', () =>
  withGoogle(async (google) => {
    google.grant('1//kim', { email: 'kim@example.com' });
    const token = google.accessToken('1//kim');
    const headers = { authorization: `Bearer ${token}`, 'x-goog-user-project': 'p-1' };
    const list = (await (await fetch(`${google.url}/v1beta/models`, { headers })).json()) as {
      models: { name: string }[];
    };
    assert.is(list.models[0]?.name, 'models/gemini-2.5-pro');
    assert.is((await fetch(`${google.url}/v1beta/models/gemini-2.5-pro`, { headers })).status, 200);
    assert.is((await fetch(`${google.url}/v1beta/models/gemini-9`, { headers })).status, 404);
    const count = await generate(google, token, { path: '/v1beta/models/gemini-2.5-pro:countTokens' });
    assert.type(((await count.json()) as { totalTokens: number }).totalTokens, 'number');
    assert.is((await generate(google, token, { path: '/v1beta/models/gemini-9:generateContent' })).status, 404);
    assert.is((await generate(google, token, { body: 'not json' })).status, 400);
    assert.is((await generate(google, token, { body: '{}' })).status, 400);
    assert.is((await generate(google, token, { path: '/v1beta/nothing' })).status, 404);
  }));

test('token calls get what was scripted, in order, then the truth again', () =>
  withGoogle(async (google) => {
    google.grant('1//kim', { email: 'kim@example.com' });
    google.script('1//kim', badGateway());
    google.script('1//kim', redirect('http://127.0.0.1:1/elsewhere'));
    google.script('*', tokenRateLimited(7), 2);
    const seen = [];
    for (let call = 0; call < 5; call += 1) {
      const answer = await refresh(google, '1//kim');
      seen.push([answer.status, answer.headers.get('location') ?? answer.headers.get('retry-after')]);
      await answer.arrayBuffer();
    }
    assert.equal(seen, [
      [502, null],
      [302, 'http://127.0.0.1:1/elsewhere'],
      [429, '7'],
      [429, '7'],
      [200, null],
    ]);
    google.script('1//kim', 'reset', Infinity);
    assert.is(await refresh(google, '1//kim').catch(() => 'reset'), 'reset');
    google.unscript('1//kim');
    assert.is((await refresh(google, '1//kim')).status, 200);
  }));

test('held token calls hang until released, and overlapping ones are counted', () =>
  withGoogle(async (google) => {
    google.grant('1//kim', { email: 'kim@example.com' });
    const hold = google.hold('1//kim');
    const both = Promise.all([refresh(google, '1//kim'), refresh(google, '1//kim')]);
    await hold.waiting(2);
    google.revoke('1//kim');
    hold.release();
    assert.equal(
      (await both).map((answer) => answer.status),
      [400, 400],
    );
    assert.is(google.overlap('1//kim'), 2);
    assert.is(google.overlap('1//other'), 0);
  }));

test('the upstream’s answer can be decided call by call: a status, a reset, a body cut short, chunks on demand', () =>
  withGoogle(async (google) => {
    google.grant('1//kim', { email: 'kim@example.com' });
    const token = google.accessToken('1//kim');
    google.upstream((call) =>
      call.email === 'kim@example.com' ? quotaExceeded({ model: 'm', retryDelaySeconds: 1.5 }) : undefined,
    );
    const limited = await generate(google, token);
    assert.is(limited.status, 429);
    assert.match(await limited.text(), /"retryDelay":"1.5s"/);

    google.upstream(() => 'reset');
    assert.is(await generate(google, token).catch(() => 'reset'), 'reset');

    google.upstream(() => ({ status: 200, body: 'x'.repeat(100), cutAfterBytes: 10 }));
    const cut = await generate(google, token);
    assert.is(cut.headers.get('content-length'), '100');
    assert.is(await cut.text().catch(() => 'cut'), 'cut');

    let next = (): void => undefined;
    async function* chunks(): AsyncGenerator<string> {
      yield 'first';
      await new Promise<void>((go) => (next = go));
      yield 'second';
    }
    google.upstream(() => ({ status: 200, headers: { 'content-type': 'text/plain' }, chunks: chunks() }));
    const reader = (await generate(google, token)).body?.getReader();
    assert.is(Buffer.from((await reader?.read())?.value ?? []).toString(), 'first');
    next();
    assert.is(Buffer.from((await reader?.read())?.value ?? []).toString(), 'second');

    google.upstream(null);
    assert.is((await generate(google, token)).status, 200);
  }));

test('a login comes back with a code that is worth a grant, once, to whoever holds the verifier', () =>
  withGoogle(async (google) => {
    const verifier = 'v'.repeat(43);
    const redirectUri = 'http://127.0.0.1:9/callback';
    const login = async (email: string): Promise<string> => {
      google.signIn(email);
      const url = new URL(google.authUrl);
      url.search = new URLSearchParams({
        client_id: 'c1',
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: allScopes.join(' '),
        access_type: 'offline',
        state: 'xyz',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      }).toString();
      const back = new URL((await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '');
      assert.is(back.searchParams.get('state'), 'xyz');
      return back.searchParams.get('code') ?? '';
    };
    const code = await login('kim@example.com');
    const form = {
      grant_type: 'authorization_code',
      code,
      client_id: 'c1',
      client_secret: 's',
      redirect_uri: redirectUri,
    };
    assert.is((await body(await ask(google, form))).error_description, 'Missing code verifier.');
    assert.is((await body(await ask(google, { ...form, code_verifier: 'wrong' }))).error, 'invalid_grant');
    const tokens = await body(await ask(google, { ...form, code_verifier: verifier }));
    assert.match(String(tokens.refresh_token), /^1\/\/.{100,}/);
    assert.is((await body(await ask(google, { ...form, code_verifier: verifier }))).error, 'invalid_grant');
    assert.is((await refresh(google, String(tokens.refresh_token))).status, 200);
    google.signIn(null);
    const elsewhere = `${google.authUrl}?client_id=c1&redirect_uri=https://evil.example/`;
    assert.is((await fetch(elsewhere, { redirect: 'manual' })).status, 400);
  }));

test('until resolves as soon as the call that it waits for came in', () =>
  withGoogle(async (google) => {
    const seen = google.until((calls) => calls.token.length === 2);
    await refresh(google, 'a');
    await refresh(google, 'b');
    await seen;
    assert.is(google.calls.token.length, 2);
  }));

test.run();
