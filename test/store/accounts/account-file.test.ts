import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasAllItMust, refuseWithout } from '../../../src/store/accounts/account.js';
import { readAccountFile } from '../../../src/store/accounts/account-file.js';
import { account, type DataDirectory, withDirectory } from '../../support/directory.js';

const text = JSON.stringify(account(), null, 2);
const withToken = (token: unknown): string => JSON.stringify({ ...account(), token });
const over = (parts: Record<string, unknown>): string => JSON.stringify({ ...account(), ...parts });
const without = (key: string): string => JSON.stringify({ ...account(), [key]: undefined });

/** So many lists within one another. */
const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

function reasonFor(dir: DataDirectory, name = 'a1'): string {
  const found = readAccountFile(dir.at('accounts', `${name}.json`), name, 'unknown');
  return found.kind === 'unreadable' ? found.reason : found.kind;
}

/** What a file says → why it cannot be read. */
const unreadable: Record<string, readonly [content: string | Buffer, reason: string]> = {
  'an empty file': ['', 'empty'],
  'white space alone': [' \n\t', 'empty'],
  'a byte order mark alone': ['\uFEFF', 'empty'],
  'cut off in the middle': [text.slice(0, 200), `not JSON, see line ${text.slice(0, 200).split('\n').length}`],
  'a brace too many': [`${text}\n}`, `not JSON, see line ${text.split('\n').length + 1}`],
  'a brace too few': [text.slice(0, -1), `not JSON, see line ${text.split('\n').length}`],
  'two objects': [`${text}${text}`, `not JSON, see line ${text.split('\n').length}`],
  'a trailing comma': [text.replace(/\n}$/, ',\n}'), `not JSON, see line ${text.split('\n').length}`],
  'NUL bytes at its end': [`${text}\0\0\0`, 'NUL bytes in it, as a power cut leaves them'],
  'NUL bytes alone': ['\0'.repeat(4096), 'NUL bytes in it, as a power cut leaves them'],
  'UTF-16': [Buffer.from(`\uFEFF${text}`, 'utf16le'), 'not UTF-8'],
  'Latin-1': [Buffer.from(text.replace('anna@', 'änna@'), 'latin1'), 'not UTF-8'],
  'lists within lists without an end': ['['.repeat(5_000), 'nested more than 100 levels deep, see line 1'],
  'a key that nobody knows, nested too deep': [
    over({ x: nested(100) }),
    'nested more than 100 levels deep, see line 1',
  ],
  'a list': [`[${text}]`, 'not an object in braces'],
  'a text': ['"anna"', 'not an object in braces'],
  null: ['null', 'not an object in braces'],
  'no id': [without('id'), 'id is missing'],
  'an empty id': [over({ id: '' }), 'id is empty'],
  'an id that is no text': [over({ id: 7 }), 'id is no text'],
  'the id of another file': [over({ id: 'a2' }), 'its id is "a2", which belongs to another file name'],
  'no email': [without('email'), 'email is missing'],
  'an email that is no text': [over({ email: ['anna@example.com'] }), 'email is no text'],
  'an email that is null': [over({ email: null }), 'email is missing'],
  'no token': [without('token'), 'token is missing'],
  'a token that is no object': [withToken('1//0x'), 'token is no object in braces'],
  'a token list': [withToken([]), 'token.refresh_token is missing'],
  'no refresh token': [withToken({ access_token: 'x' }), 'token.refresh_token is missing'],
  'an empty refresh token': [withToken({ refresh_token: '' }), 'token.refresh_token is empty'],
  'a refresh token that is no text': [withToken({ refresh_token: 5 }), 'token.refresh_token is no text'],
  'disabled that is no flag': [over({ disabled: 'no' }), 'disabled is neither true nor false'],
  'proxy_disabled that is no flag': [over({ proxy_disabled: 0 }), 'proxy_disabled is neither true nor false'],
};

for (const [what, [content, reason]] of Object.entries(unreadable)) {
  test(`unreadable: ${what}`, async () => {
    await withDirectory((dir) => {
      writeFileSync(dir.at('accounts', 'a1.json'), content);
      assert.is(reasonFor(dir), reason);
    });
  });
}

test('no reason quotes the file', () => {
  for (const [, reason] of Object.values(unreadable)) assert.not.match(reason, /refresh-token-of|ya29/);
});

