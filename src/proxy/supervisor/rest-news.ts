import type { Clock } from '../../store/ground/clock.js';
import { isRestCause, restCauses } from '../answers/causes.js';
import { spoken } from '../contract/durations.js';
import type { Journal } from '../grants/journal.js';
import type { RestNews } from '../pool/member.js';
import type { Pool } from '../pool/pool.js';
import type { Metrics } from '../reports/metrics.js';
import { refusalWords, restingWhat, restReason } from '../reports/rest-words.js';
import { restEndOf, type Rest } from '../rests/rest.js';
import type { RestElsewhere } from '../contract/succession/handover.js';
import type { Handover } from './handover.js';

export interface RestNewsParts {
  readonly parts: { readonly pool: Pick<Pool, 'onRest'>; readonly grants: { readonly journal: Journal } };
  readonly metrics: Pick<Metrics, 'rested'>;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly succession: Pick<Handover, 'rested'>;
}

interface TellingParts extends Pick<RestNewsParts, 'metrics' | 'clock'> {
  readonly journal: Journal;
}

/** Shorter rests are no event: on a busy day there are thousands. */
const WORTH_TELLING_SECONDS = 10;

/**
 * Counts and tells which accounts begin to rest, and whose rests are ended early, in the same words as the row; once a
 * successor has the directory, that is told in its stead.
 */
export function followRests({ parts, metrics, clock, succession }: RestNewsParts): void {
  const { journal } = parts.grants;
  parts.pool.onRest((news) => {
    const tellHere = (): void => tell({ journal, metrics, clock }, news);
    if (!succession.rested(() => restElsewhere(news, clock), tellHere)) tellHere();
  });
}

function tell(parts: TellingParts, news: RestNews): void {
  if (news.kind === 'rested') tellRested(parts, news.member, news.rest);
  else if (news.kind === 'validation') tellValidation(parts, news);
  else {
    const text = news.rests.map((rest) => restReason(rest)).join('; ');
    parts.journal.event('lifted', news.member, { text: `lifted: ${text}` });
  }
}

/** What a successor has to know of it; null: nothing. */
function restElsewhere(news: RestNews, clock: Pick<Clock, 'monotonic'>): RestElsewhere | null {
  if (news.kind === 'lifted') return null;
  const accountId = news.member.id;
  if (news.kind === 'validation') {
    const { words, url } = news;
    return { accountId, of: 'account', cause: 'validation', model: '', group: '', seconds: null, words, url };
  }
  const { about, cause, model, group, words } = news.rest;
  const of = about === 'project' ? 'project' : 'account';
  const seconds = (restEndOf(news.rest) - clock.monotonic()) / 1000;
  return { accountId, of, cause, model, group, seconds, words, url: null };
}

/** Lets an account rest that a predecessor says must. */
export function restAsElsewhere(pool: Pick<Pool, 'get' | 'rest'>, { accountId, ...rest }: RestElsewhere): void {
  const { of, cause, model, group, seconds, words, url } = rest;
  const member = pool.get(accountId);
  // a later version may know causes that this one does not
  if (member === undefined || !isRestCause(cause)) return;
  const order = { account: accountId, of, cause, seconds, maybeProject: false, words, url };
  // it says nothing of a request that this process sent: no earlier rest is doubled by it
  const askedAt = Number.NEGATIVE_INFINITY;
  pool.rest(member, { order, subject: { model, group: group === '' ? 'other' : group }, askedAt });
}

function tellRested({ journal, metrics, clock }: TellingParts, member: RestNews['member'], rest: Rest): void {
  metrics.rested(rest.about, rest.cause);
  if (rest.seconds < WORTH_TELLING_SECONDS) return;
  const { kind } = restCauses[rest.cause];
  const what = restingWhat(rest);
  const text = `${restReason(rest)}: ${what} is left alone for ${spoken(rest.seconds)}`;
  const nextAt = clock.now() + rest.seconds * 1000;
  journal.event(kind === 'blocked' ? 'blocked' : 'rested', member, {
    cause: rest.cause,
    nextAt,
    text,
    detail: rest.words,
  });
  journal.note(member.email, `Account ${kind === 'blocked' ? 'blocked' : 'rests'} (${member.email}): ${text}`);
}

function tellValidation({ journal, metrics }: TellingParts, news: Extract<RestNews, { kind: 'validation' }>): void {
  metrics.rested('account', 'validation');
  const text = refusalWords('validation', news.words);
  journal.event('blocked', news.member, { cause: 'validation', text, detail: news.url ?? '' });
  journal.note(news.member.email, `Account blocked (${news.member.email}): ${text}`);
}
