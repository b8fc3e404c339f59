import { GrantEvidence } from '../../src/proxy/grants/evidence.js';
/** A proxy of one test: the real server on the real pool and the real account files, in front of an upstream that the test plays. */
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import net from 'node:net';
import { mkdirSync } from 'node:fs';
// otherwise loaded with the first refresh, which on a busy machine takes longer than a request waits for one
import 'got';
import { pino } from 'pino';
import { AccountChanges } from '../../src/proxy/grants/account-changes.js';
import { AccessTokens } from '../../src/proxy/grants/access-tokens.js';
import { Brake } from '../../src/proxy/oauth/brake.js';
import { OAuthClients } from '../../src/proxy/oauth/clients.js';
import { Google as GoogleClient } from '../../src/proxy/oauth/google.js';
import { Journal } from '../../src/proxy/grants/journal.js';
import { Holders } from '../../src/proxy/grants/holders.js';
import { Refresher } from '../../src/proxy/grants/refresh.js';
import { Metrics } from '../../src/proxy/reports/metrics.js';
import { Pool } from '../../src/proxy/pool/pool.js';
import { NamedKeys } from '../../src/proxy/clients/client-keys.js';
import { KeyGate } from '../../src/proxy/clients/key-gate.js';
import { KeyLimits } from '../../src/proxy/clients/key-limits.js';
import { ProxyServer, type ProxyTimeouts } from '../../src/proxy/server/server.js';
import type { NetworkChange } from '../../src/proxy/transport/connections/network-watch.js';
import { AccountFiles } from '../../src/store/files/account-files.js';
import { FileExchanges } from '../../src/store/files/file-exchanges.js';
import { type Clock, systemClock } from '../../src/store/ground/clock.js';
import { EventLog } from '../../src/store/records/event-log.js';
import type { AccessRecord } from '../../src/store/records/log.js';
import { defaultSettings, type Settings } from '../../src/store/settings/schema.js';
import { StateFile } from '../../src/store/state/state-file.js';
import type { StateElsewhere } from '../../src/store/state/state-store.js';
import { type AccountParts, withDirectory } from './directory.js';
import { type Google, googleSettings, testClient, withGoogle } from './google.js';

export const API_KEY = 'sk-test-key-of-the-proxy-in-tests';
export const GENERATE = '/v1beta/models/gemini-3-flash:generateContent';

export interface ProxyOptions {
  /** Other boxes that share its state. */
  readonly elsewhere?: StateElsewhere;
  /** Accounts of the pool; each has a living access token (`ya29.live-<id>`) unless it says otherwise. */
  readonly accounts?: readonly AccountParts[];
  readonly proxy?: Partial<Settings['proxy']>;
  readonly pool?: Partial<Settings['pool']>;
  readonly models?: Partial<Settings['models']>;
  readonly protocols?: Partial<Settings['protocols']>;
  readonly network?: Settings['network'];
  readonly kind?: Settings['upstream']['kind'];
  /** Instead of the test's own upstream; `google`: the simulated one that gives out the tokens. */
  readonly baseUrls?: readonly string[] | 'google';
  readonly connectionCheckSeconds?: number;
  readonly timeouts?: Partial<ProxyTimeouts>;
  readonly clock?: Clock;
  /** Descriptors of sockets that were handed over; without it the proxy opens a port of its own. */
  readonly listenOn?: readonly number[];
}

export interface Proxied {
  readonly server: ProxyServer;
  readonly pool: Pool;
  readonly state: StateFile;
  readonly metrics: Metrics;
  readonly google: Google;
  readonly upstream: PlayedUpstream;
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Access-log records, one for each request that has ended. */
  readonly records: readonly AccessRecord[];
  /** Of each record: `traffic` or `probe`. */
  readonly kinds: readonly string[];
  readonly faults: readonly unknown[];
  /** Fields of requests that no translation knows, as they were told. */
  readonly unknownFields: readonly string[];
  readonly networkChanges: readonly NetworkChange[];
  /** Resolves with the records once there are this many. */
  recorded(count: number): Promise<readonly AccessRecord[]>;
  firstRecord(): Promise<AccessRecord>;
}

/** A request as an upstream got it. */
export interface UpstreamCall {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly headers: http.IncomingHttpHeaders;
  /** `a1` of `Bearer ya29.live-a1`. */
  readonly account: string;
  readonly body: Buffer;
}

export interface PlayedUpstream {
  readonly url: string;
  readonly calls: UpstreamCall[];
  /** The call of that number, from 0; throws where there was none. */
  call(at: number): UpstreamCall;
}

/** Answers a call whose body was read. */
export type Answering = (call: UpstreamCall, response: ServerResponse, request: IncomingMessage) => void;

/** An upstream on loopback that reads each request and lets the test answer. */
export const answering =
  (calls: UpstreamCall[], answer: Answering): RequestListener =>
  (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call = callOf(request, Buffer.concat(chunks));
      calls.push(call);
      answer(call, response, request);
    });
  };

