/** A key as the panes see it. */
export interface Key {
  /** `a`, `G`, `?`, `space`, `enter`, `escape`, `pageup`, `C-c`, `S-tab` … */
  readonly name: string;
  /** What it writes into a field; null for keys that write nothing. */
  readonly text: string | null;
}

/** A paste, whole, however many pieces it came in. */
export interface Paste {
  readonly text: string;
  /** Bytes that came, also where the text was too much to keep. */
  readonly bytes: number;
  /** More than is kept came: `text` is only its start. */
  readonly cut: boolean;
  /** The terminal never said that it was over. */
  readonly unfinished: boolean;
}

/** What blessed says about a key. */
export interface BlessedKey {
  readonly full?: string;
  readonly name?: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
}

/** Our name for a key of blessed's; null for those that say nothing (blessed tells of Enter twice). */
export function keyOf(ch: string | undefined, key: BlessedKey): Key | null {
  if (key.name === 'return') return null;
  if (ch?.length === 1 && ch >= ' ' && ch !== '\x7f' && key.meta !== true && key.ctrl !== true) {
    return { name: ch === ' ' ? 'space' : ch, text: ch };
  }
  return key.full === undefined ? null : { name: key.full, text: null };
}

const shownNames: Readonly<Record<string, string>> = {
  enter: 'Enter',
  escape: 'Esc',
  tab: 'Tab',
  'S-tab': 'Shift-Tab',
  space: 'Space',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  up: 'Up',
  down: 'Down',
  home: 'Home',
  end: 'End',
};

/** How people write a key: `Ctrl-C`, `PgUp`, `r`. */
export const shownKey = (name: string): string =>
  shownNames[name] ?? (name.startsWith('C-') ? `Ctrl-${name.slice(2).toUpperCase()}` : name);
