import { contentOf } from '../../accounts/account-file.js';
import type { Clock } from '../../ground/clock.js';
import type { PushedAside } from '../../disk/durable.js';
import { parseExactly } from '../../ground/exact-json.js';
import type { JsonObject } from '../../ground/json.js';

/** A program that opened the old file before we replaced it writes within this time … */
const READ_AFTER_MS = 100;
/** … and has this many times as long to finish. */
const MOST_READINGS = 10;

/** Tells what a file that was pushed aside said before, and what another program wrote there. */
type WroteThere = (base: JsonObject, changed: JsonObject) => void;

interface Aside {
  readonly file: PushedAside;
  readonly wroteThere: WroteThere;
  /** The last of what it said that was whole. */
  text: string;
  readings: number;
  cancel: () => void;
}

/**
 * Watches files that a write of ours pushed aside. A program that had one open, or renamed another there at the last
 * moment, wrote where nobody reads any more: what it wrote is told, to be merged into what stands there now.
 */
export class PushedAsideFiles {
  private readonly asides = new Set<Aside>();

  constructor(
    private readonly id: string,
    private readonly clock: Clock,
  ) {}

  /** @param said - what we had read there, and merged with ours */
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

  /** Whether what it says is whole. */
  private read(aside: Aside): boolean {
    const text = aside.file.read();
    if (text === aside.text) return true;
    if (text === null || contentOf(text, this.id).kind !== 'account') return false;
    const base = parseExactly(aside.text);
    aside.text = text;
    // to the digit, as it is merged into the file
    aside.wroteThere(base, parseExactly(text));
    return true;
  }

  private letGo(aside: Aside): void {
    aside.cancel();
    aside.file.close();
    this.asides.delete(aside);
  }
}
