import { saying } from '../../store/words/saying.js';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { homeDirectory, ownUid, ownUserName } from '../../store/disk/ownership.js';
import { CannotRun, UsageError } from '../../store/ground/errors.js';
import { AGENT_LABEL, agentText } from './launch-agent.js';
import { unitText, unitWord, writablePath } from './systemd-unit.js';

/** A program and its words. */
export type ToolCall = readonly [program: string, ...words: string[]];

/** How a run ended. */
export interface Ran {
  readonly ok: boolean;
  readonly stdout: string;
  /** What it said of its failure, in one line. */
  readonly fault: string;
}

export interface ServiceState {
  readonly enabled: boolean;
  readonly active: boolean;
  readonly pid: number | null;
}

/** A service manager of one user: where it keeps what it starts, and how it is told. */
export interface UserServices {
  readonly name: 'systemd' | 'launchd';
  /** Path of the file that describes regrant to it. */
  readonly file: string;
  /** The text of that file. @param command - the program and its words @param dataDir - what it writes */
  text(command: readonly string[], dataDir: string): string;
  /** Fails where no such manager answers. */
  readonly asked: ToolCall;
  /** After the file is written: from now on it starts with the user. */
  readonly enable: readonly ToolCall[];
  /** Starts it now. */
  readonly start: readonly ToolCall[];
  /** Before the file is removed: stops it, for good. */
  readonly disable: readonly ToolCall[];
  /** After the file is removed. */
  readonly forget: readonly ToolCall[];
  /** Says how it is, for `stateIn`. */
  readonly shown: ToolCall;
  stateIn(shown: Ran): ServiceState;
  /** Says whether it goes on after the last logout, for `lingersIn`; null: it always does. */
  readonly lingering: ToolCall | null;
}

function home(): string {
  const found = homeDirectory();
  if (found === null)
    throw new UsageError(saying('there is no home directory (HOME is not set): a service of yours needs one'));
  return found;
}

const numberIn = (text: string | undefined): number | null => (Number(text) > 0 ? Number(text) : null);

function systemd(env: NodeJS.ProcessEnv): UserServices {
  const config = (env.XDG_CONFIG_HOME ?? '') === '' ? path.join(env.HOME ?? home(), '.config') : env.XDG_CONFIG_HOME;
  const told = (...words: string[]): ToolCall => ['systemctl', '--user', ...words];
  return {
    name: 'systemd',
    file: path.join(config ?? '', 'systemd', 'user', 'regrant.service'),
    text: (command, dataDir) =>
      unitText({
        head: ['Written by `regrant service install`; `regrant service uninstall` takes it away.'],
        start: command.map(unitWord).join(' '),
        writable: [writablePath(dataDir), '%t'],
      }),
    asked: told('show-environment'),
    enable: [told('daemon-reload'), told('enable', 'regrant.service')],
    start: [told('restart', 'regrant.service')],
    disable: [told('disable', '--now', 'regrant.service')],
    forget: [told('daemon-reload')],
    shown: told('show', 'regrant.service', '--property=ActiveState,UnitFileState,MainPID'),
    stateIn: ({ stdout }) => ({
      enabled: /^UnitFileState=enabled$/m.test(stdout),
      active: /^ActiveState=(active|reloading|activating)$/m.test(stdout),
      pid: numberIn(/^MainPID=(\d+)$/m.exec(stdout)?.[1]),
    }),
    lingering: ['loginctl', 'show-user', env.USER ?? ownUserName() ?? String(ownUid()), '--property=Linger'],
  };
}

function launchd(env: NodeJS.ProcessEnv): UserServices {
  const domain = `gui/${process.getuid?.() ?? 0}`;
  const file = path.join(env.HOME ?? home(), 'Library', 'LaunchAgents', `${AGENT_LABEL}.plist`);
  return {
    ...{ name: 'launchd', file, text: agentText },
    asked: ['launchctl', 'print', domain],
    enable: [['launchctl', 'enable', `${domain}/${AGENT_LABEL}`]],
    start: [['launchctl', 'bootstrap', domain, file]],
    disable: [['launchctl', 'bootout', `${domain}/${AGENT_LABEL}`]],
    forget: [],
    shown: ['launchctl', 'print', `${domain}/${AGENT_LABEL}`],
    stateIn: ({ ok, stdout }) => ({
      enabled: ok,
      active: /^\s*state = running$/m.test(stdout),
      pid: numberIn(/^\s*pid = (\d+)$/m.exec(stdout)?.[1]),
    }),
    lingering: null,
  };
}

/** @throws {CannotRun} this system has no service manager that is known here */
export function userServices(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): UserServices {
  if (platform === 'linux') return systemd(env);
  if (platform === 'darwin') return launchd(env);
  throw new CannotRun(
    'NO_SERVICE_MANAGER',
    saying(
      "services are systemd's or launchd's, and this is {platform}: `regrant --detach` runs it in the background",
      { platform },
    ),
  );
}

/** A service manager answers within this time, or it hangs; a start waits until the proxy listens. */
const PATIENCE_MS = 60_000;

/** Runs a command to its end. */
export const ran = ([program, ...words]: ToolCall, env: NodeJS.ProcessEnv): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(program, words, { env, timeout: PATIENCE_MS }, (error, stdout, stderr) => {
      const said = stderr.trim().split('\n')[0] ?? '';
      resolve({ ok: error === null, stdout, fault: error === null ? '' : said || error.message });
    });
  });
