import { createRequire } from 'node:module';
import path from 'node:path';
import type Conf from 'conf';
import { homeDirectory } from '../disk/ownership.js';
import { parseExactly, printExactly } from '../ground/exact-json.js';
import type { JsonObject } from '../ground/json.js';

const load = createRequire(import.meta.url);

/**
 * Opens the file with conf, which writes it. conf is imported only when something is to be written, which is nearly
 * never: it brings a validator of JSON schemas along, a sixth of a second at every start. Keys that we do not know keep
 * every digit of their numbers.
 */
export function openConf(file: string): Conf<JsonObject> {
  const { default: Writer } = loadConf();
  return new Writer<JsonObject>({
    projectName: 'regrant',
    cwd: path.dirname(file),
    configName: path.basename(file, '.json'),
    configFileMode: 0o600,
    clearInvalidConfig: false,
    serialize: printExactly,
    deserialize: parseExactly,
  });
}

/** Loads conf. It asks for the home directory, which it needs only where no folder is named, so a user may have none. */
function loadConf(): typeof import('conf') {
  const { env } = process;
  const isHomeless = homeDirectory() === null;
  try {
    if (isHomeless) env.HOME = path.sep;
    return load('conf') as typeof import('conf');
  } finally {
    if (isHomeless) delete env.HOME;
  }
}
