/** The re-add: verified, identified, saved, reloaded, proven. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Progress, ReaddRequest, ReaddResult } from '../../../src/proxy/contract/operations.js';
import { testDisk } from '../../support/disk.js';
import { invalidGrant, scopeInsufficient, badGateway, jsonReply } from '../../support/google.js';
import { API_KEY, withHouse, type House } from '../../support/house.js';

const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann-refresh-token' };
const bob = { id: 'bob', email: 'bob@example.com', refreshToken: '1//0bob-dead-refresh-token' };
const dead = { disabled: true, disabled_at: 1_700_000_000, disabled_reason: 'invalid_grant: gone' };
const newToken = '1//0bob-new-refresh-token';

async function readd(
  house: House,
  over: Partial<ReaddRequest> = {},
): Promise<{ readonly result: ReaddResult; readonly steps: readonly string[] }> {
  const steps: string[] = [];
  const progress = ({ step, status, text }: Progress): void => void steps.push(`${step} ${status} ${text}`.trim());
  const request = { accountId: 'bob', refreshToken: newToken, client: null, otherAccount: 'ask', ...over } as const;
  return { result: await house.supervisor.operations.readd(request, progress), steps };
}

test('a disabled account comes back: flags gone, unknown keys kept, next request served, event names it', async () => {
  await withHouse({ accounts: [{ ...bob, ...dead }] }, async (house) => {
    house.google.grant(newToken, { email: 'Bob@Example.com' });
    const { disabled: _d, disabled_at: _a, disabled_reason: _r, token: _t, ...before } = await house.dir.read('bob');
    const { result, steps } = await readd(house, {
      refreshToken: ` ${newToken.slice(0, 9)}\n${newToken.slice(9)}\n`,
    });
    assert.is(result.outcome, 'saved');
    assert.equal(
      steps.map((step) => step.split(' ').slice(0, 2).join(' ')).filter((step) => step.endsWith('done')),
      ['exchange', 'identity', 'scopes', 'saved', 'reloaded', 'upstream'].map((step) => `${step} done`),
    );
    const { disabled, token, ...after } = await house.dir.read('bob');
    assert.is(disabled, false);
    assert.equal(after, before);
    assert.is(token.refresh_token, newToken);
    assert.is(token.project_id, 'project-bob');
    assert.equal(token.x_unknown_in_token, [1, 'two', null]);
    assert.ok(steps.includes('reloaded done +1 re-enabled'));
    assert.ok(steps.includes('served running waiting for the next request'));
    assert.is((await house.ask()).status, 200);
    await house.until(() => house.events.some((event) => event.startsWith('served bob@example.com')));
    assert.is(steps.at(-1), 'served done 200 gemini-3-flash');
    assert.ok(house.log.some((line) => line.startsWith('Account re-enabled (bob@example.com): ')));
    assert.ok(house.log.includes('Pool reloaded: +1 re-enabled'));
  });
});

test('the metrics count how long it took to leave the pool, and to come back', async () => {
  await withHouse({ accounts: [bob] }, async (house) => {
    house.google.grant(newToken, { email: bob.email });
    await house.supervisor.operations.testNow(['bob']);
    assert.is(house.state('bob'), 'disabled');
    assert.is((await readd(house)).result.outcome, 'saved');
    const url = `http://${house.supervisor.address}/metrics`;
    const text = await (await fetch(url, { headers: { 'x-goog-api-key': API_KEY } })).text();
    for (const name of ['regrant_out_of_pool_seconds', 'regrant_recovery_seconds']) {
      assert.ok(text.includes(`\n${name}_count 1\n`), name);
      assert.match(text, new RegExp(`\n${name}_sum 0\\.\\d*[1-9]`));
    }
  });
});

test('a token that Google refuses changes nothing on disk', async () => {
  await withHouse({ accounts: [{ ...bob, ...dead }] }, async (house) => {
    const before = await house.dir.readRaw('bob');
    const { result } = await readd(house);
    assert.is(result.outcome, 'refused');
    assert.match(result.text, /^Google refused this token: invalid_grant \(Bad Request\)/);
    assert.is(await house.dir.readRaw('bob'), before);
    assert.equal(await readdir(house.dir.at('accounts')), ['bob.json']);
  });
});

test('an account whose file cannot be read gets no second file', async () => {
  await withHouse({ accounts: [bob] }, async (house) => {
    house.google.grant(newToken, { email: 'Bob@example.com' });
    const file = house.dir.at('accounts', 'bob.json');
    writeFileSync(file, '{"torn');
    await house.until(() => house.state('bob') === 'unreadable');
    for (const accountId of [null, 'bob']) {
      const { result, steps } = await readd(house, { accountId });
      assert.is(result.outcome, 'refused');
      assert.match(
        result.text,
        /^nothing was saved: bob\.json, the file of bob@example\.com, cannot be read \(.+\): mend it/i,
      );
      assert.ok(steps.some((step) => step.startsWith('saved failed')));
    }
    assert.equal(await readdir(house.dir.at('accounts')), ['bob.json']);
    assert.is(await house.dir.readRaw('bob'), '{"torn');
  });
});

test('trouble on the way is told apart from a refusal', async () => {
  await withHouse({ accounts: [{ ...bob, ...dead }] }, async (house) => {
    house.google.script('*', badGateway());
    const { result } = await readd(house);
    assert.is(result.outcome, 'unavailable');
    assert.match(result.text, /^nobody could be asked/);
  });
});

test("another account's token says whose it is and asks; a yes saves it there, a no nowhere", async () => {
  await withHouse({ accounts: [ann, { ...bob, ...dead }] }, async (house) => {
    house.google.grant(newToken, { email: ann.email });
    const first = (await readd(house)).result;
    if (first.outcome !== 'other_account') throw new Error(first.outcome);
    assert.is(first.email, ann.email);
    assert.match(first.text, /belongs to ann@example\.com, which is here too, not to bob@example\.com/);
    const { operations } = house.supervisor;
    await operations.resume(first.pending, 'drop', () => undefined);
    assert.is((await house.dir.read('ann')).token.refresh_token, ann.refreshToken);
    const again = (await readd(house)).result;
    if (again.outcome !== 'other_account') throw new Error(again.outcome);
    const done = await operations.resume(again.pending, 'accept', () => undefined);
    assert.is('outcome' in done && done.outcome, 'saved');
    assert.is((await house.dir.read('ann')).token.refresh_token, newToken);
    assert.is((await house.dir.read('bob')).disabled, true);
  });
});

test('if userinfo fails, it is asked again without a second exchange', async () => {
  await withHouse({ accounts: [{ ...bob, ...dead }] }, async (house) => {
    house.google.grant(newToken, { email: bob.email, idToken: 'absent' });
    house.google.userInfo(() => jsonReply(503, {}));
    const first = (await readd(house)).result;
    if (first.outcome !== 'identity_unknown') throw new Error(first.outcome);
    assert.is((await house.dir.read('bob')).disabled, true);
    house.google.userInfo(null);
    const done = await house.supervisor.operations.resume(first.pending, 'retry', () => undefined);
    assert.is('outcome' in done && done.outcome, 'saved');
    assert.is(house.google.calls.token.filter((call) => call.refreshToken === newToken).length, 1);
  });
});

test('if userinfo fails where nobody is there to be asked, it is asked once more at once', async () => {
  await withHouse({ accounts: [{ ...bob, ...dead }] }, async (house) => {
    house.google.grant(newToken, { email: bob.email, idToken: 'absent' });
    let asked = 0;
    house.google.userInfo(() => {
      if (++asked === 1) house.google.userInfo(null);
      return jsonReply(503, {});
    });
    assert.is((await readd(house, { accountId: null, otherAccount: 'accept' })).result.outcome, 'saved');
    assert.is(asked, 1);
    assert.is(house.google.calls.token.filter((call) => call.refreshToken === newToken).length, 1);
  });
});

test('missing scopes are named and do not stop the saving; a failed upstream call undoes nothing', async () => {
  await withHouse({ accounts: [{ ...bob, ...dead }] }, async (house) => {
    house.google.grant(newToken, { email: bob.email, scopes: ['openid', 'email', 'profile'] });
    house.google.upstream(() => scopeInsufficient('google.ai.generativelanguage.v1beta.ModelService.ListModels'));
    const { result, steps } = await readd(house);
    assert.is(result.outcome, 'saved');
    assert.ok(
      steps.includes('scopes warning missing: cloud-platform, generative-language.retriever'),
      steps.join('; '),
    );
    assert.ok(steps.some((step) => step.startsWith('upstream warning 403: the token lacks a Gemini scope')));
    assert.is((await house.dir.read('bob')).disabled, false);
  });
});

test('the free call is one that the upstream knows: of Code Assist the models of the project', async () => {
  await withHouse({ accounts: [{ ...bob, ...dead }], settings: { upstream: { kind: 'cloudcode' } } }, async (house) => {
    house.google.grant(newToken, { email: bob.email });
    house.google.upstream(({ path, body }) => {
      if (path !== '/v1internal:fetchAvailableModels') return undefined;
      return jsonReply(
        200,
        body.includes('project-bob') ? { models: { 'gemini-3-flash': {}, 'gemini-3-pro': {} } } : {},
      );
    });
    const { steps } = await readd(house);
    assert.ok(steps.includes('upstream done models list 200'), steps.join('; '));
  });
});

test('a rotated token in the answer is the one that is kept', async () => {
  await withHouse({ accounts: [{ ...bob, ...dead }] }, async (house) => {
    house.google.grant(newToken, { email: bob.email, rotateTo: '1//0bob-rotated-at-once' });
    assert.is((await readd(house)).result.outcome, 'saved');
    assert.is((await house.dir.read('bob')).token.refresh_token, '1//0bob-rotated-at-once');
  });
});

test('proxy_disabled is not touched, and the answer says that it still keeps the account out', async () => {
  const off = { proxy_disabled: true, proxy_disabled_at: 1, proxy_disabled_reason: 'on holiday' };
  await withHouse({ accounts: [{ ...bob, ...dead, ...off }] }, async (house) => {
    house.google.grant(newToken, { email: bob.email });
    const { result } = await readd(house);
    assert.is(result.outcome === 'saved' && result.keptOut, 'still off: on holiday; e puts it back');
    const file = await house.dir.read('bob');
    assert.is(file.disabled, false);
    assert.is(file.proxy_disabled, true);
    assert.is(file.proxy_disabled_reason, 'on holiday');
  });
});

test('of several files of one e-mail the disabled one is mended, unless another is selected', async () => {
  const second = { id: 'bob2', email: 'BOB@example.com', refreshToken: '1//0bob-second-token', ...dead };
  await withHouse({ accounts: [bob, second] }, async (house) => {
    house.google.grant(newToken, { email: bob.email });
    const added = (await readd(house, { accountId: null })).result;
    assert.is(added.outcome === 'saved' && added.accountId, 'bob2');
    house.google.grant('1//0bob-third', { email: bob.email });
    const chosen = (await readd(house, { accountId: 'bob', refreshToken: '1//0bob-third' })).result;
    assert.is(chosen.outcome === 'saved' && chosen.accountId, 'bob');
  });
});

test('an unknown e-mail becomes a new account', async () => {
  await withHouse({ accounts: [] }, async (house) => {
    house.google.grant(newToken, { email: 'new@example.com' });
    const { result } = await readd(house, { accountId: null });
    if (result.outcome !== 'saved') throw new Error(result.text);
    assert.ok(result.created);
    const file = await house.dir.read(result.accountId);
    assert.is(file.email, 'new@example.com');
    assert.is(file.id, result.accountId);
  });
});

test('an empty or an overlong paste is sent to nobody', async () => {
  await withHouse({ accounts: [{ ...bob, ...dead }] }, async (house) => {
    for (const refreshToken of ['', ' \n ', 'x'.repeat(8_193)]) {
      assert.is((await readd(house, { refreshToken })).result.outcome, 'refused');
    }
    assert.is(house.google.calls.token.length, 0);
  });
});

test('no OAuth client: a banner, 503 with that reason, and a paste that says so', async () => {
  const settings = { oauth: { clients: { default: { id: '', secret: '' } } } };
  await withHouse({ accounts: [bob], settings }, async (house) => {
    const { banners } = house.supervisor.snapshot();
    assert.match(banners[0]?.text ?? '', /no OAuth client is configured: press O and give its id and secret$/);
    const { status, text } = await house.ask();
    assert.is(status, 503);
    assert.match(text, /no account can serve: 1 no_client \(client_missing\)/);
    assert.match((await readd(house)).result.text, /^nothing was sent: no OAuth client is configured/);
  });
});

test('a file that goes while it is written, and is there again when it is made anew, gets the new token', async () => {
  const disk = testDisk();
  const others = ['ann', 'kim'].map((id) => ({ id, email: `${id}@example.com`, refreshToken: `1//0${id}` }));
  await withHouse({ accounts: [{ ...bob, ...dead }, ...others], disk }, async (house) => {
    house.google.grant(newToken, { email: bob.email });
    const file = house.dir.at('accounts', 'bob.json');
    const old = await house.dir.readRaw('bob');
    disk.before('exchange', () => rmSync(file, { force: true }));
    disk.before('link', () => {
      if (!existsSync(file)) writeFileSync(file, old);
      disk.before('exchange', () => undefined);
    });
    assert.is((await readd(house)).result.outcome, 'saved');
    const { disabled, token } = await house.dir.read('bob');
    assert.equal([disabled, token.refresh_token], [false, newToken]);
    assert.is(house.state('bob'), 'ready');
  });
});

test('the old token, refused late, does not touch the account that was re-added meanwhile', async () => {
  await withHouse({ accounts: [bob] }, async (house) => {
    house.google.grant(newToken, { email: bob.email });
    house.google.script(bob.refreshToken, invalidGrant());
    const held = house.google.hold(bob.refreshToken);
    const asked = house.ask();
    await held.waiting();
    assert.is((await readd(house)).result.outcome, 'saved');
    held.release();
    assert.is((await asked).status, 200);
    const file = await house.dir.read('bob');
    assert.is(file.disabled, false);
    assert.is(file.token.refresh_token, newToken);
    assert.is(house.state('bob'), 'ready');
  });
});

test.run();
