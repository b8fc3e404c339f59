/**
 * A simulated Google on loopback: token endpoint, consent page, userinfo, the Gemini API and Code Assist in one server,
 * with the same answers, refusals and words as the real ones. The demo uses it, and so do the tests, which script its
 * answers.
 */
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  createServer,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../store/ground/clock.js';
import type { Calls, Decide, UserInfoCall } from './calls.js';
import { CODE_ASSIST, type QuotaLeft, Quotas, answerCodeAssist, opened } from './code-assist.js';
import { type GeminiCall, type Pace, answerGemini, route } from './gemini.js';
import { pathNotFound, userInfoRefused } from './refusals.js';
import { type GoogleAnswer, jsonReply, sendReply } from './reply.js';
import { StoredThings } from './stored.js';
import { AuthorizationServer, type GrantTerms, type RevokedWords, person } from './tokens.js';
import { TokenScript, type Hold } from './token-script.js';
import { byItself } from '../store/ground/faults.js';

export interface GoogleOptions {
  readonly clock?: Clock;
  /** 0, the default, takes any free one. */
  readonly port?: number;
  /** How many seconds an access token lives unless its grant says so; 3599 by default, as Google's. */
  readonly expiresIn?: number;
  /** Whether a call must name the project whose quota it uses; `required` by default. */
  readonly quotaProject?: 'required' | 'client';
  /** Delays the Gemini API. */
  readonly pace?: (call: GeminiCall) => Pace;
  /** Delays the token endpoint, in ms. */
  readonly tokenDelayMs?: () => number;
  /** How many calls of each kind are remembered; all of them without it. */
  readonly keepCalls?: number;
}

export interface SimulatedGoogle {
  readonly url: string;
  readonly tokenUrl: string;
  readonly userInfoUrl: string;
  readonly authUrl: string;
  readonly calls: Calls;
  /** Registers an OAuth client. From the first one on, only registered clients with their secrets are served. */
  client(id: string, secret: string): void;
  /** Deletes a client: `invalid_client` from now on, if another one is still registered. */
  forgetClient(id: string): void;
  grant(refreshToken: string, terms: GrantTerms): void;
  /** Ends a grant: `invalid_grant` from now on. Its access tokens stay good; `expireAccess` ends them. */
  revoke(refreshToken: string, words?: RevokedWords): void;
  /** An access token of this grant, as if it had been fetched before. */
  accessToken(refreshToken: string): string;
  /** Ends the access tokens of this user, or all. */
  expireAccess(email?: string): void;
  /**
   * The user at the browser: the consent page sends that user straight back. `null`: the page shows users to choose
   * from.
   */
  signIn(email: string | null): void;
  /** The next `times` (default 1) token calls with this refresh token, or `*` for any, get exactly this answer. */
  script(refreshToken: string, reply: GoogleAnswer, times?: number): void;
  /** Removes what was scripted for this refresh token and not used up. */
  unscript(refreshToken: string): void;
  /** Token calls with this refresh token, or `*` for any, hang until released. */
  hold(refreshToken: string): Hold;
  /**
   * The most exchanges of one refresh token that were ever under way at the same time; without an argument, of any
   * token.
   */
  overlap(refreshToken?: string): number;
  /** Sets what is left of a user's quota, as Code Assist tells it. */
  quota(email: string, model: string, left: QuotaLeft): void;
  /** Decides each answer of the Gemini API and of Code Assist; called before credentials are looked at. `null` ends it. */
  upstream(decide: Decide<GeminiCall> | null): void;
  /** Decides each answer of userinfo. */
  userInfo(decide: Decide<UserInfoCall> | null): void;
  /** Calls for content whose access token was accepted, optionally only of one user. */
  generated(email?: string): readonly GeminiCall[];
  /** Resolves when `check` returns true; it is called again after every call that comes in. */
  until(check: (calls: Calls) => boolean): Promise<void>;
  close(): Promise<void>;
}

/** Starts a simulated Google on loopback. */
export async function startGoogle(options: GoogleOptions = {}): Promise<SimulatedGoogle> {
  const simulation = new Simulation(options);
  await simulation.listen(options.port ?? 0);
  return simulation;
}

class Simulation implements SimulatedGoogle {
  readonly calls: Calls = { token: [], userinfo: [], gemini: [], other: [] };
  readonly #options: GoogleOptions;
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #authority: AuthorizationServer;
  readonly #tokenScript = new TokenScript();
  readonly #quotas = new Quotas();
  readonly #stored: StoredThings;
  #watchers: (() => void)[] = [];
  #upstream: Decide<GeminiCall> | null = null;
  #userInfo: Decide<UserInfoCall> | null = null;

