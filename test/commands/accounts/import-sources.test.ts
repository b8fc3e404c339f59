import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sourcesOf, type Source } from '../../../src/commands/accounts/import-sources.js';
import { account, type DataDirectory, withDirectory } from '../../support/directory.js';

/** A source with its reason as programs read it. */
type Read = Exclude<Source, { kind: 'unusable' }> | { kind: 'unusable'; name: string; reason: string };

const inEnglish = (source: Source): Read =>
  source.kind === 'unusable' ? { ...source, reason: source.reason.english } : source;

/** What is found in these files of one directory, names without its path. */
const found = (dir: DataDirectory, ...names: readonly string[]): readonly Read[] =>
  sourcesOf(names.map((name) => dir.at(name))).map((source) => ({
    ...inEnglish(source),
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
    const files = (folder: string): readonly Read[] => [
      {
        kind: 'token',
        name: `${folder}/good.json`,
        request: { ...bare, refreshToken: '1//0test-refresh-token-of-good', client: 'work', file: good },
      },
      { kind: 'token', name: `${folder}/odd.json`, request: { ...bare, refreshToken: '1//nameless' } },
      { kind: 'unusable', name: `${folder}/torn.json`, reason: 'not JSON, see line 1' },
    ];
    assert.equal(
      sourcesOf([dir.path]).map((source) => ({ ...inEnglish(source), name: source.name.replace(`${dir.path}/`, '') })),
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

/** What is found in one file: each token with where it stood, its client and project; each other thing with its reason. */
async function inFile(text: string, words: 'tokens' | 'any' = 'tokens'): Promise<readonly string[]> {
  return withDirectory((dir) => {
    writeFileSync(dir.at('f'), text);
    return sourcesOf([dir.at('f')], words).map((source) => {
      const where = source.name.replace(dir.at('f'), '').trim();
      if (source.kind === 'twice') return `${where} = twice`;
      if (source.kind === 'unusable') return `${where} ✖ ${source.reason.english}`.trim();
      const { refreshToken, ownClient, projectId } = source.request;
      const beside = [ownClient === null ? '' : `${ownClient.id}/${ownClient.secret}`, projectId ?? ''].filter(Boolean);
      return [where, refreshToken, ...beside].join(' ').trim();
    });
  });
}

const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** A file as some program or person keeps it, and all that comes of it. */
const files: readonly (readonly [what: string, text: string, found: readonly string[]])[] = [
  [
    'accounts with camelCase keys',
    json({ version: 3, accounts: [{ email: 'a@x.org', refreshToken: '1//a' }, { email: 'b@x.org' }], activeIndex: 0 }),
    ['#1 1//a', '#2 ✖ no refresh_token in it'],
  ],
  [
    'other spellings of the key',
    json([{ RefreshToken: '1//a' }, { 'refresh-token': '1//b' }, { googleRefreshToken: '1//c' }]),
    ['#1 1//a', '#2 1//b', '#3 1//c'],
  ],
  ['a client beside the token', json({ refresh_token: '1//a', client_id: 'i', client_secret: 's' }), ['1//a i/s']],
  [
    'a client beside it in camelCase',
    json({ refreshToken: '1//a', clientId: 'i', clientSecret: 's', projectId: 'p' }),
    ['1//a i/s p'],
  ],
  [
    'a client around the token',
    json({ token: { refresh_token: '1//a' }, client_id: 'i', client_secret: 's' }),
    ['1//a i/s'],
  ],
  ['an id without a secret', json({ refresh_token: '1//a', client_id: 'i' }), ['1//a']],
  [
    'a token with its projects behind',
    json({ google: { type: 'oauth', refresh: '1//a|p-1|p-2', access: 'ya29.x' } }),
    ['.google 1//a p-1'],
  ],
  ['only the second project', json({ google: { refresh: '1//a||p-2' } }), ['.google 1//a p-2']],
  [
    'a list of strings',
    json(['1//a', '1//b', 'ya29.x', 7]),
    ['#1 1//a', '#2 1//b', '#3 ✖ no refresh_token in it', '#4 ✖ no refresh_token in it'],
  ],
  ['a list of strings within', json({ tokens: ['1//a', '1//b'] }), ['.tokens #1 1//a', '.tokens #2 1//b']],
  ['a map of strings', json({ 'a@x.org': '1//a', 'b@x.org': '1//b' }), ['.a@x.org 1//a', '.b@x.org 1//b']],
  ['a map the other way about', json({ '1//a': 'a@x.org' }), ['#1 1//a']],
  [
    'a map of objects',
    json({ accounts: { work: { refresh_token: '1//a' }, home: { email: 'b@x.org' } } }),
    ['.accounts .work 1//a', '.accounts .home ✖ no refresh_token in it'],
  ],
  [
    'a service account among others',
    json([{ type: 'service_account' }, { refresh_token: '1//a' }]),
    ["#1 ✖ a service account's key: it holds no refresh token, and regrant serves users' accounts only", '#2 1//a'],
  ],
  ['an object that holds none', json({ a: { b: { c: 'x' } } }), ['✖ no refresh_token in it']],
  [
    'e-mail, password and token',
    'a@x.org----hunter2----1//a\nb@x.org----pass----\n',
    ['line 1 1//a', 'line 2 ✖ no refresh token in it: an e-mail, with nothing that begins 1/ beside it'],
  ],
  ['a password that looks like a token', 'a@x.org----1//no----1//0a-b_c----2fa', ['line 1 1//0a-b_c']],
  ['colons between', 'a@x.org:hunter2:1//a', ['line 1 1//a']],
  [
    'commas, and a heading',
    'email,refresh_token\na@x.org,1//a',
    ['line 1 ✖ no refresh token in it: other words', 'line 2 1//a'],
  ],
  ['bars and tabs', 'a@x.org|pw|1//a\nb@x.org\tpw\t1//b', ['line 1 1//a', 'line 2 1//b']],
  [
    'settings of a shell',
    'export A_TOKEN="1//a"\nB=1//b;\nC=\'1//c\',\nSECRET=hunter2',
    ['line 1 1//a', 'line 2 1//b', 'line 3 1//c', 'line 4 ✖ no refresh token in it: a setting of something else'],
  ],
  ['a line out of JSON', '  "refresh_token": "1//a",', ['line 1 1//a']],
  ['a token in an address', 'https://x.org/?refresh_token=1%2F%2Fa-b&x=1', ['line 1 1//a-b']],
  ['several in a line', '1//a, 1//b', ['line 1 1//a', 'line 1 1//b']],
  ['a token with hyphens', '1//0a--b---c', ['line 1 1//0a--b---c']],
  ['the old form of a token', '1/abc-def', ['line 1 1/abc-def']],
  ['words in a sentence', 'mine is 1//a.', ['line 1 1//a']],
  [
    'no tokens but an access token',
    'ya29.abc',
    [
      "✖ line 1 is an access token, which ends within the hour; Google's refresh tokens begin 1/, and --any takes every line of one word",
    ],
  ],
  [
    'no tokens but a code',
    '4/0AbCdEf',
    [
      "✖ line 1 is an authorization code, which is good once; Google's refresh tokens begin 1/, and --any takes every line of one word",
    ],
  ],
  [
    'no tokens but a secret',
    'GOCSPX-abc',
    ["✖ line 1 is an OAuth client's secret; Google's refresh tokens begin 1/, and --any takes every line of one word"],
  ],
  [
    'an unnamed word',
    'hunter2',
    ["✖ line 1 is other words; Google's refresh tokens begin 1/, and --any takes every line of one word"],
  ],
  [
    'a date and a path',
    '2026-11/30 and 21//x',
    ['✖ line 1 is more than one word; a list of tokens has one refresh token a line'],
  ],
];

for (const [what, text, expected] of files) {
  test(`import takes ${what}: what is a token, and names the rest for what it is`, async () => {
    assert.equal(await inFile(text), expected);
  });
}

test('no password, key or secret of a file is told, whatever is named of it', async () => {
  for (const [, text] of files) {
    const told = (await inFile(text)).filter((line) => line.includes('✖')).join('\n');
    assert.not.match(told, /hunter2|pass\b|GOCSPX-a|ya29\.[ax]|4\/0A/);
  }
});

test('with --any every line of one word is a token, and lines of more are not', async () => {
  assert.equal(await inFile('opaque-token\n"another",\nNAME=third\ntwo words\n', 'any'), [
    'line 1 opaque-token',
    'line 2 another',
    'line 3 third',
    'line 4 ✖ no refresh token in it: other words',
  ]);
});

test('of very many lines without a token only the first are named one by one', async () => {
  const found = await inFile(`1//a\n${'x\n'.repeat(500)}`);
  assert.equal([found.length, found.at(-1)], [22, '✖ 480 more lines without a refresh token in them']);
});

test.run();
