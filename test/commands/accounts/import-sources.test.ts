import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sourcesOf, type Source } from '../../../src/commands/accounts/import-sources.js';
import { account, type DataDirectory, withDirectory } from '../../support/directory.js';

/** What is found in these files of one directory, names without its path. */
const found = (dir: DataDirectory, ...names: readonly string[]): readonly Source[] =>
  sourcesOf(names.map((name) => dir.at(name))).map((source) => ({
    ...source,
    name: source.name.replace(`${dir.path}/`, ''),
    ...('first' in source ? { first: source.first.replace(`${dir.path}/`, '') } : {}),
  }));

const bare = { client: null, ownClient: null, projectId: null, file: null };

test('a text file has one token a line; comments, empty lines, a mark and carriage returns are none', () =>
  withDirectory((dir) => {
    writeFileSync(dir.at('tokens'), '\uFEFF# mine\r\n1//one\r\n\r\n  1//two \n1//one\n');
    assert.equal(found(dir, 'tokens'), [
      { kind: 'token', name: 'tokens line 2', request: { ...bare, refreshToken: '1//one' } },
      { kind: 'token', name: 'tokens line 4', request: { ...bare, refreshToken: '1//two' } },
      { kind: 'twice', name: 'tokens line 5', first: 'tokens line 2' },
    ]);
  }));

test("gcloud's credentials bring their client and quota project; other JSON with a token brings the token", () =>
  withDirectory((dir) => {
    const adc = { type: 'authorized_user', client_id: 'id', client_secret: 's', refresh_token: '1//a' };
    writeFileSync(dir.at('adc.json'), JSON.stringify({ ...adc, quota_project_id: 'p-1' }));
    writeFileSync(dir.at('list.json'), JSON.stringify([{ email: 'x', refresh_token: '1//b' }, { email: 'y' }, 7]));
    writeFileSync(dir.at('lines.json'), '{"refresh_token":"1//c"}\n\n{"email":"z"}\n');
    assert.equal(found(dir, 'adc.json', 'list.json', 'lines.json'), [
      {
        kind: 'token',
        name: 'adc.json',
        request: { ...bare, refreshToken: '1//a', ownClient: { id: 'id', secret: 's' }, projectId: 'p-1' },
      },
      { kind: 'token', name: 'list.json #1', request: { ...bare, refreshToken: '1//b' } },
      { kind: 'unusable', name: 'list.json #2', reason: 'no refresh_token in it' },
      { kind: 'unusable', name: 'list.json #3', reason: 'no refresh_token in it' },
      { kind: 'token', name: 'lines.json line 1', request: { ...bare, refreshToken: '1//c' } },
      { kind: 'unusable', name: 'lines.json line 3', reason: 'no refresh_token in it' },
    ]);
  }));

test('of a data directory the account files count, of a folder those in it; an account file goes along whole if it is one', () =>
  withDirectory(async (dir) => {
    const good = await dir.put({ id: 'good', token: { oauth_client_key: 'work' } });
    const { id: _id, ...nameless } = account({ refreshToken: '1//nameless' });
    await dir.putRaw('odd.json', JSON.stringify(nameless));
    await dir.putRaw('torn.json', '{"id":"torn",');
    await dir.putRaw('note.txt', 'no account');
    writeFileSync(dir.at('accounts.json'), JSON.stringify({ version: '2.0', accounts: [{ id: 'good' }] }));
    const files = (folder: string): readonly Source[] => [
      {
        kind: 'token',
        name: `${folder}/good.json`,
        request: { ...bare, refreshToken: '1//0test-refresh-token-of-good', client: 'work', file: good },
      },
      { kind: 'token', name: `${folder}/odd.json`, request: { ...bare, refreshToken: '1//nameless' } },
      { kind: 'unusable', name: `${folder}/torn.json`, reason: 'not JSON, see line 1' },
    ];
    assert.equal(
      sourcesOf([dir.path]).map((source) => ({ ...source, name: source.name.replace(`${dir.path}/`, '') })),
      [...files('accounts')],
    );
    assert.equal(found(dir, 'accounts'), [...files('accounts')]);
    assert.match((found(dir, 'accounts.json')[0] as { reason: string }).reason, /^an index of accounts without/);
  }));

test('whatever holds no token is named with its reason, and no word of it is taken for one', () =>
  withDirectory((dir) => {
    mkdirSync(dir.at('empty'));
    symlinkSync(dir.at('loop'), dir.at('loop'));
    writeFileSync(dir.at('huge'), '');
    truncateSync(dir.at('huge'), 50 * 1_048_576);
    const files: Readonly<Record<string, string | Buffer>> = {
      nothing: ' \n# only words\n',
      binary: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe, 0x00]),
      zeros: '\0\0\0\0',
      'key.pem': '-----BEGIN PRIVATE KEY-----\nMIIEvQ\nabcdef\n-----END PRIVATE KEY-----\n',
      'sa.json': JSON.stringify({ type: 'service_account', private_key: 'x' }),
      'client.json': JSON.stringify({ installed: { client_id: 'x' } }),
      'torn.json': '{"refresh_token": "1//x"',
      'list.json': '[]',
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(dir.at(name), content);
    const reasons = found(dir, 'missing', 'empty', 'loop', 'huge', ...Object.keys(files)).map((source) =>
      source.kind === 'unusable' ? `${source.name}: ${source.reason.slice(0, 40)}` : source.kind,
    );
    assert.equal(reasons, [
      'missing: no such file or directory (ENOENT)',
      'empty: a directory without account files in it',
      'loop: a loop of symbolic links (ELOOP)',
      'huge: 50 MB is too large for an account file',
      'nothing: nothing in it',
      'binary: not UTF-8',
      'zeros: not text: there are NUL bytes in it',
      'key.pem: line 1 is more than one word; a list of ',
      "sa.json: a service account's key: it holds no ref",
      'client.json: an OAuth client and no account: its id a',
      'torn.json: not JSON, see line 1',
      'list.json: nothing in it',
    ]);
  }));

test.run();
