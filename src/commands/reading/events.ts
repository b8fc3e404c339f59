import type { Spoken } from '../../store/ground/errors.js';
import { told } from '../../store/words/told.js';
import { data, tell, type PlainWord } from '../../store/words/tongue.js';
import { padded } from '../columns.js';
import { EventLog } from '../../store/records/event-log.js';
import type { GrantEvent, HappenedEvent } from '../../store/records/grant-event.js';
import { settingsLayers } from '../../store/settings/settings.js';
import {
  exit,
  isGiven,
  say,
  sayExactly,
  sayJson,
  optionValue,
  type Context,
  type CommandArguments,
} from '../context.js';
import { onPool } from '../pool/pool-settings.js';
import { withRunning } from '../supervisor/supervised.js';
import { moment, spanMs } from '../times.js';
import { followed } from './follow.js';
import { placesOf } from '../places.js';

/** What the kinds are called; scripts read the English words. */
const kindWords = {
  refreshed: 'refreshed',
  rotated: 'rotated',
  disabled: 'disabled ¦ event',
  refused: 'refused ¦ event',
  temporary: 'temporary',
  client: 'client ¦ event',
  recovered: 'recovered',
  served: 'served ¦ event',
  warning: 'warning',
  rested: 'rested ¦ event',
  blocked: 'blocked',
  lifted: 'lifted',
  settings: 'settings ¦ event',
  key_limit: 'key limit',
  restarted: 'restarted',
  box: 'box ¦ event',
} as const satisfies Record<GrantEvent['kind'], PlainWord>;

type Wanted = (event: HappenedEvent) => boolean;

/** `regrant events`: what happened to the grants, the oldest first; with `-f` also what happens from now on. */
export async function events(context: Context, given: CommandArguments): Promise<number> {
  const since = optionValue(given, 'since');
  const after = since === undefined ? Number.NEGATIVE_INFINITY : context.clock.now() - spanMs(since, '--since');
  const account = optionValue(given, 'account')?.toLowerCase();
  const wanted: Wanted = ({ at, email }) => at >= after && (account === undefined || email.toLowerCase() === account);
  if (isGiven(given, 'f'))
    return withRunning(context, (client) => followed(context, client, 'events', print(context, given, wanted)));
  const found = (await keptOf(context)).filter(wanted);
  if (isGiven(given, 'json')) sayJson(context.stdout, { events: found.map(printed) });
  else for (const event of found) say(context.stdout, line(event));
  return exit.done;
}

/** What is saved: in the file, or in the database where boxes share one. */
async function keptOf(context: Context): Promise<readonly HappenedEvent[]> {
  const { settings, state } = placesOf(context);
  const { database } = settingsLayers(settings, context.env).settings;
  if (database.url === '') return heldIn(state);
  const { keptEvents } = await import('../../store/shared/shared-events.js');
  return onPool(context, database, (pool) => keptEvents(pool.database));
}

function heldIn(folder: string): readonly GrantEvent[] {
  const log = EventLog.open(folder);
  return Array.from({ length: log.next - log.first }, (_, index) => log.at(log.first + index)).filter(
    (event) => event !== undefined,
  );
}

const print =
  ({ stdout }: Context, given: CommandArguments, wanted: Wanted) =>
  (event: GrantEvent): void => {
    if (!wanted(event)) return;
    if (isGiven(given, 'json')) sayExactly(stdout, JSON.stringify(printed(event)));
    else say(stdout, line(event));
  };

/** The event as `--json` prints it, without its number in memory. */
const printed = ({ seq: _seq, ...event }: HappenedEvent & Partial<Pick<GrantEvent, 'seq'>>): object => event;

function line({ at, kind, email, cause, text, detail, box = '' }: HappenedEvent): Spoken {
  const on = box === '' ? '' : tell('on {box}', { box });
  const what = [cause === null ? null : `(${cause})`, told(text), told(detail), on].filter(
    (part) => part !== null && part !== '',
  );
  const word = padded(tell(kindWords[kind]), 9);
  return data(`${moment(at)}  ${word}  ${email}  ${what.join('  ')}`.trimEnd());
}
