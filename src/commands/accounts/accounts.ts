import { inert } from '../../panes/text/text.js';
import { isJsonObject } from '../../store/ground/json.js';
import { exit, say, type Context } from '../context.js';
import { withSupervisor } from '../supervisor/supervised.js';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** `regrant accounts`: every account with where it stands, as a table or as JSON without tokens. */
export async function accounts(context: Context, { json }: { readonly json: boolean }): Promise<number> {
  const listing = await withSupervisor<readonly Record<string, unknown>[]>(
    context,
    (client) => client.request('accounts', []),
    (supervisor) => Promise.resolve(supervisor.listing()),
  );
  if (json) say(context.stdout, JSON.stringify(listing, null, 2));
  else if (listing.length === 0)
    say(context.stdout, 'no account yet: add one with `regrant add` (refresh token on stdin)');
  else for (const account of listing) say(context.stdout, inert(line(account)));
  return exit.done;
}

function line(account: Record<string, unknown>): string {
  const state = text(account.state);
  const why = {
    disabled: text(account.disabled_reason),
    proxy_disabled: text(account.proxy_disabled_reason) || 'by hand',
    blocked: text(account.validation_blocked_reason) || text(forbiddenReasonOf(account)),
    unreadable: text(account.reason),
  }[state];
  const who = text(account.email) || text(account.file);
  return `${state.padEnd(14)} ${who}${why === undefined || why === '' ? causeOf(account) : `  ${why.replace(/\s+/g, ' ')}`}`;
}

const forbiddenReasonOf = ({ quota }: Record<string, unknown>): unknown =>
  isJsonObject(quota) ? quota.forbidden_reason : undefined;

const causeOf = ({ cause }: Record<string, unknown>): string => (text(cause) === '' ? '' : `  ${text(cause)}`);
