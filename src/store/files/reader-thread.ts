/** What the first reading of the account files does in a thread of its own. */
import type * as Buffers from 'node:buffer';
import type * as Fs from 'node:fs';
import type * as Threads from 'node:worker_threads';

export interface ReaderStart {
  readonly folder: string;
}

/** The next files in the order of their names, one behind the other. */
export interface ReadPart {
  readonly buffer: ArrayBuffer;
  readonly ids: readonly string[];
  /** How many bytes of it are whose file; null: that one was not read, being large, gone, forbidden or no regular file. */
  readonly lengths: readonly (number | null)[];
  readonly isAscii: boolean;
  /** No other follows. */
  readonly isLast: boolean;
}

/** Runs in the thread, and so has nothing of this module. */
export function readInThread(
  { isAscii }: typeof Buffers,
  fs: typeof Fs,
  { parentPort, workerData }: typeof Threads,
): void {
  const { folder } = workerData as ReaderStart;
  const [PART_BYTES, LARGEST_BYTES] = [1_048_576, 65_536];

  /** The ids of all files in their order, and of those that are no regular ones. */
  function listed(): { readonly ids: readonly string[]; readonly others: ReadonlySet<string> } {
    const [ids, others]: [string[], Set<string>] = [[], new Set()];
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      if (!entry.name.endsWith('.json') || entry.name.startsWith('.')) continue;
      const id = entry.name.slice(0, -'.json'.length);
      ids.push(id);
      if (!entry.isFile()) others.add(id);
    }
    return { ids: ids.sort(), others };
  }

  function lengthOf(id: string, into: Uint8Array, at: number): number | null {
    let fd: number;
    try {
      fd = fs.openSync(`${folder}/${id}.json`, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    } catch {
      return null;
    }
    try {
      const length = fs.readSync(fd, into, at, LARGEST_BYTES, 0);
      return length === LARGEST_BYTES ? null : length;
    } catch {
      return null;
    } finally {
      fs.closeSync(fd);
    }
  }

  const { ids, others } = listed();
  let next = 0;
  do {
    // what no file fills of it is never touched, and so takes no memory
    const buffer = new ArrayBuffer(PART_BYTES);
    const into = new Uint8Array(buffer);
    const lengths: (number | null)[] = [];
    const first = next;
    let at = 0;
    for (; next < ids.length && PART_BYTES - at >= LARGEST_BYTES; next++) {
      const id = ids[next] ?? '';
      const length = others.has(id) ? null : lengthOf(id, into, at);
      lengths.push(length);
      at += length ?? 0;
    }
    const part: ReadPart = {
      ...{ buffer, ids: ids.slice(first, next), lengths },
      ...{ isAscii: isAscii(into.subarray(0, at)), isLast: next === ids.length },
    };
    parentPort?.postMessage(part, [buffer]);
  } while (next < ids.length);
}
