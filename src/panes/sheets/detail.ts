/** Enter on an account: all that is known of it, why it is out, what to do, and its timeline. */
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
  plural,
  sanitise,
  stateWords,
  timeOfDay,
  when,
  wrap,
} from '../text/text.js';
import type { Theme } from '../text/theme.js';
import { Users } from '../desk/users.js';
import { nextTexts, rankedTexts, whyTexts } from './why-and-next.js';
import { wait } from '../../proxy/contract/durations.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { phrase } from '../text/phrase.js';
import { clauses, tell } from '../../store/words/tongue.js';
import { grouped } from '../../store/words/counted.js';
import { told } from '../../store/words/told.js';

const labels = [
  'ACCOUNT',
  'STATE',
  'NEXT',
  'WHY',
  'PROXY',
  'TOKEN',
  'CLIENT',
  'FILE',
  'USE',
  'QUOTA',
  'USERS',
  'TIMELINE',
] as const satisfies readonly PlainWord[];

/** Cells of the longest label, with a blank at each side. */
const labelCells = (): number => Math.max(...labels.map((label) => phrase(label).length)) + 2;

/** Cells that the border needs beside a title. */
const TITLE_MARGIN = 4;

class AccountSheet extends Sheet {
  readonly place = 'accounts';
  readonly foot = phrase('j k scroll · / find · [ ] other account · Esc back');

  private readonly users = new Users();

  acts({ accounts }: Pick<Desk, 'accounts'>): readonly string[] {
    const { selected } = accounts;
    const rests = selected !== null && (selected.coolingUntil ?? selected.retryAt) !== null;
    return ['re-add', 'login', 'test', ...(rests ? ['clear'] : []), 'proxy', 'remove', 'copy'];
  }

  override title({ accounts }: Desk): readonly Span[] {
    const row = accounts.selected;
    return [span(sanitise(row === null ? phrase('no account') : accountName(row)), 'key')];
  }

  override note({ accounts }: Desk): readonly Span[] {
    const { index, rows } = accounts;
    const parts = [
      phrase('{n} of {all}', { n: index + 1, all: rows.length }),
      rows.length > 1 ? phrase('[ ] other account') : '',
      this.hidden(),
    ];
    return [span(parts.filter((part) => part !== '').join(' · '), 'dim')];
  }

  override rows(desk: Desk, width: number, height: number, theme: Theme): string[] {
    this.users.look(desk);
    return super.rows(desk, width, height, theme);
  }

