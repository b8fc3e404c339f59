/** Verbs on a box of a pool: what boxes share is not in its files. */
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clientSet } from '../../../src/commands/accounts/client.js';
import { trash, trashRestore } from '../../../src/commands/accounts/trash.js';
import type { CommandArguments } from '../../../src/commands/context.js';
import { databaseInit } from '../../../src/commands/database/database-verbs.js';
import { exportAll } from '../../../src/commands/moving/export.js';
import { doctor } from '../../../src/commands/reading/doctor.js';
import { events } from '../../../src/commands/reading/events.js';
import { models } from '../../../src/commands/reading/models.js';
import { configSet, configShow } from '../../../src/commands/settings/config.js';
import { env } from '../../../src/commands/settings/env.js';
import { addKey, listKeys } from '../../../src/commands/settings/key.js';
import { status } from '../../../src/commands/supervisor/status.js';
import { completingOf } from '../../../src/commands/verbs/completion.js';
import type { VerbCode } from '../../../src/commands/verbs/verb.js';
import { verbs } from '../../../src/commands/verbs/verbs.js';
import { ControlServer } from '../../../src/control/server.js';
import { CannotRun, RegrantError } from '../../../src/store/ground/errors.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { account, withDirectory } from '../../support/directory.js';
import { googleSettings, withGoogle } from '../../support/google.js';
import { House } from '../../support/house.js';
import { testOnPostgres } from '../../support/postgres.js';
import { runVerb } from '../../support/verb.js';

const given = (words: readonly string[] = [], ...flags: readonly string[]): CommandArguments => ({
  words,
  options: Object.fromEntries(flags.map((flag) => [flag, true as const])),
});

/** What `export` writes is of the database: accounts, clients and keys that no file has. */
async function exportsThePool(path: string): Promise<void> {
  const exported = async (words: readonly string[]) =>
    JSON.parse((await runVerb((context) => exportAll(context, given(words, 'plain')), path)).stdout) as {
      readonly accounts: readonly { readonly email: string; readonly token: { readonly refresh_token: string } }[];
      readonly clients: Readonly<Record<string, { readonly id: string }>>;
      readonly keys: Readonly<Record<string, unknown>>;
      readonly settings: Readonly<Record<string, unknown>>;
    };
  const { accounts, clients, keys, settings } = await exported([]);
  assert.equal(
    accounts.map(({ email, token }) => [email, token.refresh_token]),
    [['anna@example.com', '1//0anna']],
  );
  assert.is(clients.desk?.id, 'desk-id');
  assert.ok(Object.keys(keys).includes('ci'));
  assert.is(settings.database, undefined, "the machine's own stays");
  assert.match(JSON.stringify(settings.proxy), /sk-another-key-of-all/);
  assert.is((await exported(['Anna@example.com'])).accounts.length, 1);
}

