/** What the settings `database.url` and `database.key` mean. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { databaseHosts } from '../../../src/store/database/hosts.js';
import { poolKey } from '../../../src/store/database/pool-key.js';
import { SettingsError } from '../../../src/store/settings/settings-error.js';
import { withDirectory } from '../../support/directory.js';

/** How a URL is encrypted: not, without a look at the certificate, by its authority only, or in full. */
function encryption(url: string): string {
  const [host] = databaseHosts(url);
  const ssl = host?.ssl;
  if (ssl === undefined || ssl === false) return 'none';
  return ssl.rejectUnauthorized === false ? 'unverified' : ssl.checkServerIdentity === undefined ? 'full' : 'authority';
}

test('what leaves this machine is encrypted and verified, unless sslmode says otherwise', () => {
  const rows: readonly (readonly [url: string, expected: string])[] = [
    ['postgres://u@127.0.0.1/r', 'none'],
    ['postgres://u@localhost/r', 'none'],
    ['postgres://u@[::1]/r', 'none'],
    ['postgres:///r?host=/var/run/postgresql', 'none'],
    ['postgres://u@127.0.0.1/r?sslmode=verify-full', 'full'],
    ['postgres://u@db.example/r', 'full'],
    ['postgresql://u@10.0.0.5/r', 'full'],
    ['postgres://u@db.example/r?sslmode=disable', 'none'],
    ['postgres://u@db.example/r?sslmode=require', 'unverified'],
    ['postgres://u@db.example/r?sslmode=no-verify', 'unverified'],
    ['postgres://u@db.example/r?sslmode=verify-ca', 'authority'],
  ];
  for (const [url, expected] of rows) assert.is(encryption(url), expected, url);
  for (const mode of ['prefer', 'allow', '', 'off'])
    assert.throws(
      () => databaseHosts(`postgres://u@db.example/r?sslmode=${mode}`),
      /allowed: disable, no-verify, require/,
    );
});

test('several servers are named by comma, in order, each with its own parts', () => {
  const hosts = databaseHosts(
    'postgres://u:p%2C%40%2F@a.example/r, postgres://u@b.example:6432/r,postgres://[::1]:1/x',
  );
  assert.equal(
    hosts.map(({ name, user, password, database }) => [name, user, password, database]),
    [
      ['a.example:5432', 'u', 'p,@/', 'r'],
      ['b.example:6432', 'u', undefined, 'r'],
      ['[::1]:1', undefined, undefined, 'x'],
    ],
  );
});

test('a key is given as base64, by a file or by a command, raw or as base64, and is never shown', async () => {
  await withDirectory(async (dir) => {
    const key = randomBytes(32);
    const text = key.toString('base64');
    await writeFile(dir.at('raw'), key);
    await writeFile(dir.at('text'), `${text}\n`);
    await writeFile(dir.at('short'), text.slice(4));
    const given = [
      `base64:${text}`,
      `base64:${key.toString('base64url')}`,
      `file:${dir.at('raw')}`,
      `file:${dir.at('text')}`,
      `command:cat '${dir.at('raw')}'`,
      `command:echo ${text}`,
    ];
    for (const one of given) assert.equal(await poolKey(one, 'database.key'), key, one.slice(0, 12));
    const wrong = [
      `base64:${text.slice(4)}`,
      'base64:',
      `file:${dir.at('short')}`,
      `file:${dir.at('none')}`,
      'command:exit 3',
      `command:echo ${text.slice(8)}`,
    ];
    for (const one of wrong) {
      const error = await poolKey(one, 'database.key').then(
        () => null,
        (error: unknown) => error,
      );
      assert.instance(error, SettingsError, one.slice(0, 12));
      assert.not.match((error as Error).message, text.slice(8, 20));
    }
  });
});

test.run();
