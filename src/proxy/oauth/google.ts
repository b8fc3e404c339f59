/** Talks to the token and userinfo endpoints; knows no accounts, no files and no pool. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Agents, CancelableRequest, Got, Response } from 'got';
import * as v from 'valibot';
import type { Clock } from '../../store/ground/clock.js';
import { cutReason } from '../../store/accounts/patches.js';
import { redact, withoutEmails } from '../../store/ground/redact.js';
import { networkWords } from '../transport/network-words.js';
import { httpClient } from '../transport/http-client.js';
import { agentsFor, type OutboundProxy } from '../transport/outbound.js';
import { meaningOf, type HttpAnswer, type TokenBody } from './token-endpoint-answer.js';
import { retryAfterMs } from '../http/headers.js';
import { ClientRefused, GrantRefused, RefreshRefused, TokenEndpointUnavailable } from './errors.js';
import { messageOf } from '../../store/ground/errors.js';
import { jsonOf } from '../../store/ground/json.js';
import { ownValue } from '../../store/ground/json.js';
import { english } from '../../store/words/saying.js';

/** An OAuth client of the operator's own. */
export interface OAuthClient {
  readonly name: string;
  readonly id: string;
  readonly secret: string;
}

/** A good answer of the token endpoint. */
export interface Exchanged {
  readonly body: TokenBody;
  /** When the answer came, ms since 1970: the times in it count from then. */
  readonly at: number;
  /** How long the endpoint took to answer, ms. */
  readonly tookMs: number;
}

/** Whose token it is. */
export interface Identity {
  readonly email: string;
  readonly name: string | null;
}

/** What to do if a connection is reset before an answer. */
export type AfterReset = 'give up' | 'once more';

export interface GoogleEndpoints {
  readonly tokenUrl: string;
  readonly userInfoUrl: string;
}

/** How long an exchange may run, so that a rotated token in a late answer is not lost. */
const EXCHANGE_TIMEOUT_MS = 60_000;

/** An answer of the token endpoint has a few kB; a page that never ends must not fill the memory. */
const LARGEST_ANSWER_BYTES = 1_048_576;

const UserInfoSchema = v.object({
  email: v.pipe(v.string(), v.minLength(3), v.includes('@')),
  name: v.fallback(v.nullish(v.string(), null), null),
});

const IdTokenSchema = v.object({
  aud: v.union([v.string(), v.array(v.string())]),
  email: v.pipe(v.string(), v.minLength(3), v.includes('@')),
  name: v.fallback(v.nullish(v.string(), null), null),
});

export class Google {
  private http: Got | null = null;

  /** The token endpoint's last time, and when we got it on the monotonic clock; ms. */
  private timeSeen: { readonly serverMs: number; readonly at: number } | null = null;

  constructor(
    private readonly endpoints: GoogleEndpoints,
    private readonly clock: Clock,
    private readonly outbound: OutboundProxy,
  ) {}

  /** The time by the token endpoint's clock, ms since 1970, however ours was set meanwhile; null: not known. */
  get serverTime(): number | null {
    if (this.timeSeen === null) return null;
    return this.timeSeen.serverMs + this.clock.monotonic() - this.timeSeen.at;
  }

  /** How far this machine's clock is ahead of the token endpoint's, ms; null: not seen yet. */
  get clockAheadMs(): number | null {
    const { serverTime } = this;
    return serverTime === null ? null : this.clock.now() - serverTime;
  }

  /**
   * Exchanges a refresh token for an access token: no redirect is followed, since it would carry the token and the
   * client's secret to an unknown place (RFC 6749 §6). It is sent once; if a kept-alive connection turns out to be dead
   * (a NAT that forgot it resets it), `once more` sends it again on a fresh one. A token that is rotated with each use
   * may be used up by then: such a one is never sent again.
   *
   * @throws {GrantRefused} `invalid_grant`: a verdict about exactly this token
   * @throws {RefreshRefused} a policy, another client's token, an unknown refusal
   * @throws {ClientRefused} the OAuth client was refused, not the token
   * @throws {TokenEndpointUnavailable} anything that may pass
   */
  exchange(refreshToken: string, client: OAuthClient, afterReset: AfterReset = 'give up'): Promise<Exchanged> {
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
    return this.grant(form, client, [refreshToken], afterReset);
  }

  /**
   * Exchanges an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.5), once, with the same care.
   *
   * @throws {GrantRefused} the code was used before, is too old, or is no code
   * @throws {RefreshRefused | ClientRefused | TokenEndpointUnavailable} as for a refresh token
   */
  redeem(
    code: string,
    { client, redirectUri, verifier }: { client: OAuthClient; redirectUri: string; verifier: string },
  ): Promise<Exchanged> {
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
    return this.grant(form, client, [code, verifier], 'give up');
  }

