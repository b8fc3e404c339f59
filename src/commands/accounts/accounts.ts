import { inert } from '../../panes/text/inert.js';
import { tell } from '../../store/words/tongue.js';
import { accountLine } from '../account-line.js';
import { exit, say, type Context, sayExactly } from '../context.js';
import { type Listing, withReader } from '../supervisor/supervised.js';

/** So many accounts are written at once where no supervisor hands them over in pages. */
const A_PAGE = 500;

/** `regrant accounts`: every account with its standing, as a table or as JSON without tokens, printed as it comes. */
export async function accounts(context: Context, { json }: { readonly json: boolean }): Promise<number> {
  const { stdout, clock } = context;
  let count = 0;
  // a page is written in one go: of twenty thousand accounts each would be a call of the system otherwise
  const print = (page: Listing): void => {
    const asJson = (account: Listing[number], at: number): string =>
      `${count + at === 0 ? '[' : ','}\n${indented(account)}`;
    const asLine = (account: Listing[number]): string => `${inert(accountLine(account, clock.now()))}\n`;
    if (page.length > 0) stdout.write(page.map(json ? asJson : asLine).join(''));
    count += page.length;
  };
  await withReader(
    context,
    (client) => client.listAccounts(print),
    (supervisor) => {
      const all = [...supervisor.listing()];
      for (let from = 0; from < all.length; from += A_PAGE) print(all.slice(from, from + A_PAGE));
      return Promise.resolve();
    },
  );
  if (json) sayExactly(stdout, count === 0 ? '[]' : '\n]');
  else if (count === 0) say(stdout, tell('no account yet: add one with `regrant add` (refresh token on stdin)'));
  return exit.done;
}

const indented = (account: Listing[number]): string => JSON.stringify(account, null, 2).replaceAll(/^/gm, '  ');
