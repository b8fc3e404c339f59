/**
 * Words, numbers and foreign text, made fit for cells: after `sanitise` every UTF-16 unit is one cell wide, so that
 * `length` is the width and no border can be moved.
 */
import { inert, PLAIN } from './inert.js';
import { FILLER, inCells } from './cells.js';
import type { AccountRow, AccountState } from '../../proxy/contract/snapshot.js';
import { counted, grouped, type Counted } from '../../store/words/counted.js';
import { tell, worded, type PlainWord } from '../../store/words/tongue.js';

/** The words of the STATE column; scripts and people search for exactly these. */
export const stateWords = {
  ready: 'ready',
  cooling: 'cooling',
  disabled: 'DISABLED',
  proxy_disabled: 'off',
  refused: 'refused ¦ state',
  blocked: 'blocked',
  no_client: 'no client',
  unreadable: 'file ¦ state',
} as const satisfies Record<AccountState, PlainWord>;

/** Results for texts that are not plain, since the same texts come in frame after frame. */
const known = new Map<string, string>();
let knownLength = 0;
const MOST_KNOWN = 500_000;

/** A wide letter with its second cell: words of the catalogue may be in cells already. */
const FILLED = new RegExp(`([\\u1100-\\ud7ff\\uf900-\\uffff])${FILLER}`, 'g');

/** Any text, inert and in cells: wide letters, marks and emoji are kept where the terminal can draw them. */
export function sanitise(text: string): string {
  if (PLAIN.test(text)) return text;
  const before = known.get(text);
  if (before !== undefined) return before;
  const cells = inCells(inert(text.replace(FILLED, '$1')));
  knownLength += text.length + cells.length;
  if (knownLength > MOST_KNOWN) {
    known.clear();
    knownLength = text.length + cells.length;
  }
  known.set(text, cells);
  return cells;
}

/** `text` in at most `width` cells, with `mark` at its end where something was cut. */
export function fit(text: string, width: number, mark = '…'): string {
  if (text.length <= width) return text;
  if (width <= mark.length) return text.slice(0, Math.max(0, width));
  return text.slice(0, width - mark.length) + mark;
}

/** `text` in exactly `width` cells. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left', mark = '…'): string {
  const fitted = fit(text, width, mark);
  return align === 'left' ? fitted.padEnd(width) : fitted.padStart(width);
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const two = (n: number): string => String(n).padStart(2, '0');

/** How long something has lasted, in up to two units: `12s`, `2m35s`, `1h05m`, `3d2h`. */
export function age(ms: number): string {
  const past = Math.max(0, ms);
  if (past < MINUTE) return `${Math.floor(past / SECOND)}s`;
  if (past < HOUR) return `${Math.floor(past / MINUTE)}m${two(Math.floor((past % MINUTE) / SECOND))}s`;
  if (past < DAY) return `${Math.floor(past / HOUR)}h${two(Math.floor((past % HOUR) / MINUTE))}m`;
  const hours = Math.floor((past % DAY) / HOUR);
  return past < 10 * DAY && hours > 0 ? `${Math.floor(past / DAY)}d${hours}h` : `${Math.floor(past / DAY)}d`;
}

