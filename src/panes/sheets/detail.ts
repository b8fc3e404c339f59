/** Enter on an account: all that is known of it, why it is out, what to do, and its timeline. */
import { causes } from '../../proxy/contract/causes.js';
import type { RankedCause } from '../../proxy/contract/causes.js';
import { plainReason } from '../../proxy/contract/disabled-reason.js';
import type { AccountRow, Snapshot } from '../../proxy/contract/snapshot.js';
import type { Feed, GrantEvent } from '../../proxy/contract/supervisor.js';
import { stateMark } from '../views/account-columns.js';
import type { Desk } from '../desk/desk.js';
import type { Key } from '../terminal/keys.js';
import { blank, line, span, widthOf, type Line, type Span } from '../text/lines.js';
import { timeline } from '../views/refreshes.js';
import { Sheet } from '../layers/sheet.js';
import {
  accountName,
  age,
  countdown,
  date,
  grouped,
  plural,
  sanitise,
  stateWords,
  timeOfDay,
  when,
  wrap,
} from '../text/text.js';
import type { Theme } from '../text/theme.js';
import { Users } from '../desk/users.js';
import { wait } from '../../proxy/contract/durations.js';

const LABEL = 10;

/** Cells that the border needs beside a title. */
const TITLE_MARGIN = 4;

class AccountSheet extends Sheet {
  readonly place = 'accounts';
  readonly foot = 'j k scroll · / find · [ ] other account · Esc back';

  private readonly users = new Users();

  acts({ accounts }: Pick<Desk, 'accounts'>): readonly string[] {
    const { selected } = accounts;
    const rests = selected !== null && (selected.coolingUntil ?? selected.retryAt) !== null;
    return ['re-add', 'login', 'test', ...(rests ? ['clear'] : []), 'proxy', 'remove', 'copy'];
  }

  override title({ accounts }: Desk): readonly Span[] {
    const row = accounts.selected;
    return [span(sanitise(row === null ? 'no account' : accountName(row)), 'key')];
  }

  override note({ accounts }: Desk): readonly Span[] {
    const { index, rows } = accounts;
    const parts = [`${index + 1} of ${rows.length}`, rows.length > 1 ? '[ ] other account' : '', this.hidden()];
    return [span(parts.filter((part) => part !== '').join(' · '), 'dim')];
  }

  override rows(desk: Desk, width: number, height: number, theme: Theme): string[] {
    this.users.look(desk);
    return super.rows(desk, width, height, theme);
  }

  override lines(desk: Desk, width: number, theme: Theme): readonly Line[] {
    const row = desk.accounts.selected;
    if (row === null) return [line(span(' no account is listed', 'dim'))];
    const users = this.users.of(row.email);
    return accountDetail(row, desk.snapshot, desk.supervisor.events, desk.now, width, theme, users);
  }

  override raw(desk: Desk): string {
    const { selected } = desk.accounts;
    return `${selected === null ? '' : accountName(selected)}\n${super.raw(desk)}`;
  }

  /** `[` and `]` go to the previous and the next account, and begin at its first line. */
  override key(key: Key, desk: Desk): 'taken' | 'pass' {
    if (key.name === 'enter') return 'taken';
    const link = desk.accounts.selected?.validationUrl ?? null;
    if (key.name === 'y' && link !== null) {
      desk.copy(link, 'link');
      return 'taken';
    }
    if (key.name === '[' || key.name === ']') {
      desk.accounts.move(key.name === '[' ? -1 : 1);
      this.toTop();
      return 'taken';
    }
    return super.key(key, desk);
  }
}

/** Shows an account, wherever it was named. */
export function openDetail(desk: Desk, id: string): void {
  if (desk.goTo(id)) desk.show(new AccountSheet());
}

/** The selected account's sheet as text. */
export const accountText = (desk: Desk): string => new AccountSheet().raw(desk);

/**
 * Everything about an account as lines of `width` cells.
 *
 * @param users - the keys that used it today, in words; empty: not known
 */
export function accountDetail(
  row: AccountRow,
  snapshot: Pick<Snapshot, 'clients'>,
  events: Feed<GrantEvent>,
  now: number,
  width: number,
  theme: Theme,
  users = '',
): Line[] {
  const section = (label: string, ...texts: readonly (readonly Span[])[]): Line[] =>
    texts.map((spans, index) => line(span(` ${(index === 0 ? label : '').padEnd(LABEL - 1)}`, 'dim'), ...spans));
  const room = width - LABEL - 2;
  const said = (text: string): Span[][] => wrap(sanitise(text), room).map((part) => [span(part)]);
  // the title is cut like that of a sheet
  const name = sanitise(accountName(row));
  return [
    ...(name.length + TITLE_MARGIN <= width ? [] : section('ACCOUNT', ...said(name))),
    ...section(
      'STATE',
      ...flow(stateSpans(row, now, theme), room),
      ...(row.notSaved === null ? [] : said(`not saved yet: ${row.notSaved}`)),
    ),
    ...section('NEXT', ...nextTexts(row, now).flatMap(said)),
    ...section('WHY', ...whyTexts(row).flatMap(said), ...rankedTexts(row, room).map((text) => [span(text)])),
    ...section('PROXY', ...said(proxyText(row))),
    ...section('TOKEN', ...flow(tokenParts(row, now), room)),
    ...section('CLIENT', ...said(clientText(row, snapshot))),
    ...section('FILE', ...flow(fileSpans(row), room)),
    ...section('USE', ...flow(useParts(row, now), room)),
    ...section('QUOTA', ...limitTexts(row, now).flatMap(said)),
    ...(users === '' ? [] : section('USERS', ...said(users))),
    blank,
    ...section('TIMELINE', []),
    ...timeline(row.id, events, now, width, theme),
  ];
}

