import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, withHouse, type House } from '../../support/house.js';

const accounts = ['a1', 'b1', 'c1'].map((id) => ({ id, email: `${id}@example.com`, accessEndsIn: 3_600 }));

const grants = (google: {
  grant(token: string, terms: { email: string }): void;
  accessToken(token: string): string;
}) => {
  for (const { id, email } of accounts) google.grant(`1//0test-refresh-token-of-${id}`, { email });
};

/** Has the settings say this of the accounts, and waits until it holds. */
async function rule(house: House, rules: Record<string, object>): Promise<void> {
  const file = house.dir.at('settings.json');
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), accounts: rules }));
  await house.supervisor.operations.reload();
}

/** Who answers so many requests, one after the other. */
async function served(house: House, count: number): Promise<string[]> {
  const { logs } = house.supervisor;
  const first = logs.next;
  for (let at = 0; at < count; at++) assert.is((await house.ask()).status, 200);
  const all = Array.from({ length: logs.next - first }, (_, at) => logs.at(first + at)?.access?.account ?? null);
  return all.filter((account) => account !== null);
}

test('a higher priority serves first while it can, and again once it can; e-mails are compared without case', () =>
  withHouse({ accounts, prepare: grants }, async (house) => {
    assert.is(new Set(await served(house, 6)).size, 3);
    await rule(house, { 'B1@Example.com': { priority: 5 }, 'c1@example.com': { priority: -1 } });
    assert.equal([...new Set(await served(house, 4))], ['b1@example.com']);
    await house.supervisor.operations.setProxyDisabled(['b1'], true);
    assert.equal([...new Set(await served(house, 4))], ['a1@example.com']);
    await house.supervisor.operations.setProxyDisabled(['a1'], true);
    assert.equal([...new Set(await served(house, 2))], ['c1@example.com']);
    await house.supervisor.operations.setProxyDisabled(['b1'], false);
    assert.equal([...new Set(await served(house, 4))], ['b1@example.com']);
    await rule(house, {});
    await house.supervisor.operations.setProxyDisabled(['a1'], false);
    assert.is(new Set(await served(house, 6)).size, 3);
  }));

const held = (house: House): { release: () => void; arrived: (count: number) => Promise<void> } => {
  let release = (): void => undefined;
  const open = new Promise<void>((resolve) => (release = resolve));
  const before = house.google.calls.gemini.length;
  house.google.upstream(async () => {
    await open;
    return undefined;
  });
  return { release, arrived: (count) => house.google.until((calls) => calls.gemini.length >= before + count) };
};

test('a cap is kept; where all are at theirs a request is held, and goes on with the first that is free', () =>
  withHouse(
    { accounts: accounts.slice(0, 2), prepare: grants, settings: { pool: { waitSeconds: 5 } } },
    async (house) => {
      await served(house, 2);
      await rule(house, { 'a1@example.com': { maxInFlight: 1 }, 'b1@example.com': { maxInFlight: 2 } });
      const { release, arrived } = held(house);
      const asked = Array.from({ length: 5 }, () => house.ask());
      await arrived(3);
      await house.until(() => house.supervisor.snapshot().traffic.waiting === 2);
      const rows = house.supervisor.snapshot().accounts.map(({ inFlight }) => inFlight);
      assert.equal(rows, [1, 2]);
      const inFlight = (await house.supervisor.operations.flight()).rows.map(({ kind, account }) => [kind, account]);
      assert.equal(inFlight.map(String).sort(), [
        'asked,a1@example.com',
        'asked,b1@example.com',
        'asked,b1@example.com',
        'held,',
        'held,',
      ]);
      release();
      assert.equal(
        (await Promise.all(asked)).map(({ status }) => status),
        [200, 200, 200, 200, 200],
      );
    },
  ));

test('where nobody may wait, a cap that all have reached is an own 429 with Retry-After: 1', () =>
  withHouse({ accounts: accounts.slice(0, 1), prepare: grants }, async (house) => {
    await served(house, 1);
    await rule(house, { 'a1@example.com': { maxInFlight: 1, label: 'the team' } });
    const { release, arrived } = held(house);
    const first = house.ask();
    await arrived(1);
    const response = await fetch(`http://${house.supervisor.address}/v1beta/models/gemini-3-flash:generateContent`, {
      method: 'POST',
      headers: { 'x-goog-api-key': API_KEY, 'content-type': 'application/json' },
      body: '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
    });
    const text = await response.text();
    release();
    assert.is((await first).status, 200);
    assert.equal([response.status, response.headers.get('retry-after')], [429, '1'], text);
    assert.match(text, /no account can serve: 1 at its limit of requests/);
    assert.is(house.supervisor.snapshot().accounts[0]?.label, 'the team');
  }));

test.run();
