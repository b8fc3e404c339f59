import type { Spoken } from '../../store/ground/errors.js';
import { said } from '../../store/words/saying.js';
import { told } from '../../store/words/told.js';
import { tell } from '../../store/words/tongue.js';
import type { ControlClient } from '../../control/client.js';
import { isAlive } from '../../store/disk/process-identity.js';
import { refusedByOperator } from '../asked.js';
import { exit, isGiven, say, sayJson, type Context, type CommandArguments } from '../context.js';
import { ofAnyVersion, runningSupervisor, unreachableSupervisor, type Unreachable } from './running.js';

/**
 * How long a stop may take: requests end within ten seconds, the last exchange within five more, and then the rest is
 * written.
 */
const ENDED_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 50;

const nothingGiven: CommandArguments = { words: [], options: {} };

/** `regrant stop`: drains and stops the running supervisor, and returns when that has ended. */
export async function stop(context: Context, given: CommandArguments = nothingGiven): Promise<number> {
  const client = await runningSupervisor(context, ofAnyVersion);
  if (client !== null) return stopBySocket(context, given, client);
  const unreachable = unreachableSupervisor(context);
  if (unreachable !== null) return stopBySignal(context, given, unreachable);
  tellOwn(context, given, tell('nothing to stop: no regrant runs on this data directory'));
  return stopped(context, given, null, []);
}

/** Prints the verb's own text: on standard error where standard output has `--json`. */
const tellOwn = ({ stdout, stderr }: Context, given: CommandArguments, text: Spoken): void =>
  say(isGiven(given, 'json') ? stderr : stdout, text);

/** What a stop waits for. */
const waitingFor = (n: number): Spoken =>
  n === 1
    ? tell('waiting for {n} request (10 s at most)', { n })
    : tell('waiting for {n} requests (10 s at most)', { n });

/** @returns the exit status: losing something is no success */
function stopped({ stdout }: Context, given: CommandArguments, pid: number | null, unsaved: readonly string[]): number {
  if (isGiven(given, 'json')) sayJson(stdout, { ok: unsaved.length === 0, pid, unsaved });
  return unsaved.length === 0 ? exit.done : exit.failed;
}

async function stopBySocket(context: Context, given: CommandArguments, client: ControlClient): Promise<number> {
  const refused = await refusedForLosses(context, given, client);
  if (refused !== null) {
    client.close();
    return refused;
  }
  const { inFlight, unsaved } = await client.request('stop', []);
  for (const loss of unsaved)
    say(context.stderr, tell('not saved, and lost if the last try fails too: {loss}', { loss: told(loss) }));
  if (inFlight > 0) tellOwn(context, given, waitingFor(inFlight));
  await client.closed();
  tellOwn(context, given, tell('stopped (pid {pid})', { pid: client.pid }));
  return stopped(context, given, client.pid, unsaved);
}

/**
 * Asks an operator at a terminal if something would be lost.
 *
 * @returns the exit status where he says no; null: it is to stop
 */
async function refusedForLosses(
  context: Context,
  given: CommandArguments,
  client: ControlClient,
): Promise<number | null> {
  if (context.stdin.isTTY !== true || isGiven(given, 'yes')) return null;
  const { unsaved } = await client.request('status', []);
  if (unsaved === 0) return null;
  const question =
    unsaved === 1
      ? tell('one account is not saved, and what is new of it is lost unless the last try succeeds: stop all the same')
      : tell(
          '{n} accounts are not saved, and what is new of them is lost unless the last try succeeds: stop all the same',
          { n: unsaved },
        );
  return refusedByOperator(context, given, question);
}

/**
 * Stops a supervisor whose socket is gone by a signal; its start time and the machine's tell that the process is the
 * right one.
 */
async function stopBySignal(context: Context, given: CommandArguments, { owner, text }: Unreachable): Promise<number> {
  if (!isAlive(owner)) {
    say(
      context.stderr,
      tell('{text}; that process cannot be seen from here (another container or machine): end it there', {
        text: text.spoken,
      }),
    );
    return exit.failed;
  }
  const refused = await refusedByOperator(
    context,
    given,
    tell('{text}: end pid {pid} by SIGTERM', { text: text.spoken, pid: owner.pid }),
  );
  if (refused !== null) return refused;
  try {
    process.kill(owner.pid, 'SIGTERM');
  } catch (error) {
    say(context.stderr, tell('pid {pid} cannot be ended: {why}', { pid: owner.pid, why: said(error) }));
    return exit.failed;
  }
  for (let waited = 0; isAlive(owner); waited += LOOK_EVERY_MS) {
    if (waited >= ENDED_WITHIN_MS) {
      const seconds = ENDED_WITHIN_MS / 1000;
      say(context.stderr, tell('pid {pid} does not end within {n} s of SIGTERM', { pid: owner.pid, n: seconds }));
      return exit.failed;
    }
    await context.clock.wait(LOOK_EVERY_MS);
  }
  tellOwn(context, given, tell('stopped (pid {pid})', { pid: owner.pid }));
  return stopped(context, given, owner.pid, []);
}
