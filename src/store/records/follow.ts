import { closeSync, fstatSync, openSync, readSync, statSync, watch, type Stats } from 'node:fs';
import { Tail } from 'tail';
import type { Clock } from '../ground/clock.js';
import { reasonOf } from '../ground/errors.js';

/** How often a file is looked at for what `tail` does not see: another file of that name, a cut one, one that is gone. */
const LOOK_EVERY_MS = 500;
/** After a rename most programs open the new file at once. */
const SOON_MS = 20;
/** What of a file that stands already is shown at first, as bytes. */
const HISTORY_BYTES = 32 * 1024;
/** What is read at once of a file that was moved away. */
const REST_BYTES = 4 * 1024 * 1024;

export interface FollowedFile {
  /** Each whole line, without its end. */
  line(text: string): void;
  /** Why nothing comes: said once each time it begins; null: it comes again. */
  trouble(reason: string | null): void;
}

/** A `tail` at work, and the open file that it reads, which stays readable after it is moved away or deleted. */
interface Open {
  readonly tail: Tail;
  readonly fd: number;
  readonly inode: number;
  /** Bytes that were handed on as lines. */
  delivered: number;
}

/**
 * Follows a log file of another program by `tail`, over rotation, truncation and absence.
 *
 * `tail` alone reads by name: after a rotation by renaming it goes on at the old offset of the new file, or not at all,
 * and loses what came meanwhile (25 of 60 lines measured), and it tears characters that a write splits. So the bytes are
 * read as latin1 and decoded by the line, every byte handed on is counted, and the file is held open: when another file
 * has its name, the rest of the old one is read from there, and the new one from its first byte.
 */
export class LogFollower {
  #open: Open | null = null;
  #trouble: string | null = null;
  #first = true;
  #cancel: () => void = () => undefined;

  constructor(
    readonly file: string,
    private readonly clock: Clock,
    private readonly told: FollowedFile,
  ) {
    this.#look();
  }

  close(): void {
    this.#cancel();
    this.#drop();
  }

  #look(): void {
    try {
      this.#compare(statSync(this.file));
      this.#tell(null);
    } catch (error) {
      if (this.#open !== null) this.#finish(this.#open);
      this.#tell(reasonOf(error));
    }
    this.#first = false;
    this.#lookIn(LOOK_EVERY_MS);
  }

  #lookIn(ms: number): void {
    this.#cancel();
    this.#cancel = this.clock.after(ms, () => this.#look());
  }

  #compare({ ino, size }: Stats): void {
    const open = this.#open;
    if (open === null) this.#start(this.#first ? Math.max(0, size - HISTORY_BYTES) : 0);
    else if (open.inode !== ino) {
      this.#finish(open);
      this.#start(0);
    } else if (size < open.delivered) {
      this.#drop();
      this.#start(0);
    }
  }

  /** @param from - byte to begin at; what stands there already is read at once */
  #start(from: number): void {
    const fd = openSync(this.file, 'r');
    const { ino, size } = fstatSync(fd);
    const tail = this.#tail(fd, from);
    const open: Open = { tail, fd, inode: ino, delivered: from === 0 ? 0 : size };
    this.#open = open;
    if (from > 0) this.#history(fd, from, size);
    tail.on('line', (line: string) => {
      open.delivered += line.length + 1;
      if (this.#open === open) this.#hand(line);
    });
    // a moved or deleted file: whatever takes its name may be moved away itself before the next look is due
    tail.on('error', () => this.#lookIn(SOON_MS));
  }

  /** Lets go of `fd` where there is no following at all. */
  #tail(fd: number, from: number): Tail {
    try {
      return new Tail(this.file, {
        separator: '\n',
        encoding: 'latin1',
        follow: false,
        fromBeginning: from === 0,
        useWatchFile: !canBeWatched(this.file),
        fsWatchOptions: { interval: LOOK_EVERY_MS },
      });
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  #history(fd: number, from: number, to: number): void {
    const lines = readBytes(fd, from, to).split('\n');
    // the first is what is left of a line, the last is still being written
    for (const line of lines.slice(1, -1)) this.#hand(line);
  }

  /** Hands on what is left in a file that lost its name. */
  #finish(open: Open): void {
    open.tail.unwatch();
    const { size } = fstatSync(open.fd);
    const rest = readBytes(open.fd, Math.max(open.delivered, size - REST_BYTES), size).split('\n');
    for (const line of rest) if (line !== '') this.#hand(line);
    this.#drop();
  }

  #drop(): void {
    if (this.#open === null) return;
    this.#open.tail.unwatch();
    closeSync(this.#open.fd);
    this.#open = null;
  }

  /** @param line - as latin1: its bytes, to be read as UTF-8 now that they are all there */
  #hand(line: string): void {
    this.told.line(Buffer.from(line.replace(/\r$/, ''), 'latin1').toString('utf8'));
  }

  #tell(reason: string | null): void {
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    this.told.trouble(reason);
  }
}

/** Whether the system tells of changes; a machine may have no more watches to give. */
function canBeWatched(file: string): boolean {
  try {
    watch(file).close();
    return true;
  } catch {
    return false;
  }
}

function readBytes(fd: number, from: number, to: number): string {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  return bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, from));
}
