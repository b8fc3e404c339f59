/** The authorization server of the simulated Google: the users' grants to OAuth clients, and what happened to them. */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../store/ground/clock.js';
import {
  clientMismatch,
  clientNotFound,
  clientSecretWrong,
  grantTypeUnknown,
  invalidGrant,
  parameterMissing,
  redirectMismatch,
  revokedDescription,
} from './refusals.js';
import { type WholeAnswer, html, jsonReply, redirect } from './reply.js';
import { ownValue } from '../store/ground/json.js';

/** What a user granted; everything but the e-mail has a default. */
export interface GrantTerms {
  readonly email: string;
  /** As asked for; answers give `email` and `profile` in Google's long form. */
  readonly scopes?: readonly string[];
  /** Id of the OAuth client that it was granted to; without it any client may use it. */
  readonly client?: string;
  /**
   * The next exchange answers with this refresh token, and the old one is dead from then on. A function names the one
   * that follows the token that was sent, at every exchange.
   */
  readonly rotateTo?: string | ((sent: string) => string);
  /** How many seconds an access token lives. */
  readonly expiresIn?: number;
  /** Seconds until the grant itself ends: time-limited consent, or a consent screen in Testing. */
  readonly refreshTokenExpiresIn?: number;
  /** Whether answers carry an `id_token`; present by default where `openid` was granted. */
  readonly idToken?: 'present' | 'absent';
}

/** Google's words for a dead grant. */
export interface RevokedWords {
  readonly description?: string;
  /** `error_subtype`: `invalid_rapt`, `rapt_required`. */
  readonly subtype?: string;
}

/** An access token as the resource servers know it. */
export interface AccessGrant {
  readonly email: string;
  readonly refreshToken: string;
  readonly scopes: readonly string[];
  readonly clientId: string;
  /** ms since 1970. */
  readonly expiresAt: number;
}

interface Grant extends GrantTerms {
  readonly revoked?: RevokedWords;
}

interface Code {
  readonly email: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string | null;
  readonly scopes: readonly string[];
  readonly offline: boolean;
}

/** What regrant asks for by default. */
export const allScopes = [
  'openid',
  'email',
  'profile',
  'https://www.googleapis.com/auth/cloud-platform',
  'https://www.googleapis.com/auth/generative-language.retriever',
] as const;

const longForm: Readonly<Record<string, string>> = {
  email: 'https://www.googleapis.com/auth/userinfo.email',
  profile: 'https://www.googleapis.com/auth/userinfo.profile',
};

const random = (bytes: number): string => randomBytes(bytes).toString('base64url');
/** A refresh token of 103 characters, like Google's. */
export const newRefreshToken = (): string => `1//0${random(75).slice(0, 99)}`;
const newAccessToken = (): string => `ya29.a0${random(150)}`;
const newCode = (): string => `4/0${random(52)}`;

export class AuthorizationServer {
  readonly #clock: Clock;
  readonly #expiresIn: number;
  readonly #clients = new Map<string, string>();
  readonly #grants = new Map<string, Grant>();
  readonly #access = new Map<string, AccessGrant>();
  readonly #codes = new Map<string, Code>();
  #signedIn: string | null = null;

  /** @param expiresIn - how many seconds an access token lives unless the grant says so */
  constructor(clock: Clock, expiresIn: number) {
    this.#clock = clock;
    this.#expiresIn = expiresIn;
  }

  client(id: string, secret: string): void {
    this.#clients.set(id, secret);
  }

  forgetClient(id: string): void {
    this.#clients.delete(id);
  }

  grant(refreshToken: string, terms: GrantTerms): void {
    this.#grants.set(refreshToken, terms);
  }

  revoke(refreshToken: string, words: RevokedWords): void {
    const grant = this.#grants.get(refreshToken) ?? { email: '' };
    this.#grants.set(refreshToken, { ...grant, revoked: words });
  }

