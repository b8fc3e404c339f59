/**
 * The three ways that a new user has to find, with nothing but what the screen says: every key that is pressed here stood on
 * the screen with its meaning, and each way ends with a client that gets its answer through the proxy.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withApp } from '../support/app.js';
import { testClient } from '../support/google.js';
import { asked, browserEnd, ENTER, follow, noClient } from '../support/walks.js';

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

test.run();
