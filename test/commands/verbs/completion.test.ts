import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LineCompletion } from '../../../src/commands/verbs/completion.js';
import { manPage } from '../../../src/commands/verbs/man-page.js';
import { shellScripts } from '../../../src/commands/verbs/shell-scripts.js';
import { verbs } from '../../../src/commands/verbs/verbs.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { app } from '../../support/app.js';
import { withDirectory, type DataDirectory } from '../../support/directory.js';

const test = suite('completion');

const wordsAfter = (dir: DataDirectory, line: string): Promise<readonly string[]> => {
  const sink = new Writable();
  const context = {
    dataDir: dir.path,
    env: {},
    clock: systemClock,
    stdin: Readable.from([]),
    stdout: sink,
    stderr: sink,
  };
  return new LineCompletion(context, verbs).after(line.split(/\s+/));
};

test('verbs, their second words, options, accounts and choices complete', () =>
  withDirectory(async (dir) => {
    await dir.put({ id: 'a1', email: 'anna@example.com' });
    await dir.put({ id: 'b1', email: 'bob@example.com' });
    assert.equal(await wordsAfter(dir, 'tra'), ['trash']);
    assert.equal(await wordsAfter(dir, 'trash r'), ['restore']);
    assert.equal(await wordsAfter(dir, 'off '), ['anna@example.com', 'bob@example.com']);
    assert.equal(await wordsAfter(dir, 'off anna@example.com b'), ['bob@example.com']);
    assert.equal(await wordsAfter(dir, 'events --account a'), ['anna@example.com']);
    assert.equal(await wordsAfter(dir, 'logs --level w'), ['warn']);
    assert.equal(await wordsAfter(dir, 'completion '), ['bash', 'fish', 'zsh']);
    assert.ok((await wordsAfter(dir, 'remove --')).includes('--yes'));
    assert.ok((await wordsAfter(dir, '--')).includes('--headless'));
    assert.equal(await wordsAfter(dir, 'nothing '), []);
    assert.equal(await wordsAfter(dir, '--data-dir /tmp/x off z'), []);
  }));

/** A `regrant` on the PATH, with a data directory that knows one account. */
async function withCommand(use: (bin: string, dir: DataDirectory) => void): Promise<void> {
  await withDirectory(async (dir) => {
    await dir.put({ id: 'a1', email: 'anna@example.com' });
    const bin = dir.at('bin');
    mkdirSync(bin);
    writeFileSync(path.join(bin, 'regrant'), `#!/bin/sh\nexec '${process.execPath}' '${app}' "$@"\n`);
    chmodSync(path.join(bin, 'regrant'), 0o755);
    use(bin, dir);
  });
}

const has = (program: string): boolean => spawnSync('which', [program]).status === 0;
const inShell = (shell: string, script: string, bin: string, dir: DataDirectory): string =>
  execFileSync(shell, ['-c', script], {
    encoding: 'utf8',
    env: { PATH: `${bin}:${process.env.PATH ?? ''}`, REGRANT_DATA_DIR: dir.path, HOME: dir.path },
  });

test('bash completes a verb and an e-mail', () =>
  withCommand((bin, dir) => {
    const asked = (line: string): string => {
      const words = line.split(' ');
      return `COMP_LINE='${line}' COMP_POINT=${line.length} COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}; _regrant; echo "\${COMPREPLY[@]}"`;
    };
    const out = inShell(
      'bash',
      `eval "$(regrant completion bash)"; ${asked('regrant tras')}; ${asked('regrant off an')}`,
      bin,
      dir,
    );
    assert.is(out, 'trash\nanna@example.com\n');
  }));

for (const shell of ['zsh', 'fish'] as const) {
  const name = `${shell} completes a verb and an e-mail`;
  if (!has(shell)) {
    console.log(`skipped: there is no ${shell} here`);
    test.skip(`${name} (there is no ${shell} here)`, () => undefined);
    continue;
  }
  test(name, () =>
    withCommand((bin, dir) => {
      const script =
        shell === 'fish'
          ? 'regrant completion fish | source; complete -C "regrant tras"; complete -C "regrant off an"'
          : 'compdef() { :; }; compadd() { shift 2; print -l -- "$@"; }; eval "$(regrant completion zsh)"; for line in tras "off an"; do words=(regrant ${=line}); CURRENT=$#words; _regrant; done';
      const out = inShell(shell, script, bin, dir);
      assert.match(out, /trash/);
      assert.match(out, /anna@example\.com/);
    }),
  );
}

test('every script is one that its shell can read', () =>
  withDirectory((dir) => {
    for (const shell of (['bash', 'zsh', 'fish'] as const).filter(has)) {
      // fish reads none from its input
      writeFileSync(dir.at(shell), shellScripts[shell]);
      const { status, stderr } = spawnSync(shell, ['-n', dir.at(shell)], { encoding: 'utf8' });
      assert.is(status, 0, `${shell}: ${stderr}`);
    }
  }));

test('man takes the manual page without a warning', () =>
  withDirectory((dir) => {
    if (!has('man')) {
      console.log('skipped: there is no man here');
      return;
    }
    const file = dir.at('regrant.1');
    writeFileSync(file, manPage(verbs, '1.0.0'));
    const { status, stderr } = spawnSync('man', ['--warnings', '-l', file], {
      encoding: 'utf8',
      env: { ...process.env, MANPAGER: 'cat', LC_ALL: 'C.UTF-8' },
    });
    assert.equal([status, stderr], [0, '']);
  }));

test.run();
