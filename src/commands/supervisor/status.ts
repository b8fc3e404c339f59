import type { Status } from '../../control/protocol.js';
import { wait } from '../../proxy/contract/durations.js';
import type { ControlClient } from '../../control/client.js';
import { accountLine } from '../account-line.js';
import { exit, say, sayJson, type Context } from '../context.js';
import { runningSupervisor, unreachableSupervisor } from './running.js';

/** How well the pool serves, as an exit status. */
export const statusExit: Record<Status['status'], number> = {
  ok: exit.done,
  degraded: exit.failed,
  down: exit.cannotRun,
};

/** `regrant status`: one line, or the body of `/healthz` with pid, address and start. */
export async function status(context: Context, { json }: { readonly json: boolean }): Promise<number> {
  const client = await runningSupervisor(context);
  if (client === null) {
    const unreachable = unreachableSupervisor(context)?.text;
    const text = unreachable ?? 'no regrant runs on this data directory; start it with `regrant`';
    say(json ? context.stderr : context.stdout, `down: ${text}`);
    return exit.cannotRun;
  }
  try {
    const found = await client.request('status', []);
    if (json) sayJson(context.stdout, { ...found, serving: undefined });
    else await tell(context, found, client);
    return statusExit[found.status];
  } finally {
    client.close();
  }
}

/** Prints the line; on a terminal also the accounts that are out and why. */
async function tell({ stdout, clock }: Context, found: Status, client: ControlClient): Promise<void> {
  say(stdout, statusText(found, clock.now()));
  if (!('isTTY' in stdout) || stdout.isTTY !== true) return;
  for (const account of await client.request('accounts', [])) {
    if (account.state !== 'ready') say(stdout, `  ${accountLine(account, clock.now())}`);
  }
}

/** `degraded: 5 of 7 serve (1 disabled, 1 refused, 1 off) at 127.0.0.1:8045, pid 4711` */
export function statusText(found: Status, now: number): string {
  const { status, accounts, address, pid, unsaved, lock, log, serving: serve } = found;
  const { ready = 0, cooling = 0, proxy_disabled: off = 0, ...out } = accounts;
  const counted = ready + cooling + Object.values(out).reduce((sum, count) => sum + count, 0);
  const rest = Object.entries({ cooling, ...out, off })
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state.replace('_', ' ')}`);
  const why = rest.length === 0 ? '' : ` (${rest.join(', ')})`;
  // an unreadable file's last good copy serves, but the account counts as unreadable
  const serving = status !== 'down' && ready + cooling === 0 ? 'only last copies' : `${serve} of ${counted}`;
  const not = unsaved === 0 ? '' : `; ${unsaved} not saved`;
  const lost = lock === undefined ? '' : '; another regrant has the data directory, nothing is written or refreshed';
  const unlogged = log.ok ? '' : `; the log cannot be written, ${log.lost} lines are lost`;
  return `${status}: ${serving} serve${why}${unserved(found, now)}${not}${lost}${unlogged} at ${address}, pid ${pid}`;
}

/** The models that no account serves, and when one will. */
function unserved({ noneServes }: Pick<Status, 'noneServes'>, now: number): string {
  return noneServes
    .map(({ model, next }) => {
      const when = next === null ? '' : `, next in ${wait(next * 1000 - now)}`;
      return `; none serves${model === '' ? '' : ` ${model}`}${when}`;
    })
    .join('');
}
