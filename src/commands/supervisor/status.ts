import type { Spoken } from '../../store/ground/errors.js';
import { ownValue } from '../../store/ground/json.js';
import { saying } from '../../store/words/saying.js';
import { told } from '../../store/words/told.js';
import { sideBySide, tell, type PlainWord, type Word } from '../../store/words/tongue.js';
import type { Status } from '../../control/protocol.js';
import { wait } from '../../proxy/contract/durations.js';
import { version } from '../../store/ground/version.js';
import type { ControlClient } from '../../control/client.js';
import { accountLine } from '../account-line.js';
import { boxLine } from '../pool/box-line.js';
import { exit, say, sayJson, type Context } from '../context.js';
import { runningSupervisor, unreachableSupervisor } from './running.js';

/** How well the pool serves, as an exit status. */
export const statusExit: Record<Status['status'], number> = {
  ok: exit.done,
  degraded: exit.failed,
  down: exit.cannotRun,
};

/** `regrant status`: one line, or the body of `/healthz` with pid, address and start. */
export async function status(
  context: Context,
  { json, all = false }: { readonly json: boolean; readonly all?: boolean },
): Promise<number> {
  const client = await runningSupervisor(context);
  if (client === null) return down(context, json);
  try {
    const found = await client.request('status', []);
    if (json) sayJson(context.stdout, { ...found, serving: undefined });
    else await print(context, found, client);
    if (all && !json) printOthers(context, found);
    return statusExit[found.status];
  } finally {
    client.close();
  }
}

/** No supervisor answers: none runs, or one that cannot be reached. */
function down(context: Context, json: boolean): number {
  const unreachable = unreachableSupervisor(context);
  const text = unreachable?.text ?? saying('no regrant runs on this data directory; start it with `regrant`');
  const { pid = null, address = null } = unreachable?.owner ?? {};
  if (json) sayJson(context.stdout, { status: 'down', version, pid, address, upSince: null });
  say(json ? context.stderr : context.stdout, tell('down: {text}', { text: text.spoken }));
  return exit.cannotRun;
}

/** Prints the line; on a terminal also the accounts that are out and why. */
async function print({ stdout, clock }: Context, found: Status, client: ControlClient): Promise<void> {
  say(stdout, statusText(found, clock.now()));
  if (!('isTTY' in stdout) || stdout.isTTY !== true) return;
  for (const account of await client.request('accounts', [])) {
    if (account.state !== 'ready') say(stdout, sideBySide`  ${accountLine(account, clock.now())}`);
  }
}

/** How the pool is called as a whole. */
const healths = {
  ok: 'ok ¦ health',
  degraded: 'degraded ¦ health',
  down: 'down ¦ health',
} as const satisfies Record<Status['status'], PlainWord>;

/** The other machines of the pool. */
function printOthers({ stdout, clock }: Context, { boxes }: Status): void {
  if (boxes === undefined) say(stdout, tell('its accounts are of this machine alone'));
  for (const box of boxes?.all ?? []) if (box.name !== boxes?.own) say(stdout, boxLine(box, clock.now()));
}

/** `; box-a is one of 3 boxes; 1 more gone` */
function among({ boxes }: Status): readonly Spoken[] {
  if (boxes === undefined) return [];
  const gone = boxes.all.filter(({ isGone, name }) => isGone && name !== boxes.own).length;
  const there = boxes.all.length - gone;
  return [
    there === 1
      ? tell('{box} is the only box', { box: boxes.own })
      : tell('{box} is one of {n} boxes', { box: boxes.own, n: there }),
    ...(gone === 0 ? [] : [tell('{n} more gone', { n: gone })]),
  ];
}

/** `degraded: 5 of 7 serve (1 disabled, 1 refused, 1 off) at 127.0.0.1:8045, pid 4711` */
export function statusText(found: Status, now: number): Spoken {
  const { status, accounts, address, pid, unsaved, lock, log, serving: serve } = found;
  const { ready = 0, cooling = 0, proxy_disabled: off = 0, ...out } = accounts;
  const of = ready + cooling + Object.values(out).reduce((sum, count) => sum + count, 0);
  const rest = Object.entries({ cooling, ...out, off })
    .filter(([, count]) => count > 0)
    .map(([state, n]) => countedState(state, n));
  const why = rest.length === 0 ? '' : ` (${rest.join(', ')})`;
  // an unreadable file's last good copy serves, but the account counts as unreadable
  const isCopies = status !== 'down' && ready + cooling === 0;
  const serving = isCopies ? tell('only last copies serve') : tell('{serve} of {of} serve', { serve, of });
  const troubles = [
    ...unserved(found, now),
    ...(unsaved === 0 ? [] : [tell('{n} not saved', { n: unsaved })]),
    ...(lock === undefined ? [] : [tell('another regrant has the data directory, nothing is written or refreshed')]),
    ...(log.ok ? [] : [tell('the log cannot be written, {n} lines are lost', { n: log.lost })]),
    ...among(found),
  ];
  const pool = [`${serving}${why}`, ...troubles].join('; ');
  return tell('{health}: {pool} at {address}, pid {pid}', { health: tell(healths[status]), pool, address, pid });
}

/** `2 disabled`: how many accounts are in a state. */
function countedState(state: string, n: number): string {
  const word = ownValue(stateCounts, state);
  return word === undefined ? `${n} ${state.replace('_', ' ')}` : tell(word, { n });
}

const stateCounts = {
  cooling: '{n} cooling',
  disabled: '{n} disabled',
  refused: '{n} refused',
  blocked: '{n} blocked',
  no_client: '{n} no client',
  unreadable: '{n} unreadable',
  off: '{n} off',
} as const satisfies Readonly<Record<string, Word>>;

/** The models that no account serves, and when one will. */
const unserved = ({ noneServes }: Pick<Status, 'noneServes'>, now: number): readonly Spoken[] =>
  noneServes.map(({ model, next }) => {
    const what = model === '' ? '' : ` ${model}`;
    if (next === null) return tell('none serves{what}', { what });
    return tell('none serves{what}, next in {left}', { what, left: told(wait(next * 1000 - now)) });
  });
