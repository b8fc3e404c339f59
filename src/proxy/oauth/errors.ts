import { RegrantError } from '../../store/ground/errors.js';
import type { Cause } from '../contract/causes.js';

/** A refresh that gave no access token. What it means for the account is in the subclass. */
export abstract class RefreshError extends RegrantError {
  /** Cause of the closed vocabulary. */
  abstract override readonly cause: Cause;

  /**
   * @param serverCode - the server's error code, or a short word of ours where there is none: what the log line starts with
   * @param words - the server's words, without secrets; may be empty
   */
  constructor(
    readonly serverCode: string,
    readonly words: string,
  ) {
    super(words === '' ? serverCode : `${serverCode} (${words})`);
  }
}

/** The token endpoint answered `invalid_grant` (RFC 6749 §5.2) to exactly the token that was sent. */
export class GrantRefused extends RefreshError {
  readonly code = 'GRANT_REFUSED';
  /** The likeliest; the ranking needs more than the answer. */
  override readonly cause: Cause;

  constructor(
    words: string,
    /** `error_subtype`, else empty. */
    readonly subtype: string,
    cause: Cause = 'revoked',
  ) {
    super('invalid_grant', words);
    this.cause = cause;
  }
}

/** A refusal that is no verdict about the token: a policy, another client's token, an error nobody knows. */
export class RefreshRefused extends RefreshError {
  readonly code = 'REFRESH_REFUSED';

  constructor(
    override readonly cause: Cause,
    serverCode: string,
    words: string,
  ) {
    super(serverCode, words);
  }
}

/** The OAuth client, not the grant, was refused: no account may be disabled for this. */
export class ClientRefused extends RefreshError {
  readonly code = 'CLIENT_REFUSED';

  constructor(
    override readonly cause: Cause,
    serverCode: string,
    words: string,
    readonly client: string,
  ) {
    super(serverCode, words);
  }
}

/** Anything that may pass: network, time-out, 429, 5xx, an answer that is not JSON. */
export class TokenEndpointUnavailable extends RefreshError {
  readonly code = 'TOKEN_ENDPOINT_UNAVAILABLE';

  constructor(
    override readonly cause: 'network' | 'provider_trouble' | 'rate_limited',
    serverCode: string,
    words: string,
    /** What the server asked for; null: nothing. */
    readonly retryAfterMs: number | null = null,
    /** Status of the answer; null: there was none. */
    readonly status: number | null = null,
  ) {
    super(serverCode, words);
  }

  /** The endpoint wants to be left alone for a while, whatever token is sent to it. */
  get asksForPause(): boolean {
    return this.status === 429 || this.status === 503;
  }
}

/** Nothing was sent, because it could not do any good now. */
export class NotAsked extends RefreshError {
  readonly code = 'NOT_ASKED';

  constructor(
    override readonly cause: Cause,
    serverCode: string,
    words: string,
  ) {
    super(serverCode, words);
  }
}
