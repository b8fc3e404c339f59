import type { Status } from '../../control/protocol.js';
import { exit, say, type Context } from '../context.js';
import { runningSupervisor } from './running.js';

const statusExit: Record<Status['status'], number> = { ok: exit.done, degraded: exit.failed, down: exit.cannotRun };

/** `regrant status`: one line, or the body of `/healthz` with pid, address and start. */
export async function status(context: Context, { json }: { readonly json: boolean }): Promise<number> {
  const client = await runningSupervisor(context);
  if (client === null) {
    say(
      json ? context.stderr : context.stdout,
      'down: no regrant runs on this data directory; start it with `regrant`',
    );
    return exit.cannotRun;
  }
  try {
    const found = await client.request('status', []);
    say(context.stdout, json ? JSON.stringify(found) : line(found));
    return statusExit[found.status];
  } finally {
    client.close();
  }
}

/** `degraded: 5 of 7 serve (1 disabled, 1 refused, 1 off) at 127.0.0.1:8045, pid 4711` */
function line({ status, accounts, address, pid }: Status): string {
  const { ready = 0, cooling = 0, proxy_disabled: off = 0, ...out } = accounts;
  const counted = ready + cooling + Object.values(out).reduce((sum, count) => sum + count, 0);
  const rest = Object.entries({ cooling, ...out, off })
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state.replace('_', ' ')}`);
  const why = rest.length === 0 ? '' : ` (${rest.join(', ')})`;
  // an unreadable file's last copy serves, but the file counts as unreadable
  const serving =
    status === 'degraded' && ready + cooling === 0 ? 'only last copies' : `${ready + cooling} of ${counted}`;
  return `${status}: ${serving} serve${why} at ${address}, pid ${pid}`;
}
