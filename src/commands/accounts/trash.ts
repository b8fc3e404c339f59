import { sideBySide, tell } from '../../store/words/tongue.js';
import { refusedByOperator } from '../asked.js';
import { trashedIn } from '../../store/files/trash.js';
import { exit, isGiven, say, sayJson, sayReply, type Context, type CommandArguments } from '../context.js';
import { placesOf } from '../places.js';
import { withOperations } from '../supervisor/supervised.js';
import { moment } from '../times.js';

const words = { removed: 'removed ¦ trash', replaced: 'replaced by a re-add' } as const;

/** `regrant trash`: what is in the trash, the oldest first. */
export function trash(context: Context, given: CommandArguments): Promise<number> {
  const found = trashedIn(placesOf(context).trash);
  if (isGiven(given, 'json')) {
    sayJson(context.stdout, { trash: found.map(({ name, kind, id, email, at }) => ({ name, kind, id, email, at })) });
  } else if (found.length === 0) {
    say(context.stdout, tell('nothing lies in the trash'));
  } else {
    for (const { name, kind, email, at } of found) {
      say(context.stdout, sideBySide`${moment(at)}  ${name}  ${email ?? tell('unreadable')}, ${tell(words[kind])}`);
    }
  }
  return Promise.resolve(exit.done);
}

/** `regrant trash restore`: brings one of them back. */
export async function trashRestore(context: Context, given: CommandArguments): Promise<number> {
  const [name = ''] = given.words;
  const found = trashedIn(placesOf(context).trash).find((trashed) => trashed.name === name);
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
