/** The walks of walks.test.ts in Korean, at 80x24: what the screen says to press stands there whole. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withApp } from '../support/app.js';
import { testClient } from '../support/google.js';
import { asked, browserEnd, ENTER, follow, noClient } from '../support/walks.js';

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

test('in Korean: a refresh token that the client has issued elsewhere, by the keys that the screen names', () =>
  withApp({ settings: { ...noClient, ui: { language: 'ko' } }, google: { quotaProject: 'client' } }, async (app) => {
    app.google.client(testClient.id, testClient.secret);
    app.google.grant('1//0token-of-bob', { email: 'bob@example.com' });
    const screen = app.terminal([], { columns: 80, rows: 24 });
    await follow(screen, /a {3}또는 refresh_token을 붙여 넣기/, 'a');
    await follow(screen, /아직 없음: Ctrl-O 설정하기/, '\x0f');
    await screen.shows(/id와 secret, 또는 JSON 파일 전체를 여기에 붙여 넣습니다/);
    screen.paste(`${testClient.id} ${testClient.secret}`);
    await follow(screen, /Enter로 확인하고 저장합니다/, ENTER);
    await follow(screen, /a {4}이 클라이언트가 발급한 refresh_token 붙여 넣기/, 'a');
    await screen.shows(/여기에 붙여 넣기, 표시되지 않음/);
    screen.paste('1//0token-of-bob');
    await follow(screen, /16자[\s\S]*Enter 확인하고 저장/, ENTER);
    await screen.shows(/bob@example\.com[을를] 추가했고 바로 쓸 수 있습니다/);
    assert.is(await asked(app), 200);
    await screen.shows(/7 첫 요청 ✔ 200 gemini-2\.5-flash/);
  }));

test('in Korean: from none serves to a client that is served, by the line, Enter, why, and the key that it names', () => {
  const accounts = ['ann', 'bob'].map((name) => ({
    id: name,
    email: `${name}@example.com`,
    refreshToken: `1//0-${name}`,
  }));
  const settings = { ui: { language: 'ko' } };
  return withApp({ accounts, settings, google: { quotaProject: 'client' } }, async (app) => {
    const body = { error: { code: 429, message: 'Resource has been exhausted.', status: 'RESOURCE_EXHAUSTED' } };
    const exhausted = { status: 429, headers: { 'retry-after': '3000' }, body };
    app.google.upstream(({ model }) => (model === 'gemini-3-flash' ? exhausted : undefined));
    const screen = app.terminal([], { columns: 80, rows: 24 });
    await screen.shows(/2\/2 서비스/);
    for (const _ of accounts) assert.is(await asked(app), 200);
    assert.is(await asked(app, 'gemini-3-flash'), 429);
    await screen.shows(/서비스 불가 gemini-3-flash, (50|49)분 뒤 재개/);
    await follow(screen, /서비스 불가 gemini-3-flash: 요청 한도 \(2\) +Enter 이유/, ENTER);
    await screen.shows(/할 일 +gemini-3-flash: (50|49)분 뒤 다시 요청합니다/);
    await screen.shows(/이유 +gemini-3-flash: 요청 한도/);
    app.google.upstream(null);
    await screen.shows(/할 일 없음: 그때 다시 요청합니다\. c를 누르면 바로 요청합니다/);
    await follow(screen, /· c 대기 끝내기 ·/, 'c');
    await screen.shows(/이유 +이상 없음/);
    assert.is(await asked(app, 'gemini-3-flash'), 200);
    await follow(screen, /Esc 뒤로/, '\x1b');
    await screen.shows(/2\/2 서비스 초당 0\.\d/);
    for (const _ of accounts) await follow(screen, /e 켜기\/끄기/, 'ej');
    await screen.shows(/제외 +ann[\s\S]*제외 +bob/);
    assert.is(await asked(app), 503);
    await follow(screen, /서비스 불가 gemini-3-flash 외 1개: 제외 \(2\) +Enter 이유/, ENTER);
    await screen.shows(/프록시 +제외됨\(proxy_disabled\): 승인이 유효해도 e로 되돌릴 때까지/);
    await follow(screen, /할 일 +e {2}프록시로 되돌리기/, 'e');
    await screen.shows(/상태 +● 정상/);
    assert.is(await asked(app), 200);
  });
});

test.run();
