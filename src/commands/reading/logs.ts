import { choiceOf } from '../../store/words/saying.js';
import { sideBySide } from '../../store/words/tongue.js';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { systemCode, UsageError, type Spoken } from '../../store/ground/errors.js';
import { jsonOf } from '../../store/ground/json.js';
import { logRecordOf, type LogRecord } from '../../store/records/log-record.js';
import {
  exit,
  isGiven,
  say,
  sayJson,
  optionValue,
  type Context,
  type CommandArguments,
  sayExactly,
} from '../context.js';
import { withRunning } from '../supervisor/supervised.js';
import { moment, spanMs } from '../times.js';
import { followed } from './follow.js';
import { placesOf } from '../places.js';
import { took } from '../../proxy/contract/durations.js';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;

type Wanted = (record: LogRecord) => boolean;

/** `regrant logs`: the log, the oldest line first; with `-f` also what is logged from now on. */
export async function logs(context: Context, given: CommandArguments): Promise<number> {
  const wanted = filterOf(context, given);
  const asJson = isGiven(given, 'json');
  if (isGiven(given, 'f')) {
    return withRunning(context, (client) =>
      followed(context, client, 'logs', ([line, source]) => {
        const record = logRecordOf(line, 0, source);
        if (!wanted(record)) return;
        if (asJson) sayExactly(context.stdout, JSON.stringify(printed(record)));
        else say(context.stdout, shown(record));
      }),
    );
  }
  const records = linesOf(path.join(placesOf(context).logs, 'regrant.log'))
    .map((line, at) => logRecordOf(line, at))
    .filter(wanted);
  if (asJson) sayJson(context.stdout, { logs: records.map(printed) });
  else for (const record of records) say(context.stdout, shown(record));
  return exit.done;
}

function filterOf({ clock }: Context, given: CommandArguments): Wanted {
  const name = optionValue(given, 'level') ?? 'trace';
  const at = logLevels.findIndex((level) => level === name);
  if (at < 0) throw new UsageError(choiceOf(`--level ${name}`, logLevels));
  const least = (at + 1) * 10;
  const since = optionValue(given, 'since');
  const after = since === undefined ? Number.NEGATIVE_INFINITY : clock.now() - spanMs(since, '--since');
  const account = optionValue(given, 'account')?.toLowerCase();
  return (record) =>
    record.level >= least &&
    record.time >= after &&
    (account === undefined || record.account?.toLowerCase() === account);
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** The line as it was written; with the name of its log if that is not our own. */
function printed({ line, source, msg }: LogRecord): unknown {
  const record = jsonOf(line) ?? { msg };
  return source === '' || typeof record !== 'object' ? record : { ...record, source };
}

function shown({ time, level, msg, account, access, source }: LogRecord): Spoken {
  const word = logLevels[Math.min(level / 10, logLevels.length) - 1] ?? 'info';
  const request = access === null ? '' : `  ${access.method} ${access.path} ${access.status} ${took(access.ms)}`;
  const who = account === null ? '' : `  ${account}`;
  const from = source === '' ? '' : `${source}: `;
  // the log is English
  return sideBySide`${moment(time)}  ${word.padEnd(5)}  ${from}${access === null ? msg : ''}${request}${who}`;
}
