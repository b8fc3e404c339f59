import { httpClient } from '../../src/proxy/transport/http-client.js';
import { startSupervisor } from '../../src/proxy/supervisor/running.js';
import { type RunningSupervisor } from '../../src/proxy/contract/supervisor.js';
import { systemClock, type Clock } from '../../src/store/ground/clock.js';
import type { Disk } from '../../src/store/disk/disk.js';
import { openStore, type Store } from '../../src/store/open.js';
import { type AccountParts, type DataDirectory, withDirectory } from './directory.js';
import { type Google, type GoogleOptions, googleSettings, withGoogle } from './google.js';

export const API_KEY = 'sk-test-key-of-the-proxy-in-tests';

/** A clock that is set by hours has them asked for thousands of times, and the system takes a millisecond to tell. */
const addresses = (): string => 'eth0 192.0.2.1';

export interface HouseOptions {
  readonly accounts?: readonly AccountParts[];
  /** Laid over the settings section by section. */
  readonly settings?: Record<string, Record<string, unknown>>;
  readonly clock?: Clock;
  readonly google?: GoogleOptions;
  readonly disk?: Disk;
  /** Before the supervisor starts. */
  readonly prepare?: (google: Google, dir: DataDirectory) => Promise<void> | void;
}

/** The whole program without a screen: real files, a real port, a simulated Google. */
export class House {
  supervisor!: RunningSupervisor;
  store!: Store;

  constructor(
    readonly dir: DataDirectory,
    readonly google: Google,
    private readonly clock: Clock,
    private readonly disk?: Disk,
  ) {}

  async start(): Promise<void> {
    // a set clock does not wait for the disk
    await httpClient();
    this.store = await openStore({ dataDir: this.dir.path, env: {}, clock: this.clock, disk: this.disk });
    this.supervisor = await startSupervisor(this.store, this.store.clock, null, undefined, addresses);
    this.supervisor.begin();
  }

  /**
   * @throws {Error} something that goes on in the background failed: a bug, of which the program itself would only log
   * a line
   */
  async stop(): Promise<readonly string[]> {
    const unsaved = await this.supervisor.close();
    const bug = this.log.find((line) => line.startsWith('A bug'));
    if (bug !== undefined) throw new Error(bug);
    return unsaved;
  }

  /** A client's request through the proxy; its status and body. */
  async ask(model = 'gemini-3-flash', method = 'generateContent'): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://${this.supervisor.address}/v1beta/models/${model}:${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-goog-api-key': API_KEY },
      body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }),
    });
    return { status: response.status, text: await response.text() };
  }

  state(id: string): string {
    return this.supervisor.snapshot().accounts.find((row) => row.id === id)?.state ?? 'gone';
  }

  /** The messages of the log so far, oldest first. */
  get log(): readonly string[] {
    const { logs } = this.supervisor;
    return Array.from({ length: logs.next - logs.first }, (_, index) => logs.at(logs.first + index)?.msg ?? '');
  }

  /** The refresh events so far, oldest first, as `kind email text`. */
  get events(): readonly string[] {
    const { events } = this.supervisor;
    return Array.from({ length: events.next - events.first }, (_, index) => {
      const event = events.at(events.first + index);
      return event === undefined ? '' : `${event.kind} ${event.email} ${event.text}`;
    });
  }

  /** Resolves once `test` holds, looked at whenever the supervisor says that something changed. */
  until(test: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.supervisor.onChange(look);
      function look(): void {
        if (!test()) return;
        stop();
        resolve();
      }
      look();
    });
  }
}

/** Starts the program on a directory and a Google of its own, and removes everything afterwards. */
export async function withHouse(options: HouseOptions, use: (house: House) => Promise<void>): Promise<void> {
  const clock = options.clock ?? systemClock;
  await withGoogle(
    async (google) => {
      await withDirectory(async (dir) => {
        const base: Record<string, Record<string, unknown>> = {
          ...googleSettings(google),
          proxy: { port: 0, apiKey: API_KEY },
        };
        // requests wait only in tests that ask for it: most tests are about what happens without
        const settings = { ...options.settings, pool: { waitSeconds: 0, ...options.settings?.pool } };
        for (const [section, keys] of Object.entries(settings)) {
          base[section] = { ...base[section], ...keys };
        }
        await dir.settings(base);
        for (const account of options.accounts ?? []) await dir.put({ now: clock.now(), ...account });
        await options.prepare?.(google, dir);
        const house = new House(dir, google, clock, options.disk);
        await house.start();
        try {
          await use(house);
        } finally {
          await house.stop();
        }
      });
    },
    { clock, ...options.google },
  );
}