  override lines(desk: Desk, width: number, theme: Theme): readonly Line[] {
    const row = desk.accounts.selected;
    if (row === null) return [line(span(` ${phrase('no account is listed')}`, 'dim'))];
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
      desk.copy(link, tell('link'));
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
  snapshot: Pick<Snapshot, 'clients' | 'boxes'>,
  events: Feed<GrantEvent>,
  now: number,
  width: number,
  theme: Theme,
  users = '',
): Line[] {
  const beside = labelCells();
  const section = (label: (typeof labels)[number], ...texts: readonly (readonly Span[])[]): Line[] =>
    texts.map((spans, index) =>
      line(span(` ${(index === 0 ? phrase(label) : '').padEnd(beside - 1)}`, 'dim'), ...spans),
    );
  const room = width - beside - 2;
  const said = (text: string): Span[][] => wrap(sanitise(text), room).map((part) => [span(part)]);
  // the title is cut like that of a sheet
  const name = sanitise(accountName(row));
  return [
    ...(name.length + TITLE_MARGIN <= width ? [] : section('ACCOUNT', ...said(name))),
    ...section(
      'STATE',
      ...flow(stateSpans(row, now, theme), room),
      ...(row.notSaved === null ? [] : said(notSavedText(row.notSaved, row.unsaved))),
    ),
    ...section('NEXT', ...nextTexts(row, now).flatMap(said)),
    ...section('WHY', ...whyTexts(row).flatMap(said), ...rankedTexts(row, room).map((text) => [span(text)])),
    ...section('PROXY', ...said(proxyText(row))),
    ...section('TOKEN', ...flow(tokenParts(row, now), room)),
    ...section('CLIENT', ...said(clientText(row, snapshot))),
    ...section('FILE', ...flow(fileSpans(row, snapshot), room)),
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
    const reset =
      resetAt === null || resetAt <= now ? '' : `, ${tell('reset in {left}', { left: told(wait(resetAt - now)) })}`;
    groups.set(group, [
      ...(groups.get(group) ?? []),
      `${tell('{window} {share}% left', { window, share: percentage })}${reset}`,
    ]);
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

const fileSpans = (row: AccountRow, { boxes }: Pick<Snapshot, 'boxes'>): Span[] => [
  span(
    boxes === null ? sanitise(`accounts/${row.file}`) : phrase('row {id} of the database', { id: sanitise(row.id) }),
  ),
  span(row.projectId === null ? '' : phrase('project {project}', { project: sanitise(row.projectId) }), 'dim'),
  span(row.createdAt === null ? '' : phrase('since {time}', { time: date(row.createdAt) }), 'dim'),
];

/** What is not where the accounts are kept, and whether it is lost with this process. */
const notSavedText = (why: string, unsaved: AccountRow['unsaved']): string =>
  unsaved.length > 0
    ? tell('not saved yet: {why}', { why: told(why) })
    : tell("not saved yet: {why}; it lies sealed in this box's spool until the database has it", { why: told(why) });

function stateSpans(row: AccountRow, now: number, { glyphs }: Theme): Span[] {
  const { text, style } = stateMark(row.state, glyphs);
  const since =
    row.since === null
      ? ''
      : `${phrase('since {time}', { time: `${date(row.since)} ${timeOfDay(row.since)}` })} (${age(now - row.since)})`;
  const lasting = row.state === 'disabled' && row.notSaved === null ? phrase('on disk: survives a restart') : '';
  return [span(`${text} ${phrase(stateWords[row.state])}`, style), span(since), span(lasting, 'dim')];
}

function proxyText({ proxyDisabled, state, protectedModels }: AccountRow): string {
  if (proxyDisabled)
    return tell('off (proxy_disabled): it serves nothing until e puts it back, however good its grant');
  const isOn = state === 'disabled' ? tell('on: nothing else keeps it out once the token is good') : tell('on');
  if (protectedModels.length === 0) return isOn;
  return clauses(isOn, tell('quota protection holds {models}', { models: protectedModels.join(', ') }));
}

function tokenParts(row: AccountRow, now: number): Span[] {
  const { refreshToken, accessExpiresAt, borrowedUntil, grantEndsAt } = row;
  const refresh =
    refreshToken === null
      ? phrase('no refresh token')
      : phrase('refresh {n} chars sha256 {sha256}', { n: refreshToken.length, sha256: refreshToken.sha256 });
  const left = accessExpiresAt === null ? null : accessExpiresAt - now;
  const access =
    left === null
      ? phrase('no access token')
      : left > 0
        ? phrase('access ends in {left}', { left: countdown(left) })
        : phrase('access ended {time} ago', { time: age(-left) });
  const borrowed =
    borrowedUntil === null ? '' : phrase('on borrowed time until {time}', { time: when(borrowedUntil, now) });
  const ends =
    grantEndsAt === null
      ? ''
      : phrase('the grant ends {day} {time}', { day: date(grantEndsAt), time: timeOfDay(grantEndsAt) });
  return [refresh, access, borrowed, ends].map((text) => span(text));
}

function clientText(row: AccountRow, { clients }: Pick<Snapshot, 'clients'>): string {
  // the file was unreadable from the start
  if (row.client === '') return tell('not known before the file can be read');
  const client = clients.find(({ name }) => name === row.client);
  const id = client === undefined ? tell('not configured') : client.id === '' ? tell('no client id set') : client.id;
  return `${row.client} (${id})${row.clientKnown ? '' : `, ${tell('assumed: the file names none')}`}`;
}

function useParts(row: AccountRow, now: number): Span[] {
  return [
    `${plural(row.requests, 'request')}, ${plural(row.errors, 'error')}`,
    row.lastUsed === null
      ? phrase('never served')
      : phrase('last served {time} ago', { time: age(now - row.lastUsed) }),
    phrase('in flight {n}', { n: grouped(row.inFlight) }),
    row.quotaPercent === null ? '' : phrase('quota {share}%', { share: Math.round(row.quotaPercent) }),
  ].map((text) => span(text));
}