  constructor(options: GoogleOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#stored = new StoredThings(this.#clock);
    this.#authority = new AuthorizationServer(this.#clock, options.expiresIn ?? 3599);
    this.#server = createServer((request, response) =>
      byItself('the simulated Google', this.#serve(request, response)),
    );
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((listening, failed) => {
      this.#server.once('error', failed);
      this.#server.listen(port, '127.0.0.1', listening);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  get tokenUrl(): string {
    return `${this.url}/token`;
  }
  get userInfoUrl(): string {
    return `${this.url}/userinfo`;
  }
  get authUrl(): string {
    return `${this.url}/auth`;
  }

  client(id: string, secret: string): void {
    this.#authority.client(id, secret);
  }
  forgetClient(id: string): void {
    this.#authority.forgetClient(id);
  }
  grant(refreshToken: string, terms: GrantTerms): void {
    this.#authority.grant(refreshToken, terms);
  }
  revoke(refreshToken: string, words: RevokedWords = {}): void {
    this.#authority.revoke(refreshToken, words);
  }
  accessToken(refreshToken: string): string {
    return this.#authority.issue(refreshToken);
  }
  expireAccess(email?: string): void {
    this.#authority.expireAccess(email);
  }
  signIn(email: string | null): void {
    this.#authority.signIn(email);
  }
  script(refreshToken: string, reply: GoogleAnswer, times = 1): void {
    this.#tokenScript.add(refreshToken, reply, times);
  }
  unscript(refreshToken: string): void {
    this.#tokenScript.remove(refreshToken);
  }
  hold(refreshToken: string): Hold {
    return this.#tokenScript.hold(refreshToken);
  }
  overlap(refreshToken?: string): number {
    return this.#tokenScript.overlap(refreshToken);
  }
  quota(email: string, model: string, left: QuotaLeft): void {
    this.#quotas.set(email, model, left);
  }
  upstream(decide: Decide<GeminiCall> | null): void {
    this.#upstream = decide;
  }
  userInfo(decide: Decide<UserInfoCall> | null): void {
    this.#userInfo = decide;
  }
  generated(email?: string): readonly GeminiCall[] {
    return this.calls.gemini.filter(
      (call) =>
        (call.verb === 'generateContent' || call.verb === 'streamGenerateContent') &&
        (email === undefined ? call.email !== null : call.email === email),
    );
  }

  until(check: (calls: Calls) => boolean): Promise<void> {
    if (check(this.calls)) return Promise.resolve();
    return new Promise((done) => {
      const watcher = (): void => {
        if (!check(this.calls)) return;
        this.#watchers = this.#watchers.filter((other) => other !== watcher);
        done();
      };
      this.#watchers.push(watcher);
    });
  }

  async close(): Promise<void> {
    this.#tokenScript.releaseAll();
    const closed = new Promise((done) => this.#server.close(done));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const reply = await this.#reply(request, Buffer.concat(chunks));
      if (!response.destroyed) await sendReply(response, reply);
    } catch {
      // The client left in the middle of its request, so there is nobody to answer.
      response.destroy();
    }
  }

  #reply(request: IncomingMessage, bytes: Buffer): Promise<GoogleAnswer> | GoogleAnswer {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { method = 'GET', headers } = request;
    const body = bytes.toString();
    if (url.pathname === '/token' && method === 'POST') return this.#token(headers, new URLSearchParams(body));
    if (url.pathname === '/userinfo') return this.#whoIs(headers);
    if (url.pathname === '/auth' && method === 'GET') return this.#authority.authorize(url.searchParams);
    if (/^(\/upload)?\/v1/.test(url.pathname)) return this.#gemini(method, url, headers, bytes);
    this.#record(this.calls.other, `${method} ${url.pathname}`);
    return pathNotFound(url.pathname);
  }

  async #token(headers: IncomingHttpHeaders, form: URLSearchParams): Promise<GoogleAnswer> {
    const refreshToken = form.get('refresh_token') ?? form.get('code') ?? '';
    const grantType = form.get('grant_type');
    const clientId = form.get('client_id');
    const exchange = this.#tokenScript.begin(refreshToken);
    this.#record(this.calls.token, { at: this.#clock.now(), grantType, refreshToken, clientId, headers, form });
    const delayMs = this.#options.tokenDelayMs?.() ?? 0;
    if (delayMs > 0) await this.#clock.wait(delayMs);
    const scripted = await exchange.scripted();
    exchange.end();
    return scripted ?? this.#authority.exchange(form);
  }

  async #whoIs(headers: IncomingHttpHeaders): Promise<GoogleAnswer> {
    const access = this.#authority.access(bearer(headers));
    const call = { at: this.#clock.now(), email: access?.email ?? null, headers };
    this.#record(this.calls.userinfo, call);
    const decided = await this.#userInfo?.(call);
    if (decided) return decided;
    return access?.scopes.includes('openid') ? jsonReply(200, person(access.email)) : userInfoRefused();
  }

  async #gemini(method: string, url: URL, headers: IncomingHttpHeaders, bytes: Buffer): Promise<GoogleAnswer> {
    const body = bytes.toString();
    const access = this.#authority.access(bearer(headers));
    const project = headers['x-goog-user-project'];
    const isCodeAssist = url.pathname.startsWith(CODE_ASSIST);
    const call: GeminiCall = {
      at: this.#clock.now(),
      method,
      path: url.pathname,
      search: url.search,
      headers,
      body,
      ...route(method, url.pathname),
      email: access?.email ?? null,
      refreshToken: access?.refreshToken ?? null,
      project: typeof project === 'string' ? project : null,
      ...(isCodeAssist && { ...opened(url.pathname, body), body }),
    };
    this.#record(this.calls.gemini, call);
    const decided = await this.#upstream?.(call);
    if (decided) return decided;
    const quotaProject = this.#options.quotaProject ?? 'required';
    const rules = { clock: this.#clock, pace: this.#options.pace, quotaProject };
    const host = headers.host ?? '';
    if (this.#stored.isUpload(url.searchParams))
      return this.#stored.answer(call, bytes, host) ?? pathNotFound(call.path);
    return isCodeAssist
      ? answerCodeAssist(call, access, { ...rules, quotas: this.#quotas })
      : answerGemini(call, access, {
          ...rules,
          stored: () => this.#stored.answer(call, bytes, host) ?? this.#stored.refusal(call),
        });
  }

  #record<Call>(list: Call[], call: Call): void {
    list.push(call);
    if (list.length > (this.#options.keepCalls ?? Infinity)) list.shift();
    for (const watcher of this.#watchers) watcher();
  }
}

const bearer = (headers: IncomingHttpHeaders): string => (headers.authorization ?? '').replace(/^Bearer /i, '');
