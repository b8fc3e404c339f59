import { reason, saying } from '../../store/words/saying.js';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Context } from '../context.js';
import { documentIn, type ExportDocument } from './export-document.js';
import { askedPassphrase } from './passphrase.js';
import { isSealed, NotOpened, openedSeal } from './sealed.js';

/** The largest file that is looked at for an export. */
const LARGEST_BYTES = 256 * 1024 * 1024;

/**
 * The export in a file; null: something else is in it, or it is no file.
 *
 * @param identity - path of the file with the identity that opens it; undefined: a passphrase does
 * @throws {NotOpened} it is sealed, and what was given does not open it
 * @throws {CannotRun} a newer version wrote it
 */
export async function exportAt(
  context: Context,
  file: string,
  identity: string | undefined,
): Promise<ExportDocument | null> {
  const bytes = bytesOf(file);
  if (bytes === null) return null;
  if (!isSealed(bytes)) return documentIn(bytes.toString('utf8'));
  const seal =
    identity === undefined
      ? ({ kind: 'passphrase', passphrase: await askedPassphrase(context, 'once') } as const)
      : ({ kind: 'identity', identity: identityIn(identity) } as const);
  const document = documentIn(await openedSeal(bytes, seal));
  if (document === null)
    throw new NotOpened(saying('{file} was opened, and there is no export of regrant in it', { file }));
  return document;
}

/** null: it is no file, too large for one, or cannot be read; whoever looks next says so. */
function bytesOf(file: string): Buffer | null {
  try {
    // a pipe that nobody writes into must not block for ever
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = fstatSync(fd);
      return found.isFile() && found.size <= LARGEST_BYTES ? readFileSync(fd) : null;
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}

/** The first line that is no comment, as age-keygen writes them. */
function identityIn(file: string): string {
  try {
    const lines = readFileSync(file, 'utf8').split(/\r?\n/);
    return lines.map((line) => line.trim()).find((line) => line !== '' && !line.startsWith('#')) ?? '';
  } catch (error) {
    throw new NotOpened(saying('{file} cannot be read: {why}', { file, why: reason(error) }));
  }
}
