/** Lines of `regrant.log` and of the files that it was rotated into, around a time. */
import { constants } from 'node:fs';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { logRecordOf } from './log-record.js';

/**
 * How much is read before the time, and how much from it on; even with lines that are cut, both fit into one answer
 * over the socket.
 */
const BEFORE_BYTES = 128 * 1024;
const AFTER_BYTES = 256 * 1024;
/** A search ends when no more than this is left between two places. */
const NEAR_BYTES = 16 * 1024;

/** A part of the log, oldest first. */
export interface LogPart {
  readonly lines: readonly string[];
  /** Whether there are older, and newer lines. */
  readonly older: boolean;
  readonly newer: boolean;
}

interface Piece {
  readonly file: FileHandle;
  readonly size: number;
  /** Time of its first line, ms since 1970. */
  readonly from: number;
}

/**
 * The lines around `time`, ms since 1970. Files that cannot be read are left out, as if they were deleted.
 *
 * @param folder - the folder of `regrant.log`
 */
export async function linesAround(folder: string, time: number): Promise<LogPart> {
  const pieces = await piecesIn(folder);
  try {
    const at = Math.max(
      0,
      pieces.findLastIndex(({ from }) => from <= time),
    );
    const piece = pieces[at];
    if (piece === undefined) return { lines: [], older: false, newer: false };
    const offset = await offsetOf(piece, time);
    const before = await backwards(pieces, at, offset);
    const after = await forwards(pieces, at, offset);
    return { lines: [...before.lines, ...after.lines], older: before.more, newer: after.more };
  } finally {
    await Promise.all(pieces.map(({ file }) => file.close().catch(() => undefined)));
  }
}

/** The files that begin with a line that has a time, the oldest first. */
async function piecesIn(folder: string): Promise<Piece[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const pieces: Piece[] = [];
  for (const name of names.filter((each) => each.endsWith('regrant.log'))) {
    const piece = await pieceAt(path.join(folder, name)).catch(() => null);
    if (piece !== null) pieces.push(piece);
  }
  return pieces.sort((a, b) => a.from - b.from);
}

/** null: nothing in it has a time. @throws the system's error; the file is closed then */
async function pieceAt(place: string): Promise<Piece | null> {
  // a pipe of that name must not block for ever
  const file = await open(place, constants.O_RDONLY | constants.O_NONBLOCK);
  let piece: Piece | null = null;
  try {
    const { size } = await file.stat();
    const from = await timeFrom(file, 0, size);
    if (from !== null) piece = { file, size, from: from.time };
    return piece;
  } finally {
    if (piece === null) await file.close().catch(() => undefined);
  }
}

interface TimedLine {
  /** Byte at which it begins. */
  readonly at: number;
  readonly time: number;
}

/** The first whole line at `offset` or after it that has a time; null: there is none near. */
async function timeFrom(file: FileHandle, offset: number, size: number): Promise<TimedLine | null> {
  const bytes = await read(file, offset, Math.min(size, offset + 4 * NEAR_BYTES));
  let at = offset === 0 ? 0 : bytes.indexOf('\n') + 1;
  if (at === 0 && offset > 0) return null;
  for (let end = bytes.indexOf('\n', at); end >= 0; end = bytes.indexOf('\n', at)) {
    const { time } = logRecordOf(bytes.toString('utf8', at, end), 0);
    if (time > 0) return { at: offset + at, time };
    at = end + 1;
  }
  return null;
}

/** Where in its file the first line of this time or a later one begins; the file's size where all are earlier. */
async function offsetOf({ file, size }: Piece, time: number): Promise<number> {
  let low = 0;
  let high = size;
  while (high - low > NEAR_BYTES) {
    const middle = Math.floor((low + high) / 2);
    const found = await timeFrom(file, middle, size);
    if (found === null || found.time >= time) high = middle;
    else low = found.at;
  }
  const bytes = await read(file, low, Math.min(size, high + NEAR_BYTES));
  let at = 0;
  for (let end = bytes.indexOf('\n', at); end >= 0; end = bytes.indexOf('\n', at)) {
    if (logRecordOf(bytes.toString('utf8', at, end), 0).time >= time) break;
    at = end + 1;
  }
  return low + at;
}

interface Lines {
  readonly lines: readonly string[];
  readonly more: boolean;
}

/** The lines before this byte of this file, and those of earlier files. */
async function backwards(pieces: readonly Piece[], at: number, offset: number): Promise<Lines> {
  let lines: string[] = [];
  let room = BEFORE_BYTES;
  let end = offset;
  for (let index = at; index >= 0; index--) {
    const piece = pieces[index];
    if (piece === undefined) break;
    const start = Math.max(0, end - room);
    const bytes = await read(piece.file, start, end);
    const cut = start === 0 ? 0 : bytes.indexOf('\n') + 1;
    lines = [...linesOf(bytes.toString('utf8', cut)), ...lines];
    room -= end - start;
    if (start > 0 || room <= 0) return { lines, more: start > 0 || index > 0 };
    end = pieces[index - 1]?.size ?? 0;
  }
  return { lines, more: false };
}

/** The lines from this byte of this file on, and those of later files. */
async function forwards(pieces: readonly Piece[], at: number, offset: number): Promise<Lines> {
  const lines: string[] = [];
  let room = AFTER_BYTES;
  let start = offset;
  for (let index = at; index < pieces.length; index++) {
    const piece = pieces[index];
    if (piece === undefined) break;
    const end = Math.min(piece.size, start + room);
    const bytes = await read(piece.file, start, end);
    // a line that is still being written, or is cut by the end of what is read, does not count
    lines.push(...linesOf(bytes.toString('utf8', 0, bytes.lastIndexOf('\n') + 1)));
    room -= end - start;
    if (end < piece.size || room <= 0) return { lines, more: end < piece.size || index + 1 < pieces.length };
    start = 0;
  }
  return { lines, more: false };
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** Empty where it cannot be read. */
async function read(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  try {
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    return bytes.subarray(0, bytesRead);
  } catch {
    return bytes.subarray(0, 0);
  }
}
