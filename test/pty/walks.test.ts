/**
 * The three ways that a new user has to find, with nothing but what the screen says: every key that is pressed here stood on
 * the screen with its meaning, and each way ends with a client that gets its answer through the proxy.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProgramInTerminal } from '../../scripts/terminal.js';
import { withApp, type App } from '../support/app.js';
import { testClient } from '../support/google.js';

const ENTER = '\r';

/** Presses what the screen offers: `hint` is the key as it stands there, with what it does. */
async function follow(screen: ProgramInTerminal, hint: RegExp, key: string): Promise<void> {
  await screen.shows(hint);
  screen.type(key);
}

/** Takes the link of the login page as a person does, logs in, and gives the address at which the browser ends. */
async function browserEnd(
  screen: ProgramInTerminal,
  page = /Open this link in a browser[\s\S]*whole\s+address, and paste it here/,
): Promise<string> {
  await screen.shows(page);
  const [link = ''] = /http:\/\/127\.0\.0\.1:\d+\/auth\?\S+/.exec(screen.written) ?? [];
  const answer = await fetch(link, { redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}

/** A client of the proxy, pointed at it the way the screen says: by what `regrant env` prints. */
async function asked(app: App, model = 'gemini-2.5-flash'): Promise<number> {
  const { stdout } = await app.run(['env']);
  const [, base = ''] = /GOOGLE_GEMINI_BASE_URL='?([^'\s]+)/.exec(stdout) ?? [];
  const [, key = ''] = /GEMINI_API_KEY='?([^'\s]+)/.exec(stdout) ?? [];
  const response = await fetch(`${base}/v1beta/models/${model}:generateContent`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': key },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }),
  });
  await response.arrayBuffer();
  return response.status;
}

const noClient = { oauth: { clients: { default: { id: '', secret: '' } } } };

