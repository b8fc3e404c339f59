/** The files that the program brings along: beside it, or inside it where it is one executable file (`npm run sea`). */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Node has it since 20.12; the types do not. */
interface SingleExecutable {
  isSea(): boolean;
  /** Not to be written to: it is the file itself. @throws there is none of this name */
  getRawAsset(name: string): ArrayBuffer;
}

const single = process.getBuiltinModule('node:sea') as SingleExecutable;

/** Whether the program is one executable file. */
export const isOneFile: boolean = single.isSea();

/** What a file of the package says. @param name - from the root of the package, with slashes @throws there is none */
export const ownFile = (name: string): Buffer =>
  isOneFile ? Buffer.from(single.getRawAsset(name)) : readFileSync(urlOf(name));

/** Where a file of the package lies; null: inside of the executable. */
export const ownPath = (name: string): string | null => (isOneFile ? null : fileURLToPath(urlOf(name)));

const urlOf = (name: string): URL => new URL(`../../../${name}`, import.meta.url);

/** The command with which another process of this program is started: the executable, and the words before its own. */
export const ownCommand = (): readonly [string, ...string[]] =>
  isOneFile ? [process.execPath] : [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
