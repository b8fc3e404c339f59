/** Gives a notice to a command of the operator's. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { reasonOf } from '../../store/ground/errors.js';
import { redact } from '../../store/ground/redact.js';

const COMMAND_TIMEOUT_MS = 30_000;

/** The environment without regrant's own settings, some of which are secret. */
export const harmless = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('REGRANT_')));

/**
 * Runs a command by the shell with `input` on its standard input. @returns why it failed; null: it ended well. Never
 * rejects
 */
export async function runCommand(command: string, input: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  try {
    // a process group of its own, so that the processes it started can be ended with it
    const child = spawn('/bin/sh', ['-c', command], { env, detached: true, stdio: ['pipe', 'ignore', 'pipe'] });
    return await endOf(child, input);
  } catch (error) {
    // arguments that no program can take, or no free file descriptor
    return `it cannot be run: ${reasonOf(error)}`;
  }
}

function endOf(child: ChildProcessByStdio<Writable, null, Readable>, input: string): Promise<string | null> {
  return new Promise((resolve) => {
    let words = '';
    const timer = setTimeout(() => {
      words = `no end in ${COMMAND_TIMEOUT_MS / 1000} s`;
      if (!killGroup(child)) resolve(words);
    }, COMMAND_TIMEOUT_MS);
    timer.unref();
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve(error.message);
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      const said = redact(words.trim().replace(/\s+/g, ' '));
      resolve(status === 0 ? null : `it ended with ${signal ?? status ?? '?'}${said === '' ? '' : `: ${said}`}`);
    });
    // without a free descriptor there is no `stdin`, and an error follows
    (child.stdin as Writable | undefined)?.on('error', () => undefined);
    (child.stdin as Writable | undefined)?.end(input);
    (child.stderr as Readable | undefined)
      ?.setEncoding('utf8')
      .on('data', (text: string) => (words = (words + text).slice(0, 300)));
  });
}

/** @returns false: the group is gone or belongs to another user, so its end will not be reported */
function killGroup({ pid, stderr }: ChildProcessByStdio<Writable, null, Readable>): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, 'SIGKILL');
    return true;
  } catch {
    stderr.destroy();
    return false;
  }
}

/** A text that can be put into a program's environment: without NUL, and short enough for the system. */
export const handed = (text: string): string => text.replaceAll('\0', '').slice(0, 4_096);
