import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { app } from '../../support/app.js';
import { withDirectory } from '../../support/directory.js';

const root = path.dirname(path.dirname(app));

interface Package {
  readonly at: (name: string) => string;
  /** `regrant env`. @param node - arguments of Node @returns its answer */
  readonly env: (...node: readonly string[]) => string;
  /** The names of what is kept. */
  readonly kept: () => string[];
}

/** The package as it is installed, with nothing kept. */
const withPackage = (use: (pack: Package) => void): Promise<void> =>
  withDirectory((dir) => {
    const at = (name: string): string => dir.at(`package/${name}`);
    cpSync(path.join(root, 'dist'), at('dist'), { recursive: true });
    cpSync(path.join(root, 'package.json'), at('package.json'));
    symlinkSync(path.join(root, 'node_modules'), at('node_modules'));
    const env = (...node: readonly string[]): string => {
      const words = [...node, at('dist/app.js'), 'env', '--data-dir', dir.at('data')];
      const { stdout, status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
      assert.is(status, 0, stderr);
      return stdout;
    };
    const kept = (): string[] => (existsSync(at('.code-cache')) ? readdirSync(at('.code-cache')) : []);
    use({ at, env, kept });
    return Promise.resolve();
  });

test('the first start keeps what it compiled in the package, the next one takes it; one for each V8 and release of Node', () =>
  withPackage(({ at, env, kept }) => {
    const first = env();
    const [name = '', ...others] = kept();
    assert.match(name, /^[0-9a-f]{16}-v\d+\.\d+\.\d+[-\w.]*-\w+-[0-9a-f]+-verb$/);
    assert.equal(others, []);
    const { mtimeMs, size } = statSync(at(`.code-cache/${name}`));
    assert.ok(size > 100_000, `${size} bytes`);
    assert.is(env(), first);
    assert.is(statSync(at(`.code-cache/${name}`)).mtimeMs, mtimeMs);
    // V8 refuses what another V8, or itself with other flags, has compiled
    assert.is(env('--no-lazy'), first);
    assert.is(kept().length, 2);
    // it takes what was compiled under another release of Node, where its own number is the same, and crashes over it
    writeFileSync(at('other.cjs'), `Object.defineProperty(process, 'version', { value: 'v20.0.1' });`);
    assert.is(env('-r', at('other.cjs')), first);
    assert.equal([kept().length, kept().some((other) => other.includes('-v20.0.1-'))], [3, true]);
    assert.is(statSync(at(`.code-cache/${name}`)).mtimeMs, mtimeMs);
  }));

test('what is kept and damaged, cut short or of another build is not run, and made anew', () =>
  withPackage(({ at, env, kept }) => {
    const first = env();
    const file = at(`.code-cache/${kept()[0] ?? ''}`);
    const whole = readFileSync(file);
    const flipped = Buffer.from(whole);
    // V8 itself would end the process
    for (let at = 100_000; at < 110_000; at += 97) flipped[at] = (flipped[at] ?? 0) ^ 0x5a;
    for (const damaged of [flipped, whole.subarray(0, 100_000), Buffer.alloc(0), Buffer.from('no code')]) {
      writeFileSync(file, damaged);
      assert.is(env(), first);
      assert.ok(statSync(file).size > 100_000);
      assert.not.equal(readFileSync(file), damaged);
    }
    writeFileSync(at('.code-cache/0123456789abcdef-1-verb'), 'of the version before');
    writeFileSync(file, '');
    assert.is(env(), first);
    assert.equal(kept(), [path.basename(file)]);
  }));

test('a start that cannot keep it, or did too little to, is like any other', () =>
  withPackage(({ at, env, kept }) => {
    const printed = (word: string) => spawnSync(process.execPath, [at('dist/app.js'), word], { encoding: 'utf8' });
    assert.match(printed('--version').stdout, /^\d+\.\d+\.\d+\n$/);
    assert.is(printed('nonsense').status, 2);
    assert.equal(kept(), []);
    // a file in its place: not even root can make a folder there
    writeFileSync(at('.code-cache'), '');
    assert.match(env(), /GEMINI_API_KEY/);
    assert.is(env(), env());
    assert.is(execFileSync(process.execPath, [at('dist/app.js'), '--version'], { encoding: 'utf8' }).length > 4, true);
  }));

test('a verb that ends with 3 has done its work, and keeps it; of `--version`, which takes it, nothing is kept', () =>
  withPackage(({ at, kept }) => {
    const ran = (...words: readonly string[]) =>
      spawnSync(process.execPath, [at('dist/app.js'), ...words, '--data-dir', at('none')], { encoding: 'utf8' });
    assert.match(ran('--version').stdout, /^\d+\.\d+\.\d+\n$/);
    assert.equal(kept(), []);
    assert.is(ran('flight').status, 3);
    assert.match(ran('--version').stdout, /^\d+\.\d+\.\d+\n$/);
    assert.match(kept().join(), /^[^,]+-verb$/);
  }));

test('`regrant status` needs neither the program nor anything kept, and speaks Korean too', () =>
  withPackage(({ at, kept }) => {
    rmSync(at('dist/program.js'));
    const said = (LC_ALL: string, ...words: readonly string[]) =>
      spawnSync(process.execPath, [at('dist/app.js'), 'status', '--data-dir', at('none'), ...words], {
        ...{ encoding: 'utf8', env: { ...process.env, LC_ALL } },
      });
    assert.match(said('C').stdout, /^down: no regrant runs on this data directory/);
    assert.match(said('ko_KR.UTF-8').stdout, /^중단: 이 데이터 디렉터리에서 실행 중인 regrant가 없습니다/);
    const { stdout, status } = said('C', '--json');
    assert.is(status, 3);
    assert.is((JSON.parse(stdout) as { readonly status: unknown }).status, 'down');
    assert.equal(kept(), []);
  }));

/** Prints what stands for V8's flags as Node starts and as it ends. */
const FLAGS = `
  const tag = () => require('node:v8').cachedDataVersionTag();
  const atStart = tag();
  process.on('exit', () => require('node:fs').writeSync(1, 'flags ' + (tag() === atStart ? 'as ever' : 'set') + '\\n'));
`;

test('a proxy that serves sets flags of V8, and what it keeps is of the flags that the next one starts with', () =>
  withPackage(({ at, env, kept }) => {
    env();
    writeFileSync(at('flags.cjs'), FLAGS);
    const settings = path.join(at('..'), 'data', 'settings.json');
    writeFileSync(settings, JSON.stringify({ proxy: { port: 0, apiKey: 'sk-of-this-test' } }), { mode: 0o600 });
    const serves = (...node: readonly string[]): string => {
      const words = [
        ...node,
        '-r',
        at('flags.cjs'),
        at('dist/app.js'),
        '--headless',
        '--data-dir',
        path.dirname(settings),
      ];
      // its first line says that it serves; a stop is what ends it
      const shell = `exec 3< <(exec "$@"); read -r line <&3; kill -TERM $!; cat <&3; wait $!`;
      const { stdout, status, stderr } = spawnSync('bash', ['-c', shell, 'bash', process.execPath, ...words], {
        encoding: 'utf8',
        timeout: 20_000,
      });
      assert.is(status, 0, stderr);
      return /flags .*/.exec(stdout)?.[0] ?? stdout;
    };
    assert.is(serves(), 'flags set');
    const name = kept().find((one) => one.endsWith('-serving')) ?? 'nothing';
    const { mtimeMs } = statSync(at(`.code-cache/${name}`));
    assert.is(serves(), 'flags set');
    assert.is(statSync(at(`.code-cache/${name}`)).mtimeMs, mtimeMs);
    assert.is(serves('--max-inlined-bytecode-size-cumulative=1000', '--memory-reducer'), 'flags as ever');
  }));

test.run();
