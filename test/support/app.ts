/** The built program, as people start it: a process of its own, in a terminal or without one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { ControlClient } from '../../src/control/client.js';
import { type Status } from '../../src/control/protocol.js';
import { openTerminal, type ProgramInTerminal } from '../../scripts/terminal.js';
import type { AccountParts, DataDirectory } from './directory.js';
import { withDirectory } from './directory.js';
import { type Google, type GoogleOptions, googleSettings, withGoogle } from './google.js';

const root = path.dirname(path.dirname(import.meta.dirname));
export const app = path.join(root, 'dist', 'app.js');
export const API_KEY = 'sk-test-key-of-the-proxy-in-tests';

/** A command line's first words: a file, and what goes before all arguments. */
export type Program = readonly [string, ...(readonly string[])];

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Laid over the test's own environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** A supervisor without a screen. */
export interface Headless extends Omit<Starting, 'url'> {
  /** `http://host:port` of the proxy. */
  readonly url: string;
}

/** One that may not listen yet. */
interface Starting {
  readonly process: ChildProcess;
  readonly pid: number;
  /** `http://host:port` of the proxy, once it listens; rejects where the process ends before. */
  readonly url: Promise<string>;
  /** The JSON lines on standard output so far. */
  readonly lines: readonly string[];
  readonly ended: Promise<Ended>;
  /** SIGTERM, and waits. */
  stop(): Promise<Ended>;
}

export interface TerminalSize {
  readonly columns?: number;
  readonly rows?: number;
  readonly term?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * The program with one data directory and one Google; processes that it started and that still run are ended with the
 * test.
 */
export class App {
  private readonly processes = new Set<ChildProcess>();
  private readonly terminals = new Set<ProgramInTerminal>();

  constructor(
    readonly dir: DataDirectory,
    readonly google: Google,
    private readonly env: NodeJS.ProcessEnv,
    private readonly program: Program = [process.execPath, app],
  ) {}

  /** Runs a command line to its end. */
  async run(args: readonly string[], { env = {}, input = '' }: RunOptions = {}): Promise<Ended> {
    const child = this.start(args, env);
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    return endOf(child);
  }

  /** Starts `--headless` and waits until its proxy listens. */
  async headless(env: NodeJS.ProcessEnv = {}): Promise<Headless> {
    const { url, ...running } = this.starting(env);
    return { ...running, url: await url };
  }

  /** Starts `--headless`. */
  starting(env: NodeJS.ProcessEnv = {}): Starting {
    const child = this.start(['--headless'], env);
    child.stdin?.end();
    const lines: string[] = [];
    const ended = endOf(child);
    const url = new Promise<string>((resolve, reject) => {
      let rest = '';
      child.stdout?.on('data', (text: string) => {
        const parts = (rest + text).split('\n');
        rest = parts.pop() ?? '';
        lines.push(...parts);
        const address = /serves on (\S+) with/.exec(parts.join('\n'))?.[1];
        if (address !== undefined) resolve(`http://${address}`);
      });
      void ended.then(({ status, stderr }) => reject(new Error(`it ended with ${status}: ${stderr}`)));
    });
    const stop = async (): Promise<Ended> => {
      child.kill('SIGTERM');
      return ended;
    };
    return { process: child, pid: child.pid ?? 0, url, lines, ended, stop };
  }

  /** Runs a command line in a terminal of its own. */
  terminal(args: readonly string[] = [], { columns = 120, rows = 40, term, env = {} }: TerminalSize = {}) {
    const options = { columns, rows, term, env: { ...this.env, ...env } };
    const [file, ...first] = this.program;
    const program = openTerminal(file, [...first, ...args, '--data-dir', this.dir.path], options);
    this.terminals.add(program);
    return program;
  }

  /** The same as a job of an interactive shell, which stops it and brings it back as a person's shell does. */
  shell({ columns = 120, rows = 40, term, env = {} }: TerminalSize = {}) {
    const command = [...this.program, '--data-dir', this.dir.path].map((part) => `'${part}'`).join(' ');
    const options = { columns, rows, term, env: { ...this.env, PS1: '$ ', ...env } };
    const program = openTerminal('/bin/bash', ['--norc', '--noprofile', '-i'], options);
    this.terminals.add(program);
    return Object.assign(program, { command });
  }

  /** Forgets a terminal whose program has ended. */
  forget(program: ProgramInTerminal): void {
    this.terminals.delete(program);
    program.hangUp();
  }

  /** What `regrant status --json` prints, asked without starting it. */
  async status(): Promise<Status> {
    const client = await ControlClient.connect(this.dir.at('regrant.sock'));
    if (client === null) throw new Error('nothing runs');
    return client.request('status', []).finally(() => client.close());
  }

  close(): void {
    for (const child of this.processes) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    for (const program of this.terminals) {
      program.kill();
      program.hangUp();
    }
  }

  /** Starts a command line. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const [file, ...first] = this.program;
    const child = spawn(file, [...first, '--data-dir', this.dir.path, ...args], {
      env: { ...this.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdout.setEncoding('utf8');
    child.stderr.setEncoding('utf8');
    this.processes.add(child);
    return child;
  }
}

async function endOf(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (text: string) => (stdout += text));
  child.stderr?.on('data', (text: string) => (stderr += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout, stderr };
}

export interface AppOptions {
  readonly accounts?: readonly AccountParts[];
  /** Laid over the settings section by section. */
  readonly settings?: Record<string, Record<string, unknown>>;
  readonly google?: GoogleOptions;
  /** Another one than dist/app.js, such as an installed one. */
  readonly program?: Program;
  /** Laid over the test's own environment. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Hands in the program with a Google that knows every account's refresh token, on a data directory of its own. */
export async function withApp(options: AppOptions, use: (app: App) => Promise<void>): Promise<void> {
  await withGoogle(
    (google) =>
      withDirectory(async (dir) => {
        const settings: Record<string, Record<string, unknown>> = {
          ...googleSettings(google),
          proxy: { port: 0, apiKey: API_KEY },
        };
        for (const [section, keys] of Object.entries(options.settings ?? {})) {
          settings[section] = { ...settings[section], ...keys };
        }
        await dir.settings(settings);
        for (const parts of options.accounts ?? []) {
          const { email, token } = await dir.put(parts);
          google.grant(String(token.refresh_token), { email });
        }
        const { PATH, HOME, NODE_OPTIONS } = process.env;
        const running = new App(
          dir,
          google,
          { PATH, HOME, NODE_OPTIONS, TERM: 'xterm-256color', ...options.env },
          options.program,
        );
        try {
          await use(running);
        } finally {
          running.close();
        }
      }),
    options.google,
  );
}

/** A client's request through the proxy; its status. */
export async function ask(url: string, model = 'gemini-3-flash'): Promise<number> {
  const response = await fetch(`${url}/v1beta/models/${model}:generateContent`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': API_KEY },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }),
  });
  await response.arrayBuffer();
  return response.status;
}
