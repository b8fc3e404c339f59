/** A key as the panes see it. */
export interface Key {
  /** `a`, `G`, `?`, `space`, `enter`, `escape`, `pageup`, `C-c`, `S-tab` … */
  readonly name: string;
  /** What it writes into a field; null for keys that write nothing. */
  readonly text: string | null;
}

/** A paste, whole, in however many pieces it came. */
export interface Paste {
  readonly text: string;
  /** How many bytes came, including those that were not kept. */
  readonly bytes: number;
  /** More came than is kept: `text` is only its beginning. */
  readonly cut: boolean;
  /** The terminal never marked its end. */
  readonly unfinished: boolean;
}

const shownNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
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
    left: 'Left',
    right: 'Right',
    insert: 'Insert',
    delete: 'Delete',
    backspace: 'Backspace',
  }),
);

const held: ReadonlyMap<string, string> = new Map(Object.entries({ C: 'Ctrl-', M: 'Alt-', S: 'Shift-' }));

const byShown = new Map([...shownNames].map(([name, shown]) => [shown, name]));

/** The key that people write so; null where it is none. */
export function keyNamed(shown: string): Key | null {
  const known = byShown.get(shown);
  if (known !== undefined) return { name: known, text: null };
  const [, letter] = /^Ctrl-([A-Z])$/.exec(shown) ?? [];
  if (letter !== undefined) return { name: `C-${letter.toLowerCase()}`, text: null };
  return shown.length === 1 ? { name: shown, text: shown } : null;
}

/** How people write a key: `Ctrl-C`, `PgUp`, `r`. */
export function shownKey(name: string): string {
  const known = shownNames.get(name);
  if (known !== undefined) return known;
  const [, prefix, rest = ''] = /^([CMS])-(.+)$/.exec(name) ?? [];
  if (prefix !== undefined)
    return `${held.get(prefix) ?? ''}${rest.length === 1 ? rest.toUpperCase() : shownKey(rest)}`;
  return /^f\d/.test(name) ? name.toUpperCase() : name;
}
