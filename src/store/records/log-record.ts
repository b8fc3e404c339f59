import * as v from 'valibot';
import { type AccessRecord, AccessSchema } from './access-record.js';
import { jsonOf } from '../ground/json.js';

/** One line of `logs/regrant.log`, parsed. Nothing secret is in it; e-mails are. */
export interface LogRecord {
  /** Number in the ring. */
  readonly seq: number;
  /** ms since 1970. */
  readonly time: number;
  /** pino's: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal. */
  readonly level: number;
  readonly msg: string;
  /** E-mail of the account it is about, else null. */
  readonly account: string | null;
  /** Present on an access-log line, one a request. */
  readonly access: AccessRecord | null;
  /** The JSON line as written. */
  readonly line: string;
  /** Which log file it came from; empty for our own. */
  readonly source: string;
}

export const LineSchema = v.object({
  time: v.optional(v.number(), 0),
  level: v.optional(v.number(), 30),
  msg: v.optional(v.string(), ''),
  account: v.fallback(v.nullish(v.string(), null), null),
  access: v.fallback(v.nullish(AccessSchema, null), null),
});

/** A line of a log of ours, or of anybody's: what is not JSON is all message. */
export function logRecordOf(line: string, seq: number, source = ''): LogRecord {
  const parsed = v.safeParse(LineSchema, jsonOf(line));
  if (!parsed.success) return { seq, time: 0, level: 30, msg: line, account: null, access: null, line, source };
  const { time, level, msg, account, access } = parsed.output;
  return { seq, time, level, msg, account: account ?? access?.account ?? null, access, line, source };
}