export const callOf = (request: IncomingMessage, body: Buffer): UpstreamCall => ({
  method: request.method ?? '',
  url: request.url ?? '',
  rawHeaders: request.rawHeaders,
  headers: request.headers,
  account: /^Bearer ya29\.live-(.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? '',
  body,
});

export async function listening(server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Runs a raw request listener as the upstream. */
export async function withUpstream<T>(
  listener: RequestListener,
  use: (upstream: PlayedUpstream) => Promise<T>,
  calls: UpstreamCall[] = [],
): Promise<T> {
  const server = http.createServer(listener);
  // newer Nodes refuse more than 2,000 instead of leaving them out
  server.maxHeadersCount = 0;
  const port = await listening(server);
  try {
    return await use({ url: `http://127.0.0.1:${port}`, calls, call: (at) => nth(calls, at) });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** The item of that number, from 0; throws where there is none. */
export function nth<T>(list: readonly T[], at: number): T {
  const item = list[at];
  if (item === undefined) throw new Error(`there are only ${list.length}`);
  return item;
}

/** The proxy in front of `listener`. */
export async function withRawUpstream<T>(
  options: ProxyOptions,
  listener: RequestListener,
  use: (proxied: Proxied) => Promise<T>,
  calls: UpstreamCall[] = [],
): Promise<T> {
  return withUpstream(listener, (upstream) => withProxyTo(options, upstream, use), calls);
}

/** The proxy in front of an upstream that reads each request whole, then answers with `answer`. */
export async function withProxy<T>(
  options: ProxyOptions,
  answer: Answering,
  use: (proxied: Proxied) => Promise<T>,
): Promise<T> {
  const calls: UpstreamCall[] = [];
  return withRawUpstream(options, answering(calls, answer), use, calls);
}

async function withProxyTo<T>(
  options: ProxyOptions,
  upstream: PlayedUpstream,
  use: (proxied: Proxied) => Promise<T>,
): Promise<T> {
  return withDirectory((directory) =>
    withGoogle(async (google) => {
      google.client(testClient.id, testClient.secret);
      for (const parts of options.accounts ?? [{ id: 'a1' }]) {
        const id = parts.id ?? 'a1';
        await directory.put({
          email: `${id}@example.com`,
          accessToken: `ya29.live-${id}`,
          accessEndsIn: 3600,
          ...parts,
        });
      }
      mkdirSync(directory.at('state'));
      const clock = options.clock ?? systemClock;
      const settings: Settings = {
        ...defaultSettings,
        proxy: { ...defaultSettings.proxy, port: 0, apiKey: API_KEY, ...options.proxy },
        oauth: { ...defaultSettings.oauth, ...googleSettings(google).oauth },
        network: options.network ?? defaultSettings.network,
        models: { ...defaultSettings.models, ...options.models },
        protocols: { ...defaultSettings.protocols, ...options.protocols },
        upstream: {
          ...defaultSettings.upstream,
          kind: options.kind ?? 'gemini',
          connectionCheckSeconds: options.connectionCheckSeconds ?? 15,
          baseUrls: baseUrlsOf(options, upstream, google),
        },
      };
      const store = await AccountFiles.open(directory.at('accounts'), clock);
      const state = Object.assign(StateFile.open(directory.at('state'), clock), {
        elsewhere: options.elsewhere ?? null,
      });
      const journal = new Journal(pino({ level: 'silent' }), EventLog.open(directory.at('state')), clock);
      const clients = new OAuthClients(settings.oauth, clock, {
        prove: () => Promise.resolve(),
        save: () => undefined,
      });
      const googleClient = new GoogleClient(settings.oauth, clock, () => null);
      const holders = new Holders(store);
      const changes = new AccountChanges(store);
      const refresher = new Refresher({
        exchanges: new FileExchanges(store, state),
        ...{ store, holders, state, google: googleClient, clients, journal, clock, oauth: settings.oauth },
        evidence: new GrantEvidence(store, state, clients, clock, changes),
        changes,
        brake: new Brake(clock, settings.oauth.exchangesPerSecond),
        random: () => 0.5,
      });
      const pool = new Pool({
        ...{ store, state, changes, refresher, clients, clock },
        upstream: settings.upstream,
        // requests wait only in tests that ask for it: most tests are about what happens without
        settings: { ...settings.pool, waitSeconds: 0, ...options.pool },
      });
      const tokens = new AccessTokens(refresher, store, clock);
      const records: AccessRecord[] = [];
      const kinds: string[] = [];
      const faults: unknown[] = [];
      const unknownFields: string[] = [];
      const networkChanges: NetworkChange[] = [];
      const watchers = new Set<() => void>();
      const metrics = new Metrics();
      const now = (): number => clock.now();
      const limits = new KeyLimits({ tokens: { today: () => 0, thisMonth: () => 0 }, now, state });
      const gate = new KeyGate(new NamedKeys(settings.proxy.apiKey, new Map(), now), limits, clock);
      const server = new ProxyServer({
        ...{ settings, pool, store, state, tokens, metrics, clock, version: '0.0.0-test', env: process.env },
        gate,
        timeouts: options.timeouts ?? {},
        onAccess(record, kind) {
          records.push(record);
          kinds.push(kind);
          for (const watcher of watchers) watcher();
        },
        onFault: (error) => faults.push(error),
        onUnknownField: (_protocol, field) => unknownFields.push(field),
        onNetworkChange: (change) => networkChanges.push(change),
      });
      const { host, port } = await server.listen(options.listenOn);
      const recorded = (count: number) =>
        new Promise<readonly AccessRecord[]>((resolve) => {
          const look = () => {
            if (records.length < count) return;
            watchers.delete(look);
            resolve(records);
          };
          watchers.add(look);
          look();
        });
      const firstRecord = async () => nth(await recorded(1), 0);
      try {
        const url = `http://${host}:${port}`;
        return await use({
          server,
          pool,
          state,
          metrics,
          google,
          upstream,
          host,
          port,
          url,
          records,
          kinds,
          ...{ faults, unknownFields, networkChanges },
          recorded,
          firstRecord,
        });
      } finally {
        await server.close();
        await refresher.exchanges.settled();
        await state.flush();
      }
    }),
  );
}

function baseUrlsOf({ baseUrls }: ProxyOptions, upstream: PlayedUpstream, google: Google): string[] {
  return baseUrls === 'google' ? [google.url] : [...(baseUrls ?? [upstream.url])];
}

/** What a client got. */
export interface Got {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  readonly trailers: NodeJS.Dict<string>;
  /** The connection broke before the body was whole. */
  readonly broken: boolean;
}

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: http.OutgoingHttpHeaders | readonly string[];
  readonly body?: string | Buffer;
  readonly agent?: http.Agent;
}

const guarded = new WeakSet<Socket>();

/** Sends a request with the API key (unless its headers say otherwise) and reads the answer whole. */
export function ask(proxied: Pick<Proxied, 'host' | 'port'>, asked: Asked = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        ...{ host: proxied.host, port: proxied.port, agent: asked.agent ?? false },
        method: asked.method ?? 'POST',
        path: asked.path ?? GENERATE,
        headers: (asked.headers ?? {
          'x-goog-api-key': API_KEY,
          'content-type': 'application/json',
        }) as http.OutgoingHttpHeaders,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => undefined);
        response.on('close', () => {
          const body = Buffer.concat(chunks);
          const { rawHeaders, headers, trailers } = response;
          resolve({
            ...{ status: response.statusCode ?? 0, rawHeaders, headers, trailers, body },
            text: body.toString(),
            broken: !response.complete,
          });
        });
      },
    );
    request.on('error', reject);
    // A client whose answer came within its upload lets go of the socket's errors before it has let go of the socket.
    request.on('socket', (socket) => {
      if (guarded.has(socket)) return;
      guarded.add(socket);
      socket.on('error', () => undefined);
    });
    request.end(asked.body ?? (asked.method === undefined || asked.method === 'POST' ? '{"contents":[]}' : undefined));
  });
}

