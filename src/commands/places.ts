import { dataDirectoryPath, layout, type DataDirectory } from '../store/disk/directory.js';
import type { Context } from './context.js';

/** Where everything lies, for verbs that only read: they make nothing and take no lock. */
export const placesOf = ({ dataDir, env }: Context): DataDirectory => layout(dataDirectoryPath(dataDir, env), env);