/** How long ago, in one unit: `now`, `12s`, `2m`, `5h`, `3d`. */
export function ago(ms: number): string {
  if (ms < 2 * SECOND) return worded('now', [], sanitise);
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)}h`;
  return `${Math.floor(ms / DAY)}d`;
}

/** How long something will still last: `41:12`, `1h02m`, `2d3h`; rounded up, so that it is 0 only when it is over. */
export function countdown(ms: number): string {
  const left = Math.max(0, Math.ceil(ms / SECOND) * SECOND);
  return left < HOUR ? `${two(Math.floor(left / MINUTE))}:${two(Math.floor((left % MINUTE) / SECOND))}` : age(left);
}

/** `02:11:32`, in the operator's time zone. */
export function timeOfDay(ms: number): string {
  const at = new Date(ms);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `2026-11-23`, in the operator's time zone. */
export function date(ms: number): string {
  const at = new Date(ms);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The time of day, or the month and day before it where that was not today. */
export function when(ms: number, now: number): string {
  return date(ms) === date(now) ? timeOfDay(ms) : `${date(ms).slice(5)} ${timeOfDay(ms).slice(0, 5)}`;
}

/** Cells of what `when` says of today, and of another day. */
export const TODAY = 8;
const ANOTHER_DAY = 11;

/** Cells that `when` needs where the oldest time is `oldest`, ms since 1970; 0: there is none. */
export const stampWidth = (oldest: number, now: number): number =>
  oldest === 0 || date(oldest) === date(now) ? TODAY : ANOTHER_DAY;

/** The hour and minute, with the month and day before them where that is not today. */
export const clockTime = (ms: number, now: number): string =>
  date(ms) === date(now) ? timeOfDay(ms).slice(0, 5) : when(ms, now);

/** A count in at most `width` cells: `1,204`, `1204`, `12k`, `3M`. */
export function count(n: number, width: number): string {
  const forms = [grouped(n), String(n), `${Math.floor(n / 1e3)}k`, `${Math.floor(n / 1e6)}M`];
  return forms.find((form) => form.length <= width) ?? '>'.repeat(width);
}

/** `anna@…`: enough of an address where space is short. */
export function shortEmail(email: string): string {
  const at = email.indexOf('@');
  return at > 0 ? `${email.slice(0, at)}@…` : email;
}

/** A number before a unit, which stays on the same line: `30 s`, `212 ms`, `4 min`. */
const BEFORE_UNIT = /\d$/;
const UNIT = /^(?:ms|s|min|h|d|%|kB|MB|MiB|GB|tok)(?![\w])/;

/**
 * The parts that a text is broken into, of at most `width` cells: at blanks where there are any, never within a wide
 * letter.
 */
export function breaks(text: string, width: number): (readonly [from: number, to: number])[] {
  if (width < 1) return [];
  const lines: (readonly [number, number])[] = [];
  let from = 0;
  while (text.length - from > width) {
    const to = breakBefore(text, from, from + width);
    lines.push([from, to]);
    from = to;
    while (text[from] === ' ') from += 1;
  }
  if (from < text.length || lines.length === 0) lines.push([from, text.length]);
  return lines;
}

/** The last good place to break a line, up to `most`. */
function breakBefore(text: string, from: number, most: number): number {
  const least = from + (most - from) / 3;
  // only this line: in a text without blanks a search to its front would take longer with each line
  const line = text.slice(from, most + 1);
  for (let at = from + line.lastIndexOf(' '); at > least; at = from + line.lastIndexOf(' ', at - from - 1)) {
    const splitsUnit = BEFORE_UNIT.test(text.slice(at - 1, at)) && UNIT.test(text.slice(at + 1, at + 6));
    if (!splitsUnit) return at;
  }
  return text[most] === FILLER && most - 1 > from ? most - 1 : most;
}

/** Breaks a text at blanks into lines of at most `width` cells. */
export const wrap = (text: string, width: number): string[] =>
  breaks(text, width).map(([from, to]) => text.slice(from, to));

/** `1 account`, `3 accounts`, in cells. */
export const plural = (n: number, what: Counted): string => sanitise(counted(n, what));

/** An account's name for people: its e-mail; its file where that was never readable. */
export const accountName = ({ email, file, label }: Pick<AccountRow, 'email' | 'file' | 'label'>): string =>
  `${email === '' ? file : email}${label === '' ? '' : ` (${label})`}`;

/** `copied`: a clipboard confirmed it; `offered`: written by OSC 52, which no terminal confirms. */
export type Copied = 'copied' | 'offered';

/** Said after a copy. */
export const copiedText = (what: string, how: Copied): string =>
  how === 'copied'
    ? tell('{what} copied', { what })
    : tell('{what} offered to the terminal (OSC 52); Y shows it whole', { what });

/** What went wrong, in the words of the error. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
