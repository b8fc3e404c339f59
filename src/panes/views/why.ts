/** The WHY / NEXT column: what keeps an account out now or will soon, since when, and the key that helps. */
import type { AccountRow, AccountState } from '../../proxy/contract/snapshot.js';
import { span, type Span } from '../text/lines.js';
import { age, clockTime, fit, sanitise } from '../text/text.js';
import type { Glyphs, Style } from '../text/theme.js';
import { wait } from '../../proxy/contract/durations.js';
import { tell } from '../../store/words/tongue.js';
import { told } from '../../store/words/told.js';

const DAY = 86_400_000;

/** One part of the column: its text, and a shorter one for where there is little space. */
interface Part {
  readonly text: string;
  readonly short: string;
  readonly style: Style;
  /** The key that helps, which is shown however little space there is. */
  readonly key?: string;
}

const part = (text: string, style: Style = 'plain', short = text): Part => ({ text, short, style });
const keyPart = (key: string, does: string, style: Style = 'dim'): Part => ({ ...part(`${key} ${does}`, style), key });

/** A part with how long it has been so. */
const since = (text: string, row: AccountRow, now: number, style: Style): Part =>
  part(row.since === null ? text : `${text}, ${age(now - row.since)}`, style, text);

/** The server's error code at the head of a stored reason: `invalid_grant: Token …` gives `invalid_grant`. */
function reasonCode(reason: string): string {
  return /^[a-z0-9_]+(?=$|:|,| |\()/i.exec(reason)?.[0] ?? '';
}

type Why = (row: AccountRow, now: number, glyphs: Glyphs) => readonly Part[];

const whys: Record<AccountState, Why> = {
  ready: (row, now, glyphs) => worries(row, now, glyphs),
  cooling: (row, now) => [
    cooling(row, now),
    ...(row.cause === 'in_doubt' ? [keyPart('r', tell('re-add'), 'warn')] : []),
    ...(row.coolingWhat === '' ? [] : [part(`(${told(row.coolingWhat)})`, 'dim')]),
  ],
  disabled: (row, now) => [
    since(reasonCode(row.reason) || told(row.reason) || tell('refused by Google'), row, now, 'dead'),
    keyPart('r', tell('re-add'), 'dead'),
  ],
  proxy_disabled: (row, now) => [
    since(row.reason === '' ? tell('by hand') : told(row.reason), row, now, 'dim'),
    keyPart('e', tell('puts it back')),
  ],
  refused: (row, now) => [
    part(reasonCode(row.reason) || told(row.reason), 'warn'),
    ...nextTry(row, now),
    part(tell('Enter why'), 'dim'),
  ],
  blocked: (row, now) => [
    part(row.reason === '' ? tell('Google asks to verify') : told(row.reason), 'warn'),
    part(row.validationUrl === null ? tell('Enter why') : tell('Enter shows the link'), 'dim'),
    ...nextTry(row, now),
  ],
  no_client: (row) => [
    part(row.reason === '' ? tell('client {client}', { client: row.client }) : told(row.reason), 'warn'),
    keyPart('O', tell('sets it up')),
  ],
  unreadable: (row) => [
    // without an e-mail the row is already named by the file
    part([row.email === '' ? '' : row.file, told(row.reason)].filter((text) => text !== '').join(': '), 'warn'),
    ...(row.serves ? [part(tell('last copy serves'), 'dim')] : []),
  ],
};

const nextTry = ({ retryAt }: AccountRow, now: number): readonly Part[] =>
  retryAt === null ? [] : [part(tell('next try in {left}', { left: told(wait(retryAt - now)) }), 'dim')];

/** `rate limit, asked to wait 30 s: 12 s left`, or `rate limit, 12 s`. */
function cooling({ reason, coolingUntil, cause }: AccountRow, now: number): Part {
  const [first = ''] = reason.split(', ');
  const [whole, head] = [told(reason), cause === 'in_doubt' ? tell('in doubt') : told(first)];
  if (coolingUntil === null) return part(whole || tell('cools'), 'warn', head || tell('cools'));
  const left = told(wait(coolingUntil - now));
  return part(
    reason === first ? `${head || tell('cools')}, ${left}` : tell('{reason}: {left} left', { reason: whole, left }),
    'warn',
    `${head || tell('cools')}, ${left}`,
  );
}

/** What is about to end, or has to be done, for an account that serves. */
function worries(row: AccountRow, now: number, glyphs: Glyphs): Part[] {
  const warning = (text: string, short = text): Part =>
    part(`${glyphs.warning} ${text}`, 'warn', `${glyphs.warning} ${short}`);
  const parts: Part[] = [];
  if (row.borrowedUntil !== null) {
    const end = clockTime(row.borrowedUntil, now);
    parts.push(warning(tell('borrowed time, dies {end}', { end }), tell('dies {end}', { end })));
  }
  if (row.trouble !== null) {
    const next = row.retryAt === null ? '' : `, ${tell('next try in {left}', { left: told(wait(row.retryAt - now)) })}`;
    const whole = `${told(row.trouble)}${next}`;
    if (row.cause !== 'in_doubt') parts.push(warning(whole));
    else parts.push(warning(whole, `${tell('in doubt')}${next}`), keyPart('r', tell('re-add'), 'warn'));
  }
  if (row.grantEndsAt !== null && row.grantEndsAt - now < 7 * DAY) {
    const left = age(row.grantEndsAt - now);
    parts.push(warning(tell('grant ends in {left}', { left }), tell('ends {left}', { left })));
  }
  if (row.refreshing) parts.push(part(tell('refreshing'), 'dim'));
  if (parts.length === 0 && row.reason !== '') parts.push(part(partlyResting(row, now), 'dim'));
  return parts;
}

/** For an account that rests only for some models: `gemini-3-pro: daily quota used up, 4h54m`. */
function partlyResting({ reason, coolingWhat, coolingUntil }: AccountRow, now: number): string {
  const what = coolingWhat === '' ? '' : `${told(coolingWhat)}: `;
  return coolingUntil === null ? `${what}${told(reason)}` : `${what}${told(reason)}, ${told(wait(coolingUntil - now))}`;
}

/**
 * The column's spans in at most `width` cells. What helps is more important than details of the cause: where not all
 * fits, every part is shortened, and the key is shown without its word; parts that do not fit even so are left out, and
 * the first one is cut, but never the key.
 */
export function whyCell(row: AccountRow, now: number, width: number, glyphs: Glyphs): Span[] {
  const unsaved: Part[] =
    row.notSaved === null
      ? []
      : [part(tell('{mark} not saved: {why}', { mark: glyphs.warning, why: told(row.notSaved) }), 'warn')];
  const said = [...unsaved, ...whys[row.state](row, now, glyphs)];
  if (said.length === 0) return [];
  const parts = said.map((each) => ({
    ...each,
    text: sanitise(each.text),
    short: sanitise(each.short),
  }));
  const whole = forms.map((form) => parts.map(form)).find((texts) => lengthOf(texts) <= width);
  const shown = whole ?? fitted(parts, width, glyphs);
  return parts.flatMap(({ style }, at) => {
    const text = shown[at] ?? '';
    if (text === '') return [];
    return [
      ...(shown.slice(0, at).some((before) => before !== '') ? [span(jointOf(text), 'dim')] : []),
      span(text, style),
    ];
  });
}

const forms: readonly ((part: Part) => string)[] = [
  ({ text }) => text,
  ({ text, short, key }) => (key === undefined ? short : text),
  ({ text, key }) => key ?? text,
  ({ short, key }) => key ?? short,
];

const JOINT = ' · ';
const jointOf = (text: string): string => (text.startsWith('(') ? ' ' : JOINT);

/** Width of these parts side by side. */
const lengthOf = (texts: readonly string[]): number =>
  texts
    .filter((text) => text !== '')
    .reduce((sum, text, at) => sum + (at === 0 ? 0 : jointOf(text).length) + text.length, 0);

/** The texts of parts that do not all fit, empty where a part is left out. */
function fitted(parts: readonly Part[], width: number, glyphs: Glyphs): string[] {
  const keyAt = parts.findIndex(({ key }) => key !== undefined);
  const key = parts[keyAt]?.key ?? '';
  const room = key === '' ? width : width - JOINT.length - key.length;
  const shown: string[] = [];
  for (const [at, { text, short }] of parts.entries()) {
    const first = lengthOf(shown) === 0 && at !== keyAt;
    const fitting = [text, short].find((said) => lengthOf([...shown, said]) <= room);
    shown.push(at === keyAt ? key : (fitting ?? (first && room >= LEAST_WORDS ? fit(short, room, glyphs.cut) : '')));
  }
  return shown;
}

/** With fewer cells, a reason says nothing. */
const LEAST_WORDS = 6;
