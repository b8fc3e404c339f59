import { saying } from '../store/words/saying.js';
import type { Stats } from 'node:fs';
import { lstat, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { RunningSupervisor } from '../proxy/contract/supervisor.js';
import { socketPlaces } from '../store/disk/socket-place.js';
import { untilNext, type Clock } from '../store/ground/clock.js';
import { CannotRun } from '../store/ground/errors.js';
import { within } from '../store/ground/within.js';
import { ControlServer } from './server.js';
import { byItself } from '../store/ground/faults.js';

/** How often to look whether the socket file still exists. */
const LOOK_EVERY_MS = 2_000;

/** How long the last answers may take once another process has the socket. */
const LAST_ANSWERS_MS = 2_000;

export interface ControlParts {
  readonly supervisor: RunningSupervisor;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** The folder of what is regrant's own. */
  readonly own: string;
  /** Told the path of the socket, each time it is another one. */
  readonly moved: (socket: string) => Promise<void>;
  /** Whether the data directory still belongs to this process: only then may it replace a socket. */
  readonly isOurs: () => Promise<boolean>;
}

/**
 * The control socket, in the best place that works; made again where its file disappears: at a logout, by a clean-up,
 * by a restore.
 */
export class Control {
  private server: ControlServer | null = null;
  private readonly abandoned: ControlServer[] = [];
  private socket = '';
  private identity = '';
  private cancelLook: () => void = () => undefined;
  private isClosed = false;

  private constructor(private readonly parts: ControlParts) {}

  /** @throws {CannotRun} there is no place where it can be made */
  static async open(parts: ControlParts): Promise<Control> {
    const control = new Control(parts);
    await control.make();
    control.lookLater();
    return control;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.cancelLook();
    if ((await identityOf(this.socket)) !== this.identity) this.abandon();
    for (const server of this.abandoned) server.disconnect();
    await this.server?.close();
    await this.leaveFolder();
  }

  /** Another process has the socket's name by now: clients are sent on to it. */
  async handOver(): Promise<void> {
    this.isClosed = true;
    this.cancelLook();
    this.abandon();
    await within(Promise.all(this.abandoned.map((server) => server.sendOn())), LAST_ANSWERS_MS, this.parts.clock, () =>
      this.abandoned.forEach((server) => server.disconnect()),
    );
    // the successor may have found a better place
    if ((await identityOf(this.socket)) === this.identity) await rm(this.socket, { force: true });
    await this.leaveFolder();
  }

  private async make(): Promise<void> {
    const { supervisor, clock, env, own, moved } = this.parts;
    let fault = new CannotRun(
      'CONTROL_SOCKET',
      saying('the control socket has no place: set XDG_RUNTIME_DIR to a folder of your own'),
    );
    for (const place of socketPlaces(own, env)) {
      try {
        this.server = await ControlServer.open(place, supervisor, clock);
        this.socket = place;
        this.identity = await identityOf(place);
        await moved(place);
        return;
      } catch (error) {
        if (!(error instanceof CannotRun)) throw error;
        fault = error;
      }
    }
    throw fault;
  }

  private lookLater(): void {
    const { clock } = this.parts;
    this.cancelLook = clock.after(untilNext(clock, LOOK_EVERY_MS), () =>
      byItself('the look at the control socket', this.look()),
    );
  }

  private async look(): Promise<void> {
    try {
      const isThere = this.server !== null && (await identityOf(this.socket)) === this.identity;
      if (isThere || this.isClosed || !(await this.parts.isOurs())) return;
      this.abandon();
      await this.make().catch(() => undefined);
    } finally {
      if (!this.isClosed) this.lookLater();
    }
  }

  /** The socket's name is another's now: clients stay connected. */
  private abandon(): void {
    const { server } = this;
    this.server = null;
    if (server === null) return;
    server.abandon();
    this.abandoned.push(server);
  }

  /** Removes the folder if it was made only for the socket. */
  private async leaveFolder(): Promise<void> {
    const folder = path.dirname(this.socket);
    if (!path.basename(folder).startsWith('regrant-')) return;
    try {
      await rmdir(folder);
    } catch {
      // something else is in it
    }
  }
}

/** What identifies the socket's file; empty: there is none. */
async function identityOf(socket: string): Promise<string> {
  let found: Stats;
  try {
    found = await lstat(socket);
  } catch {
    return '';
  }
  return found.isSocket() ? `${found.dev} ${found.ino}` : '';
}
