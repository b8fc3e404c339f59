import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { app } from '../../support/app.js';
import { withDirectory } from '../../support/directory.js';

const root = path.dirname(path.dirname(app));
const hasCache = 'enableCompileCache' in nodeModule;

test('where Node has a compile cache it lies in the package; where that cannot be, the program starts all the same', () =>
  withDirectory(async (dir) => {
    const packed = (name: string): string => dir.at(`package/${name}`);
    cpSync(path.join(root, 'dist'), packed('dist'), { recursive: true });
    cpSync(path.join(root, 'package.json'), packed('package.json'));
    symlinkSync(path.join(root, 'node_modules'), packed('node_modules'));
    const version = (): string =>
      execFileSync(process.execPath, [packed('dist/app.js'), '--version'], { encoding: 'utf8' });
    const first = version();
    assert.match(first, /^\d+\.\d+\.\d+\n$/);
    assert.is(existsSync(packed('.compile-cache')), hasCache);
    if (hasCache) assert.ok(readdirSync(packed('.compile-cache')).length > 0);
    assert.is(version(), first);
    const other = dir.at('other');
    cpSync(packed('dist'), path.join(other, 'dist'), { recursive: true });
    cpSync(packed('package.json'), path.join(other, 'package.json'));
    // a file in its place: not even root can make a folder there
    writeFileSync(path.join(other, '.compile-cache'), '');
    assert.is(
      execFileSync(process.execPath, [path.join(other, 'dist/app.js'), '--version'], { encoding: 'utf8' }),
      first,
    );
    return Promise.resolve();
  }));

test.run();
