import type { ControlClient } from '../../control/client.js';
import { connectTo } from '../../control/place.js';
import { DirectoryLocked } from '../../store/disk/lock.js';
import type { Context } from '../context.js';

/** The supervisor that runs on the data directory; null: none does. */
export const runningSupervisor = ({ dataDir, env }: Context): Promise<ControlClient | null> => connectTo(dataDir, env);

/** How long a supervisor that holds the lock may take to open its socket. */
const STARTING_MS = 3_000;
const LOOK_EVERY_MS = 50;

/**
 * Hands the supervisor that runs on the data directory to `remote`; where none does, `local` takes the lock itself. One
 * that holds it and does not listen is just starting or stopping, and gets a moment.
 *
 * @throws {DirectoryLocked} it still holds the lock then
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
      if (!(error instanceof DirectoryLocked) || waited >= STARTING_MS) throw error;
      await context.clock.wait(LOOK_EVERY_MS);
    }
  }
}