testOnPostgres('verbs know what boxes share, with and without a supervisor, and say when they cannot', (server) =>
  withGoogle((google) =>
    withDirectory(async (dir) => {
      const pool = server.pool();
      const base = { ...googleSettings(google), proxy: { port: 0 }, pool: { waitSeconds: 0 } };
      await dir.settings({ ...base, database: pool });
      const said = async (code: VerbCode, args = given(), input = ''): Promise<string> => {
        const { status: ended, stdout, stderr } = await runVerb((context) => code(context, args), dir.path, { input });
        return `${ended} ${stdout}${stderr}`;
      };
      const fault = async (code: VerbCode, args = given()): Promise<Error> => {
        const error: unknown = await said(code, args).catch((thrown: unknown) => thrown);
        if (error instanceof RegrantError) return error;
        throw new Error(`no error: ${String(error)}`);
      };
      const completed = async (line: string): Promise<readonly string[]> =>
        (await said(completingOf(verbs), given([line]))).slice(2).trim().split('\n');
      assert.match(await said(databaseInit), /^0 the pool is made/);

      // without a supervisor, and without a key in any file
      const house = new House(dir, google, systemClock);
      const made = await said((context) => env(context).catch(() => 3));
      assert.match(made, /^3 /, 'any free port: there is no address yet');
      await said(configSet, given(['proxy.port', '18045']));
      const key = /GEMINI_API_KEY='(sk-[\w-]{32})'/.exec(await said((context) => env(context)))?.[1] ?? '';
      assert.ok(key, 'it is made where there is none, for all boxes');
      assert.match(await said((context) => env(context)), new RegExp(key));
      assert.not.match(readFileSync(dir.at('settings.json'), 'utf8'), /apiKey/);
      assert.match(await said(configSet, given(['proxy.apiKey', 'sk-another-key-of-all-the-boxes-12345'])), /for all/);
      assert.match(await said((context) => env(context)), /sk-another-key-of-all/);
      assert.match(await said(clientSet, given(['desk'], 'no-secret'), 'desk-id\n'), /^0 OAuth client "desk"/);
      assert.match(await said(addKey, given(['ci'])), /^0 \S{32,}\n/);
      assert.match(await said(listKeys), /ci/);
      assert.not.ok(existsSync(dir.at('keys.json')));
      assert.match(await said(configSet, given(['oauth.defaultClient', 'desk'])), /^0 .* is set for all boxes/);
      const wrong = await fault(configSet, given(['oauth.defaultClient', 'nobody']));
      assert.match(wrong.message, /oauth\.defaultClient is "nobody"; allowed: /);
      const client = await fault(configSet, given(['oauth.clients.desk.id', 'x']));
      assert.match(client.message, /lies in the database, for all boxes.*regrant client set NAME/);
      const shown = await said(configShow);
      assert.match(shown, /^oauth\.clients\.desk\.id = "desk-id" {2}\(database\)$/m);
      assert.match(shown, /^oauth\.defaultClient = "desk" {2}\(database\)$/m);
      assert.match(shown, /^proxy\.apiKey = "\(not shown\)" {2}\(database\)$/m);
      assert.match(shown, /^proxy\.port = 18045 {2}\(file\)$/m);

      await said(configSet, given(['proxy.port', '0']));
      await house.start();
      const door = await ControlServer.open(house.store.places.socket, house.supervisor, systemClock);
      google.grant('1//0anna', { email: 'anna@example.com' });
      try {
        await house.store.accounts.create('a1', account({ refreshToken: '1//0anna' }));
        assert.match(await said((context) => models(context, { json: true })), /^0 .*"id":"gemini-/);
        assert.match(await said((context) => env(context)), /sk-another-key-of-all.*\n/);
        const line = await said((context) => status(context, { json: false, all: true }));
        assert.match(line, /serve; box-a is the only box at 127\.0\.0\.1:\d+, pid \d+\n$/);
        const body = await said((context) => status(context, { json: true }));
        assert.match(body, /"boxes":\{"own":"box-a","all":\[\{"name":"box-a"/);
        await house.store.events.flush();
        for (const flags of [[], ['json']])
          assert.match(await said(events, given([], ...flags)), /anna@example\.com/, 'boxes share what happened');
        await exportsThePool(dir.path);
        const findings = await said((context) => doctor(context));
        assert.match(findings, /OAuth client desk/);
        assert.equal(await completed('off '), ['anna@example.com']);
        assert.equal(await completed('key revoke '), ['ci', 'default']);
        assert.equal(await completed('add --client '), ['default', 'desk']);
        await house.supervisor.operations.remove(['a1']);
        const removed = await said(trash);
        assert.match(removed, /anna@example\.com, removed\n$/);
        const name = / (\d+-removed-a1) /.exec(removed)?.[1] ?? '';
        assert.equal(await completed('trash restore '), [name]);
        assert.match(await said(trashRestore, given([name])), /^0 brought back anna@example\.com/);
        assert.match(await said(trash), /nothing lies in the trash/);
      } finally {
        await door.close();
        await house.stop();
      }

      // nobody answers there
      await dir.settings({ ...base, database: { ...pool, url: 'postgres://u@127.0.0.1:1/x' } });
      const cutOff: readonly VerbCode[] = [trash, configShow, events, (context) => env(context)];
      for (const error of await Promise.all(cutOff.map((verb) => fault(verb)))) {
        assert.instance(error, CannotRun);
        assert.match(error.message, /nothing listens at/);
      }
      assert.equal(await completed('off '), [''], 'a shell is not told of it');
    }),
  ),
);

test.run();
