/** What every kind of account store promises, whatever the accounts lie in. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { AccountStore } from '../../../src/store/accounts/account-store.js';
import { NotBroughtBack } from '../../../src/store/accounts/account-store.js';
import { newAccount } from '../../../src/store/accounts/new-account.js';
import { disable, rotate, setProject, setProxyDisabled, touch } from '../../../src/store/accounts/patches.js';
import { NotSaved } from '../../../src/store/accounts/stored-account.js';
import { account } from '../../support/directory.js';
import { kinds, type OpenKind } from '../../support/store-kinds.js';
import { tokenAnswer } from '../../support/token-answer.js';

const sent = '1//0test-refresh-token-of-a1';
const answer = tokenAnswer('ya29.new');
const off = setProxyDisabled({ at: 5, reason: 'by hand' });
const credential = { email: 'new@example.com', name: 'New', refreshToken: '1//0new', answer, clientKey: 'default' };
const one = account({ id: 'a1' });
const tokenIn = (json: unknown): Record<string, unknown> => (json as { token: Record<string, unknown> }).token;
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => error,
  );

/** What the listeners of a store hear, as `id before>after`. */
function heard(store: AccountStore): string[] {
  const all: string[] = [];
  store.onNoticed((changes) => {
    for (const { id, before, after } of changes)
      all.push(`${id} ${[before, after].map((view) => (view === null ? '-' : wordOf(view))).join('>')}`);
  });
  return all;
}

const wordOf = ({ account: seen, unreadable }: { account: unknown; unreadable: string | null }): string =>
  unreadable !== null ? 'unreadable' : (seen as { disabled: unknown }).disabled === null ? 'on' : 'off';

