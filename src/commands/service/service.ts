import { named, joinedSayings, read, reason, saying } from '../../store/words/saying.js';
import { sideBySide, tell, type PlainWord } from '../../store/words/tongue.js';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dataDirectoryPath, prepareDirectory } from '../../store/disk/directory.js';
import { CannotRun, type Saying, type Spoken } from '../../store/ground/errors.js';
import { refusedByOperator } from '../asked.js';
import { exit, isGiven, say, sayJson, type CommandArguments, type Context } from '../context.js';
import { runningSupervisor } from '../supervisor/running.js';
import { ownCommand } from '../../store/package/own-files.js';
import { ran, userServices, type ToolCall, type ServiceState, type UserServices } from './user-services.js';

/** What the verbs are told of the system; tests say another one. */
export interface ServiceHost {
  readonly platform: NodeJS.Platform;
  /** The program and its words, as this process was started. */
  readonly command: readonly string[];
}

const thisHost: ServiceHost = {
  platform: process.platform,
  command: ownCommand(),
};

/** `regrant service install`: regrant starts with the user, and now. */
export async function installService(context: Context, given: CommandArguments, host = thisHost): Promise<number> {
  const { env } = context;
  const services = await reached(host, env);
  const dataDir = dataDirectoryPath(context.dataDir, env);
  const text = services.text([...host.command, '--headless', '--data-dir', dataDir], dataDir);
  if (contentOf(services.file) !== null && contentOf(services.file) !== text) {
    const refused = await refusedByOperator(
      context,
      given,
      tell('write {file} anew, which says something else', { file: services.file }),
    );
    if (refused !== null) return refused;
  }
  prepareDirectory(dataDir, env);
  const isTaken = await isServed(context, services);
  const before = contentOf(services.file);
  write(services.file, text);
  const fault = await firstFault([...services.enable, ...(isTaken ? [] : services.start)], env);
  if (fault !== null) {
    if (before === null) await removed(services, env);
    return answer(context, given, false, [saying('{file} is not in use: {why}', { file: services.file, why: fault })]);
  }
  const { file } = services;
  const installed = isTaken
    ? saying(
        'installed as {file}; another regrant serves this data directory: it begins after that one has ended (`regrant stop`)',
        { file },
      )
    : saying('installed as {file}, and it serves', { file });
  return answer(context, given, true, [installed, ...(await notes(services, env))]);
}

/** `regrant service uninstall`: stops it, and it starts no more. */
export async function uninstallService(context: Context, given: CommandArguments, host = thisHost): Promise<number> {
  const services = await reached(host, context.env);
  if (contentOf(services.file) === null) {
    const text = saying('nothing to uninstall: {file} is not there', { file: services.file });
    return answer(context, given, true, [text]);
  }
  const fault = await removed(services, context.env);
  const { file } = services;
  const done = saying('{file} is removed, and regrant stopped; the data directory stays as it is', { file });
  return answer(context, given, fault === null, [fault ?? done]);
}

/** `regrant service status`: whether it is installed, starts by itself, and runs (exit 0; else 3). */
export async function serviceStatus(context: Context, given: CommandArguments, host = thisHost): Promise<number> {
  const { env, stdout } = context;
  const services = await reached(host, env);
  const { name: manager, file } = services;
  const installed = contentOf(file) !== null;
  const state = installed ? services.stateIn(await ran(services.shown, env)) : NOT_INSTALLED;
  const lingers = installed ? await lingersIn(services, env) : null;
  if (isGiven(given, 'json')) sayJson(stdout, { manager, file, installed, ...state, lingers });
  else {
    say(
      stdout,
      installed ? sideBySide`${file}: ${stateText(state)}` : tell('not installed; `regrant service install` does it'),
    );
    if (lingers === false) say(stdout, tell(LINGER_NOTE));
  }
  return state.active ? exit.done : exit.cannotRun;
}

