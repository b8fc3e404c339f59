/** `regrant database …`: a pool is made, looked at, and gets another key; what stands in the way is one line. */
import { randomBytes } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  databaseCheck,
  databaseInit,
  databaseMigrate,
  databaseRekey,
} from '../../../src/commands/database/database-verbs.js';
import type { VerbCode } from '../../../src/commands/verbs/verb.js';
import { openPool } from '../../../src/store/database/open-pool.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { CannotRun, RegrantError } from '../../../src/store/ground/errors.js';
import { SettingsError } from '../../../src/store/settings/settings-error.js';
import { withDirectory } from '../../support/directory.js';
import { doctor } from '../../../src/commands/reading/doctor.js';
import { importFromFiles } from '../../../src/commands/database/import-from-files.js';
import { testOnPostgres, type DatabaseGiven } from '../../support/postgres.js';
import { runVerb } from '../../support/verb.js';

/** What a verb says with these settings: its exit status, and its line. */
async function told(code: VerbCode, database: Partial<DatabaseGiven>, json = false): Promise<string> {
  return withDirectory(async (dir) => {
    await dir.settings({ database });
    try {
      const given = { words: [], options: json ? { json: true as const } : {} };
      const { status, stdout, stderr } = await runVerb((context) => code(context, given), dir.path);
      return `${status} ${stdout}${stderr}`;
    } catch (error) {
      if (!(error instanceof RegrantError)) throw error;
      const status = error instanceof CannotRun ? 3 : error instanceof SettingsError || error.code === 'USAGE' ? 2 : 1;
      assert.not.match(error.message, '\n');
      return `${status} ${error.message}`;
    }
  });
}

const newKey = (): string => `base64:${randomBytes(32).toString('base64')}`;

testOnPostgres('init makes a pool; where one stands it changes nothing, says so and ends with 0', async (server) => {
  const given = server.pool();
  assert.match(
    await told(databaseInit, given),
    /^0 the pool is made, in the schema pool_\d+; next: `regrant import --from-files`/,
  );
  const stands = await server.sql(`select * from ${given.schema}.meta order by k`);
  assert.match(await told(databaseInit, given), /^0 a pool stands in the schema pool_\d+ already; nothing was changed/);
  assert.match(await told(databaseInit, { ...given, key: newKey() }), /^2 database\.key is not the key of this pool/);
  assert.equal(await server.sql(`select * from ${given.schema}.meta order by k`), stands);
  assert.match(await told(databaseMigrate, given), /^0 the schema pool_\d+ is at version 1 already/);
  const said = JSON.parse((await told(databaseInit, given, true)).slice(2)) as { readonly ok: boolean };
  assert.is(said.ok, true);
});

testOnPostgres(
  'what stands in the way: 2 for the settings and a wrong key, 3 for the rest, within five seconds',
  async (server) => {
    const given = server.pool();
    const verbs: readonly VerbCode[] = [databaseInit, databaseCheck, databaseMigrate, databaseRekey];
    for (const verb of verbs) {
      assert.match(await told(verb, {}), /^2 database\.url is empty/);
      assert.match(await told(verb, { ...given, key: '' }), /^2 database\.key is missing/);
      assert.match(await told(verb, { ...given, key: 'base64:AAAA' }), /^2 database\.key: it does not give 32 bytes/);
      assert.match(await told(verb, { ...given, url: `${server.url}_none` }), /^3 .*no database of that name/);
    }
    for (const verb of [databaseCheck, databaseMigrate, databaseRekey])
      assert.match(await told(verb, given), /^3 there is no pool .*`regrant database init`/);
    const begun = performance.now();
    assert.match(await told(databaseCheck, { ...given, url: 'postgres://u@127.0.0.1:1/x' }), /^3 .*nothing listens/);
    assert.ok(performance.now() - begun < 5000);
    await server.sql(`do $$ begin create role plain login; exception when duplicate_object then null; end $$`);
    const plain = server.url.replace('regrant@', 'plain@');
    assert.match(await told(databaseInit, { ...given, url: plain }), /^3 the role of database\.url may not do that/);
  },
);

testOnPostgres(
  'check says how far the database is, and asks for a synchronous standby and for fsync',
  async (server) => {
    const given = server.pool();
    await told(databaseInit, given);
    const said = await told(databaseCheck, given);
    assert.match(
      said,
      /^1 ✔ database: 127\.0\.0\.1:\d+, PostgreSQL \d+\.\d+; the pool in the schema pool_\d+ opens with this key\n/,
    );
    for (const line of [
      /✔ round trip: /,
      /✔ NOTIFY: comes through/,
      /✔ clock: within /,
      /✖ durability: .*fsync/,
      /▲ standby: none is synchronous/,
    ])
      assert.match(said, line);
  },
);

