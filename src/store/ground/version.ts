import * as v from 'valibot';
import { ownFile } from '../package/own-files.js';

/** The program's version, from its package.json. */
export const version: string = v.parse(
  v.object({ version: v.string() }),
  JSON.parse(ownFile('package.json').toString()),
).version;
