import { isAscii } from 'node:buffer';
import { Worker } from 'node:worker_threads';
import { contentOfBytes, readableIn, type FileContent } from '../accounts/account-file.js';
import { listSync, type Listed } from '../accounts/accounts-folder.js';
import type { Clock } from '../ground/clock.js';
import { readAccount } from './reading.js';
import { readInThread, type ReadPart, type ReaderStart } from './reader-thread.js';
import type { Present, Readable } from './writer/keeper.js';
import { SECOND_READING_MS } from './writer/write-loop.js';

/** So many files are worth a thread, which takes as long to begin as some hundreds of them take to be read. */
const WORTH_A_THREAD = 1_000;
const PART_BYTES = 1_048_576;
/** The thread may be so many parts ahead: it goes on while its files are not asked for yet. */
const PARTS_AHEAD = 24;

/** As text, so that nothing of the program is read from the disk. */
const SOURCE = `
  const __name = (named) => named;
  (${readInThread.toString()})(require('node:fs'), require('node:worker_threads'));
`;

/**
 * The reading of all account files at a start: half of the time that it takes is the system's, which a thread of its own
 * spends on another core, from the moment when the reading begins.
 */
export class FirstReading {
  private readonly worker: Worker | null;
  private readonly arrived: ReadPart[] = [];
  private readonly doubtful: string[] = [];
  private hasEnded = false;
  private hasNews: () => void = () => undefined;

  private constructor(
    private readonly folder: string,
    private readonly listed: readonly Listed[],
    worthAThread: number,
  ) {
    const regular = listed.flatMap(({ name, type }) => (type === 'regular' ? [name] : []));
    this.worker = regular.length < worthAThread ? null : this.start({ folder, names: regular });
  }

  /** Lists the folder, and begins to read its files where they are many. @throws {AccountsUnlistable} */
  static begin(folder: string, worthAThread = WORTH_A_THREAD): FirstReading {
    return new FirstReading(folder, listSync(folder), worthAThread);
  }

  /** Of a folder that is not there yet. */
  static ofNothing = (folder: string): FirstReading => new FirstReading(folder, [], WORTH_A_THREAD);

  /** Hands on what each readable file says, in the order of the names. Called once. */
  async each(take: (name: string, content: Readable) => void): Promise<void> {
    const { folder, listed, worker } = this;
    let part: ReadPart | null = null;
    let text: string | null = null;
    let [place, from] = [0, 0];
    for (const { name, id, type } of listed) {
      const isThreads = type === 'regular' && worker !== null;
      if (isThreads && place === (part?.lengths.length ?? 0)) {
        part = await this.nextPart(part);
        text = part === null ? null : asciiOf(part);
        [place, from] = [0, 0];
      }
      const length = isThreads ? (part?.lengths[place++] ?? null) : null;
      // what no thread has read is read here
      if (part === null || length === null) this.sort(name, readAccount(folder, name, type), take);
      else if (text !== null) this.sort(name, readableIn(text.slice(from, from + length), id), take);
      else this.sort(name, contentOfBytes(Buffer.from(part.buffer, from, length), id), take);
      from += length ?? 0;
    }
  }

  /** @param content - null: it cannot be read, why ever; the second look tells */
  private sort(name: string, content: FileContent | null, take: (name: string, content: Readable) => void): void {
    if (content?.kind === 'account') take(name, content);
    else if (content?.kind !== 'gone') this.doubtful.push(name);
  }

  /**
   * Hands on what the others say a little later: another program may have been in the middle of writing them.
   *
   * @returns their names
   */
  async again(clock: Clock, take: (name: string, content: Present) => void): Promise<readonly string[]> {
    const { folder, doubtful } = this;
    if (doubtful.length > 0) await clock.wait(SECOND_READING_MS);
    for (const name of doubtful) {
      const content = readAccount(folder, name);
      if (content.kind !== 'gone') take(name, content);
    }
    return doubtful;
  }

  /** Ends the reading before its time. */
  stop(): void {
    this.worker?.terminate().catch(() => undefined);
  }

  private start(workerData: ReaderStart): Worker | null {
    try {
      // of nobody's environment and standard streams it has need
      const worker = new Worker(SOURCE, { eval: true, workerData, execArgv: [], env: {}, stdin: false });
      const end = (): void => {
        this.hasEnded = true;
        this.hasNews();
      };
      worker.on('message', (part: ReadPart) => {
        this.arrived.push(part);
        this.hasNews();
      });
      worker.on('error', end);
      worker.on('exit', end);
      for (let ahead = 0; ahead < PARTS_AHEAD; ahead++) order(worker, new ArrayBuffer(PART_BYTES));
      return worker;
    } catch {
      // no thread to be had
      return null;
    }
  }

  /** @param filled - the one before, to be filled again. @returns null: the thread reads no more */
  private async nextPart(filled: ReadPart | null): Promise<ReadPart | null> {
    if (filled !== null && this.worker !== null && !this.hasEnded) order(this.worker, filled.buffer);
    while (this.arrived.length === 0 && !this.hasEnded) await new Promise<void>((resolve) => (this.hasNews = resolve));
    return this.arrived.shift() ?? null;
  }
}

/** All texts of a part as one, of which those of its files are parts that need no memory of their own; null: not ASCII. */
function asciiOf({ buffer, lengths }: ReadPart): string | null {
  const bytes = Buffer.from(
    buffer,
    0,
    lengths.reduce<number>((sum, length) => sum + (length ?? 0), 0),
  );
  return isAscii(bytes) ? bytes.toString('latin1') : null;
}

const order = (worker: Worker, buffer: ArrayBuffer): void => worker.postMessage(buffer, [buffer]);