  private async grant(
    parameters: Record<string, string>,
    client: OAuthClient,
    sent: readonly string[],
    afterReset: AfterReset,
  ): Promise<Exchanged> {
    const form = {
      ...parameters,
      client_id: client.id,
      ...(client.secret === '' ? {} : { client_secret: client.secret }),
    };
    const secrets = [...sent, client.secret];
    const started = this.clock.monotonic();
    const answer = await this.post(form, afterReset).catch((error: unknown) => {
      throw networkError(error, secrets);
    });
    const at = this.clock.now();
    const tookMs = this.clock.monotonic() - started;
    const meaning = meaningOf(answer);
    if (meaning.kind === 'token') return { body: meaning.token, at, tookMs };
    const words = cutReason(withoutEmails(redact(meaning.words, secrets)));
    switch (meaning.kind) {
      case 'grant':
        throw new GrantRefused(words, redact(meaning.subtype, secrets).slice(0, 80));
      case 'refused':
        throw new RefreshRefused(meaning.cause, redact(meaning.code, secrets).slice(0, 80), words);
      case 'client':
        throw new ClientRefused(meaning.cause, meaning.code, words, client.name);
      case 'temporary': {
        const pause = retryAfterMs(answer.retryAfter, this.clock.now());
        const code = redact(meaning.code, secrets).slice(0, 80);
        throw new TokenEndpointUnavailable(meaning.cause, code, words, pause, answer.status);
      }
    }
  }

  /**
   * Asks whose an access token is (OpenID Connect Core §5.3).
   *
   * @throws {TokenEndpointUnavailable} no answer, or none that names an e-mail
   */
  async userInfo(accessToken: string): Promise<Identity> {
    try {
      const http = await this.client();
      const agent = await agentsFor(this.outbound, new URL(this.endpoints.userInfoUrl));
      const response = await bounded(
        http.get(this.endpoints.userInfoUrl, {
          headers: { authorization: `Bearer ${accessToken}` },
          agent,
          timeout: { request: EXCHANGE_TIMEOUT_MS },
        }),
      );
      const parsed = v.safeParse(UserInfoSchema, response.statusCode === 200 ? jsonOf(response.body) : null);
      if (parsed.success) return parsed.output;
      throw new TokenEndpointUnavailable(
        'provider_trouble',
        `http_${response.statusCode}`,
        english('userinfo names no e-mail'),
      );
    } catch (error) {
      throw networkError(error, [accessToken]);
    }
  }

  private async post(form: Record<string, string>, afterReset: AfterReset): Promise<HttpAnswer> {
    const { tokenUrl } = this.endpoints;
    const agents = await agentsFor(this.outbound, new URL(tokenUrl));
    try {
      return await this.send(tokenUrl, form, agents);
    } catch (error) {
      if (afterReset === 'give up' || !isReset(error)) throw error;
      return this.send(tokenUrl, form, agents ?? freshConnections());
    }
  }

  private async send(url: string, form: Record<string, string>, agent: Agents | undefined): Promise<HttpAnswer> {
    const http = await this.client();
    const request = http.post(url, { form, agent, timeout: { request: EXCHANGE_TIMEOUT_MS } });
    const { statusCode, headers, body } = await bounded(request);
    const date = Date.parse(headers.date ?? '');
    // the header has whole seconds: half a second on average
    if (!Number.isNaN(date)) this.timeSeen = { serverMs: date + 500, at: this.clock.monotonic() };
    return {
      status: statusCode,
      contentType: (headers['content-type'] ?? '').toLowerCase(),
      body,
      retryAfter: headers['retry-after'] ?? null,
    };
  }

  private async client(): Promise<Got> {
    this.http ??= (await httpClient()).extend({
      followRedirect: false,
      retry: { limit: 0 },
      throwHttpErrors: false,
      responseType: 'text',
      headers: { accept: 'application/json', 'user-agent': 'regrant' },
    });
    return this.http;
  }
}

/** Agents that make a new connection for each request; Node by default keeps connections open. */
const freshConnections = (): Agents => ({
  http: new HttpAgent({ keepAlive: false }),
  https: new HttpsAgent({ keepAlive: false }),
});

const resetCodes: readonly string[] = ['ECONNRESET', 'EPIPE', 'ECONNABORTED'];

/**
 * Whether the connection was reset before the first byte of an answer: it is not known whether the request was read.
 */
function isReset(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || !resetCodes.includes(String(error.code))) return false;
  return !('response' in error) || error.response === undefined;
}

/** The answer, cut off where it grows larger than any answer of these endpoints. */
function bounded(request: CancelableRequest<Response<string>>): Promise<Response<string>> {
  return request.on('downloadProgress', ({ transferred }) => {
    if (transferred > LARGEST_ANSWER_BYTES) request.cancel();
  });
}

function networkError(error: unknown, secrets: readonly string[]): TokenEndpointUnavailable {
  if (error instanceof TokenEndpointUnavailable) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'ERR_NETWORK';
  if (code === 'ERR_CANCELED') {
    return new TokenEndpointUnavailable('network', code, english('an answer without end, not one of a token endpoint'));
  }
  const words = ownValue(networkWords, code) ?? messageOf(error);
  return new TokenEndpointUnavailable('network', code, redact(words, secrets).slice(0, 300));
}

/**
 * Whose an ID token is, if it was made for this client; null where it does not say. It came straight from the token
 * endpoint, so its signature need not be checked (OpenID Connect Core §3.1.3.7, item 6).
 */
export function identityOf(idToken: string | null, clientId: string): Identity | null {
  const payload = idToken?.split('.')[1];
  if (payload === undefined) return null;
  const parsed = v.safeParse(IdTokenSchema, jsonOf(Buffer.from(payload, 'base64url').toString('utf8')));
  if (!parsed.success || ![parsed.output.aud].flat().includes(clientId)) return null;
  return { email: parsed.output.email, name: parsed.output.name };
}
