/** A part of the log's files, as it is sent over the control socket. */
import * as v from 'valibot';
import type { LogPart } from '../../store/records/log-history.js';

export type { LogPart } from '../../store/records/log-history.js';
export { logRecordOf } from '../../store/records/log-record.js';

export const LogPartSchema: v.GenericSchema<unknown, LogPart> = v.object({
  lines: v.array(v.string()),
  older: v.boolean(),
  newer: v.boolean(),
});
