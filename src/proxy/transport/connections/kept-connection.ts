import type { Socket } from 'node:net';
import type { buildConnector, Dispatcher } from 'undici';
import Client from 'undici/lib/dispatcher/client.js';

/** A request that wants to know which connection carries it. */
export interface Carried {
  carrier: KeptConnection | null;
}

const isCarried = (handler: object): handler is Carried => 'carrier' in handler;

/**
 * One connection to an origin, and the next one once that has ended. It carries one request at a time, and tells each
 * that it does.
 */
export class KeptConnection extends Client {
  private open: Socket | null = null;

  /** @param all - it is in there while it is open */
  constructor(origin: URL, options: Client.Options, all: Set<KeptConnection>) {
    const connect = options.connect as buildConnector.connector;
    super(origin, {
      ...options,
      connect: (target, callback) =>
        connect(target, (...result) => {
          if (result[0] === null) this.opened(result[1], all);
          callback(...result);
        }),
    });
  }

  /** The open connection; null: there is none. */
  get socket(): Socket | null {
    return this.open;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (isCarried(handler)) handler.carrier = this;
    return super.dispatch(options, handler);
  }

  /** Closes the connection unless it carries a request; the next request opens another. */
  dropIfIdle(): void {
    if (this.stats.size === 0) this.open?.destroy();
  }

  private opened(socket: Socket, all: Set<KeptConnection>): void {
    this.open = socket;
    all.add(this);
    socket.once('close', () => {
      if (this.open !== socket) return;
      this.open = null;
      all.delete(this);
    });
  }
}
