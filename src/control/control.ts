import { lstatSync, rmdirSync, type Stats } from 'node:fs';
import path from 'node:path';
import type { RunningSupervisor } from '../proxy/contract/supervisor.js';
import { socketPlaces } from '../store/disk/socket-place.js';
import type { Clock } from '../store/ground/clock.js';
import { CannotRun } from '../store/ground/errors.js';
import { ControlServer } from './server.js';

/** How often it is looked whether the socket is still there. */
const LOOK_EVERY_MS = 2_000;

export interface ControlParts {
  readonly supervisor: RunningSupervisor;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** The folder of what is regrant's own. */
  readonly own: string;
  /** Told where the socket lies, each time it is somewhere else. */
  readonly moved: (socket: string) => void;
}

/** The control socket, wherever it can lie, made anew where it vanishes: with a login, by a cleaner, by a restore. */
export class Control {
  private server: ControlServer | null = null;
  private readonly abandoned: ControlServer[] = [];
  private socket = '';
  private identity = '';
  private cancelLook: () => void = () => undefined;
  private isClosed = false;

  private constructor(private readonly parts: ControlParts) {}

  /** @throws {CannotRun} there is no place for it */
  static async open(parts: ControlParts): Promise<Control> {
    const control = new Control(parts);
    await control.make();
    control.lookLater();
    return control;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.cancelLook();
    for (const server of this.abandoned) server.disconnect();
    await this.server?.close();
    this.leaveFolder();
  }

  private async make(): Promise<void> {
    const { supervisor, clock, env, own, moved } = this.parts;
    let fault = new CannotRun(
      'CONTROL_SOCKET',
      `the control socket has no place: set XDG_RUNTIME_DIR to a folder of your own`,
    );
    for (const place of socketPlaces(own, env)) {
      try {
        this.server = await ControlServer.open(place, supervisor, clock);
        this.socket = place;
        this.identity = identityOf(place);
        moved(place);
        return;
      } catch (error) {
        if (!(error instanceof CannotRun)) throw error;
        fault = error;
      }
    }
    throw fault;
  }

  private lookLater(): void {
    this.cancelLook = this.parts.clock.after(LOOK_EVERY_MS, () => void this.look());
  }

  private async look(): Promise<void> {
    if (identityOf(this.socket) !== this.identity) {
      const { server } = this;
      await this.make().catch(() => undefined);
      if (server !== null && this.server !== server) {
        server.abandon();
        this.abandoned.push(server);
      }
    }
    if (!this.isClosed) this.lookLater();
  }

  /** A folder that was made for the socket alone goes with it. */
  private leaveFolder(): void {
    const folder = path.dirname(this.socket);
    if (!path.basename(folder).startsWith('regrant-')) return;
    try {
      rmdirSync(folder);
    } catch {
      // something else lies there
    }
  }
}

/** Empty: there is none. */
function identityOf(socket: string): string {
  let found: Stats;
  try {
    found = lstatSync(socket);
  } catch {
    return '';
  }
  return found.isSocket() ? `${found.dev} ${found.ino}` : '';
}