  expireAccess(email?: string): void {
    for (const [token, access] of this.#access) {
      if (email === undefined || access.email === email) this.#access.set(token, { ...access, expiresAt: 0 });
    }
  }

  signIn(email: string | null): void {
    this.#signedIn = email;
  }

  /** Makes an access token without an exchange, as if it had been fetched before. */
  issue(refreshToken: string, clientId = ''): string {
    const grant = this.#grants.get(refreshToken);
    if (grant === undefined) throw new Error('no such grant: call grant() before accessToken()');
    const token = newAccessToken();
    this.#access.set(token, {
      email: grant.email,
      refreshToken,
      scopes: grant.scopes ?? allScopes,
      clientId,
      expiresAt: this.#clock.now() + this.#life(grant) * 1000,
    });
    return token;
  }

  /** The grant of an access token that has not expired. */
  access(accessToken: string): AccessGrant | undefined {
    const access = this.#access.get(accessToken);
    return access !== undefined && access.expiresAt > this.#clock.now() ? access : undefined;
  }

  /** Answers a call of the token endpoint. */
  exchange(form: URLSearchParams): WholeAnswer {
    const kind = form.get('grant_type');
    if (kind === null) return parameterMissing('grant_type');
    const clientRefused = this.#refuseClient(form);
    if (clientRefused) return clientRefused;
    if (kind === 'refresh_token') return this.#refresh(form);
    if (kind === 'authorization_code') return this.#redeem(form);
    return grantTypeUnknown(kind);
  }

  /** Answers a browser at the consent page: straight back to the program, or a page to choose a user on. */
  authorize(query: URLSearchParams): WholeAnswer {
    const redirectUri = query.get('redirect_uri') ?? '';
    const clientId = query.get('client_id') ?? '';
    const target = URL.canParse(redirectUri) ? new URL(redirectUri) : null;
    if (target === null || !['127.0.0.1', '[::1]', 'localhost'].includes(target.hostname)) {
      return html(400, '<title>Error 400: redirect_uri_mismatch</title>');
    }
    if (this.#clients.size > 0 && !this.#clients.has(clientId)) {
      return html(401, '<title>Error 401: invalid_client</title><p>The OAuth client was not found.');
    }
    const email = query.get('login_hint') ?? this.#signedIn;
    if (email === null) return html(200, this.#choosePage(query));
    const scopes = (query.get('scope') ?? '').split(' ').filter(Boolean);
    const offline = query.get('access_type') === 'offline';
    const code = newCode();
    this.#codes.set(code, { email, clientId, redirectUri, challenge: query.get('code_challenge'), scopes, offline });
    const state = query.get('state');
    if (state !== null) target.searchParams.set('state', state);
    target.searchParams.set('code', code);
    target.searchParams.set('scope', scopes.map((scope) => ownValue(longForm, scope) ?? scope).join(' '));
    return redirect(target.href);
  }

  #choosePage(query: URLSearchParams): string {
    const emails = new Set([...this.#grants.values()].map((grant) => grant.email).filter(Boolean));
    const links = [...emails].map((email) => {
      const href = new URLSearchParams(query);
      href.set('login_hint', email);
      return `<li><a href="?${href.toString().replaceAll('&', '&amp;')}">${email}</a>`;
    });
    return `<!DOCTYPE html><title>Choose an account (simulated)</title><ul>${links.join('')}</ul>`;
  }

  #refuseClient(form: URLSearchParams): WholeAnswer | undefined {
    const id = form.get('client_id');
    if (id === null || id === '') return parameterMissing('client_id');
    if (this.#clients.size === 0) return undefined;
    const secret = this.#clients.get(id);
    if (secret === undefined) return clientNotFound();
    return secret === (form.get('client_secret') ?? '') ? undefined : clientSecretWrong();
  }

  #refresh(form: URLSearchParams): WholeAnswer {
    const refreshToken = form.get('refresh_token');
    if (refreshToken === null || refreshToken === '') return parameterMissing('refresh_token');
    const grant = this.#grants.get(refreshToken);
    if (grant === undefined) return invalidGrant('Bad Request');
    const clientId = form.get('client_id') ?? '';
    if (grant.client !== undefined && grant.client !== clientId) return clientMismatch();
    if (grant.revoked) return invalidGrant(grant.revoked.description, grant.revoked.subtype);
    if (grant.rotateTo === undefined) return this.#answer(refreshToken, grant, clientId, null);
    const { rotateTo: to, ...once } = grant;
    const [rotateTo, rest] = typeof to === 'string' ? [to, once] : [to(refreshToken), grant];
    this.#grants.set(rotateTo, rest);
    this.#grants.set(refreshToken, { ...rest, revoked: { description: revokedDescription } });
    return this.#answer(rotateTo, rest, clientId, rotateTo);
  }

  #redeem(form: URLSearchParams): WholeAnswer {
    const code = form.get('code');
    if (code === null) return parameterMissing('code');
    const asked = this.#codes.get(code);
    if (asked === undefined) return invalidGrant('Malformed auth code.');
    if (asked.redirectUri !== form.get('redirect_uri')) return redirectMismatch();
    const clientId = form.get('client_id') ?? '';
    if (asked.clientId !== clientId) return clientMismatch();
    const verifier = form.get('code_verifier');
    if (asked.challenge !== null) {
      if (verifier === null) return invalidGrant('Missing code verifier.');
      const proof = createHash('sha256').update(verifier).digest('base64url');
      if (proof !== asked.challenge) return invalidGrant('Invalid code verifier.');
    }
    this.#codes.delete(code);
    const refreshToken = newRefreshToken();
    const grant: Grant = { email: asked.email, scopes: asked.scopes, client: clientId };
    this.#grants.set(refreshToken, grant);
    return this.#answer(refreshToken, grant, clientId, asked.offline ? refreshToken : null);
  }

  #answer(refreshToken: string, grant: Grant, clientId: string, told: string | null): WholeAnswer {
    const scopes = (grant.scopes ?? allScopes).map((scope) => ownValue(longForm, scope) ?? scope);
    const withIdToken = (grant.idToken ?? 'present') === 'present' && scopes.includes('openid');
    return jsonReply(
      200,
      {
        access_token: this.issue(refreshToken, clientId),
        expires_in: this.#life(grant),
        ...(told !== null && { refresh_token: told }),
        ...(grant.refreshTokenExpiresIn !== undefined && { refresh_token_expires_in: grant.refreshTokenExpiresIn }),
        scope: scopes.join(' '),
        token_type: 'Bearer',
        ...(withIdToken && { id_token: this.#idToken(grant, clientId) }),
      },
      { 'cache-control': 'no-cache, no-store, max-age=0, must-revalidate', pragma: 'no-cache' },
    );
  }

  #life(grant: Grant): number {
    return grant.expiresIn ?? this.#expiresIn;
  }

  /**
   * An ID token with an empty signature: OpenID Connect Core §3.1.3.7 does not require a check where it comes over TLS
   * from the token endpoint itself.
   */
  #idToken(grant: Grant, clientId: string): string {
    const now = Math.floor(this.#clock.now() / 1000);
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const header = { alg: 'RS256', kid: 'simulated', typ: 'JWT' };
    const issuer = 'https://accounts.google.com';
    const claims = { iss: issuer, azp: clientId, aud: clientId, ...person(grant.email), iat: now, exp: now + 3599 };
    return `${part(header)}.${part(claims)}.${random(256)}`;
  }
}

/** What OpenID Connect tells about a user. */
export function person(email: string): Record<string, unknown> {
  const number = BigInt(`0x${createHash('sha256').update(email.toLowerCase()).digest('hex').slice(0, 16)}`);
  const name = email.split('@')[0] ?? email;
  return { sub: `1${String(number).padStart(20, '0')}`, name, given_name: name, email, email_verified: true };
}
