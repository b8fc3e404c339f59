import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dataDirectoryPath, layout, prepareDirectory } from '../../../src/store/disk/directory.js';
import { CannotRun, UsageError } from '../../../src/store/ground/errors.js';
import { withDirectory } from '../../support/directory.js';

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

function refusal(root: string): string {
  try {
    prepareDirectory(root, {});
    return 'accepted';
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    return error.message;
  }
}

test('the option goes before the variable, and that before the home directory', () => {
  assert.is(dataDirectoryPath('/a', { REGRANT_DATA_DIR: '/b' }), '/a');
  assert.is(dataDirectoryPath(undefined, { REGRANT_DATA_DIR: '/b' }), '/b');
  assert.match(dataDirectoryPath(undefined, { REGRANT_DATA_DIR: '' }), /\/\.regrant$/);
});

test('an empty option is refused, since the working directory is not what was meant', () => {
  assert.throws(
    () => dataDirectoryPath('', { REGRANT_DATA_DIR: '/b' }),
    (error: unknown) => error instanceof UsageError && error.message.startsWith('--data-dir is empty'),
  );
});

test('what is made is closed to others; what stands keeps its mode', async () => {
  await withDirectory((dir) => {
    const fresh = dir.at('deep', 'er');
    prepareDirectory(fresh, {});
    for (const folder of [fresh, path.join(fresh, 'accounts'), path.join(fresh, 'state')])
      assert.is(modeOf(folder), '700');
    const standing = dir.at('standing');
    mkdirSync(standing);
    chmodSync(standing, 0o755);
    prepareDirectory(standing, {});
    assert.is(modeOf(standing), '755');
  });
});

test('beside Antigravity Tools only the accounts lie where that program looks', async () => {
  await withDirectory((dir) => {
    writeFileSync(dir.at('gui_config.json'), '{}');
    const places = prepareDirectory(dir.path, {});
    assert.is(places.accounts, dir.at('accounts'));
    assert.is(places.index, dir.at('accounts.json'));
    for (const place of [places.settings, places.state, places.logs, places.trash, places.lock]) {
      assert.ok(place.startsWith(dir.at('regrant') + path.sep), place);
    }
    assert.not.ok(existsSync(dir.at('state')));
  });
});

test('the socket goes elsewhere where its path is too long or others can enter', async () => {
  await withDirectory((dir) => {
    const runtime = dir.at('run');
    mkdirSync(runtime, { mode: 0o700 });
    const env = { XDG_RUNTIME_DIR: runtime };
    assert.is(layout(dir.at('mine'), env).socket, dir.at('mine', 'regrant.sock'));
    const long = dir.at('x'.repeat(100));
    assert.ok(layout(long, env).socket.startsWith(runtime + path.sep));
    assert.ok(layout(long, {}).socket.startsWith(path.join(tmpdir(), 'regrant-')));
    const deep = dir.at('r'.repeat(90));
    mkdirSync(deep, { mode: 0o700 });
    assert.is(layout(long, { XDG_RUNTIME_DIR: deep }).socket, layout(long, {}).socket);
    const open = dir.at('open');
    mkdirSync(open);
    chmodSync(open, 0o755);
    assert.ok(layout(open, env).socket.startsWith(runtime + path.sep));
    assert.is.not(layout(open, env).socket, layout(long, env).socket);
  });
});

test('a directory that cannot be made or used says so in one line with the next step', async () => {
  await withDirectory((dir) => {
    writeFileSync(dir.at('file'), '');
    for (const root of ['/proc/no/such', dir.at('file'), dir.at('file', 'below')]) {
      assert.match(
        refusal(root),
        /^cannot use the data directory .*: .*; name another with --data-dir or REGRANT_DATA_DIR/,
      );
    }
  });
});

test.run();