/** A line for each group of models: every limit that they share, with its reset. */
function limitTexts({ quotaLimits }: AccountRow, now: number): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const { group, window, percentage, resetAt } of quotaLimits) {
    const reset = resetAt === null || resetAt <= now ? '' : `, reset in ${wait(resetAt - now)}`;
    groups.set(group, [...(groups.get(group) ?? []), `${window} ${percentage}% left${reset}`]);
  }
  return [...groups].map(([group, limits]) => `${group}: ${limits.join(' · ')}`);
}

const GAP = '   ';

/** Parts side by side, each kept on one line where it fits. */
function flow(parts: readonly Span[], width: number): Span[][] {
  const lines: Span[][] = [];
  for (const { text, style } of parts.filter((part) => part.text !== '')) {
    for (const [index, piece] of wrap(text, width).entries()) {
      const last = lines.at(-1);
      const fits = last !== undefined && index === 0 && widthOf(last) + GAP.length + piece.length <= width;
      if (fits) last.push(span(GAP), span(piece, style));
      else lines.push([span(piece, style)]);
    }
  }
  return lines;
}

const fileSpans = (row: AccountRow): Span[] => [
  span(sanitise(`accounts/${row.file}`)),
  span(row.projectId === null ? '' : `project ${sanitise(row.projectId)}`, 'dim'),
  span(row.createdAt === null ? '' : `since ${date(row.createdAt)}`, 'dim'),
];

function stateSpans(row: AccountRow, now: number, { glyphs }: Theme): Span[] {
  const { text, style } = stateMark(row.state, glyphs);
  const since = row.since === null ? '' : `since ${date(row.since)} ${timeOfDay(row.since)} (${age(now - row.since)})`;
  const lasting = row.state === 'disabled' && row.notSaved === null ? 'on disk: survives a restart' : '';
  return [span(`${text} ${stateWords[row.state]}`, style), span(since), span(lasting, 'dim')];
}

function proxyText({ proxyDisabled, state, protectedModels }: AccountRow): string {
  if (proxyDisabled) return 'off (proxy_disabled): it serves nothing until e puts it back, however good its grant';
  const models = protectedModels.length === 0 ? '' : `; quota protection holds ${protectedModels.join(', ')}`;
  return `${state === 'disabled' ? 'on: nothing else keeps it out once the token is good' : 'on'}${models}`;
}

/** The model that an account rests for while it serves others; empty where there is none. */
const restingModel = ({ state, coolingWhat }: AccountRow): string => (state === 'ready' ? coolingWhat : '');

const causeOf = (row: AccountRow): (typeof causes)[keyof typeof causes] | null =>
  row.cause !== null && Object.hasOwn(causes, row.cause) ? causes[row.cause] : null;

function whyTexts(row: AccountRow): string[] {
  if (row.state === 'ready' && row.reason === '' && row.trouble === null) return ['nothing is wrong'];
  const cause = causeOf(row);
  const reason =
    row.causes.length > 0 ? `Google refused the refresh token. Its words: ${plainReason(row.reason)}` : row.reason;
  const model = restingModel(row);
  const resting = row.state === 'cooling' && row.coolingWhat !== '' ? ` (${row.coolingWhat})` : '';
  const isSaid = row.trouble === null || reason.startsWith(row.trouble);
  const texts = [model === '' ? `${reason}${resting}` : `${model}: ${reason}`, isSaid ? '' : `lately: ${row.trouble}`];
  if (cause !== null && row.causes.length === 0) texts.push(`${cause.short}. ${cause.sentence}`);
  return texts.filter((text) => text !== '');
}

/** Width of `1  ` before a cause. */
const LEAD = 3;

/** The least width for a reason beside a cause: it goes below where there is less. */
const LEAST_BESIDE = 32;

/** How sure a cause is, as a word; only the first of the likely ones is called the likeliest. */
const fitWord = ({ fit }: RankedCause, index: number): string => (fit === 'likely' && index === 0 ? 'likeliest' : fit);

