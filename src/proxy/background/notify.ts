/** Delivers notices to somebody outside: by a command of the operator's, a URL of the operator's, or both. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { hostname } from 'node:os';
import type { Clock } from '../../store/ground/clock.js';
import { within } from '../../store/ground/within.js';
import type { GrantEvent } from '../../store/records/events.js';
import type { Logger } from '../../store/records/log.js';
import { redact } from '../../store/ground/redact.js';
import type { Settings } from '../../store/settings/settings.js';
import { version } from '../../store/ground/version.js';
import { Notices, type Notice, type PoolStanding, NOBODY_AFTER_MS } from './notices.js';
import { httpClient } from '../transport/http-client.js';
import { agentsFor, type OutboundProxy } from '../transport/outbound.js';
import { messageOf, reasonOf } from '../../store/ground/errors.js';
import { byItself } from '../../store/ground/faults.js';

export interface NotifyParts {
  readonly settings: Settings['notify'];
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly outbound: OutboundProxy;
  /** `host:port` of the proxy. */
  readonly address: string;
  /** Ids of the accounts that are disabled at the start. */
  readonly disabled: readonly string[];
  readonly standing: () => PoolStanding;
}

const COMMAND_TIMEOUT_MS = 30_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Five tries within about half a minute: enough for the receiver to restart, no more. */
const RETRIES = 4;
const LONGEST_PAUSE_MS = 60_000;
/**
 * How long to wait before the pool is looked at: its changes come in bursts, and only what is left after one counts.
 */
const LOOK_AFTER_MS = 1_000;
const MOST_WAITING = 100;

export class Notifier {
  private readonly notices: Notices;
  private readonly waiting: Notice[] = [];
  private delivering: Promise<void> | null = null;
  private cancelAgain: (() => void) | null = null;
  private cancelLook: (() => void) | null = null;
  private isClosed = false;

  constructor(private readonly parts: NotifyParts) {
    this.notices = new Notices(parts.disabled);
    this.lookSoon();
  }

  private get isWanted(): boolean {
    const { command, url } = this.parts.settings;
    return command !== '' || url !== '';
  }

  /** Takes in an event of a grant. */
  happened(event: GrantEvent): void {
    const notice = this.notices.of(event);
    if (notice !== null) this.tell([notice]);
    this.lookSoon();
  }

  /** The set of accounts that can serve may have changed: looks at the pool soon. */
  lookSoon(): void {
    if (!this.isWanted || this.isClosed || this.cancelLook !== null) return;
    this.cancelLook = this.parts.clock.after(LOOK_AFTER_MS, () => {
      this.cancelLook = null;
      this.tell(this.notices.look(this.parts.standing()));
      if (this.notices.isUndecided) this.cancelAgain = this.parts.clock.after(NOBODY_AFTER_MS, () => this.lookSoon());
    });
  }

  /** Stops, once the last notices are delivered or `ms` have passed. */
  async close(ms: number): Promise<void> {
    this.isClosed = true;
    this.cancelLook?.();
    this.cancelAgain?.();
    if (this.delivering !== null) await within(this.delivering, ms, this.parts.clock, () => undefined);
  }

  private tell(notices: readonly Notice[]): void {
    if (!this.isWanted) return;
    this.waiting.push(...notices);
    for (; this.waiting.length > MOST_WAITING; this.waiting.shift()) {
      this.parts.logger.warn('Notify: more news than can be told; the oldest was left out');
    }
    if (this.waiting.length === 0 || this.delivering !== null) return;
    this.delivering = this.deliverAll().finally(() => (this.delivering = null));
    byItself('the telling of a notice', this.delivering);
  }

  private async deliverAll(): Promise<void> {
    for (let notice = this.waiting.shift(); notice !== undefined; notice = this.waiting.shift()) {
      const body = this.bodyOf(notice);
      await Promise.all([this.run(notice, body), this.post(notice, body)]);
    }
  }

  private bodyOf({ at, ...notice }: Notice): object {
    const { standing, address } = this.parts;
    const { health, accounts } = standing();
    const time = new Date(at).toISOString();
    return { ...notice, at: time, health, accounts, address, host: hostname(), pid: process.pid, regrant: version };
  }

  private async run({ event, account }: Notice, body: object): Promise<void> {
    const { settings, env, logger } = this.parts;
    if (settings.command === '') return;
    const words = { REGRANT_EVENT: event, REGRANT_ACCOUNT: handed(account ?? '') };
    const fault = await runCommand(settings.command, JSON.stringify(body), { ...harmless(env), ...words });
    if (fault === null) logger.info(`Notify: notify.command was told ${event}`);
    else logger.warn(`Notify: notify.command was not told ${event}: ${fault}`);
  }

  private async post({ event }: Notice, body: object): Promise<void> {
    const { settings, logger, outbound } = this.parts;
    if (settings.url === '') return;
    const { host } = new URL(settings.url);
    try {
      const got = await httpClient();
      await got.post(settings.url, {
        json: body,
        agent: await agentsFor(outbound, new URL(settings.url)),
        headers: { 'user-agent': `regrant/${version}` },
        timeout: { request: REQUEST_TIMEOUT_MS },
        followRedirect: false,
        retry: { limit: RETRIES, methods: ['POST'], maxRetryAfter: LONGEST_PAUSE_MS },
      });
      logger.info(`Notify: ${host} was told ${event}`);
    } catch (error) {
      // the URL is taken out: it may be all that keeps others from posting there
      const why = redact(messageOf(error), [settings.url]).slice(0, 200);
      logger.warn(`Notify: ${host} was not told ${event}: ${why}`);
    }
  }
}

/** The environment without regrant's own settings, some of which are secret. */
const harmless = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('REGRANT_')));

/**
 * Runs a command by the shell with `input` on its standard input. @returns why it failed; null: it ended well. Never
 * rejects
 */
async function runCommand(command: string, input: string, env: NodeJS.ProcessEnv): Promise<string | null> {
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
const handed = (text: string): string => text.replaceAll('\0', '').slice(0, 4_096);
