import { sideBySide, tell } from '../../store/words/tongue.js';
import { refusedByOperator } from '../asked.js';
import type { TrashedSeen } from '../../store/accounts/trash.js';
import { trashedIn } from '../../store/files/trash.js';
import { settingsLayers } from '../../store/settings/settings.js';
import { exit, isGiven, say, sayJson, sayReply, type Context, type CommandArguments } from '../context.js';
import { onPool } from '../pool/pool-settings.js';
import { placesOf } from '../places.js';
import { withOperations } from '../supervisor/supervised.js';
import { moment } from '../times.js';

const words = { removed: 'removed ¦ trash', replaced: 'replaced by a re-add' } as const;

/** `regrant trash`: what is in the trash, the oldest first. */
export async function trash(context: Context, given: CommandArguments): Promise<number> {
  const found = await trashed(context);
  if (isGiven(given, 'json')) {
    sayJson(context.stdout, { trash: found.map(({ name, kind, id, email, at }) => ({ name, kind, id, email, at })) });
  } else if (found.length === 0) {
    say(context.stdout, tell('nothing lies in the trash'));
  } else {
    for (const { name, kind, email, at } of found) {
      say(context.stdout, sideBySide`${moment(at)}  ${name}  ${email ?? tell('unreadable')}, ${tell(words[kind])}`);
    }
  }
  return exit.done;
}

/** The trash of this data directory, or of the pool that its settings name. @throws {CannotRun} it cannot be opened */
async function trashed(context: Context): Promise<readonly TrashedSeen[]> {
  const { settings, trash: folder } = placesOf(context);
  const { database } = settingsLayers(settings, context.env).settings;
  if (database.url === '') return trashedIn(folder);
  const { trashedInPool } = await import('../../store/database/trash/trashed-in-pool.js');
  return onPool(context, database, (pool) => trashedInPool(pool.database));
}

/** `regrant trash restore`: brings one of them back. */
export async function trashRestore(context: Context, given: CommandArguments): Promise<number> {
  const [name = ''] = given.words;
  const found = (await trashed(context)).find((one) => one.name === name);
  if (found?.kind === 'replaced') {
    const refused = await refusedByOperator(
      context,
      given,
      tell('put the older credential of {email} back', { email: found.email ?? found.id }),
    );
    if (refused !== null) return refused;
  }
  const said = await withOperations(context, (operations) => operations.restoreTrashed(name));
  const email = found?.email ?? name;
  return sayReply(context, given, said, { results: [{ email, ...said }] });
}
