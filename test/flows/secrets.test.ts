/** No secret leaves: known ones are put in everywhere, and everything that came out is searched for them. */
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apiError, jsonReply, testClient, tokenError } from '../support/google.js';
import { API_KEY, withHouse } from '../support/house.js';

const secrets = {
  refreshToken: '1//0secret-refresh-token-AAAAAAAA',
  deadToken: '1//0secret-dead-token-BBBBBBBB',
  cutToken: 'a-token-in-no-known-format-CCCCCCCC',
  accessToken: 'ya29.secret-access-token-DDDDDDDD',
  newToken: '1//0secret-new-token-EEEEEEEE',
  oddAccess: 'access-in-no-known-format-FFFFFFFF',
  clientSecret: testClient.secret,
  apiKey: API_KEY,
};

/** Where secrets may be: the accounts' own files and the settings. */
const HOMES = /^(accounts|trash)\/|^settings\.json$/;

test('no refresh token, access token, client secret or API key is in a log, a state file, a snapshot or an answer', async () => {
  const accounts = [
    { id: 'ann', email: 'ann@example.com', refreshToken: secrets.refreshToken },
    { id: 'bob', email: 'bob@example.com', refreshToken: secrets.deadToken },
    { id: 'cut', email: 'cut@example.com', refreshToken: secrets.cutToken },
    { id: 'old', email: 'old@example.com', refreshToken: '1//0gone', accessToken: secrets.accessToken },
  ];
  await withHouse({ accounts, settings: { log: { level: 'trace' } } }, async (house) => {
    const { google, supervisor, dir } = house;
    const came: string[] = [];
    google.grant(secrets.refreshToken, { email: 'ann@example.com' });
    // a server that says back what it was sent
    const echo = `you sent ${secrets.cutToken} with ${testClient.secret}`;
    google.script(secrets.cutToken, tokenError(400, 'invalid_grant', echo), Infinity);
    google.script(
      secrets.deadToken,
      tokenError(400, 'admin_policy_enforced', `${secrets.deadToken} is blocked`),
      Infinity,
    );
    for (let i = 0; i < 6; i++) came.push((await house.ask()).text);
    const steps: string[] = [];
    google.grant(secrets.newToken, { email: 'cut@example.com' });
    google.upstream((call) =>
      call.path.endsWith('/models')
        ? apiError(403, 'PERMISSION_DENIED', `the key ${secrets.newToken} is no good`)
        : undefined,
    );
    for (const refreshToken of [secrets.newToken, secrets.deadToken, secrets.cutToken]) {
      const request = { accountId: 'cut', refreshToken, client: null, otherAccount: 'ask' } as const;
      came.push(JSON.stringify(await supervisor.operations.readd(request, (news) => steps.push(news.text))));
    }
    google.upstream(() => jsonReply(200, { candidates: [] }));
    await fetch(`http://${supervisor.address}/v1beta/models?key=${API_KEY}&alt=json`).then((response) =>
      response.text(),
    );
    await fetch(`http://${supervisor.address}/v1beta/models?k%65y=${API_KEY}`).then((response) => response.text());
    for (const path of ['/healthz', '/metrics', '/nowhere']) {
      const response = await fetch(`http://${supervisor.address}${path}`, { headers: { 'x-goog-api-key': API_KEY } });
      came.push(await response.text());
    }
    came.push(...steps, ...house.log, ...house.events, JSON.stringify(supervisor.snapshot()), process.title);
    came.push(JSON.stringify([...supervisor.listing()]));
    await supervisor.operations.remove(['old']);
    await house.store.state.flush();
    await house.store.events.flush();
    await house.stop();
    for (const [path, text] of await dir.everything()) if (!HOMES.test(path)) came.push(`${path}: ${text}`);
    await house.start();

    const all = came.join('\n');
    for (const [name, secret] of Object.entries(secrets)) {
      assert.not.ok(all.includes(secret), `${name} came out: ${lineWith(all, secret)}`);
    }
    // the search itself must be able to find something
    assert.ok(all.includes('ann@example.com'));
    assert.ok(all.includes(createHash('sha256').update(secrets.newToken).digest('hex').slice(0, 8)));
  });
});

const lineWith = (all: string, secret: string): string =>
  (all.split('\n').find((line) => line.includes(secret)) ?? '').slice(0, 300);

test.run();