test('what is no regular file, or one of 50 MB, is not even read', async () => {
  await withDirectory(async (dir) => {
    const at = (name: string): string => dir.at('accounts', `${name}.json`);
    mkdirSync(at('folder'));
    assert.is(reasonFor(dir, 'folder'), 'a directory');
    symlinkSync(at('loop'), at('loop'));
    assert.is(reasonFor(dir, 'loop'), 'a loop of symbolic links (ELOOP)');
    symlinkSync('nowhere', at('dangling'));
    // dropped it would be forgotten that an account is there: its file system may not be mounted
    assert.is(reasonFor(dir, 'dangling'), 'a link to a file that is not there');
    execFileSync('mkfifo', [at('pipe')]);
    assert.is(reasonFor(dir, 'pipe'), 'no regular file');
    symlinkSync('/dev/zero', at('zero'));
    assert.is(reasonFor(dir, 'zero'), 'no regular file');
    const fd = openSync(at('huge'), 'w');
    ftruncateSync(fd, 50 * 1_048_576);
    closeSync(fd);
    assert.is(reasonFor(dir, 'huge'), '50 MB is too large for an account file');
    const server = createServer().listen(at('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    assert.match(reasonFor(dir, 'socket'), /^no regular file/);
    await new Promise((resolve) => server.close(resolve));
    assert.is(reasonFor(dir, 'nobody'), 'gone');
    writeFileSync(
      Buffer.concat([Buffer.from(dir.at('accounts', 'x')), Buffer.from([0xff]), Buffer.from('.json')]),
      text,
    );
    assert.is(reasonFor(dir, 'x\uFFFD'), 'its name is not UTF-8');
  });
});

test('a byte order mark, any white space and odd optional keys do not make a file unreadable', async () => {
  await withDirectory((dir) => {
    const odd = {
      name: 7,
      created_at: 'yesterday',
      last_used: null,
      quota: { models: 'none' },
      protected_models: [1],
      validation_blocked: 'x',
      disabled: null,
      token: { refresh_token: '1//0r', access_token: null, expiry_timestamp: 'soon', project_id: '', expires_in: null },
    };
    writeFileSync(dir.at('accounts', 'a1.json'), `\uFEFF\r\n\t${over(odd)}\n\n`);
    const found = readAccountFile(dir.at('accounts', 'a1.json'), 'a1', 'unknown');
    if (found.kind !== 'account') throw new Error(found.kind);
    const { account: parsed } = found;
    assert.is(parsed.refreshToken, '1//0r');
    assert.equal(
      [parsed.name, parsed.createdAt, parsed.lastUsed, parsed.accessToken, parsed.expiresAt, parsed.projectId],
      ['', null, null, '', 0, null],
    );
    assert.is(parsed.disabled, null);
    assert.equal(parsed.protectedModels, []);
  });
});

test('a file that grows while it is read is read to its end', async () => {
  await withDirectory((dir) => {
    const long = over({ x_unknown: 'x'.repeat(100_000) });
    writeFileSync(dir.at('accounts', 'a1.json'), long);
    const found = readAccountFile(dir.at('accounts', 'a1.json'), 'a1', 'unknown');
    assert.is(found.kind === 'account' && found.text.length, long.length);
  });
});

test('a file of a hundred levels is read', async () => {
  await withDirectory((dir) => {
    writeFileSync(dir.at('accounts', 'a1.json'), over({ x: nested(99) }));
    assert.is(reasonFor(dir), 'account');
  });
});

test('a life that no token has counts as the nearest that one has, and what is no project id as none', async () => {
  await withDirectory((dir) => {
    writeFileSync(
      dir.at('accounts', 'a1.json'),
      withToken({ refresh_token: '1//0x', expires_in: 1e9, expiry_timestamp: 2e9, project_id: 'p\r\nx: y' }),
    );
    const found = readAccountFile(dir.at('accounts', 'a1.json'), 'a1', 'unknown');
    const { expiresIn, expiresAt, projectId } = found.kind === 'account' ? found.account : {};
    assert.equal([expiresIn, expiresAt, projectId], [86_400, 1e9 + 86_400, null]);
  });
});

test('what a file must have is found by hand exactly where the schema finds it', () => {
  const odd = fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    'a1',
    0,
    1.5,
    true,
    false,
    [],
    ['a1'],
    {},
    { refresh_token: '' },
  );
  const token = fc.oneof(odd, fc.record({ refresh_token: odd, project_id: odd }, { requiredKeys: [] }));
  const file = fc.record({ id: odd, email: odd, token, disabled: odd, proxy_disabled: odd }, { requiredKeys: [] });
  const wellMade = fc.record({
    id: fc.string({ minLength: 1 }),
    email: fc.string({ minLength: 1 }),
    token: fc.record({ refresh_token: fc.string({ minLength: 1 }) }),
    disabled: fc.constantFrom(undefined, null, true, false),
  });
  let found = 0;
  fc.assert(
    fc.property(fc.oneof(file, wellMade, odd), (made) => {
      const text = JSON.stringify(made) as string | undefined;
      const json: unknown = text === undefined ? undefined : JSON.parse(text);
      let isRefused = false;
      try {
        refuseWithout(json);
      } catch {
        isRefused = true;
      }
      if (!isRefused) found++;
      assert.is(hasAllItMust(json), !isRefused, text);
    }),
    { numRuns: 2_000 },
  );
  assert.ok(found > 100, `${found} of them can be read`);
});

test.run();
