import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http, { type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fingerprint } from '../../../src/store/ground/fingerprint.js';
import { fastClock } from '../../support/clock.js';
import { withHouse, type House, type HouseOptions } from '../../support/house.js';

const anna = { id: 'a1', email: 'anna@example.com', refreshToken: '1//0good-token-of-anna', accessEndsIn: 3600 };
const bob = { id: 'b1', email: 'bob@example.com', refreshToken: '1//0dead-token-of-bob', accessEndsIn: 3600 };

const CI_KEY = 'key-of-the-ci-machine-for-this-test-0001';

type Told = Record<string, unknown>;

/** Somebody who is told by POST, and who fails as often as `failures` says first. */
async function withListener(
  failures: number,
  use: (url: string, told: readonly Told[], asked: () => number) => Promise<void>,
): Promise<void> {
  const told: Told[] = [];
  let asked = 0;
  const server: Server = http.createServer((request, response) => {
    asked += 1;
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      if (asked > failures) told.push(JSON.parse(body) as Told);
      response.writeHead(asked > failures ? 204 : 503).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook-secret-path`, told, () => asked);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const logged = (house: House, what: RegExp): Promise<void> =>
  house.until(() => house.log.some((line) => what.test(line)));

const dies = async ({ supervisor }: House): Promise<unknown> => supervisor.operations.testNow(['b1']);

async function recovers({ google, supervisor }: House): Promise<void> {
  google.grant('1//0new-token-of-bob', { email: 'bob@example.com' });
  await supervisor.operations.readd(
    { accountId: 'b1', refreshToken: '1//0new-token-of-bob', client: null, otherAccount: 'ask' },
    () => undefined,
  );
}

const grantAnna: HouseOptions['prepare'] = (google) => google.grant(anna.refreshToken, { email: anna.email });

test('a URL is told of a death and of the recovery, once each, over failures of its own; no secret is in it or in the log', () =>
  withListener(2, (url, told, asked) =>
    withHouse(
      { accounts: [anna, bob], clock: fastClock(10), settings: { notify: { url } }, prepare: grantAnna },
      async (house) => {
        await dies(house);
        await logged(house, /Notify: 127\.0\.0\.1:\d+ was told account_disabled/);
        assert.is(asked(), 3);
        await dies(house);
        await recovers(house);
        await logged(house, /was told account_recovered/);
        assert.equal(
          told.map(({ event, account, cause }) => [event, account, cause]),
          [
            ['account_disabled', 'bob@example.com', 'revoked'],
            ['account_recovered', 'bob@example.com', null],
          ],
        );
        const [first] = told;
        assert.is(first?.health, 'degraded');
        assert.is(first?.address, house.supervisor.address);
        assert.match(String(first?.at), /^\d{4}-\d\d-\d\dT/);
        const said = `${JSON.stringify(told)}${house.log.join('\n')}`;
        for (const secret of ['1//0', 'ya29', 'GOCSPX', 'sk-test', 'hook-secret-path']) {
          assert.not.ok(said.includes(secret), secret);
        }
      },
    ),
  ));

test('a command gets one JSON event on its input, the event in its environment, and no setting of ours', () =>
  withHouse({ accounts: [anna], prepare: grantAnna }, (outer) => {
    const file = outer.dir.at('told');
    const command = `{ cat; echo; env | grep ^REGRANT_ ; } >> '${file}'`;
    return withHouse(
      { accounts: [anna, bob], settings: { notify: { command } }, prepare: grantAnna },
      async (house) => {
        await dies(house);
        await logged(house, /Notify: notify\.command was told account_disabled/);
        const [json = '', ...env] = readFileSync(file, 'utf8').trim().split('\n');
        assert.is((JSON.parse(json) as Told).event, 'account_disabled');
        assert.equal(env.sort(), ['REGRANT_ACCOUNT=bob@example.com', 'REGRANT_EVENT=account_disabled']);
      },
    );
  }));

test('a command that fails is said in the log, with its own words, and stops nothing', () =>
  withHouse(
    {
      accounts: [anna, bob],
      settings: { notify: { command: 'echo "no route to the pager" >&2; exit 7' } },
      prepare: grantAnna,
    },
    async (house) => {
      await dies(house);
      await logged(house, /notify\.command was not told account_disabled: it ended with 7: no route to the pager/);
      assert.is((await house.ask()).status, 200);
    },
  ));

for (const [what, email] of [
  ['a NUL', 'b\u0000b@example.com'],
  ['300 kB', `${'b'.repeat(300_000)}@example.com`],
] as const) {
  test(`an e-mail with ${what} in it ends nothing: the command is told all the same, or the log says why not`, () =>
    withHouse(
      { accounts: [anna, { ...bob, email }], settings: { notify: { command: 'cat > /dev/null' } }, prepare: grantAnna },
      async (house) => {
        await dies(house);
        await logged(house, /notify\.command was (not )?told account_disabled/);
        assert.is((await house.ask()).status, 200);
      },
    ));
}

test('none serves and a refused client are told, each once', () =>
  withListener(0, (url, told) =>
    withHouse({ accounts: [bob], clock: fastClock(20), settings: { notify: { url } } }, async (house) => {
      await dies(house);
      await logged(house, /was told none_serves/);
      assert.equal(
        told.map(({ event }) => event),
        ['account_disabled', 'none_serves'],
      );
      house.google.client('somebody-else', 'x');
      house.google.grant('1//0another', { email: 'bob@example.com' });
      const request = { accountId: 'b1', refreshToken: '1//0another', client: null, otherAccount: 'ask' } as const;
      await house.supervisor.operations.readd(request, () => undefined);
      await logged(house, /was told client_refused/);
      assert.is(told.at(-1)?.client, 'default');
      assert.match(String(told.at(-1)?.text), /refuses the OAuth client "default" \(invalid_client\)/);
    }),
  ));

test('without a setting nobody is told and nothing is logged', () =>
  withHouse({ accounts: [anna, bob], prepare: grantAnna }, async (house) => {
    await dies(house);
    assert.not.ok(house.log.some((line) => line.startsWith('Notify')));
    assert.ok(existsSync(house.dir.path));
  }));

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('a grant that ends within 48 hours, a pool that runs low, wrong settings and a key at its limit are told, each once', () =>
  withListener(0, (url, told) =>
    withHouse(
      {
        accounts: [anna, bob],
        clock: fastClock(5),
        settings: { notify: { url, poolBelow: 2 } },
        prepare: (google, dir) => {
          google.grant(anna.refreshToken, { email: anna.email });
          const key = createHash('sha256').update(CI_KEY).digest('hex');
          writeFileSync(
            dir.at('keys.json'),
            JSON.stringify({ schema: 1, keys: { ci: { sha256: key, created: 1, requestsPerMinute: 1 } } }),
          );
          mkdirSync(dir.at('state'), { recursive: true });
          const endsAt = Math.floor(Date.now() / 1000) + 40 * 3_600;
          const grants = { [fingerprint(anna.refreshToken)]: { firstSeen: 1, endsAt } };
          writeFileSync(dir.at('state', 'accounts.json'), JSON.stringify({ grants }));
        },
      },
      async (house) => {
        const events = (): unknown[] => told.map(({ event }) => event).sort();
        const until = async (...expected: string[]): Promise<void> => {
          for (let waited = 0; waited < 8_000 && JSON.stringify(events()) !== JSON.stringify(expected); waited += 25)
            await pause(25);
          assert.equal(events(), expected);
        };
        await until('grant_ending');
        assert.match(String(told[0]?.text), /anna@example\.com: its grant ends in 40 h/);
        await dies(house);
        await until('account_disabled', 'grant_ending', 'pool_low');
        const settings = house.dir.at('settings.json');
        const good = readFileSync(settings, 'utf8');
        writeFileSync(settings, '{');
        await until('account_disabled', 'grant_ending', 'pool_low', 'settings_wrong');
        writeFileSync(settings, good);
        for (let at = 0; at < 3; at++) {
          const headers = { 'x-goog-api-key': CI_KEY };
          await fetch(`http://${house.supervisor.address}/v1beta/models/gemini-3-flash:generateContent`, {
            method: 'POST',
            headers,
            body: '{}',
          });
        }
        const all = ['account_disabled', 'grant_ending', 'key_limit', 'pool_low', 'settings_wrong'];
        await until(...all);
        await house.stop();
        await house.start();
        await pause(1_500);
        assert.equal(events(), all, 'told again after the restart');
      },
    ),
  ));

