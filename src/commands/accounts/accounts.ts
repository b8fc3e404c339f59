import { tell } from '../../store/words/tongue.js';
import { accountLine } from '../account-line.js';
import { exit, say, type Context, sayExactly } from '../context.js';
import { type Listing, withSupervisor } from '../supervisor/supervised.js';

/** `regrant accounts`: every account with its standing, as a table or as JSON without tokens, printed as it comes. */
export async function accounts(context: Context, { json }: { readonly json: boolean }): Promise<number> {
  const { stdout, clock } = context;
  let count = 0;
  const print = (page: Listing): void => {
    for (const account of page) {
      if (json) stdout.write(`${count === 0 ? '[' : ','}\n${indented(account)}`);
      else say(stdout, accountLine(account, clock.now()));
      count += 1;
    }
  };
  await withSupervisor(
    context,
    (client) => client.listAccounts(print),
    (supervisor) => {
      print([...supervisor.listing()]);
      return Promise.resolve();
    },
  );
  if (json) sayExactly(stdout, count === 0 ? '[]' : '\n]');
  else if (count === 0) say(stdout, tell('no account yet: add one with `regrant add` (refresh token on stdin)'));
  return exit.done;
}

const indented = (account: Listing[number]): string => JSON.stringify(account, null, 2).replaceAll(/^/gm, '  ');
