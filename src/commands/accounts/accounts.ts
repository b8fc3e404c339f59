import { inert } from '../../panes/text/text.js';
import { accountLine } from '../account-line.js';
import { exit, say, type Context } from '../context.js';
import { withSupervisor } from '../supervisor/supervised.js';

/** `regrant accounts`: every account with its standing, as a table or as JSON without tokens. */
export async function accounts(context: Context, { json }: { readonly json: boolean }): Promise<number> {
  const listing = await withSupervisor<readonly Record<string, unknown>[]>(
    context,
    (client) => client.request('accounts', []),
    (supervisor) => Promise.resolve(supervisor.listing()),
  );
  if (json) say(context.stdout, JSON.stringify(listing, null, 2));
  else if (listing.length === 0)
    say(context.stdout, 'no account yet: add one with `regrant add` (refresh token on stdin)');
  else for (const account of listing) say(context.stdout, inert(accountLine(account, context.clock.now())));
  return exit.done;
}
