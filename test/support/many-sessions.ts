/** Many Live sessions at once through the program as people start it: what they cost it, and how they end with it. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { API_KEY, withApp } from './app.js';
import { heldBy } from './held.js';
import { LIVE, withLiveService } from './live.js';
import { startLoad } from './load.js';
import { pause } from './pause.js';

const TURNS = 5;
const collector = path.join(import.meta.dirname, 'collector.mjs');
const head = `GET ${LIVE}?key=${API_KEY} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
/** A masked frame of a piece of sound, which the service sends back without its mask. */
const SOUND_BYTES = 4_096;
const sound = Buffer.concat([Buffer.from([0x82, 0xfe, SOUND_BYTES >> 8, 0, 0, 0, 0, 0]), Buffer.alloc(SOUND_BYTES, 7)]);

/** One client's session on a bare socket, which costs this process little beside what is measured. */
class RawSession {
  /** Bytes after the head of the answer. */
  private got = 0;
  private last = Buffer.alloc(0);
  private readonly watchers = new Set<() => void>();
  readonly ended: Promise<void>;

  constructor(private readonly socket: net.Socket) {
    socket.on('data', (bytes) => {
      this.got += bytes.length;
      this.last = bytes.subarray(-64);
      for (const look of this.watchers) look();
    });
    socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  static async open(port: number): Promise<RawSession> {
    const session = new RawSession(net.connect(port, '127.0.0.1'));
    session.socket.write(head);
    await session.receives(1);
    if (!session.last.toString('latin1').includes('\r\n\r\n')) throw new Error('no session');
    session.got = 0;
    return session;
  }

  private receives(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.got < bytes) return;
        this.watchers.delete(look);
        resolve();
      };
      this.watchers.add(look);
      look();
    });
  }

  /** Sends a piece of sound and hears it. */
  async turn(): Promise<void> {
    this.got = 0;
    this.socket.write(sound);
    await this.receives(SOUND_BYTES + 4);
  }

  stall(): void {
    this.socket.pause();
  }

  goOn(): void {
    this.socket.resume();
  }

  /** The code of the close frame that came last; null: none came. */
  get closeCode(): number | null {
    const at = this.last.lastIndexOf(0x88);
    return at < 0 || at + 4 > this.last.length ? null : this.last.readUInt16BE(at + 2);
  }

  leave(): void {
    this.socket.destroy();
  }
}

export interface SessionsFigures {
  /** Bytes for each session: resident memory, and of that what is held in the heap and in buffers. */
  readonly resident: number;
  readonly held: number;
  /** Held for each client that does not read what its upstream sends, bytes: after a while, and after three times that. */
  readonly slow: number;
  readonly slowLater: number;
  /** How many ended with 1012 when the program was asked to stop, and how long that took. */
  readonly told: number;
  readonly stopMs: number;
  readonly status: number | null;
}

interface Memory {
  readonly resident: number;
  readonly held: number;
}

async function openedAt(port: number, many: number, turns: number): Promise<readonly RawSession[]> {
  const sessions: RawSession[] = [];
  while (sessions.length < many) {
    const some = Array.from({ length: Math.min(50, many - sessions.length) }, () => RawSession.open(port));
    sessions.push(...(await Promise.all(some)));
  }
  for (let turn = 0; turn < turns; turn++) await Promise.all(sessions.map((session) => session.turn()));
  return sessions;
}

export interface ManySessions {
  readonly count: number;
  /** How many of them then stop reading, while their upstream sends each 8 MB. */
  readonly slow: number;
  /** Ordinary requests before: the heap that any traffic needs is not a session's. */
  readonly requests: number;
  readonly lookAfterMs: number;
}

export async function manySessions({ count, slow, requests, lookAfterMs }: ManySessions): Promise<SessionsFigures> {
  const accounts = Array.from({ length: 20 }, (_, at) => ({ id: `a${at}`, email: `a${at}@example.com` }));
  const measured: SessionsFigures[] = [];
  await withLiveService(async (service) => {
    const upstream = { kind: 'gemini', baseUrls: [service.url] };
    await withApp({ accounts, settings: { upstream } }, async (app) => {
      const file = app.dir.at('collected.json');
      const running = await app.headless({ NODE_OPTIONS: `--import ${collector}`, COLLECTED: file });
      const port = Number(new URL(running.url).port);
      const collected = async (): Promise<Memory> => {
        rmSync(file, { force: true });
        running.process.kill('SIGUSR2');
        while (!existsSync(file) || readFileSync(file).length === 0) await pause(50);
        const { heapUsed, external } = JSON.parse(readFileSync(file, 'utf8')) as NodeJS.MemoryUsage;
        return { resident: heldBy(running.pid).resident, held: heapUsed + external };
      };
      // as many turns as are measured, on fewer sessions: what passes through is not a session's either
      for (const session of await openedAt(port, Math.ceil(count / 5), 5 * TURNS)) session.leave();
      const load = startLoad(running.url, 32);
      await load.reached(requests);
      await load.end();
      const before = await collected();
      const sessions = await openedAt(port, count, TURNS);
      const open = await collected();
      const stalled = sessions.slice(0, slow);
      for (const session of stalled) session.stall();
      const sent = Buffer.alloc(8_000_000);
      for (const socket of service.sockets.slice(-count).slice(0, slow)) socket.send(sent);
      await pause(lookAfterMs);
      const soon = await collected();
      await pause(2 * lookAfterMs);
      const later = await collected();
      for (const session of stalled) session.leave();
      const asked = performance.now();
      const { status } = await running.stop();
      const stopMs = performance.now() - asked;
      await Promise.all(sessions.map(({ ended }) => ended));
      measured.push({
        resident: (open.resident - before.resident) / count,
        held: (open.held - before.held) / count,
        slow: (soon.held - open.held) / Math.max(1, slow),
        slowLater: (later.held - open.held) / Math.max(1, slow),
        told: sessions.filter(({ closeCode }) => closeCode === 1_012).length,
        ...{ stopMs, status },
      });
    });
  });
  const [figures] = measured;
  if (figures === undefined) throw new Error('nothing was measured');
  return figures;
}
