import { contentOf } from '../../accounts/account-file.js';
import type { Clock } from '../../ground/clock.js';
import type { PushedAside } from '../../disk/durable.js';
import { parseExactly } from '../../ground/exact-json.js';
import type { JsonObject } from '../../ground/json.js';

/** How long a program that opened the old file before we replaced it may take before it writes … */
const READ_AFTER_MS = 100;
/** … and how many times as long it may take to finish. */
const MOST_READINGS = 10;

/** Called with what the old file said before another program wrote into it, and with what it says now. */
type WroteThere = (base: JsonObject, changed: JsonObject) => void;

interface Aside {
  readonly file: PushedAside;
  readonly wroteThere: WroteThere;
  /** The last whole text that was read from the file. */
  text: string;
  readings: number;
  cancel: () => void;
}

/**
 * Watches old files after a write of ours replaced them. A program that had one open, or renamed another file there at
 * the last moment, wrote where nobody reads any more: its changes are handed on, to be merged into the file that is
 * there now.
 */
export class PushedAsideFiles {
  private readonly asides = new Set<Aside>();

  constructor(
    private readonly id: string,
    private readonly clock: Clock,
  ) {}

  /** @param said - what we had read in the file before we replaced it */
  add(file: PushedAside, said: string, wroteThere: WroteThere): void {
    const aside: Aside = { file, wroteThere, text: said, readings: 0, cancel: () => undefined };
    this.asides.add(aside);
    this.read(aside);
    this.readLater(aside);
  }

  /** Reads all of them once more, now, and lets go of them. */
  finish(): void {
    for (const aside of this.asides) {
      this.read(aside);
      this.letGo(aside);
    }
  }

  private readLater(aside: Aside): void {
    aside.cancel = this.clock.after(READ_AFTER_MS, () => {
      const isWhole = this.read(aside);
      if (isWhole || ++aside.readings >= MOST_READINGS) this.letGo(aside);
      else this.readLater(aside);
    });
  }

  /** Reads one old file. @returns whether its text is whole */
  private read(aside: Aside): boolean {
    const text = aside.file.read();
    if (text === aside.text) return true;
    if (text === null || contentOf(text, this.id).kind !== 'account') return false;
    const base = parseExactly(aside.text);
    aside.text = text;
    // numbers keep every digit, as the text is merged into the file
    aside.wroteThere(base, parseExactly(text));
    return true;
  }

  private letGo(aside: Aside): void {
    aside.cancel();
    aside.file.close();
    this.asides.delete(aside);
  }
}