/** The possible causes of a grant's death, the likeliest first with its number, then the causes that are ruled out. */
function rankedTexts({ causes: ranked }: AccountRow, width: number): string[] {
  if (ranked.length === 0) return [];
  const open = ranked.filter(({ fit }) => fit !== 'ruled_out');
  const column = Math.max(...open.map(({ cause }) => causes[cause].short.length)) + LEAD + 3;
  const beside = width - column >= LEAST_BESIDE;
  const texts = open.flatMap((each, index) => {
    const { short } = causes[each.cause];
    const because = `${fitWord(each, index)}${each.because === '' ? '' : `: ${each.because}`}`;
    const at = beside ? column : LEAD;
    const [first = '', ...rest] = wrap(beside ? because : `${short}, ${because}`, width - at);
    const lead = `${index + 1}  ${beside ? short : ''}`.padEnd(at);
    return [`${lead}${first}`, ...rest.map((text) => `${' '.repeat(at)}${text}`)];
  });
  const not = ranked
    .filter(({ fit }) => fit === 'ruled_out')
    .map(({ cause, because }) => `not: ${causes[cause].word}${because === '' ? '' : ` (${because})`}`);
  const out = not.length === 0 ? [] : wrap(not.join(' · '), width - 3);
  texts.push(...out.map((text, index) => `${index === 0 ? '-' : ' '}  ${text}`));
  if (ranked[0]?.fit !== 'certain')
    texts.push(...wrap("Nobody can tell these apart for sure from Google's answer.", width));
  return texts;
}

function nextTexts(row: AccountRow, now: number): string[] {
  const texts: string[] = [];
  const cause = causeOf(row);
  const model = restingModel(row);
  if (cause !== null) texts.push(cause.next);
  const told = new Set(texts);
  for (const [index, { cause: other, fit }] of row.causes.entries()) {
    const { next } = causes[other];
    if (fit === 'ruled_out' || told.has(next)) continue;
    told.add(next);
    const first = cause === null ? '' : `${cause.next}; `;
    texts.push(`if it was ${index + 1}: ${first !== '' && next.startsWith(first) ? next.slice(first.length) : next}`);
  }
  if (row.causes[0]?.fit === 'certain') return texts;
  if (cause === null && row.state === 'disabled') texts.push('r  paste a new refresh token');
  if (row.state === 'disabled')
    texts.push('o  log in with Google instead: a link for any browser, its answer pasted back');
  if (row.state === 'disabled' || row.state === 'refused') texts.push('t  ask Google once more with the stored token');
  if (row.state === 'proxy_disabled') texts.push('e  put it back into the proxy');
  if (row.state === 'no_client') texts.push(`O  set up the OAuth client "${row.client}"`);
  if (row.validationUrl !== null) texts.push('open this link in a browser (y copies it), then t:', row.validationUrl);
  if (row.state === 'unreadable') texts.push('mend the file: it is read again at once');
  if (row.retryAt !== null) texts.push(`tried again by itself in ${wait(row.retryAt - now)}`);
  // before the words of the cause, which say what is then
  if (row.coolingUntil !== null && row.coolingUntil > now)
    texts.unshift(`${model === '' ? 'serves' : `${model} is asked`} again in ${wait(row.coolingUntil - now)}`);
  return texts.length === 0 ? ['nothing to do'] : texts;
}

function tokenParts(row: AccountRow, now: number): Span[] {
  const { refreshToken, accessExpiresAt, borrowedUntil, grantEndsAt } = row;
  const refresh =
    refreshToken === null ? 'no refresh token' : `refresh ${refreshToken.length} chars sha256 ${refreshToken.sha256}`;
  const left = accessExpiresAt === null ? null : accessExpiresAt - now;
  const access =
    left === null
      ? 'no access token'
      : left > 0
        ? `access ends in ${countdown(left)}`
        : `access ended ${age(-left)} ago`;
  const borrowed = borrowedUntil === null ? '' : `on borrowed time until ${when(borrowedUntil, now)}`;
  const ends = grantEndsAt === null ? '' : `the grant ends ${date(grantEndsAt)} ${timeOfDay(grantEndsAt)}`;
  return [refresh, access, borrowed, ends].map((text) => span(text));
}

function clientText(row: AccountRow, { clients }: Pick<Snapshot, 'clients'>): string {
  // the file was unreadable from the start
  if (row.client === '') return 'not known before the file can be read';
  const client = clients.find(({ name }) => name === row.client);
  const id = client === undefined ? 'not configured' : client.id === '' ? 'no client id set' : client.id;
  return `${row.client} (${id})${row.clientKnown ? '' : ', assumed: the file names none'}`;
}

function useParts(row: AccountRow, now: number): Span[] {
  return [
    `${plural(row.requests, 'request')}, ${plural(row.errors, 'error')}`,
    row.lastUsed === null ? 'never served' : `last served ${age(now - row.lastUsed)} ago`,
    `in flight ${grouped(row.inFlight)}`,
    row.quotaPercent === null ? '' : `quota ${Math.round(row.quotaPercent)}%`,
  ].map((text) => span(text));
}
