import { read, saying } from '../../../store/words/saying.js';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import * as v from 'valibot';
import {
  HANDOVER,
  RestartFailed,
  type Inheritance,
  type Successor,
} from '../../../proxy/contract/succession/handover.js';
import { sendable } from '../../../proxy/server/listener/handed-over.js';
import { dataDirectoryPath } from '../../../store/disk/directory.js';
import { version } from '../../../store/ground/version.js';
import { ownCommand } from '../../../store/package/own-files.js';
import { MEMORY_ENVIRONMENT } from '../../service/memory-environment.js';
import type { Context } from '../../context.js';
import { FromSuccessorSchema, type FromSuccessor, type ToSuccessor } from './handover-messages.js';

/** Where a successor's standard output and error go: where this process's do, or nowhere. */
export type SuccessorOutput = 'inherit' | 'ignore';

type Message<S extends FromSuccessor['step']> = Extract<FromSuccessor, { step: S }>;

/** The arguments with which another process of this program is started. */
export const programArguments = (words: readonly string[]): string[] => [...ownCommand().slice(1), ...words];

/** Variables that are about this very process. */
const OWN_VARIABLES = ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES', 'WATCHDOG_PID'];

/** The process that is to follow this one, in a session of its own. */
export class SuccessorProcess implements Successor {
  readonly loaded: Promise<void>;
  /** Resolves when the service manager knows of it, if there is one. */
  readonly settled: Promise<unknown>;
  /** `host:port` where it serves; empty until it does. */
  address = '';
  private readonly ready: Promise<Message<'ready'>>;
  private readonly heard = new Map<string, (message: FromSuccessor) => void>();
  private readonly child: ChildProcess;
  private fail: (error: RestartFailed) => void = () => undefined;

  /** @param port - of the settings that the listening sockets were opened for; null: they were given from outside */
  constructor(
    { dataDir, env }: Context,
    { listening, lock }: Inheritance,
    { output, port }: { readonly output: SuccessorOutput; readonly port: { host: string; port: number } | null },
  ) {
    const args = programArguments(['--successor', '--data-dir', dataDirectoryPath(dataDir, env)]);
    const stdio = ['ignore', output, output, ...listening, lock, 'ipc'] as const;
    const own = Object.entries(env).filter(([name]) => !OWN_VARIABLES.includes(name));
    this.child = spawn(process.execPath, args, {
      env: { ...MEMORY_ENVIRONMENT, ...Object.fromEntries(own) },
      detached: true,
      stdio: [...stdio],
    });
    const failed = new Promise<never>((_resolve, reject) => (this.fail = reject));
    failed.catch(() => undefined);
    this.listen();
    this.loaded = Promise.race([this.hear('loaded').then(refuseOtherHandover), failed]);
    this.ready = Promise.race([this.hear('ready'), failed]);
    this.settled = Promise.race([this.hear('settled'), failed]).catch(() => undefined);
    this.ready.catch(() => undefined);
    this.send({ step: 'hello', listening: listening.length, port, pid: process.pid });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async takeOver(): Promise<void> {
    this.send({ step: 'yours' });
    const { address } = await this.ready;
    this.address = address;
  }

  pass(socket: Socket): Promise<boolean> {
    return new Promise((resolve) => {
      if (!this.child.connected) resolve(false);
      else this.child.send({ step: 'connection' }, sendable(socket), (error) => resolve(error === null));
    });
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Lets this process end without it. */
  letGo(): void {
    if (this.child.connected) this.child.disconnect();
    this.child.unref();
  }

  private hear<S extends FromSuccessor['step']>(step: S): Promise<Message<S>> {
    return new Promise((resolve) => this.heard.set(step, (message) => resolve(message as Message<S>)));
  }

  private listen(): void {
    const { child } = this;
    child.on('message', (message) => {
      const parsed = v.safeParse(FromSuccessorSchema, message);
      if (!parsed.success) this.fail(new RestartFailed(saying('the new process says what this version does not know')));
      else if (parsed.output.step === 'failed') this.fail(new RestartFailed(read(parsed.output.text)));
      else this.heard.get(parsed.output.step)?.(parsed.output);
    });
    child.once('error', (error) =>
      this.fail(new RestartFailed(saying('the new process cannot be started: {why}', { why: error.message }))),
    );
    child.once('exit', (status, signal) =>
      this.fail(
        new RestartFailed(
          saying('the new process ended ({how}) before it served', { how: signal ?? `status ${status ?? 0}` }),
        ),
      ),
    );
  }

  private send(message: ToSuccessor): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }
}

function refuseOtherHandover({ handover, version: other }: Message<'loaded'>): void {
  if (handover === HANDOVER) return;
  throw new RestartFailed(
    saying(
      'the program on disk is regrant {other}, which cannot take over from {version} while it runs: use `regrant stop` and start it again',
      { other, version },
    ),
  );
}
