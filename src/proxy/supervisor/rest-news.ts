import type { Clock } from '../../store/ground/clock.js';
import { restCauses } from '../answers/causes.js';
import { spoken } from '../contract/durations.js';
import type { Journal } from '../grants/journal.js';
import type { Pool, RestNews } from '../pool/pool.js';
import type { Metrics } from '../reports/metrics.js';
import { refusalWords, restingWhat, restReason } from '../reports/rest-words.js';
import type { Rest } from '../rests/rest.js';

export interface RestNewsParts {
  readonly pool: Pick<Pool, 'onRest'>;
  readonly journal: Journal;
  readonly metrics: Pick<Metrics, 'rested'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Shorter rests are no event: on a busy day there are thousands. */
const WORTH_TELLING_SECONDS = 10;

/** Counts and tells which accounts begin to rest, and whose rests are ended early, in the same words as the row. */
export function followRests(parts: RestNewsParts): void {
  parts.pool.onRest((news) => {
    if (news.kind === 'rested') tellRested(parts, news.member, news.rest);
    else if (news.kind === 'validation') tellValidation(parts, news);
    else {
      const text = news.rests.map((rest) => restReason(rest)).join('; ');
      parts.journal.event('lifted', news.member, { text: `lifted: ${text}` });
    }
  });
}

function tellRested({ journal, metrics, clock }: RestNewsParts, member: RestNews['member'], rest: Rest): void {
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

function tellValidation({ journal, metrics }: RestNewsParts, news: Extract<RestNews, { kind: 'validation' }>): void {
  metrics.rested('account', 'validation');
  const text = refusalWords('validation', news.words);
  journal.event('blocked', news.member, { cause: 'validation', text, detail: news.url ?? '' });
  journal.note(news.member.email, `Account blocked (${news.member.email}): ${text}`);
}
