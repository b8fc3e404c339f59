import type { Readable, Writable } from 'node:stream';
import { ControlClient } from '../control/client.js';
import { dataDirectoryPath, layout } from '../store/directory.js';
import { closeStore, openStore, type Store } from '../store/house.js';
import { DirectoryLocked } from '../store/lock.js';
import type { Clock } from '../store/clock.js';
import { withoutProxy, type RunningSupervisor } from '../proxy/start.js';

/** What a command line verb has to work with. */
export interface Context {
  /** As given with `--data-dir`. */
  readonly dataDir: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable;
}

export const exit = { done: 0, failed: 1, usage: 2, cannotRun: 3, bug: 70 } as const;

export const say = (stream: Writable, text: string): void => void stream.write(`${text}\n`);

/** The supervisor that runs on the data directory; null: none does. */
export function runningSupervisor({ dataDir, env }: Context): Promise<ControlClient | null> {
  return ControlClient.connect(layout(dataDirectoryPath(dataDir, env), env).socket);
}

/** How long a supervisor that holds the lock may take to open its socket. */
const STARTING_MS = 3_000;
const LOOK_EVERY_MS = 50;

/**
 * Has something done by the supervisor that runs on the data directory, else on its files under their lock.
 *
 * @throws {CannotRun}
 */
export async function withSupervisor<T>(
  context: Context,
  remote: (client: ControlClient) => Promise<T>,
  local: (supervisor: RunningSupervisor, store: Store) => Promise<T>,
): Promise<T> {
  for (let waited = 0; ; waited += LOOK_EVERY_MS) {
    const client = await runningSupervisor(context);
    if (client !== null) return remote(client).finally(() => client.close());
    try {
      return await onFiles(context, local);
    } catch (error) {
      // it is just starting or stopping
      if (!(error instanceof DirectoryLocked) || waited >= STARTING_MS) throw error;
      await context.clock.wait(LOOK_EVERY_MS);
    }
  }
}

async function onFiles<T>(
  { dataDir, env, clock }: Context,
  local: (supervisor: RunningSupervisor, store: Store) => Promise<T>,
): Promise<T> {
  const store = await openStore({ dataDir, env, clock });
  try {
    return await local(withoutProxy(store, clock), store);
  } finally {
    await closeStore(store);
  }
}
