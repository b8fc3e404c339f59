import { chmodSync, chownSync, existsSync, mkdirSync, rmdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dataDirectoryPath, layout, prepareDirectory } from '../../../src/store/disk/directory.js';
import { socketPlaces } from '../../../src/store/disk/socket-place.js';
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

function usage(root: string): string {
  try {
    prepareDirectory(root, {});
    return 'accepted';
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
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

test('what others can write, or what is not ours, is refused with the command that mends it', async () => {
  await withDirectory((dir) => {
    const root = dir.at('shared');
    prepareDirectory(root, {});
    const table: readonly (readonly [folder: string, mode: number, refused: boolean])[] = [
      [root, 0o700, false],
      [root, 0o755, false],
      [root, 0o750, false],
      [root, 0o757, true],
      [root, 0o1777, true],
      [path.join(root, 'accounts'), 0o755, false],
      [path.join(root, 'accounts'), 0o702, true],
    ];
    for (const [folder, mode, refused] of table) {
      chmodSync(folder, mode);
      const found = usage(root);
      if (!refused) assert.is(found, 'accepted', `${folder} ${mode.toString(8)}`);
      else assert.is(found, `everybody can write in ${folder}: mend it with: chmod go-w ${folder}`);
      chmodSync(folder, 0o700);
    }
  });
});

test('a group that has other members is others, and one that is the own alone is not', async () => {
  if (process.getuid?.() !== 0) return;
  await withDirectory((dir) => {
    const root = dir.at('shared');
    prepareDirectory(root, {});
    chmodSync(root, 0o770);
    assert.is(usage(root), 'accepted');
    chownSync(root, 0, 12_345);
    assert.is(usage(root), `its group (gid 12345) can write in ${root}: mend it with: chmod go-w ${root}`);
    chownSync(root, 12_345, 0);
    assert.match(usage(root), /belongs to another user \(uid 12345\): .* chown -R 0 /);
  });
});

test('files with secrets that were left open are closed at a start; links and what is below them are left alone', async () => {
  await withDirectory((dir) => {
    const places = prepareDirectory(dir.path, {});
    writeFileSync(dir.at('elsewhere'), '{}', { mode: 0o644 });
    writeFileSync(dir.at('keys.json'), '{}');
    chmodSync(dir.at('keys.json'), 0o644);
    writeFileSync(path.join(places.state, 'accounts.json'), '{}');
    chmodSync(path.join(places.state, 'accounts.json'), 0o666);
    writeFileSync(places.settings, '{}');
    chmodSync(places.settings, 0o644);
    const removed = path.join(places.trash, '1700000000000-removed-a1.json');
    writeFileSync(removed, '{}');
    chmodSync(removed, 0o644);
    symlinkSync(dir.at('elsewhere'), path.join(places.state, 'link'));
    prepareDirectory(dir.path, {});
    for (const file of [dir.at('keys.json'), path.join(places.state, 'accounts.json'), places.settings, removed]) {
      assert.is(modeOf(file), '600', file);
    }
    assert.is(modeOf(dir.at('elsewhere')), '644');
  });
});

test('the socket has a next place wherever it cannot lie in the first, of a name that nobody can guess in the temporary folder', async () => {
  await withDirectory((dir) => {
    const runtime = dir.at('run');
    mkdirSync(runtime, { mode: 0o700 });
    const places = [...socketPlaces(dir.path, { XDG_RUNTIME_DIR: runtime })];
    assert.equal([places[0], places[1]?.startsWith(`${runtime}/regrant-`)], [dir.at('regrant.sock'), true]);
    const temporary = path.dirname(places[2] ?? '');
    assert.match(temporary, /\/regrant-\d+-[A-Za-z0-9]{6}$/);
    assert.is(modeOf(temporary), '700');
    rmdirSync(temporary);
    assert.is(places.length, 3);
  });
});

test('without a home directory and a name for one, it says what to give', () => {
  const { HOME } = process.env;
  delete process.env.HOME;
  try {
    assert.ok(dataDirectoryPath(undefined, {}).endsWith('.regrant'));
  } catch (error) {
    assert.ok(error instanceof UsageError);
  } finally {
    process.env.HOME = HOME;
  }
});

test.run();