/** A connection on which a test writes and reads bytes. */
export class RawClient {
  received = '';
  private readonly socket: Socket;
  private readonly watchers = new Set<() => void>();
  ended = false;

  constructor({ host, port }: Pick<Proxied, 'host' | 'port'>) {
    this.socket = net.connect(port, host);
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => {
      this.received += text;
      this.look();
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.ended = true;
      this.look();
    });
  }

  write(text: string | Buffer): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** Resolves with what came so far once `pattern` is in it. Rejects where the connection ends without. */
  until(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (pattern.test(this.received)) resolve(this.received);
        else if (this.ended) reject(new Error(`the connection ended without ${String(pattern)}: ${this.received}`));
        else return;
        this.watchers.delete(look);
      };
      this.watchers.add(look);
      look();
    });
  }

  closed(): Promise<string> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.ended) return;
        this.watchers.delete(look);
        resolve(this.received);
      };
      this.watchers.add(look);
      look();
    });
  }

  /** Reads no more. */
  pause(): void {
    this.socket.pause();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private look(): void {
    for (const watcher of this.watchers) watcher();
  }
}

/** Sends a JSON answer. */
export function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: http.OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8', ...headers });
  response.end(JSON.stringify(body));
}

export const googleFailure = (code: number, status: string, details: unknown[] = []) => ({
  error: { code, message: `simulated ${code}`, status, details },
});

/** Waits until a count has not changed for `quietMs`: no event tells that something is held back. */
export async function standsStill(count: () => number, quietMs = 200): Promise<void> {
  let before = count();
  for (let stillMs = 0; stillMs < quietMs; stillMs += 10) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (count() !== before) stillMs = 0;
    before = count();
  }
}
