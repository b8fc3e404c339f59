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

/** An idle connection: how many bytes its client had sent when it was first seen so, and when that was, monotonic ms. */
interface Idle {
  readonly read: number;
  readonly since: number;
}

/**
 * Closes connections that have been idle for {@link KEEP_ALIVE_MS}. Node's own server does so too, with a timer that it
 * makes and ends for each request: that is a fiftieth of what a request costs here.
 */
export class IdleConnections {
  private idle = new Map<Socket, Idle>();
  private cancel: (() => void) | null = null;

  constructor(
    private readonly connections: Connections,
    private readonly clock: Clock,
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
    const now = this.clock.monotonic();
    const before = this.idle;
    this.idle = new Map();
    for (const socket of this.connections.sockets) {
      // on one that was never answered the headers are still to come, which have a time of their own
      if (isBusy(socket) || socket.bytesWritten === 0) continue;
      const known = before.get(socket);
      const idle = known?.read === socket.bytesRead ? known : { read: socket.bytesRead, since: now };
      if (now - idle.since >= KEEP_ALIVE_MS) socket.destroy();
      else this.idle.set(socket, idle);
    }
  }
}
