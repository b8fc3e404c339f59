import { saying } from '../../store/words/saying.js';
import type { ControlClient } from '../../control/client.js';
import type { Speaking } from '../../control/protocol.js';
import { connectTo } from '../../control/place.js';
import { dataDirectoryPath, layout } from '../../store/disk/directory.js';
import { CannotRun, type Saying } from '../../store/ground/errors.js';
import { HANDOVER } from '../../proxy/contract/succession/handover.js';
import { DirectoryLocked, livingOwner, type Owner } from '../../store/disk/lock-owner.js';
import type { Context } from '../context.js';

/** The supervisor that runs on the data directory; null: none does. */
export const runningSupervisor = ({ dataDir, env }: Context, speaking?: Speaking): Promise<ControlClient | null> =>
  connectTo(dataDir, env, speaking);

/** What follows or ends a supervisor of any version that can hand over to this one: an upgrade begins with it. */
export const ofAnyVersion: Speaking = { handover: HANDOVER };

/** A supervisor that holds the data directory, but has no control socket where this process looks. */
export interface Unreachable {
  readonly owner: Owner;
  /** One line, without its end: that it runs, and why it cannot be reached. */
  readonly text: Saying;
}

/** The supervisor that holds the data directory although its socket was not found; null: there is none. */
export function unreachableSupervisor({ dataDir, env }: Context): Unreachable | null {
  const { lock, root } = layout(dataDirectoryPath(dataDir, env), env);
  const owner = livingOwner(lock);
  if (owner === null) return null;
  const { pid, address } = owner;
  const text =
    address === undefined
      ? saying(
          'regrant (pid {pid}) holds {root}, but its control socket is gone or not made yet; it makes one anew within 5 s',
          { pid, root },
        )
      : saying(
          'regrant (pid {pid}, proxy at {address}) holds {root}, but its control socket is gone or not made yet; it makes one anew within 5 s',
          { pid, address, root },
        );
  return { owner, text };
}

/** The error where a supervisor runs and does not answer; null: none runs. */
function unreachableError(context: Context): CannotRun | null {
  const unreachable = unreachableSupervisor(context);
  return unreachable === null ? null : new CannotRun('UNREACHABLE', unreachable.text);
}

/** The error where a supervisor is needed and none answers. @param otherwise - the text where none runs */
export const noSupervisor = (context: Context, otherwise: Saying): CannotRun =>
  unreachableError(context) ?? new CannotRun('NOTHING_RUNS', otherwise);

/** How long to wait for the socket of a supervisor that holds the lock. */
const STARTING_MS = 3_000;
const LOOK_EVERY_MS = 50;

/** The supervisor that has followed another one; null: it has ended as well. */
export async function successorOf(context: Context): Promise<ControlClient | null> {
  for (let waited = 0; waited <= STARTING_MS; waited += LOOK_EVERY_MS) {
    const client = await runningSupervisor(context);
    if (client !== null) return client;
    await context.clock.wait(LOOK_EVERY_MS);
  }
  return null;
}

/**
 * Gives `remote` the supervisor that runs on the data directory; where none runs, `local` takes the lock itself. A
 * supervisor that holds the lock but does not listen is just starting or stopping, and is waited for.
 *
 * @throws {CannotRun} it still holds the lock after that, and cannot be reached
 */
export async function runningOr<T>(
  context: Context,
  remote: (client: ControlClient) => Promise<T>,
  local: () => Promise<T>,
): Promise<T> {
  for (let waited = 0; ; waited += LOOK_EVERY_MS) {
    const client = await runningSupervisor(context);
    if (client !== null) return remote(client);
    try {
      return await local();
    } catch (error) {
      if (!(error instanceof DirectoryLocked)) throw error;
      if (waited >= STARTING_MS) throw unreachableError(context) ?? error;
      await context.clock.wait(LOOK_EVERY_MS);
    }
  }
}
