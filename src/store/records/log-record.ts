import * as v from 'valibot';
import { type AccessRecord, AccessSchema } from './access-record.js';
import { jsonOf } from '../ground/json.js';

/** One line of `logs/regrant.log`, parsed. Nothing secret is in it; e-mails are. */
export interface LogRecord {
  /** Number of the record in the log's ring in memory. */
  readonly seq: number;
  /** ms since 1970. */
  readonly time: number;
  /** pino's level: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal. */
  readonly level: number;
  readonly msg: string;
  /** E-mail of the account that the line is about, else null. */
  readonly account: string | null;
  /** Set for a line of the access log, one for each request. */
  readonly access: AccessRecord | null;
  /** The JSON line as written. */
  readonly line: string;
  /** Name of the log file that it came from; empty for our own. */
  readonly source: string;
}

export const LineSchema = v.object({
  time: v.optional(v.number(), 0),
  level: v.optional(v.number(), 30),
  msg: v.optional(v.string(), ''),
  account: v.fallback(v.nullish(v.string(), null), null),
  access: v.fallback(v.nullish(AccessSchema, null), null),
});

/** A record of a line of our log, or of another program's: a line that is not JSON becomes the message. */
export function logRecordOf(line: string, seq: number, source = ''): LogRecord {
  const parsed = v.safeParse(LineSchema, jsonOf(line));
  if (!parsed.success) return { seq, time: 0, level: 30, msg: line, account: null, access: null, line, source };
  const { time, level, msg, account, access } = parsed.output;
  return { seq, time, level, msg, account: account ?? access?.account ?? null, access, line, source };
}
