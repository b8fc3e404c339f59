import { dataDirectoryPath, layout, type DataDirectory } from '../store/disk/directory.js';
import type { Context } from './context.js';

/** The paths of everything, for verbs that only read: nothing is created, and no lock is taken. */
export const placesOf = ({ dataDir, env }: Context): DataDirectory => layout(dataDirectoryPath(dataDir, env), env);
