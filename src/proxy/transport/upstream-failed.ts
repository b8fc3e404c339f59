import { RegrantError, systemCode } from '../../store/ground/errors.js';
import { networkWords } from './network-words.js';

/** As undici calls them. */
export const abortCodes = {
  givenUp: 'UND_ERR_ABORTED',
  noAnswer: 'UND_ERR_HEADERS_TIMEOUT',
  paused: 'UND_ERR_BODY_TIMEOUT',
} as const;

/** No answer, or no whole one, came from an upstream. */
export class UpstreamFailed extends RegrantError {
  readonly code = 'UPSTREAM_FAILED';

  constructor(
    /** The system's or undici's code: `ECONNREFUSED`, `UND_ERR_HEADERS_TIMEOUT`, … */
    readonly reason: string,
    /** Bytes of the answer that had come. */
    readonly receivedBytes: number,
    /** What happened; it may go to a client, so it names no address and no account. */
    words: string = networkWords[reason] ?? `the exchange failed (${reason})`,
  ) {
    super(words);
  }

  /** What broke off, as the code that came with it says. */
  static by(error: Error, receivedBytes: number): UpstreamFailed {
    const code = systemCode(error) || error.name;
    // The outbound proxy's own words are ours, and name its status only.
    return new UpstreamFailed(code, receivedBytes, code === 'EPROXY' ? error.message : undefined);
  }

  /** The account's credentials cannot be sent: nothing was asked. */
  get isUnsendable(): boolean {
    return this.reason === 'UND_ERR_INVALID_ARG';
  }

  /** It was ended from here. */
  get givenUp(): boolean {
    return this.reason === abortCodes.givenUp;
  }
}

/** Codes of a connection that was closed under a request: what a kept-alive connection does that the other side had just given up. */
const closedUnderUs: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/** The connection ended before a byte of the answer; a new one may well do. */
export const isStaleConnection = (failure: UpstreamFailed): boolean =>
  failure.receivedBytes === 0 && closedUnderUs.has(failure.reason);

export const isTimeout = (failure: UpstreamFailed): boolean => /TIMEOUT|TIMEDOUT/.test(failure.reason);
