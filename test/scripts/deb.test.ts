/** The Debian package, with a stand-in for the single file, installed into a folder of its own and removed by dpkg. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { buildDeb } from '../../scripts/deb.js';
import { withDirectory } from '../support/directory.js';

const hasDpkg = process.getuid?.() === 0 && spawnSync('dpkg-deb', ['--version']).status === 0;
const name = 'dpkg installs it off and whole, upgrades it, and removes all but the data';

const body = (): Promise<void> =>
  withDirectory((dir) => {
    const program = dir.at('stand-in');
    writeFileSync(program, '#!/bin/sh\necho stand-in\n', { mode: 0o755 });
    const make = (version: string): string => buildDeb(dir.path, { program, version, compression: 'none' });
    const system = dir.at('system');
    for (const folder of ['var/lib/dpkg/info', 'var/lib/dpkg/updates']) {
      mkdirSync(path.join(system, folder), { recursive: true });
    }
    writeFileSync(path.join(system, 'var/lib/dpkg/status'), '');
    // maintainer scripts run outside of the folder, and are told of it
    const dpkg = (...words: readonly string[]): string =>
      execFileSync('dpkg', [`--root=${system}`, '--force-script-chrootless', '--force-depends', ...words], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    const at = (file: string): string => path.join(system, file);
    dpkg('--install', make('0.1.0'));
    assert.is(realpathSync(at('usr/bin/regrant')), realpathSync(at('usr/lib/regrant/regrant')));
    for (const file of [
      'usr/lib/regrant/settings.schema.json',
      'usr/share/man/man1/regrant.1.gz',
      'usr/share/bash-completion/completions/regrant',
      'usr/share/zsh/vendor-completions/_regrant',
      'usr/share/fish/vendor_completions.d/regrant.fish',
      'usr/share/doc/regrant/docs/recover.md',
    ]) {
      assert.ok(existsSync(at(file)), file);
    }
    const unit = readFileSync(at('usr/lib/systemd/system/regrant.service'), 'utf8');
    for (const line of [/^User=regrant$/m, /^ExecStart=\/usr\/lib\/regrant\/regrant --headless$/m]) {
      assert.match(unit, line);
    }
    assert.ok(!existsSync(at('etc/systemd/system')), 'off until it is enabled');
    writeFileSync(at('var/lib/regrant/settings.json'), '{}');
    dpkg('--install', make('0.1.1'));
    assert.match(dpkg('--status', 'regrant'), /^Version: 0\.1\.1$/m);
    assert.match(dpkg('--purge', 'regrant'), /are left in \/var\/lib\/regrant/);
    const left = readdirSync(system, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && !entry.parentPath.includes('/var/lib/dpkg'))
      .map((entry) => path.relative(system, path.join(entry.parentPath, entry.name)));
    assert.equal(
      left.filter((file) => !file.startsWith('var/log')),
      ['var/lib/regrant/settings.json'],
    );
  });

if (hasDpkg) test(name, body);
else test.skip(`${name} (skipped: it needs dpkg, as root)`, body);
test.run();
