import { readFileSync } from 'node:fs';
import * as v from 'valibot';

/** The program's version, from its package.json. */
export const version: string = v.parse(
  v.object({ version: v.string() }),
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')),
).version;
