import { Worker } from 'node:worker_threads';
import { contentOfBytes, readableIn, type FileContent } from '../accounts/account-file.js';
import { listFewSync, listSync, type Listed } from '../accounts/accounts-folder.js';
import type { Clock } from '../ground/clock.js';
import { readingNow } from './folder-poll.js';
import { readAccount } from './reading.js';
import { readInThread, type ReadPart, type ReaderStart } from './reader-thread.js';
import type { FirstFound, Present } from './writer/keeper.js';
import { KeptText } from './writer/kept-text.js';
import { SECOND_READING_MS } from './writer/write-loop.js';

/** So many files are worth a thread, which takes as long to begin as some hundreds of them take to be read. */
const WORTH_A_THREAD = 1_000;

/** As text, so that nothing of the program is read from the disk. */
const SOURCE = `
  const __name = (named) => named;
  (${readInThread.toString()})(require('node:buffer'), require('node:fs'), require('node:worker_threads'));
`;

type Take = (name: string, content: FirstFound) => void;

/**
 * The reading of all account files at a start: half of the time that it takes is the system's, which a thread of its own
 * spends on another core where they are many, from the moment when the reading begins.
 */
export class FirstReading {
  readonly begunAt = readingNow();
  private readonly worker: Worker | null;
  private readonly arrived: ReadPart[] = [];
  private readonly doubtful: string[] = [];
  private hasEnded = false;
  private hasNews: () => void = () => undefined;
  /** When the last of the files had been read, monotonic. */
  private readAt = 0;

  /** @param listed - null: a thread is to list them */
  private constructor(
    private readonly folder: string,
    private readonly clock: Clock,
    private readonly listed: readonly Listed[] | null,
  ) {
    this.worker = listed === null ? this.start() : null;
  }

  /** Looks how many files are in the folder, and begins to read them where they are many. @throws {AccountsUnlistable} */
  static begin(folder: string, clock: Clock, worthAThread = WORTH_A_THREAD): FirstReading {
    return new FirstReading(folder, clock, listFewSync(folder, worthAThread));
  }

  /** Of a folder that is not there yet. */
  static ofNothing = (folder: string, clock: Clock): FirstReading => new FirstReading(folder, clock, []);

  /** Hands on what each readable file says, in the order of the names. Called once. @throws {AccountsUnlistable} */
  async each(take: Take): Promise<void> {
    let last: string | null = null;
    let isWhole = false;
    for (let part = await this.nextPart(); part !== null; part = await this.nextPart()) {
      this.readAt = this.clock.monotonic();
      this.takePart(part, take);
      last = part.ids.at(-1) ?? null;
      isWhole = part.isLast;
    }
    if (isWhole) return;
    // what no thread has read is read here
    for (const { name, id, type } of this.listed ?? listSync(this.folder)) {
      if (last === null || id > last) this.sort(name, readAccount(this.folder, name, type), take);
    }
    this.readAt = this.clock.monotonic();
  }

  private takePart({ buffer, ids, lengths, isAscii }: ReadPart, take: Take): void {
    const bytes = Buffer.from(buffer);
    let from = 0;
    for (const [place, id] of ids.entries()) {
      const length = lengths[place] ?? null;
      // what the thread has not read is read here
      if (length === null) this.sort(`${id}.json`, this.read(`${id}.json`), take);
      else if (isAscii) {
        const account = readableIn(bytes.toString('latin1', from, from + length), id);
        if (account === null) this.doubtful.push(`${id}.json`);
        else take(`${id}.json`, { kind: 'account', text: new KeptText(buffer, from, length), account });
      } else this.sort(`${id}.json`, contentOfBytes(bytes.subarray(from, from + length), id), take);
      from += length ?? 0;
    }
  }

  private read(name: string): FileContent {
    return readAccount(this.folder, name);
  }

  private sort(name: string, content: FileContent, take: Take): void {
    if (content.kind === 'account') take(name, content);
    else if (content.kind !== 'gone') this.doubtful.push(name);
  }

  /**
   * Hands on what the others say a little later: another program may have been in the middle of writing them.
   *
   * @returns their names
   */
  async again(take: (name: string, content: Present) => void): Promise<readonly string[]> {
    const { clock, doubtful } = this;
    if (doubtful.length > 0) await clock.wait(Math.max(0, this.readAt + SECOND_READING_MS - clock.monotonic()));
    for (const name of doubtful) {
      const content = this.read(name);
      if (content.kind !== 'gone') take(name, content);
    }
    return doubtful;
  }

  /** Ends the reading before its time. */
  stop(): void {
    this.worker?.terminate().catch(() => undefined);
  }

  private start(): Worker | null {
    const workerData: ReaderStart = { folder: this.folder };
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
      return worker;
    } catch {
      // no thread to be had
      return null;
    }
  }

  /** null: there is no thread that reads any more. */
  private async nextPart(): Promise<ReadPart | null> {
    if (this.worker === null) return null;
    while (this.arrived.length === 0 && !this.hasEnded) await new Promise<void>((resolve) => (this.hasNews = resolve));
    return this.arrived.shift() ?? null;
  }
}
