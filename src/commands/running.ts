import type { ControlClient } from '../control/client.js';
import { connectTo } from '../control/place.js';
import type { Context } from './context.js';

/** The supervisor that runs on the data directory; null: none does. */
export const runningSupervisor = ({ dataDir, env }: Context): Promise<ControlClient | null> => connectTo(dataDir, env);

/** How long a supervisor that holds the lock may take to open its socket. */
export const STARTING_MS = 3_000;
export const LOOK_EVERY_MS = 50;