for (const kind of kinds) {
  const promise = (
    what: string,
    accounts: readonly Record<string, unknown>[],
    use: (open: OpenKind) => Promise<void>,
  ) => kind.test(`${kind.name}: ${what}`, accounts, use);

  promise('a patch is in memory at once and saved when it resolves; all other keys stay', [one], async (open) => {
    const { store } = open;
    const before = await open.saved('a1');
    const done = store.patch('a1', off);
    // nothing can be saved within the turn that asks for it
    assert.equal(store.get('a1')?.account?.proxyDisabled, { at: 5, reason: 'by hand' });
    await done;
    const marks = { proxy_disabled: true, proxy_disabled_at: 5, proxy_disabled_reason: 'by hand' };
    assert.equal(await open.saved('a1'), { ...before, ...marks });
    assert.equal(store.json('a1'), { ...before, ...marks });
  });

  promise('patches that come together are saved in their order', [one], async ({ store, saved }) => {
    const all = [setProject('p-1'), off, setProject('p-2'), setProxyDisabled(null), setProject('p-3')];
    await Promise.all(all.map((patch) => store.patch('a1', patch)));
    const json = await saved('a1');
    assert.equal([tokenIn(json).project_id, json?.proxy_disabled], ['p-3', false]);
  });

  promise('a patch that changes nothing, or is about nobody, saves nothing', [one], async ({ store, saved }) => {
    const before = JSON.stringify(await saved('a1'));
    await store.patch('a1', touch(1));
    await store.patch('a1', disable('1//0older', 1, 'x'));
    await store.patch('nobody', off);
    assert.is(JSON.stringify(await saved('a1')), before);
    assert.is(store.get('nobody'), undefined);
  });

  promise('a change of ours and one of another process are both kept', [one], async ({ store, edit, saved }) => {
    await edit('a1', (json) => void (json.custom_label = 'theirs'));
    await store.patch('a1', rotate(sent, '1//0rotated', answer));
    const json = await saved('a1');
    assert.equal([json?.custom_label, tokenIn(json).refresh_token], ['theirs', '1//0rotated']);
    assert.is(store.get('a1')?.account?.refreshToken, '1//0rotated');
  });

  promise('a verdict about a token that another process replaced changes nothing', [one], async (open) => {
    await open.edit('a1', (json) => void (tokenIn(json).refresh_token = '1//0re-added'));
    await open.store.patch('a1', disable(sent, 7, 'invalid_grant: gone'));
    const json = await open.saved('a1');
    assert.equal([json?.disabled, tokenIn(json).refresh_token], [false, '1//0re-added']);
    assert.is(open.store.get('a1')?.account?.disabled, null);
  });

  promise('a new account is there at once, saved, and there after a restart', [one], async (open) => {
    const { store } = open;
    const done = store.create('n1', newAccount('n1', credential, 1));
    assert.is(store.get('n1')?.account?.email, 'new@example.com');
    await done;
    assert.equal(
      store.list().map(({ id }) => id),
      ['a1', 'n1'],
    );
    const again = await open.again();
    assert.is(again.get('n1')?.account?.refreshToken, '1//0new');
    again.close();
  });

  promise('what could not be read back is not created', [one], async ({ store, saved }) => {
    assert.throws(() => void store.create('n1', { id: 'n1' }), /email|token/);
    assert.is(await saved('n1'), null);
    assert.is(store.get('n1'), undefined);
  });

  promise('what cannot be saved is in memory, says so, and lands when it can be', [one], async (open) => {
    const { store, saved } = open;
    await open.saving('fails');
    const failure = await failureOf(store.patch('a1', rotate(sent, '1//0rotated', answer)));
    assert.instance(failure, NotSaved);
    const stored = store.get('a1');
    if (stored === undefined) throw new Error('it is gone');
    assert.is(stored.account?.refreshToken, '1//0rotated');
    assert.is(stored.notSaved, (failure as NotSaved).reason);
    const lost = ['its new refresh token, which took the place of the one on disk'];
    assert.equal(stored.unsaved, open.spools === true ? [] : lost);
    assert.is(tokenIn(await saved('a1')).refresh_token, sent);
    assert.equal(
      (await store.flush()).map(({ id }) => id),
      open.spools === true ? [] : ['a1'],
    );
    await open.saving('works');
    assert.equal(await store.flush(), []);
    assert.is(store.get('a1')?.notSaved, null);
    assert.is(tokenIn(await saved('a1')).refresh_token, '1//0rotated');
  });

  promise('a new account that cannot be saved serves, is kept by a reload, and lands', [one], async (open) => {
    const { store } = open;
    await open.saving('fails');
    assert.instance(await failureOf(store.create('n1', newAccount('n1', credential, 1))), NotSaved);
    await store.reload().catch(() => undefined);
    await store.patch('n1', setProject('p-1')).catch(() => undefined);
    assert.is(store.get('n1')?.account?.projectId, 'p-1');
    await open.saving('works');
    assert.equal(await store.flush(), []);
    assert.is(tokenIn(await open.saved('n1')).project_id, 'p-1');
  });

  promise('readNow takes in what stands there, and forgets nothing that waits', [one], async (open) => {
    const { store } = open;
    await open.edit('a1', (json) => void (tokenIn(json).oauth_client_key = 'corp'));
    const waiting = store.patch('a1', setProject('p-9'));
    const now = await store.readNow('a1');
    assert.equal([now?.clientKey, now?.projectId], ['corp', 'p-9']);
    assert.is(await store.readNow('nobody'), null);
    await waiting;
  });

  promise('what others change, add and take away is noticed, our own changes are not', [one], async (open) => {
    const { store } = open;
    const told = heard(store);
    await store.patch('a1', off);
    await open.edit('a1', (json) => Object.assign(json, { disabled: true, disabled_reason: 'invalid_grant: gone' }));
    await open.notice();
    await open.edit('b1', () => undefined);
    await open.notice();
    await open.take('b1');
    await open.notice();
    assert.equal(told, ['a1 on>off', 'b1 ->on', 'b1 on>-']);
    assert.is(store.get('a1')?.account?.disabled?.reason, 'invalid_grant: gone');
    assert.is(store.get('b1'), undefined);
  });

  promise('a listener hears each change once, whoever made it', [one], async (open) => {
    const changed: string[] = [];
    open.store.onChange((ids) => void changed.push(...ids));
    const done = open.store.patch('a1', off);
    assert.equal(changed, ['a1']);
    await done;
    await open.edit('a1', (json) => void (json.custom_label = 'theirs'));
    await open.notice();
    assert.equal(changed, ['a1', 'a1']);
  });

  promise('what cannot be read keeps its last good copy and is never changed', [one], async (open) => {
    const { store } = open;
    const told = heard(store);
    await open.spoil('a1');
    await open.notice();
    assert.equal(told, ['a1 on>unreadable']);
    assert.is(store.get('a1')?.account?.email, 'anna@example.com');
    assert.is((await store.readNow('a1'))?.email, 'anna@example.com');
    assert.instance(await failureOf(store.patch('a1', off)), NotSaved);
    assert.is.not((await open.saved('a1'))?.proxy_disabled, true);
    await open.edit('a1', (json) => Object.assign(json, one));
    await open.notice();
    assert.equal(await store.flush(), []);
    assert.is((await open.saved('a1'))?.proxy_disabled, true);
    assert.is(store.get('a1')?.unreadable, null);
  });

  promise('an account is taken away and brought back as it was, never over another', [one], async (open) => {
    const { store } = open;
    const before = await open.saved('a1');
    const target = `${process.env.TMPDIR ?? '/tmp'}/${process.pid}-removed-a1`;
    await store.moveAway('a1', target);
    assert.is(store.get('a1'), undefined);
    assert.is(await open.saved('a1'), null);
    await store.bringBack('a1', target);
    assert.is(store.get('a1')?.account?.email, 'anna@example.com');
    assert.equal(await open.saved('a1'), before);
    assert.instance(await failureOf(store.bringBack('a1', target)), NotBroughtBack);
    assert.equal(await open.saved('a1'), before);
  });

  promise('a reload accepts what is gone', [one, account({ id: 'b1' })], async (open) => {
    await open.take('b1');
    await open.store.reload();
    assert.is(open.store.get('b1'), undefined);
    assert.is(open.store.held, null);
    assert.is(open.store.get('a1')?.account?.email, 'anna@example.com');
  });
}

test.run();
