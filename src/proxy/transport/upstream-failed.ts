import { CodedError, systemCode } from '../../store/ground/errors.js';
import { networkWords } from './network-words.js';
import { ownValue } from '../../store/ground/json.js';

/** Codes for requests that were ended from our side: undici's, where it has one. */
export const abortCodes = {
  givenUp: 'UND_ERR_ABORTED',
  noAnswer: 'UND_ERR_HEADERS_TIMEOUT',
  paused: 'UND_ERR_BODY_TIMEOUT',
  unacknowledged: 'ERR_UNACKNOWLEDGED',
} as const;

/** No answer, or no complete one, came from an upstream. */
export class UpstreamFailed extends CodedError {
  readonly code = 'UPSTREAM_FAILED';

  constructor(
    /** The system's or undici's code: `ECONNREFUSED`, `UND_ERR_HEADERS_TIMEOUT`, … */
    readonly reason: string,
    /** Bytes of the answer that had come. */
    readonly receivedBytes: number,
    /** What happened; it may go to a client, so it names no address and no account. */
    words: string = ownValue(networkWords, reason) ?? `the exchange failed (${reason})`,
  ) {
    super(words);
  }

  /** The failure for an error of undici or the system, by its code. */
  static by(error: Error, receivedBytes: number): UpstreamFailed {
    const code = systemCode(error) || error.name;
    // The outbound proxy's words are made here, and name only its status.
    return new UpstreamFailed(code, receivedBytes, code === 'EPROXY' ? error.message : undefined);
  }

  /** Whether the account's credentials cannot be sent in a header, so that nothing was asked. */
  get isUnsendable(): boolean {
    return this.reason === 'UND_ERR_INVALID_ARG';
  }

  /** Whether the exchange was ended from our side. */
  get givenUp(): boolean {
    return this.reason === abortCodes.givenUp;
  }
}

/**
 * Codes of a connection that was closed during a request, as happens with a kept-alive connection that the other side
 * has just closed.
 */
const closedUnderUs: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/** Whether the connection was dead before anything was sent on it. */
export const isDeadConnection = (failure: UpstreamFailed): boolean => failure.reason === abortCodes.unacknowledged;

/** Whether the connection ended before the first byte of the answer: a new one may well work. */
export const isStaleConnection = (failure: UpstreamFailed): boolean =>
  failure.receivedBytes === 0 && closedUnderUs.has(failure.reason);

export const isTimeout = (failure: UpstreamFailed): boolean => /TIMEOUT|TIMEDOUT/.test(failure.reason);
