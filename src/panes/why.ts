/** The WHY / NEXT column: what keeps an account out or will, since when, and the key that helps. */
import type { AccountRow, AccountState } from '../proxy/snapshot.js';
import { span, type Span } from './lines.js';
import { age, sanitise, timeOfDay, wait } from './text.js';
import type { Glyphs, Style } from './theme.js';

const DAY = 86_400_000;

/** One part of the column: what it says, and what is left of that where there is little room. */
interface Part {
  readonly text: string;
  readonly short: string;
  readonly style: Style;
}

const part = (text: string, style: Style = 'plain', short = text): Part => ({ text, short, style });

/** The same with how long it has been so. */
const since = (text: string, row: AccountRow, now: number, style: Style): Part =>
  part(row.since === null ? text : `${text}, ${age(now - row.since)}`, style, text);

/** The server's error code at the head of a stored reason: `invalid_grant: Token …` gives `invalid_grant`. */
export function reasonCode(reason: string): string {
  return /^[a-z0-9_]+(?=$|:|,| |\()/i.exec(reason)?.[0] ?? '';
}

type Why = (row: AccountRow, now: number, glyphs: Glyphs) => readonly Part[];

const whys: Record<AccountState, Why> = {
  ready: (row, now, glyphs) => worries(row, now, glyphs),
  cooling: (row, now) => [
    part(
      `${row.reason === '' ? 'cools' : row.reason}${row.coolingUntil === null ? '' : `, ${wait(row.coolingUntil - now)}`}`,
      'warn',
    ),
    ...(row.coolingWhat === '' ? [] : [part(`(${row.coolingWhat})`, 'dim')]),
  ],
  disabled: (row, now) => [
    since(reasonCode(row.reason) || row.reason || 'refused by Google', row, now, 'dead'),
    part('r re-add', 'dead'),
  ],
  proxy_disabled: (row, now) => [
    since(row.reason === '' ? 'by hand' : row.reason, row, now, 'dim'),
    part('e puts it back', 'dim'),
  ],
  refused: (row, now) => [
    part(reasonCode(row.reason) || row.reason, 'warn'),
    ...(row.retryAt === null ? [] : [part(`next try in ${wait(row.retryAt - now)}`, 'dim')]),
    part('Enter why', 'dim'),
  ],
  blocked: (row) => [
    part(row.reason === '' ? 'Google asks to verify' : row.reason, 'warn'),
    part(row.validationUrl === null ? 'Enter why' : 'Enter shows the link', 'dim'),
  ],
  no_client: (row) => [
    part(row.reason === '' ? `client ${row.client}` : row.reason, 'warn'),
    part('O sets it up', 'dim'),
  ],
  unreadable: (row) => [
    part(`${row.file}${row.reason === '' ? '' : `: ${row.reason}`}`, 'warn'),
    ...(row.serves ? [part('last copy serves', 'dim')] : []),
  ],
};

/** What is about to end or waits to be done, on an account that serves. */
function worries(row: AccountRow, now: number, glyphs: Glyphs): Part[] {
  const warning = (text: string, short = text): Part =>
    part(`${glyphs.warning} ${text}`, 'warn', `${glyphs.warning} ${short}`);
  const parts: Part[] = [];
  if (row.borrowedUntil !== null) {
    const end = timeOfDay(row.borrowedUntil).slice(0, 5);
    parts.push(warning(`borrowed time, dies ${end}`, `dies ${end}`));
  }
  if (row.trouble !== null) {
    const next = row.retryAt === null ? '' : `, next try in ${wait(row.retryAt - now)}`;
    parts.push(warning(`${row.trouble}${next}`));
  }
  if (row.grantEndsAt !== null && row.grantEndsAt - now < 7 * DAY) {
    const left = age(row.grantEndsAt - now);
    parts.push(warning(`grant ends in ${left}`, `ends ${left}`));
  }
  if (row.refreshing) parts.push(part('refreshing', 'dim'));
  if (parts.length === 0 && row.reason !== '') parts.push(part(row.reason, 'dim'));
  return parts;
}

/**
 * The column's spans in at most `width` cells. What helps comes before how exactly it came about: where not all fits, every
 * part says it shortly; parts that do not fit even so are left out whole, and the first one is cut.
 */
export function whyCell(row: AccountRow, now: number, width: number, glyphs: Glyphs): Span[] {
  const unsaved: Part[] = row.notSaved === null ? [] : [part(`${glyphs.warning} not saved: ${row.notSaved}`, 'warn')];
  const parts = [...unsaved, ...whys[row.state](row, now, glyphs)];
  const fits = (texts: readonly string[]): boolean => texts.join(JOINT).length <= width;
  const brief = !fits(parts.map(({ text }) => text)) && fits(parts.map(({ short }) => short));
  const spans: Span[] = [];
  let used = 0;
  for (const { text, short, style } of parts) {
    const shown = sanitise(!brief && used + text.length <= width ? text : short);
    const joint = used === 0 ? '' : shown.startsWith('(') ? ' ' : JOINT;
    if (used > 0 && used + joint.length + shown.length > width) continue;
    spans.push(span(joint, 'dim'), span(shown, style));
    used += joint.length + shown.length;
  }
  return spans.filter(({ text }) => text !== '');
}

const JOINT = ' · ';
