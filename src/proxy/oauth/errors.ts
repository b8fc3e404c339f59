import { RegrantError } from '../../store/ground/errors.js';
import { english, read } from '../../store/words/saying.js';
import type { Cause } from '../contract/causes.js';

/** A refresh that gave no access token. The subclass says what that means for the account. */
export abstract class RefreshError extends RegrantError {
  /** A code of `proxy/contract/causes`. */
  abstract override readonly cause: Cause;

  /**
   * @param serverCode - the server's error code, or a short word of ours where there is none: the log line begins with
   * it
   * @param words - the server's words, without secrets; may be empty
   * @param text - both in one, for people
   */
  constructor(
    readonly serverCode: string,
    readonly words: string,
    text = words === '' ? serverCode : `${serverCode} (${words})`,
  ) {
    super(read(text));
  }
}

/** The token endpoint answered `invalid_grant` (RFC 6749 §5.2) to exactly the token that was sent. */
export class GrantRefused extends RefreshError {
  readonly code = 'GRANT_REFUSED';
  /** The likeliest cause by the answer alone; the ranking needs more than that. */
  override readonly cause: Cause;

  constructor(
    words: string,
    /** `error_subtype` of the answer, else empty. */
    readonly subtype: string,
    cause: Cause = 'revoked',
  ) {
    super('invalid_grant', words);
    this.cause = cause;
  }
}

/** A refusal that is no verdict about the token: a policy, another client's token, an unknown error. */
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

const isOfBoxes = (cause: Cause): boolean => cause === 'in_doubt' || cause === 'database';

/** Any failure that may pass: network, time-out, 429, 5xx, an answer that is not JSON. */
export class TokenEndpointUnavailable extends RefreshError {
  readonly code = 'TOKEN_ENDPOINT_UNAVAILABLE';

  constructor(
    override readonly cause: 'network' | 'provider_trouble' | 'rate_limited' | 'in_doubt' | 'database',
    serverCode: string,
    words: string,
    /** The pause that the server asked for; null: none. */
    readonly retryAfterMs: number | null = null,
    /** Status of the answer; null: there was none. */
    readonly status: number | null = null,
  ) {
    super(serverCode, words, isOfBoxes(cause) ? words : undefined);
  }

  /** Whether nothing was sent, because of the other boxes of the pool: `words` say all of it. */
  get isOfBoxes(): boolean {
    return isOfBoxes(this.cause);
  }

  /** Whether the endpoint asks to be sent nothing for a while, whatever the token. */
  get asksForPause(): boolean {
    return this.status === 429 || this.status === 503;
  }
}

/** Nothing was sent, because it could not do any good at the moment. */
export class NotAsked extends RefreshError {
  readonly code: 'NOT_ASKED' | 'NOBODY_WAITS' = 'NOT_ASKED';

  constructor(
    override readonly cause: Cause,
    serverCode: string,
    words: string,
  ) {
    super(serverCode, words);
  }
}

/** Nothing was sent, because whoever had asked for it is gone by now. */
export class NobodyWaits extends NotAsked {
  override readonly code = 'NOBODY_WAITS';

  constructor() {
    super('unknown', 'nobody_waits', english('whoever asked for it is gone'));
  }
}
