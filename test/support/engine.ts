/** podman or docker on this machine, and an image as the Dockerfile's base. */
import { execFileSync, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { layDebian } from './debian.js';

/** How it is called here: as it is, else with another runtime than its own. */
const ENGINES = [['docker'], ['podman'], ['podman', '--runtime', 'runc']] as const;
/** Where no more may be had than there is, none may be asked for. */
const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'] as const;
/** No bridge is needed, and none has to be there. */
const NETWORK = ['--network', 'host'] as const;
const BASE = 'node:24-bookworm-slim';
/** Whatever stands between this machine and the registry of packages is known to the image that builds too. */
const CERTIFICATES = process.env.NODE_EXTRA_CA_CERTS;

export interface Engine {
  /** `podman` or `docker`. */
  readonly name: string;
  /** Runs a command of it. */
  call(...words: readonly string[]): SpawnSyncReturns<string>;
  /** The same, which has to succeed. @returns what it prints, without the last line end @throws with what it complains of */
  must(...words: readonly string[]): string;
  /** The words of a command, for who runs it otherwise. */
  words(...words: readonly string[]): readonly [string, ...(readonly string[])];
  /** Runs a container with the limits and the network that can be had here. */
  run(...words: readonly string[]): string;
  /** Builds a folder's Dockerfile. @returns its size in bytes */
  build(tag: string, folder: string): number;
  sizeOf(image: string): number;
}

/** @returns null: none is here, or none can run anything @param log - told what takes its time */
export function engineHere(log: (text: string) => void): Engine | null {
  for (const words of ENGINES) {
    const engine = engineOf(words);
    if (engine.call('version').status !== 0) continue;
    if (engine.call('image', 'inspect', BASE).status !== 0 && engine.call('pull', BASE).status !== 0) {
      log(`no registry has ${BASE} here: it is made of Debian and npm's node`);
      if (!makeBase(engine, log)) return null;
    }
    if (engine.call('run', '--rm', ...NETWORK, ...LIMITS, BASE, 'node', '--version').status === 0) return engine;
  }
  return null;
}

function engineOf([file, ...first]: readonly [string, ...(readonly string[])]): Engine {
  const words: Engine['words'] = (...more) => [file, ...first, ...more];
  const call: Engine['call'] = (...more) =>
    spawnSync(file, [...first, ...more], { encoding: 'utf8', maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'pipe'] });
  const must: Engine['must'] = (...more) => {
    const { status, stdout, stderr } = call(...more);
    if (status === 0) return stdout.trim();
    throw new Error(
      `${words(...more).join(' ')} ended with ${status}:\n${stdout.slice(-2_000)}${stderr.slice(-2_000)}`,
    );
  };
  const sizeOf = (image: string): number => Number(must('image', 'inspect', '--format', '{{.Size}}', image));
  const trust = CERTIFICATES === undefined ? [] : ['--env', `NODE_EXTRA_CA_CERTS=${CERTIFICATES}`];
  return {
    ...{ name: file, call, must, words, sizeOf },
    run: (...more) => must('run', ...NETWORK, ...LIMITS, ...more),
    build: (tag, folder) => {
      // only podman knows of two formats, and its own has no health check
      const own = file === 'podman' ? ['--format', 'docker', ...trust] : [];
      must('build', ...own, ...NETWORK, ...LIMITS, '--tag', tag, folder);
      return sizeOf(tag);
    },
  };
}

/** Debian, with Node by npm's package `node`, and npm as it is here. @returns whether it could be made */
function makeBase(engine: Engine, log: (text: string) => void): boolean {
  const folder = mkdtempSync(path.join(tmpdir(), 'regrant-base-'));
  const root = path.join(folder, 'root');
  const run = (file: string, ...words: readonly string[]): string =>
    execFileSync(file, words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 26 });
  try {
    if (!layDebian(root, log)) return false;
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
    run('npm', 'install', 'node@24', '--no-audit', '--no-fund', '--ignore-scripts=false', '--loglevel=error');
    cpSync(path.join(folder, 'node_modules/node/bin/node'), path.join(root, 'usr/local/bin/node'));
    const npm = path.join(run('npm', 'root', '--global').trim(), 'npm');
    cpSync(npm, path.join(root, 'usr/local/lib/node_modules/npm'), { recursive: true });
    run('ln', '-s', '../lib/node_modules/npm/bin/npm-cli.js', path.join(root, 'usr/local/bin/npm'));
    if (CERTIFICATES !== undefined) cpSync(CERTIFICATES, path.join(root, CERTIFICATES));
    run('chroot', root, 'useradd', '--create-home', '--uid', '1000', 'node');
    run('tar', '-C', 'root', '-cf', 'base.tar', '.');
    engine.must('import', path.join(folder, 'base.tar'), BASE);
    return true;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
