/** A wire to a PostgreSQL that can be cut. */
import net from 'node:net';
import { listening } from './proxy.js';

export interface Relay {
  readonly port: number;
  /** How many connections were refused. */
  readonly refused: number;
  /** Nothing goes through, either way, and nothing is closed; what comes meanwhile goes through after `thaw`. */
  freeze(): void;
  thaw(): void;
  /** From now on a connection does not get to listen, as behind a pooler that gives it another server each time. */
  deafen(): void;
  /** Breaks every connection. */
  reset(): void;
  /** Refuses connections until `thaw`, and breaks those that stand. */
  refuse(): void;
  /** Where new connections lead from now on. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

/** @param target - port on loopback that it leads to at first */
export async function openRelay(target: number): Promise<Relay> {
  const sockets = new Set<net.Socket>();
  const held: (() => void)[] = [];
  let [isFrozen, isDeaf, refuses, refused, to] = [false, false, false, 0, target];
  const through = (from: net.Socket, into: net.Socket): void => {
    sockets.add(from);
    const pass = (data: Buffer): void => {
      if (!into.destroyed) into.write(isDeaf ? withoutListen(data) : data);
    };
    from.on('data', (data: Buffer) => (isFrozen ? held.push(() => pass(data)) : pass(data)));
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      if (!isFrozen) into.destroy();
      else held.push(() => into.destroy());
    });
  };
  const reset = (): void => {
    held.length = 0;
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const server = net.createServer((client) => {
    if (refuses) {
      refused += 1;
      client.resetAndDestroy();
      return;
    }
    const upstream = net.connect(to, '127.0.0.1');
    through(client, upstream);
    through(upstream, client);
  });
  const port = await listening(server);
  server.unref();
  return {
    ...{ port, reset },
    get refused() {
      return refused;
    },
    freeze: () => void (isFrozen = true),
    deafen: () => void (isDeaf = true),
    thaw: () => {
      [isFrozen, refuses] = [false, false];
      for (const pass of held.splice(0)) pass();
    },
    refuse: () => {
      refuses = true;
      reset();
    },
    leadTo: (next) => void (to = next),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A statement of the same length that the server takes, and that nobody is told by. */
function withoutListen(data: Buffer): Buffer {
  const at = data.indexOf('listen "');
  return at === -1 ? data : Buffer.concat([data.subarray(0, at), Buffer.from('notify'), data.subarray(at + 6)]);
}