/** Whether it runs, and by itself. */
function stateText({ active, enabled, pid }: ServiceState): Spoken {
  const runs = !active ? tell('does not run') : pid === null ? tell('runs') : tell('runs, pid {pid}', { pid });
  return sideBySide`${runs}, ${enabled ? tell('starts by itself') : tell('does not start by itself')}`;
}

const NOT_INSTALLED: ServiceState = { enabled: false, active: false, pid: null };
const LINGER_NOTE: PlainWord = 'note: it ends with your last login; `sudo loginctl enable-linger "$USER"` keeps it';

/** @throws {CannotRun} no service manager of this user answers */
async function reached({ platform }: ServiceHost, env: NodeJS.ProcessEnv): Promise<UserServices> {
  const services = userServices(platform, env);
  const { ok, fault } = await ran(services.asked, env);
  if (ok) return services;
  throw new CannotRun(
    'NO_SERVICE_MANAGER',
    saying(
      'the {manager} of this user does not answer ({why}): log in as that user, not by su or sudo; without one, `regrant --detach` runs it in the background',
      { manager: services.name, why: fault },
    ),
  );
}

/** Whether another process than the service serves the data directory. */
async function isServed(context: Context, services: UserServices): Promise<boolean> {
  const supervisor = await runningSupervisor(context);
  supervisor?.close();
  if (supervisor === null) return false;
  const state =
    contentOf(services.file) === null ? NOT_INSTALLED : services.stateIn(await ran(services.shown, context.env));
  return state.pid !== supervisor.pid;
}

/** What to know beside it. */
async function notes(services: UserServices, env: NodeJS.ProcessEnv): Promise<readonly Saying[]> {
  const unsaid = Object.keys(env).filter((name) => /^REGRANT_(?!DATA_DIR$)/.test(name));
  const names = unsaid.join(', ');
  const settings =
    unsaid.length === 1
      ? saying('note: {names} of this shell is not set there: put it into settings.json', { names })
      : saying('note: {names} of this shell are not set there: put it into settings.json', { names });
  return [
    ...(unsaid.length === 0 ? [] : [settings]),
    ...((await lingersIn(services, env)) === false ? [saying(LINGER_NOTE)] : []),
  ];
}

/** Whether it goes on after the last logout; null: not known. */
async function lingersIn({ lingering }: UserServices, env: NodeJS.ProcessEnv): Promise<boolean | null> {
  if (lingering === null) return true;
  const { ok, stdout } = await ran(lingering, env);
  return ok ? /^Linger=yes$/m.test(stdout) : null;
}

/** Stops it and takes its file away. @returns what failed; null: nothing did */
async function removed({ file, disable, forget }: UserServices, env: NodeJS.ProcessEnv): Promise<Saying | null> {
  const fault = await firstFault(disable, env);
  rmSync(file, { force: true });
  return fault ?? (await firstFault(forget, env));
}

/** Runs commands until one fails. @returns why it did; null: none did */
async function firstFault(lines: readonly ToolCall[], env: NodeJS.ProcessEnv): Promise<Saying | null> {
  for (const line of lines) {
    const { ok, fault } = await ran(line, env);
    if (!ok) return named(`\`${line.join(' ')}\``, read(fault));
  }
  return null;
}

const contentOf = (file: string): string | null => (existsSync(file) ? readFileSync(file, 'utf8') : null);

/** @throws {CannotRun} it cannot be written */
function write(file: string, text: string): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o644 });
  } catch (error) {
    throw new CannotRun(
      'SERVICE_NOT_WRITTEN',
      saying('{file} cannot be written: {why}', { file, why: reason(error) }),
      {
        cause: error,
      },
    );
  }
}

/** Prints the lines of an answer. @returns the exit status */
function answer({ stdout, stderr }: Context, given: CommandArguments, ok: boolean, lines: readonly Saying[]): number {
  if (isGiven(given, 'json')) sayJson(stdout, { ok, text: joinedSayings(lines, '\n').english });
  else for (const line of lines) say(ok ? stdout : stderr, line.spoken);
  return ok ? exit.done : exit.failed;
}
