import { isUtf8 } from 'node:buffer';
import * as fs from 'node:fs';
import { openSync, constants, closeSync, readSync, fstatSync } from 'node:fs';
import { promisify } from 'node:util';

/** No account file is larger than this; reading a huge file whole could take all memory. */
export const LARGEST_BYTES = 8 * 1024 * 1024;

/** Why a file is no text, or could not be read. */
interface Fault {
  readonly reason: string;
}

/**
 * The text of a file, or why it has none. Opened so that a pipe does not block for ever, and only so much read that a
 * huge file does not fill the memory.
 */
export function readText(file: string, type: 'regular' | 'unknown'): string | Fault {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return type === 'regular' ? readSmall(fd) : readOpen(fd);
  } finally {
    closeSync(fd);
  }
}

/** One buffer for all readings: what is read becomes a text before anything else happens. */
const shared = Buffer.allocUnsafeSlow(65_536);
function readSmall(fd: number): string | Fault {
  const length = readSync(fd, shared, 0, shared.length, 0);
  return length === shared.length ? readOpen(fd) : textIn(shared.subarray(0, length));
}

function readOpen(fd: number): string | Fault {
  const found = fstatSync(fd);
  const fault = faultOf(found);
  if (fault !== null) return fault;
  let buffer = found.size < shared.length ? shared : Buffer.allocUnsafe(found.size + 1);
  let length = 0;
  for (;;) {
    length += readSync(fd, buffer, length, buffer.length - length, length);
    // a regular file gives less than was asked for only at its end
    if (length < buffer.length || length > LARGEST_BYTES) return textIn(buffer.subarray(0, length));
    buffer = Buffer.concat([buffer], 2 * length);
  }
}

/**
 * The bytes of a file as text, or why they are none. Only a text with a replacement character can come from anything but UTF-8, so only
 * that is checked.
 */
export function textIn(bytes: Buffer): string | Fault {
  const text = bytes.toString('utf8');
  return text.includes('\uFFFD') && !isUtf8(bytes) ? { reason: 'not UTF-8' } : text;
}

const open = promisify(fs.open);
const status = promisify(fs.fstat);
const read = promisify(fs.read);
const close = promisify(fs.close);

/** The same as `readText` without holding up anything else while the system takes its time. */
export async function readTextLater(file: string): Promise<string | Fault> {
  const fd = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await status(fd);
    const fault = faultOf(found);
    if (fault !== null) return fault;
    let buffer = Buffer.allocUnsafe(found.size + 1);
    for (let length = 0; ;) {
      const { bytesRead } = await read(fd, buffer, length, buffer.length - length, length);
      length += bytesRead;
      if (length < buffer.length || length > LARGEST_BYTES) return textIn(buffer.subarray(0, length));
      buffer = Buffer.concat([buffer], 2 * length);
    }
  } finally {
    await close(fd);
  }
}

/** Why an open file is none to be read; null: it is one. */
function faultOf(found: fs.Stats): Fault | null {
  if (!found.isFile()) return { reason: found.isDirectory() ? 'a directory' : 'no regular file' };
  if (found.size <= LARGEST_BYTES) return null;
  return { reason: `${Math.round(found.size / 1_048_576)} MB is too large for an account file` };
}

/** The text of an open file; null where it is not text. */
export function readOpenFile(fd: number): string | null {
  const text = readOpen(fd);
  return typeof text === 'string' ? text : null;
}
