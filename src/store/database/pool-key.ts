import { reason, saying } from '../words/saying.js';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { systemCode } from '../ground/errors.js';
import { SettingsError } from '../settings/settings-error.js';

const KEY_BYTES = 32;
const COMMAND_MS = 10_000;

/**
 * The 32 bytes that a setting gives: `base64:…`, `file:PATH` or `command:…`, the latter two raw or as base64.
 *
 * @param name - the setting's, for the error, which never shows what was given
 * @throws {SettingsError}
 */
export async function poolKey(given: string, name: string): Promise<Buffer> {
  const colon = given.indexOf(':');
  const [form, rest] = [given.slice(0, colon), given.slice(colon + 1)];
  const bytes =
    form === 'base64' ? Buffer.from(rest) : form === 'file' ? await ofFile(rest, name) : await ofCommand(rest, name);
  const key = form !== 'base64' && bytes.length === KEY_BYTES ? bytes : fromBase64(bytes.toString('latin1').trim());
  if (key?.length === KEY_BYTES) return key;
  throw new SettingsError(
    form === 'file'
      ? saying(
          '{name}: its file does not give 32 bytes, raw or as base64; `openssl rand -base64 32` makes such a key',
          { name },
        )
      : form === 'command'
        ? saying(
            '{name}: its command does not give 32 bytes, raw or as base64; `openssl rand -base64 32` makes such a key',
            { name },
          )
        : saying('{name}: it does not give 32 bytes, raw or as base64; `openssl rand -base64 32` makes such a key', {
            name,
          }),
  );
}

function fromBase64(text: string): Buffer | null {
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null;
}

async function ofFile(file: string, name: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new SettingsError(
      saying('{name} names {file}, which cannot be read: {why}', { name, file, why: reason(error) }),
    );
  }
}

async function ofCommand(command: string, name: string): Promise<Buffer> {
  try {
    const options = { encoding: 'buffer', timeout: COMMAND_MS, maxBuffer: 65_536 } as const;
    return (await promisify(execFile)('/bin/sh', ['-c', command], options)).stdout;
  } catch (error) {
    // the message of such an error has the whole command in it
    const isCut = error instanceof Error && 'killed' in error && error.killed === true;
    throw new SettingsError(
      isCut
        ? saying(
            'the command of {name} had no end in ten seconds; try it in a shell as the user that regrant runs as',
            { name },
          )
        : saying('the command of {name} failed ({how}); try it in a shell as the user that regrant runs as', {
            ...{ name, how: systemCode(error) || statusOf(error) },
          }),
    );
  }
}

const statusOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'number'
    ? `exit status ${error.code}`
    : 'no exit status';
