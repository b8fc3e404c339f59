import type { Spoken } from '../../store/ground/errors.js';
import { saying } from '../../store/words/saying.js';
import { data, tell } from '../../store/words/tongue.js';
import { pad, age, count } from '../../panes/text/text.js';
import { grouped } from '../../store/words/counted.js';
import type { FlightRow } from '../../proxy/contract/operations.js';
import { exit, isGiven, say, sayJson, type CommandArguments, type Context } from '../context.js';
import { noSupervisor, runningSupervisor } from '../supervisor/running.js';

/** `regrant flight`: the requests under way, the oldest first. */
export async function flight(context: Context, given: CommandArguments): Promise<number> {
  const client = await runningSupervisor(context);
  if (client === null) throw noSupervisor(context, saying('nothing runs, so nothing is in flight'));
  const { total, rows } = await client.request('flight', []).finally(() => client.close());
  if (isGiven(given, 'json')) {
    sayJson(context.stdout, { total, requests: rows });
    return exit.done;
  }
  if (total === 0) say(context.stdout, tell('nothing is in flight'));
  for (const row of rows) say(context.stdout, lineOf(row));
  if (total > rows.length)
    say(context.stderr, tell('note: these are the oldest {n} of {all}', { n: rows.length, all: grouped(total) }));
  return exit.done;
}

const lineOf = ({ ageMs, kind, bytes, key, model, account, protocol, id }: FlightRow): Spoken =>
  data(
    [
      pad(age(ageMs), 6, 'right'),
      pad(kind, 6),
      pad(count(bytes, 6), 6, 'right'),
      ...[key, model, account, protocol, id].map((text) => text ?? '-'),
    ].join('  '),
  );
