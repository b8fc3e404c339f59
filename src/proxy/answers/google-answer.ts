import type { Subject } from '../subject/subject.js';
import { type GoogleError, googleErrorOf } from './google-error.js';

/** An upstream's answer to one account, as far as it matters for the verdict. */
export interface UpstreamAnswer {
  /** Status of the answer, or of the error that a good one began with. */
  readonly status: number;
  /** The Retry-After header. */
  readonly retryAfter: string | null;
  /** The body as text; empty where it could not be read. */
  readonly body: string;
}

/** What was asked, as far as it matters for the verdict. */
export interface AskedFor {
  /** The upstream's `kind`. */
  readonly upstream: 'gemini' | 'cloudcode';
  readonly subject: Subject;
  /** Whether the path calls a model, or reads its description. */
  readonly ofModel: boolean;
  /** Whether the request names something that the API stores. */
  readonly ofStored: boolean;
  /** Whether it is known where that is, so that only accounts are asked that should see it; absent: it is not. */
  readonly atHome?: boolean;
}

/** An answer, parsed for the rules, together with what was asked. */
export interface Case extends AskedFor {
  readonly status: number;
  readonly retryAfter: string | null;
  /** The parsed error; its fields are empty where the body is no error of Google's. */
  readonly error: GoogleError;
  /** The reasons in its ErrorInfo; empty: there are none. */
  readonly reasons: readonly string[];
  /** Its message in lower case and on one line, for the rules that look for words. */
  readonly words: string;
  /** ms since 1970. */
  readonly now: number;
}

const nothing: GoogleError = { code: 0, message: '', status: '', details: [] };

/** The rules look for words in so much of a message; Google's own are a tenth of it. */
const LONGEST_MESSAGE = 16_384;

export function caseOf({ status, retryAfter, body }: UpstreamAnswer, asked: AskedFor, now: number): Case {
  const said = googleErrorOf(body) ?? nothing;
  const error = { ...said, message: said.message.slice(0, LONGEST_MESSAGE) };
  const reasons = error.details.map(({ reason }) => reason).filter((reason) => reason !== '');
  return { ...asked, status, retryAfter, error, reasons, words: oneLine(error.message).toLowerCase(), now };
}

/** A text on one line: Google breaks some of its messages into lines. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
