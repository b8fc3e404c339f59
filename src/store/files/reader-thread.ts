/** What the first reading of the account files does in a thread of its own. */
import type * as Fs from 'node:fs';
import type * as Threads from 'node:worker_threads';

export interface ReaderStart {
  readonly folder: string;
  /** Regular files, in the order in which they are to be read. */
  readonly names: readonly string[];
}

/** The next files, one behind the other. */
export interface ReadPart {
  readonly buffer: ArrayBuffer;
  /** How many bytes of it are whose file; null: that one was not read, being large, gone or forbidden. */
  readonly lengths: readonly (number | null)[];
}

/** Runs in the thread, and so has nothing of this module. It is handed one buffer after the other to be filled. */
export function readInThread(fs: typeof Fs, { parentPort, workerData }: typeof Threads): void {
  const { folder, names } = workerData as ReaderStart;
  const LARGEST_BYTES = 65_536;
  let next = 0;

  function lengthOf(name: string, into: Uint8Array, at: number): number | null {
    let fd: number;
    try {
      fd = fs.openSync(`${folder}/${name}`, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
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

  parentPort?.on('message', (buffer: ArrayBuffer) => {
    const into = new Uint8Array(buffer);
    const lengths: (number | null)[] = [];
    for (let at = 0; next < names.length && into.length - at >= LARGEST_BYTES; next++) {
      const length = lengthOf(names[next] ?? '', into, at);
      lengths.push(length);
      at += length ?? 0;
    }
    const part: ReadPart = { buffer, lengths };
    if (lengths.length > 0) parentPort.postMessage(part, [buffer]);
    if (next === names.length) parentPort.close();
  });
}
