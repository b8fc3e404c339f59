import type { Socket } from 'node:net';
import type { Clock } from '../../../store/ground/clock.js';
import { type Connections, isBusy } from './connections.js';

/**
 * How long a client's connection may be idle. Longer than most clients keep one, so that they close it first and never
 * send a request on one that was just closed here.
 */
export const KEEP_ALIVE_MS = 75_000;

/** How often they are looked at. */
const LOOK_EVERY_MS = 15_000;

/** An idle connection: how many bytes its client has sent, and at how many looks in a row it was found so. */
interface Idle {
  readonly read: number;
  readonly looks: number;
}

/**
 * Closes connections that have been idle for {@link KEEP_ALIVE_MS} and at most one look more. Node's own server does so
 * too, with a timer that it makes and ends for each request: that is a fiftieth of what a request costs here.
 *
 * Looks are counted, not time: after the machine's sleep a client takes its connection for as good as before.
 */
export class IdleConnections {
  private idle = new Map<Socket, Idle>();
  private cancel: (() => void) | null = null;

  constructor(
    private readonly connections: Pick<Connections, 'sockets'>,
    private readonly clock: Pick<Clock, 'after'>,
  ) {}

  start(): void {
    this.cancel ??= this.clock.after(LOOK_EVERY_MS, () => {
      this.cancel = null;
      this.look();
      this.start();
    });
  }

  stop(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private look(): void {
    const before = this.idle;
    this.idle = new Map();
    for (const socket of this.connections.sockets) {
      // on one that was never answered the headers are still to come, which have a time of their own
      if (isBusy(socket) || socket.bytesWritten === 0) continue;
      const read = socket.bytesRead;
      const known = before.get(socket);
      const looks = known?.read === read ? known.looks + 1 : 1;
      if ((looks - 1) * LOOK_EVERY_MS >= KEEP_ALIVE_MS) socket.destroy();
      else this.idle.set(socket, { read, looks });
    }
  }
}