testOnPostgres('rekey seals every secret anew; an old key alone is turned away from then on', async (server) => {
  const given = server.pool();
  await told(databaseInit, given);
  const open = (over: Partial<DatabaseGiven>) =>
    openPool({ ...given, oldKeys: [], ...over } as never, { clock: systemClock, waitMs: 4000 });
  const before = await open({});
  const place = { table: 'account', row: 'a1', column: 'secret' };
  await before.database.run('insert into {account} (id, secret) values ($1, $2)', [
    'a1',
    before.sealing.seal(place, 'its token'),
  ]);
  await before.database.run('insert into {setting} (key, secret) values ($1, $2)', [
    'x',
    Buffer.from('nothing sealed'),
  ]);
  await before.database.close();
  const key = newKey();
  const next = { ...given, key, oldKeys: [given.key] };
  assert.match(
    await told(databaseRekey, next),
    /^1 1 of the secrets sealed anew; 1 open with no key that is given \(setting x\)/,
  );
  await server.sql(`delete from ${given.schema}.setting`);
  assert.match(await told(databaseRekey, next), /^0 0 of the secrets sealed anew; once every box has this key/);
  assert.match(await told(databaseCheck, given), /^2 database\.key is not the key of this pool/);
  const after = await open({ key });
  const [row] = await server.sql<{ secret: Buffer }>(`select secret from ${given.schema}.account`);
  assert.is(after.sealing.open(place, row?.secret ?? Buffer.alloc(0)), 'its token');
  await after.database.close();
});

testOnPostgres(
  'account files come into the pool as they are, and stay; what stands in the pool stays too',
  async (server) => {
    const database = server.pool();
    await told(databaseInit, database);
    await withDirectory(async (dir) => {
      await dir.settings({ database });
      await dir.put({ id: 'a1', email: 'anna@example.com', unknown: { kept: [1, 2] } });
      await dir.put({ id: 'b1', email: 'bob@example.com', disabled: true, disabled_reason: 'invalid_grant: old' });
      await dir.putRaw('torn.json', '{"id":"torn"');
      const before = await dir.everything();
      const imported = (words: string[] = [], json = false) =>
        runVerb((context) => importFromFiles(context, { words, options: json ? { json: true } : {} }), dir.path);
      const first = await imported();
      assert.is(first.status, 1, 'one cannot be read');
      assert.match(
        first.stdout,
        /✔ anna@example\.com: in the pool now\n✔ bob@example\.com: in the pool now\n✖ torn\.json: its file/,
      );
      assert.match(first.stderr, /2 of 3 accounts are in the pool; the files in .* stay where and as they are: mend/);
      const rows = `select id, email, doc, grant_fp, version from ${database.schema}.account order by id`;
      const stood = await server.sql(rows);
      assert.match(JSON.stringify(stood), /"kept":\[1,2\].*"disabled":true/);
      assert.not.match(JSON.stringify(stood), /1\/\/0/);
      await dir.remove('torn');
      await dir.put({ id: 'c1', email: 'ANNA@example.com' });
      await server.sql(`update ${database.schema}.account set removed_at = now() where id = 'b1'`);
      const again = await imported([dir.at('accounts')], true);
      assert.is(again.status, 0);
      const { results } = JSON.parse(again.stdout) as { results: { text: string }[] };
      assert.equal(
        results.map(({ text }) => /already|removed/.exec(text)?.[0]),
        ['already', 'removed', 'already'],
      );
      assert.equal(await server.sql(rows), stood);
      for (const [name, text] of before)
        if (!name.includes('torn')) assert.is((await dir.everything()).get(name), text);
    });
  },
);

testOnPostgres('doctor looks at the database too, and for the OAuth clients in it', (server) =>
  withDirectory(async (dir) => {
    const database = server.pool();
    await told(databaseInit, database);
    // nobody answers there
    const nowhere = 'http://127.0.0.1:9';
    const clients = { default: { id: 'of-the-file', secret: 'x' } };
    const oauth = { tokenUrl: nowhere, userInfoUrl: nowhere, clients };
    await dir.settings({ database, oauth, upstream: { baseUrls: [nowhere] } });
    const { stdout } = await runVerb((context) => doctor(context, { json: true }), dir.path);
    const { findings } = JSON.parse(stdout) as { findings: { what: string; text: string }[] };
    const whats = findings.map(({ what }) => what);
    const own = whats.filter((what) => what.startsWith('database'));
    assert.equal(
      own,
      ['', ': round trip', ': NOTIFY', ': clock', ': durability', ': standby'].map((rest) => `database${rest}`),
    );
    const client = findings.filter(({ what }) => what.startsWith('OAuth client'));
    assert.equal(
      client.map(({ text }) => text.startsWith('none is configured')),
      [true],
      'that of the file does not count',
    );
  }),
);

test.run();
