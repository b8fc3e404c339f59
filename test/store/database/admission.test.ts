/** Whom a server lets in, over TLS and with a password: what is refused is one line with its next step. */
import { appendFileSync, chmodSync, chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { connectDatabase } from '../../../src/store/database/open-pool.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { canMakeCertificates, makeCertificates } from '../../support/certificates.js';
import { withDirectory } from '../../support/directory.js';
import { testOnPostgres, type PostgresServer } from '../../support/postgres.js';

/** How the connection of an URL is encrypted; else why it is none. */
async function connected(server: PostgresServer, url: string, waitMs = 5000): Promise<string> {
  const settings = { ...server.pool({ url }), oldKeys: [] };
  try {
    const { database } = await connectDatabase(settings, { clock: systemClock, waitMs });
    const text = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';
    const [row] = await database.rows(v.object({ ssl: v.boolean() }), text).finally(() => database.close());
    return row?.ssl === true ? 'encrypted' : 'in the clear';
  } catch (error) {
    const { message } = error as Error;
    assert.not.match(message, /\n|hunter2/);
    return message;
  }
}

/** A file of the cluster, which the server alone may read. */
function put(server: PostgresServer, name: string, text: string): void {
  const file = join(server.data, name);
  const { uid, gid } = statSync(server.data);
  writeFileSync(file, text);
  chmodSync(file, 0o600);
  if (process.geteuid?.() === 0) chownSync(file, uid, gid);
}

const at = (server: PostgresServer, host: string, rest = ''): string =>
  `postgres://regrant@${host}:${server.port}/postgres${rest}`;

if (canMakeCertificates)
  testOnPostgres('a server is verified by its authority, name and dates, unless sslmode says otherwise', (server) =>
    withDirectory(async (dir) => {
      const { authority, key, good, expired, early } = makeCertificates(dir.path);
      const serves = async (certificate: string): Promise<void> => {
        put(server, 'server.crt', certificate);
        put(server, 'server.key', key);
        await server.stop();
        await server.start({ ssl: 'on', listen_addresses: '127.0.0.1,127.0.0.2' });
      };
      const full = `?sslmode=verify-full&sslrootcert=${authority}`;
      const said = (host: string, rest = full): Promise<string> => connected(server, at(server, host, rest));
      await serves(good);
      for (const host of ['localhost', '127.0.0.1']) assert.is(await said(host), 'encrypted');
      assert.match(
        await said('localhost', '?sslmode=verify-full'),
        /certificate of localhost:\d+ cannot be verified.*sslrootcert=/,
      );
      assert.match(await said('127.0.0.2'), /certificate of 127\.0\.0\.2:\d+ is for another name.*sslmode=verify-ca/);
      assert.is(await said('127.0.0.2', full.replace('full', 'ca')), 'encrypted');
      assert.is(await said('127.0.0.2', '?sslmode=require'), 'encrypted');
      assert.is(await said('127.0.0.1', ''), 'in the clear', 'nobody listens in between on one machine');
      for (const certificate of [expired, early]) {
        await serves(certificate);
        assert.match(await said('localhost'), /certificate of localhost:\d+ is not valid now.*renew it there.*clock/);
      }
      await server.stop();
    }),
  );

testOnPostgres('a password is checked by SCRAM, and TLS asked for where it is due', async (server) => {
  const file = join(server.data, 'pg_hba.conf');
  const before = readFileSync(file, 'utf8');
  await server.sql(`create role guarded login password 'hunter2'; create role sealed login`);
  put(
    server,
    'pg_hba.conf',
    `host all guarded all scram-sha-256\nhostssl all sealed all trust\nhost all sealed all reject\n`,
  );
  appendFileSync(file, before);
  await server.sql('select pg_reload_conf()');
  const as = (user: string, rest = ''): Promise<string> =>
    connected(server, `postgres://${user}@127.0.0.1:${server.port}/postgres${rest}`);
  await server.sql('select pg_sleep(0.1)');
  assert.is(await as('guarded:hunter2'), 'in the clear');
  assert.match(
    await as('guarded:hunter22'),
    /127\.0\.0\.1:\d+ refuses the password of database\.url; correct it there/,
  );
  assert.match(await as('guarded'), /asks for a password, and database\.url has none/);
  assert.match(await as('nobody'), /role|user/);
  assert.match(await as('sealed'), /wants an encrypted connection; say sslmode=/);
  assert.match(await as('regrant', '?sslmode=require'), /offers no TLS; switch it on there/);
});

test.run();
