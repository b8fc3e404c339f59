/** Where an editor finds the schema of the settings, for `$schema` in them. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeDurably } from '../../store/disk/durable.js';
import { systemCode } from '../../store/ground/errors.js';
import { isOneFile, ownFile, ownPath } from '../../store/package/own-files.js';

const NAME = 'settings.schema.json';
const IN_PACKAGE = `dist/${NAME}`;

/** The Debian package lays it there. */
const besideExecutable = (): string => path.join(path.dirname(process.execPath), NAME);

/**
 * Its path: in the package, beside the one executable file, else where a start of that has laid it.
 *
 * @param folder - of the settings
 * @returns null: the executable file lies alone, and has not been started with these settings yet
 */
export const schemaFile = (folder: string): string | null =>
  ownPath(IN_PACKAGE) ?? [besideExecutable(), path.join(folder, NAME)].find((file) => existsSync(file)) ?? null;

/** Lays it beside the settings where it is inside of the one executable file alone, or another version has laid it. */
export async function laySchemaFile(folder: string): Promise<void> {
  if (!isOneFile || existsSync(besideExecutable())) return;
  const file = path.join(folder, NAME);
  const schema = ownFile(IN_PACKAGE).toString();
  try {
    if (!existsSync(file) || readFileSync(file, 'utf8') !== schema) await writeDurably(file, schema);
  } catch (error) {
    // an editor does without it
    if (systemCode(error) === '') throw error;
  }
}
