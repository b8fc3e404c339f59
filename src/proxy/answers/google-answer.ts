import type { Subject } from '../subject/subject.js';
import { type GoogleError, googleErrorOf } from './google-error.js';

/** An upstream's answer to one account, as far as it is judged. */
export interface UpstreamAnswer {
  /** Of the answer, or of the error that a good one began with. */
  readonly status: number;
  /** The Retry-After header. */
  readonly retryAfter: string | null;
  /** The body as text; empty where it could not be read. */
  readonly body: string;
}

/** What was asked, as far as the judging depends on it. */
export interface AskedFor {
  /** `kind` of the upstream. */
  readonly upstream: 'gemini' | 'cloudcode';
  readonly subject: Subject;
  /** The path is a call of a model, or a look at one. */
  readonly ofModel: boolean;
  /** It names something that the API stores for somebody. */
  readonly ofStored: boolean;
}

/** An answer laid open for the rules: what it says, and in reply to what. */
export interface Case extends AskedFor {
  readonly status: number;
  readonly retryAfter: string | null;
  /** Empty where the body is no error of Google's. */
  readonly error: GoogleError;
  /** Reasons of its ErrorInfo; empty: it gives none. */
  readonly reasons: readonly string[];
  /** Its message in lower case and on one line, for those rules that go by words. */
  readonly words: string;
  /** ms since 1970. */
  readonly now: number;
}

const nothing: GoogleError = { code: 0, message: '', status: '', details: [] };

export function caseOf({ status, retryAfter, body }: UpstreamAnswer, asked: AskedFor, now: number): Case {
  const error = googleErrorOf(body) ?? nothing;
  const reasons = error.details.map(({ reason }) => reason).filter((reason) => reason !== '');
  return { ...asked, status, retryAfter, error, reasons, words: oneLine(error.message).toLowerCase(), now };
}

/** Google breaks some of its messages into lines. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
