import { joinedSayings, named, read, saying } from '../store/words/saying.js';
import { causes, isCause } from '../proxy/contract/causes.js';
import { plainReason } from '../proxy/contract/disabled-reason.js';
import { spoken, wait } from '../proxy/contract/durations.js';
import type { AccountState } from '../proxy/contract/snapshot.js';
import type { Saying, Spoken } from '../store/ground/errors.js';
import { isJsonObject, ownValue } from '../store/ground/json.js';
import { data, sideBySide, tell, type PlainWord } from '../store/words/tongue.js';
import { padded } from './columns.js';

/** What the states are called; scripts read the English words. */
const stated = {
  ready: 'ready',
  cooling: 'cooling',
  disabled: 'disabled ¦ state',
  proxy_disabled: 'proxy_disabled ¦ state',
  refused: 'refused ¦ state',
  blocked: 'blocked',
  no_client: 'no_client ¦ state',
  unreadable: 'unreadable ¦ state',
} as const satisfies Record<AccountState, PlainWord>;

type Listed = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * One account with its state, why, and for how long: `disabled  bob@example.com  invalid_grant: …, for 3d4h`.
 *
 * @param now - ms since 1970
 */
export function accountLine(account: Listed, now: number): Spoken {
  const who = text(account.email) || text(account.file);
  const why = isWell(account) ? '' : reasonAndTime(account, now).spoken;
  const state = text(account.state);
  const word = ownValue(stated, state);
  return sideBySide`${padded(word === undefined ? state : tell(word), 14)} ${who}${why === '' ? '' : `  ${why}`}`;
}

/** Whether there is nothing to say of it, as of most of tens of thousands: to find no words takes as long as to find some. */
const isWell = ({ state, cause, until }: Listed): boolean =>
  state === 'ready' && text(cause) === '' && typeof until !== 'number';

/** Why an account is out or rests, and how long, in one line; empty where it is neither. @param now - ms since 1970 */
export const reasonAndTime = (account: Listed, now: number): Saying =>
  joinedSayings(
    [reasonSaid(account), lastingOf(account, now)].filter(({ english }) => english !== ''),
    ', ',
  );

function reasonSaid(account: Listed): Saying {
  const cause = text(account.cause);
  switch (account.state) {
    case 'disabled':
      return onOneLine(plainReason(text(account.disabled_reason)));
    case 'proxy_disabled':
      return wordsOr(text(account.proxy_disabled_reason), saying('by hand'));
    case 'unreadable':
      return read(inOneLine(text(account.reason)));
    case 'blocked':
      return wordsOr(text(account.validation_blocked_reason) || text(forbiddenReasonOf(account)), shortOf(cause));
    default:
      return shortOf(cause);
  }
}

const inOneLine = (words: string): string => words.replace(/\s+/g, ' ').trim();

/** Words of others: Google's, the operator's, another program's. */
const onOneLine = (words: string): Saying => ({ english: inOneLine(words), spoken: data(inOneLine(words)) });
const wordsOr = (words: string, otherwise: Saying): Saying => (words === '' ? otherwise : onOneLine(words));

const forbiddenReasonOf = ({ quota }: Listed): unknown => (isJsonObject(quota) ? quota.forbidden_reason : undefined);
const shortOf = (cause: string): Saying =>
  isCause(cause) ? named(cause, saying(causes[cause].short)) : onOneLine(cause);

/** How long the account has been in this state, or how long it will be; empty where that is not known. */
export function lastingOf({ state, since, until }: Listed, now: number): Saying {
  const ms = typeof until === 'number' ? until * 1_000 - now : 0;
  if (ms > 0) {
    const left = read(wait(ms));
    return state === 'cooling' ? saying('{left} left', { left }) : saying('next try in {left}', { left });
  }
  const isOut = state !== 'ready' && state !== 'cooling';
  return isOut && typeof since === 'number' && since * 1_000 < now
    ? saying('for {span}', { span: read(spoken(now / 1_000 - since)) })
    : onOneLine('');
}
