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
  left: 'Left',
  right: 'Right',
  insert: 'Insert',
  delete: 'Delete',
  backspace: 'Backspace',
};

const held: Readonly<Record<string, string>> = { C: 'Ctrl-', M: 'Alt-', S: 'Shift-' };

/** How people write a key: `Ctrl-C`, `PgUp`, `r`. */
export function shownKey(name: string): string {
  const known = shownNames[name];
  if (known !== undefined) return known;
  const [, prefix, rest = ''] = /^([CMS])-(.+)$/.exec(name) ?? [];
  if (prefix !== undefined) return `${held[prefix] ?? ''}${rest.length === 1 ? rest.toUpperCase() : shownKey(rest)}`;
  return /^f\d/.test(name) ? name.toUpperCase() : name;
}
