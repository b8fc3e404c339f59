/** What an operator does with a package that was just installed, up to its removal; whatever kind of package it is. */
import { once } from 'node:events';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { ask, type Headless, withApp, type App, type Program } from './app.js';

export interface InstalledPackage {
  /** How it is called. */
  readonly program: Program;
  /** The words that go before a command where it is installed: a folder of its own. */
  readonly inside?: readonly string[];
  /** Everything that it may leave lies below: home, temporary files, runtime directory. Not there, or empty, at first. */
  readonly home: string;
  /** Lays a newer version over it. @returns what that calls itself */
  readonly upgrade: () => string;
  readonly remove: () => void;
  /** Folders that were empty before it was installed, and hold no file when it is removed. */
  readonly places: readonly string[];
}

/** Its one account. */
export const ann = { id: 'a1', email: 'ann@example.com', refreshToken: '1//0dead-token-of-ann' };
const SLOW_MS = 60_000;

/** Walks it. @returns what was done, in a few words each. @throws where it is not as it should be, saying why */
export async function walkPackage(installed: InstalledPackage): Promise<readonly string[]> {
  const { program, home } = installed;
  const done: string[] = [];
  const env = { HOME: home, TMPDIR: home, XDG_RUNTIME_DIR: home, NODE_OPTIONS: undefined };
  await withApp({ accounts: [ann], google: { quotaProject: 'client' }, program, env }, async (app) => {
    done.push(`--version ${await versionOf(app)}`);
    await demoPaints(app);
    done.push('--demo');
    const status = await app.run(['status']);
    assert.is(status.status, 3, `status where nothing runs: ${status.stdout}${status.stderr}`);
    const running = await app.headless();
    assert.is((await app.run(['status'])).status, 0, 'status');
    const doctor = await app.run(['doctor']);
    assert.ok([0, 1].includes(doctor.status ?? -1), `doctor: ${doctor.stdout}${doctor.stderr}`);
    done.push('status', 'doctor');
    await asService(app, installed);
    done.push('service install');
    await readdByKeyboard(app, running.url);
    done.push('re-add by keyboard');
    const newer = installed.upgrade();
    await restartedInto(app, running, newer);
    done.push(`restart into ${newer}`);
    const stopped = await app.run(['stop']);
    assert.is(stopped.status, 0, `stop: ${stopped.stderr}`);
    installed.remove();
    const left = [home, ...installed.places].flatMap(filesBelow);
    assert.equal(left, [], 'what is left after its removal');
    assert.ok(existsSync(app.dir.at('accounts', 'a1.json')), 'the data are still there');
    done.push('removed without a trace but the data');
  });
  return done;
}

async function versionOf(app: App): Promise<string> {
  const { stdout, stderr } = await app.run(['--version']);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/, `--version: ${stdout}${stderr}`);
  return stdout.trim();
}

async function demoPaints(app: App): Promise<void> {
  const screen = app.terminal(['--demo']);
  await screen.shows(/✖ DISABLED +kim\.ops@example\.com/, SLOW_MS);
  screen.type('q');
  await screen.shows(/Leave regrant/, SLOW_MS);
  screen.type('q');
  assert.is(await screen.ended, 0, '--demo ends with 0');
  app.forget(screen);
}

/** The unit starts this very program; and an editor finds the schema of its settings. */
async function asService(app: App, { program, home, inside = [] }: InstalledPackage): Promise<void> {
  const said = await app.run(['config', 'path', '--json']);
  const { schemaFile } = JSON.parse(said.stdout) as { readonly schemaFile: string | null };
  const manager = path.join(home, 'bin');
  mkdirSync(manager);
  writeFileSync(path.join(manager, 'systemctl'), '#!/bin/sh\n', { mode: 0o755 });
  const env = { PATH: `${manager}:${process.env.PATH ?? ''}` };
  const done = await app.run(['service', 'install'], { env });
  assert.is(done.status, 0, `service install: ${done.stdout}${done.stderr}`);
  const unit = readFileSync(path.join(home, '.config', 'systemd', 'user', 'regrant.service'), 'utf8');
  const started = /^ExecStart=(.*) --headless --data-dir /m.exec(unit)?.[1] ?? unit;
  const printed = (line: string): string =>
    execFileSync('env', [...inside, 'sh', '-c', line], { encoding: 'utf8', env: process.env }).trim();
  assert.is(printed(`exec ${started} --version`), await versionOf(app), started);
  assert.match(printed(`cat '${schemaFile ?? ''}'`), /"proxy"/, 'the schema for editors');
  const file = program.at(-1) ?? '';
  assert.ok(started.endsWith(file) || started.includes(printed(`readlink -f ${file}`)), started);
  const undone = await app.run(['service', 'uninstall'], { env });
  assert.is(undone.status, 0, `service uninstall: ${undone.stdout}${undone.stderr}`);
  rmSync(manager, { recursive: true });
}

/** The grant of {@link ann} dies, and is brought back in an attached screen. @param url - of the proxy */
export async function readdByKeyboard(app: App, url: string): Promise<void> {
  assert.is(await ask(url), 200);
  app.google.revoke(ann.refreshToken);
  app.google.expireAccess();
  assert.is(await ask(url), 503, 'its grant is dead');
  app.google.grant('1//0new-token-of-ann', { email: ann.email });
  const screen = app.terminal();
  await screen.shows(/✖ DISABLED +ann@example\.com.*r re-add/, SLOW_MS);
  screen.type('.r');
  await screen.shows(/new refresh token for ann@example\.com/, SLOW_MS);
  screen.paste('1//0new-token-of-ann');
  await screen.shows(/20 chars/, SLOW_MS);
  screen.type('\r');
  await screen.shows(/ann@example\.com is re-added and ready/, SLOW_MS);
  assert.is(await ask(url), 200, 'it serves again');
  screen.type('\r');
  await screen.shows(/● ready +ann@example\.com/, SLOW_MS);
  // what it closes goes on without it
  screen.type('q');
  await screen.ended;
  app.forget(screen);
}

async function restartedInto(app: App, running: Headless, newer: string): Promise<void> {
  // what it had for standard output is its successor's now, so that its end is not the output's
  const gone = once(running.process, 'exit');
  const { status, stdout, stderr } = await app.run(['restart']);
  assert.is(status, 0, `restart: ${stdout}${stderr}`);
  const runs = await app.status();
  assert.is(runs.version, newer, 'the version that runs after the upgrade');
  assert.is.not(runs.pid, running.pid);
  assert.is(await ask(running.url), 200, 'the same address serves');
  await gone;
}

const filesBelow = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => path.join(entry.parentPath, entry.name))
    : [];