test('from an empty data directory to a serving account: O, the client, o, the link, its answer, and a client gets 200', () =>
  withApp({ settings: noClient, google: { quotaProject: 'client' } }, async (app) => {
    app.google.client(testClient.id, testClient.secret);
    app.google.signIn('ann@example.com');
    const screen = app.terminal([], { columns: 80, rows: 24 });
    await follow(screen, /press O and give its id and secret[\s\S]*O {3}first the OAuth client/, 'O');
    await screen.shows(/paste here its id and secret, or all of its JSON file/);
    screen.paste(JSON.stringify({ installed: { client_id: testClient.id, client_secret: testClient.secret } }));
    await follow(screen, /Enter checks and saves them/, ENTER);
    await follow(screen, /Now the first account:[\s\S]*o {4}log in with Google/, 'o');
    screen.paste(await browserEnd(screen));
    await follow(screen, /Enter sends it/, ENTER);
    await screen.shows(/✔ upstream answers {2}models list 200[\s\S]*ann@example\.com is added and ready/);
    await follow(screen, /Enter closes/, ENTER);
    await screen.shows(/● ready +ann@example\.com/);
    await screen.shows(/no request yet: eval "\$\(regrant env/);
    assert.is(await asked(app), 200);
    await screen.shows(/serves +ann@/);
  }));

test('the same with a refresh token that the client has issued elsewhere: a, paste, Enter', () =>
  withApp({ settings: noClient, google: { quotaProject: 'client' } }, async (app) => {
    app.google.client(testClient.id, testClient.secret);
    app.google.grant('1//0token-of-bob', { email: 'bob@example.com' });
    const screen = app.terminal([], { columns: 80, rows: 24 });
    await follow(screen, /a {3}or paste a refresh token/, 'a');
    await follow(screen, /none yet: Ctrl-O sets it up/, '\x0f');
    await screen.shows(/paste here its id and secret/);
    screen.paste(`${testClient.id} ${testClient.secret}`);
    await follow(screen, /Enter checks and saves them/, ENTER);
    await follow(screen, /a {4}paste a refresh token that this client has issued/, 'a');
    await screen.shows(/paste it here; it is never shown/);
    screen.paste('1//0token-of-bob');
    await follow(screen, /16 chars[\s\S]*Enter check and save/, ENTER);
    await screen.shows(/bob@example\.com is added and ready/);
    assert.is(await asked(app), 200);
    await screen.shows(/7 first request ✔ 200 gemini-2\.5-flash/);
  }));

test('from a dead account to a serving one: the alarm’s key, why, r, paste, Enter, and the client gets 200 again', () => {
  const ann = { id: 'a1', email: 'ann@example.com', refreshToken: '1//0dead-token-of-ann' };
  return withApp({ accounts: [ann], google: { quotaProject: 'client' } }, async (app) => {
    app.google.grant('1//0new-token-of-ann', { email: ann.email });
    const screen = app.terminal([], { columns: 80, rows: 24 });
    await screen.shows(/● ready +ann@example\.com/);
    assert.is(await asked(app), 200);
    app.google.revoke(ann.refreshToken);
    app.google.expireAccess();
    assert.is(await asked(app), 503);
    await screen.shows(/✖ DISABLED +ann@example\.com.*r re-add/);
    await follow(screen, /ann@example\.com: invalid_grant.*\. go to it/, '.');
    await follow(screen, /Enter why/, ENTER);
    await screen.shows(/WHY +Google refused the refresh token/);
    await follow(screen, /r re-add/, 'r');
    await screen.shows(/new refresh token for ann@example\.com/);
    screen.paste('1//0new-token-of-ann');
    // what comes within 100 ms behind a paste belongs to it
    await screen.shows(/20 chars/);
    await follow(screen, /Enter check and save/, ENTER);
    await screen.shows(/ann@example\.com is re-added and ready/);
    assert.is(await asked(app), 200);
    await screen.shows(/7 first request ✔ 200 gemini-2\.5-flash/);
    await follow(screen, /Enter or Esc close/, ENTER);
    await screen.shows(/● ready +ann@example\.com[\s\S]*serves +ann@/);
  });
});

test('from none serves to knowing why, and to a client that is served: the line, Enter, why, and the key that it names', () => {
  const accounts = ['ann', 'bob'].map((name) => ({
    id: name,
    email: `${name}@example.com`,
    refreshToken: `1//0-${name}`,
  }));
  return withApp({ accounts, google: { quotaProject: 'client' } }, async (app) => {
    const body = { error: { code: 429, message: 'Resource has been exhausted.', status: 'RESOURCE_EXHAUSTED' } };
    const exhausted = { status: 429, headers: { 'retry-after': '3000' }, body };
    app.google.upstream(({ model }) => (model === 'gemini-3-flash' ? exhausted : undefined));
    const screen = app.terminal([], { columns: 80, rows: 24 });
    await screen.shows(/2\/2 serve/);
    for (const _ of accounts) assert.is(await asked(app), 200);
    assert.is(await asked(app, 'gemini-3-flash'), 429);
    await screen.shows(/NONE SERVES gemini-3-flash, next in (50|49) min/);
    const said = /nobody serves gemini-3-flash: rate limit \(2\) +Enter says why/;
    await follow(screen, said, ENTER);
    await screen.shows(/NEXT +gemini-3-flash is asked again in (50|49) min/);
    await screen.shows(/WHY +gemini-3-flash: rate limit/);
    app.google.upstream(null);
    await screen.shows(/nothing: it is asked again then; c asks at once/);
    await follow(screen, /· c clear ·/, 'c');
    await screen.shows(/WHY +nothing is wrong/);
    assert.is(await asked(app, 'gemini-3-flash'), 200);
    await follow(screen, /Esc back/, '\x1b');
    await screen.shows(/2\/2 serve 0\.\d\/s/);
    // and where everybody was put off by hand
    for (const _ of accounts) await follow(screen, /e on\/off/, 'ej');
    await screen.shows(/off +ann[\s\S]*off +bob/);
    assert.is(await asked(app), 503);
    await follow(screen, /nobody serves gemini-3-flash and 1 more: off \(2\) +Enter says why/, ENTER);
    await screen.shows(/PROXY +off \(proxy_disabled\): it serves nothing until e puts it back/);
    await follow(screen, /NEXT +e {2}put it back into the proxy/, 'e');
    await screen.shows(/STATE +● ready/);
    assert.is(await asked(app), 200);
  });
});

/** The same in Korean: what the screen says to press stands there whole, at 80x24. */
test('in Korean: from a dead account to a serving one, by the keys that the screen names', () => {
  const ann = { id: 'a1', email: 'ann@example.com', refreshToken: '1//0dead-token-of-ann' };
  const settings = { ui: { language: 'ko' } };
  return withApp({ accounts: [ann], settings, google: { quotaProject: 'client' } }, async (app) => {
    app.google.grant('1//0new-token-of-ann', { email: ann.email });
    const screen = app.terminal([], { columns: 80, rows: 24 });
    await screen.shows(/● 정상 +ann@example\.com/);
    assert.is(await asked(app), 200);
    app.google.revoke(ann.refreshToken);
    app.google.expireAccess();
    assert.is(await asked(app), 503);
    await screen.shows(/✖ 비활성화 +ann@example\.com.*invalid_grant/);
    await follow(screen, /ann@example\.com: invalid_grant.*\. 이동/, '.');
    await follow(screen, /Enter 이유/, ENTER);
    await screen.shows(/이유 +Google이 refresh_token을 거부했습니다/);
    await follow(screen, /r 다시 추가/, 'r');
    await screen.shows(/ann@example\.com의 새 refresh_token/);
    screen.paste('1//0new-token-of-ann');
    await screen.shows(/20자/);
    await follow(screen, /Enter 확인하고 저장/, ENTER);
    await screen.shows(/ann@example\.com[을를] 다시 추가했고 바로 쓸 수 있습니다/);
    assert.is(await asked(app), 200);
    await screen.shows(/7 첫 요청 ✔ 200 gemini-2\.5-flash/);
    await follow(screen, /Enter나 Esc 닫기/, ENTER);
    await screen.shows(/● 정상 +ann@example\.com/);
    // and what a person looks at besides: help, the palette, a filter, leaving
    await follow(screen, /\? 키/, '?');
    await screen.shows(/움직이기|이동/);
    screen.type('\x1b');
    await screen.shows(/● 정상 +ann@example\.com/);
    screen.type(':');
    await screen.shows(/무엇을 하시겠습니까\?[\s\S]*Enter 실행 · Esc 뒤로/);
    screen.type('\x1b');
    await follow(screen, /\/ 필터/, '/');
    await screen.shows(/Enter 유지 · Esc 해제|~ 정규식 · Esc 해제/);
    screen.type('\x1b');
    await follow(screen, /q 종료/, 'q');
    await screen.shows(/regrant에서 나가시겠습니까\?[\s\S]*프록시 중지/);
    screen.type('q');
    assert.is(await screen.ended, 0);
    assert.match(screen.text(), /중지/);
  });
});

test('in Korean: from an empty data directory to a serving account, by the keys that the screen names', () =>
  withApp({ settings: { ...noClient, ui: { language: 'ko' } }, google: { quotaProject: 'client' } }, async (app) => {
    app.google.client(testClient.id, testClient.secret);
    app.google.signIn('ann@example.com');
    const screen = app.terminal([], { columns: 80, rows: 24 });
    await follow(screen, /O를 누르고 id와 secret을 넣으십시오[\s\S]*O {3}먼저 OAuth 클라이언트/, 'O');
    await screen.shows(/id와 secret, 또는 JSON 파일 전체를 여기에 붙여 넣습니다/);
    screen.paste(JSON.stringify({ installed: { client_id: testClient.id, client_secret: testClient.secret } }));
    await follow(screen, /Enter로 확인하고 저장합니다/, ENTER);
    await follow(screen, /이제 첫 계정을 추가합니다:[\s\S]*o {4}Google로 로그인/, 'o');
    screen.paste(await browserEnd(screen, /이 링크를 여십시오[\s\S]*여기에 붙여 넣으십시오/));
    await follow(screen, /Enter로 보냅니다/, ENTER);
    await screen.shows(/✔ 업스트림 응답 {2}모델 목록 200[\s\S]*ann@example\.com[을를] 추가했고 바로 쓸 수 있습니다/);
    await follow(screen, /Enter 닫기/, ENTER);
    await screen.shows(/● 정상 +ann@example\.com/);
    assert.is(await asked(app), 200);
    await screen.shows(/서비스 +ann@/);
  }));

test.run();
