/** Reads a paste: the text between its marks, and whatever follows without a pause. */

/** How much of a paste is kept; the rest is only counted. */
const KEPT_BYTES = 16_384;

const START = '\x1b[200~';
const END = '\x1b[201~';
const INTERRUPT = '\x03';

/** `unfinished`: the terminal never marked its end. */
export type PasteEnd = 'finished' | 'unfinished';

export class PasteReader {
  private kept = '';
  private bytes = 0;
  /** The last bytes, where they may be the beginning of a mark. */
  private held = '';
  private open: boolean;

  /** @param how - whether the terminal marks the end; without marks the paste lasts until nothing follows */
  constructor(private readonly how: 'marked' | 'unmarked') {
    this.open = how === 'marked';
  }

  /** Whether its end mark has not come yet. */
  get isOpen(): boolean {
    return this.open;
  }

  /** Takes bytes, as latin1. @returns what comes after the start mark of another paste; null where none began */
  read(bytes: string): string | null {
    let rest = this.held + bytes;
    this.held = '';
    for (;;) {
      const mark = this.open ? [END] : [END, START];
      const [at, found] = firstOf(rest, mark);
      if (found === null) {
        const tail = startedMark(rest, mark);
        this.keep(rest.slice(0, rest.length - tail));
        this.held = rest.slice(rest.length - tail);
        return null;
      }
      this.keep(rest.slice(0, at));
      rest = rest.slice(at + found.length);
      if (found === START) return rest;
      this.open = false;
    }
  }

  private keep(bytes: string): void {
    this.bytes += bytes.length;
    this.kept += bytes.slice(0, Math.max(0, KEPT_BYTES - this.kept.length));
  }

  end(): { readonly text: string; readonly bytes: number; readonly cut: boolean; readonly endsWithInterrupt: boolean } {
    const { kept, bytes, how } = this;
    const cut = bytes > kept.length;
    // pressed after letters that came without marks, Ctrl-C is still the key
    const endsWithInterrupt = how === 'unmarked' && !cut && kept.endsWith(INTERRUPT);
    const text = Buffer.from(endsWithInterrupt ? kept.slice(0, -1) : kept, 'latin1').toString('utf8');
    return { text, bytes: endsWithInterrupt ? bytes - 1 : bytes, cut, endsWithInterrupt };
  }
}

/** Where the first of these marks is. */
function firstOf(text: string, marks: readonly string[]): readonly [at: number, mark: string | null] {
  let [at, mark]: [number, string | null] = [Infinity, null];
  for (const each of marks) {
    const index = text.indexOf(each);
    if (index >= 0 && index < at) [at, mark] = [index, each];
  }
  return [at, mark];
}

/** How many of the last bytes may belong to a mark that is still on its way. */
function startedMark(text: string, marks: readonly string[]): number {
  for (let length = Math.min(START.length - 1, text.length); length > 0; length--) {
    if (marks.some((mark) => text.endsWith(mark.slice(0, length)))) return length;
  }
  return 0;
}
