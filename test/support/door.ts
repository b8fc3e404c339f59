/** A supervisor with its control socket in this process, and clients of several kinds for it. */
import net from 'node:net';
import { ControlClient } from '../../src/control/client.js';
import { LONGEST_LINE } from '../../src/control/protocol.js';
import { ControlServer } from '../../src/control/server.js';
import { systemClock } from '../../src/store/ground/clock.js';
import { LineSplitter } from '../../src/store/ground/text/line-splitter.js';
import type { Google } from './google.js';
import { type House, type HouseOptions, withHouse } from './house.js';

export interface Door {
  readonly house: House;
  /** Path of the socket. */
  readonly path: string;
  readonly server: ControlServer;
  readonly connect: () => Promise<ControlClient>;
  /** A client that writes and reads bytes as it likes. */
  readonly raw: () => Promise<RawControl>;
}

/** A connection whose bytes are written and read by the test. */
export interface RawControl {
  readonly socket: net.Socket;
  /** Lines received so far, the greeting first. */
  readonly lines: readonly string[];
  /** Resolves with the line once `count` have come. */
  readonly line: (count: number) => Promise<string>;
  readonly closed: Promise<void>;
}

/** Hands in a supervisor whose accounts Google honours, all of them, and its socket. */
export async function withDoor(options: HouseOptions, use: (door: Door) => Promise<void>): Promise<void> {
  const prepare = (google: Google): void => {
    for (const { id = 'a1', email = '', refreshToken = `1//0test-refresh-token-of-${id}` } of options.accounts ?? []) {
      if (!refreshToken.includes('dead')) google.grant(refreshToken, { email });
    }
  };
  await withHouse({ prepare, ...options }, async (house) => {
    const path = house.store.places.socket;
    const clients = new Set<ControlClient>();
    const sockets = new Set<net.Socket>();
    const server = await ControlServer.open(path, house.supervisor, options.clock ?? systemClock);
    try {
      await use({
        house,
        path,
        server,
        async connect() {
          const client = await ControlClient.connect(path);
          if (client === null) throw new Error('nothing listens');
          clients.add(client);
          return client;
        },
        async raw() {
          const control = await rawControl(path);
          sockets.add(control.socket);
          return control;
        },
      });
    } finally {
      for (const client of clients) client.close();
      for (const socket of sockets) socket.destroy();
      await server.close();
    }
  });
}

async function rawControl(path: string): Promise<RawControl> {
  const socket = net.createConnection(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  const lines: string[] = [];
  let look = (): void => undefined;
  const splitter = new LineSplitter(64 * LONGEST_LINE, (line) => {
    lines.push(line);
    look();
  });
  socket.on('data', (bytes: Uint8Array) => splitter.push(bytes));
  return {
    socket,
    lines,
    line: (count) =>
      new Promise((resolve) => {
        look = (): void => {
          const line = lines[count - 1];
          if (line !== undefined) resolve(line);
        };
        look();
      }),
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
  };
}