test('what could not be told before a stop is told after the next start, once', () =>
  withListener(Infinity, (deaf) =>
    withListener(0, (url, told) =>
      withHouse(
        { accounts: [anna, bob], clock: fastClock(10), settings: { notify: { url: deaf } }, prepare: grantAnna },
        async (house) => {
          await dies(house);
          await house.until(() => house.log.some((line) => line.includes('Disabling account')));
          await pause(50);
          await house.stop();
          const settings = JSON.parse(readFileSync(house.dir.at('settings.json'), 'utf8')) as Record<string, object>;
          await house.dir.settings({ ...settings, notify: { url } });
          await house.start();
          await logged(house, /was told account_disabled/);
          await house.stop();
          await house.start();
          await pause(300);
          assert.equal(
            told.map(({ event }) => event),
            ['account_disabled'],
          );
        },
      ),
    ),
  ));

test('a test is sent as any notice is, in the format of the settings, and says what came of it', () =>
  withListener(0, (url, told) =>
    withHouse({ accounts: [anna], settings: { notify: { url, format: 'telegram', chatId: '42' } } }, async (house) => {
      const said = await house.supervisor.operations.testNotice();
      assert.equal([said.ok, /^127\.0\.0\.1:\d+ was told$/.test(said.text)], [true, true], said.text);
      assert.equal(Object.keys(told[0] ?? {}), ['chat_id', 'text']);
      const nobody = withHouse({ accounts: [anna] }, async (quiet) => {
        assert.is((await quiet.supervisor.operations.testNotice()).ok, false);
      });
      await nobody;
    }),
  ));

test.run();
