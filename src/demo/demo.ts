/**
 * `regrant --demo`: a data directory of its own, a simulated Google, traffic, and a play in two acts. The screen and
 * the proxy are the real program; only Google and the clients are simulated.
 */
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Clock, systemClock, unixSeconds } from '../store/ground/clock.js';
import type { GrantEvent } from '../store/records/grant-event.js';
import { type Cast, type Player, accountFile, makeCast } from './cast.js';
import { type GeminiCall, type Pace, demoModels } from './gemini.js';
import { type SimulatedGoogle, startGoogle } from './google.js';
import { makeDemoKeys } from './client-keys.js';
import { startPlay } from './play.js';
import { type RunningTraffic, startTraffic } from './traffic.js';

/** The running supervisor, as far as the demo needs it. */
export interface Stage {
  /** `http://host:port` of the proxy. */
  readonly proxyUrl: string;
  /** Sets `snapshot.hint`. */
  readonly setHint: (hint: string | null) => void;
  /** Calls the listener for each refresh event; the returned function stops that. */
  readonly onEvent: (listener: (event: GrantEvent) => void) => () => void;
}

export interface Demo {
  /** 0700, with settings.json and accounts/. */
  readonly dataDir: string;
  /**
   * The environment to read settings with: the caller's, without the operator's own REGRANT_ variables except those of
   * the screen.
   */
  readonly env: NodeJS.ProcessEnv;
  /** Starts the traffic and the play; to be called once. */
  run(stage: Stage): void;
  /** Stops both, so that the proxy can be drained. */
  hush(): Promise<void>;
  /** Ends everything and removes the data directory; to be called after the supervisor has stopped. */
  close(): Promise<void>;
}

export interface DemoOptions {
  readonly clock?: Clock;
  readonly env?: NodeJS.ProcessEnv;
}

const client = { id: '118-demo.apps.googleusercontent.com', secret: 'GOCSPX-demo-is-no-secret' };
const refreshAheadSeconds = 300;

/** Prepares everything that the supervisor is started with. The caller has to call `close`. */
export async function prepareDemo({ clock = systemClock, env = process.env }: DemoOptions = {}): Promise<Demo> {
  const google = await startGoogle({ clock, pace, tokenDelayMs: () => between(120, 240), keepCalls: 200 });
  google.client(client.id, client.secret);
  const cast = makeCast(refreshAheadSeconds);
  const clientKeys = makeDemoKeys(unixSeconds(clock));
  const dataDir = await writeDirectory(google, cast, clock);
  await writeFile(path.join(dataDir, 'keys.json'), JSON.stringify(clientKeys.file, null, 2), { mode: 0o600 });
  const removeNow = (): void => rmSync(dataDir, { recursive: true, force: true });
  // In a crash close() is not called.
  process.once('exit', removeNow);
  let traffic: RunningTraffic | null = null;
  let endPlay = (): void => undefined;

  const hush = async (): Promise<void> => {
    endPlay();
    await traffic?.stop();
    traffic = null;
  };
  return {
    dataDir,
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !/^REGRANT_(?!UI_)/.test(name))),
    run(stage) {
      traffic = startTraffic({ proxyUrl: stage.proxyUrl, keys: clientKeys.keys, clock });
      endPlay = startPlay({ google, cast, clock, setHint: stage.setHint, onEvent: stage.onEvent });
    },
    hush,
    async close() {
      await hush();
      await google.close();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
      process.off('exit', removeNow);
    },
  };
}

/** Registers an account's grant with the simulated Google. @returns the access token for the account file */
function admit(google: SimulatedGoogle, player: Player): string {
  const terms = { email: player.email, client: client.id, refreshTokenExpiresIn: player.grantEndsIn };
  google.grant(player.refreshToken, { ...terms, expiresIn: player.accessEndsIn });
  const accessToken = google.accessToken(player.refreshToken);
  // A short life from here on, so that refreshes are seen now and then.
  google.grant(player.refreshToken, { ...terms, expiresIn: refreshAheadSeconds + 600 });
  google.grant(player.newToken, { email: player.email, client: client.id });
  return accessToken;
}

async function writeDirectory(google: SimulatedGoogle, cast: Cast, clock: Clock): Promise<string> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'regrant-demo-'));
  const secret = { mode: 0o600 };
  await mkdir(path.join(dataDir, 'accounts'), { mode: 0o700 });
  await writeFile(
    path.join(dataDir, 'settings.json'),
    JSON.stringify(settings(google, await freePort()), null, 2),
    secret,
  );
  for (const player of Object.values(cast)) {
    const content = accountFile(player, admit(google, player), unixSeconds(clock));
    await writeFile(path.join(dataDir, 'accounts', `${player.id}.json`), JSON.stringify(content, null, 2), secret);
  }
  return dataDir;
}

const settings = (google: SimulatedGoogle, port: number): object => ({
  proxy: { port, apiKey: 'sk-demo-is-no-secret' },
  oauth: {
    clients: { default: client },
    authUrl: google.authUrl,
    tokenUrl: google.tokenUrl,
    userInfoUrl: google.userInfoUrl,
    refreshAheadSeconds,
  },
  upstream: { kind: 'gemini', baseUrls: [google.url] },
  network: { noProxy: '127.0.0.1' },
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

const between = (least: number, most: number): number => least + Math.random() * (most - least);

/** How fast a model answers: the larger, the slower. */
function pace(call: GeminiCall): Pace {
  if (call.verb === 'streamGenerateContent') return { firstByteMs: between(150, 450), chunkMs: between(60, 160) };
  if (call.verb !== 'generateContent') return { firstByteMs: between(20, 60), chunkMs: 0 };
  const slow = call.model === demoModels[0] ? 2 : 1;
  return { firstByteMs: slow * between(180, 420), chunkMs: 0 };
}
