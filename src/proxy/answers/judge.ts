import type { RestCause } from './causes.js';
import { type AskedFor, type Case, caseOf, oneLine, type UpstreamAnswer } from './google-answer.js';
import { quotaOwnerOf, saidWait } from './rate-limit.js';
import { type Row, rows } from './rows.js';
import { ownValue } from '../../store/ground/json.js';

/** What an answer means: whom it may be about, what would rest for it and how long, and what comes next. */
export interface Verdict extends Pick<Row, 'about' | 'proof' | 'next' | 'usesTry'> {
  /** The name of the row in `rows` that applies. */
  readonly row: string;
  readonly status: number;
  readonly cause: RestCause | null;
  /** How long it rests, as the answer says; null: it does not say, and the cause's rule applies. */
  readonly seconds: number | null;
  /**
   * The answer does not say whose quota is used up: a second account of the project that gets the same shows that it is
   * the project's.
   */
  readonly maybeProject: boolean;
  /** Google's own words, on one line; empty: none. */
  readonly words: string;
  /** A link for the human who has to do something; null: none. */
  readonly url: string | null;
}

const LONGEST_WORDS = 300;
/** Metadata keys whose values are links for a human. */
const LINKS = ['validation_url', 'appeal_url'];

/** Judges an answer that is not good. @param now - ms since 1970 */
export function verdictOf(answer: UpstreamAnswer, asked: AskedFor, now: number): Verdict {
  const open = caseOf(answer, asked, now);
  const row = rows.find(({ when }) => when(open));
  if (row === undefined) throw new Error('the last row fits all');
  const { about, proof, next, usesTry, cause } = row;
  return {
    ...{ row: row.name, status: open.status, about, proof, next, usesTry, cause, seconds: null, maybeProject: false },
    ...(cause === 'quota' ? quotaOf(open) : {}),
    words: Array.from(oneLine(open.error.message)).slice(0, LONGEST_WORDS).join(''),
    url: linkOf(open),
  };
}

/** What a 429 adds to its row. A 429 that says neither whose quota it is nor until when may be about the request. */
function quotaOf(open: Case): Pick<Verdict, 'cause' | 'seconds' | 'maybeProject' | 'usesTry'> {
  const { ms, daily } = saidWait(open);
  const saysWhose = quotaOwnerOf(open) !== 'unsaid';
  return {
    cause: daily ? 'quota_daily' : 'quota',
    seconds: ms === null ? null : ms / 1000,
    // Code Assist counts quotas by user, whatever the project is.
    maybeProject: !saysWhose && open.upstream !== 'cloudcode',
    usesTry: !saysWhose && ms === null,
  };
}

function linkOf({ error }: Case): string | null {
  const urls = error.details.flatMap(({ metadata, links }) => [
    ...LINKS.map((name) => ownValue(metadata, name) ?? ''),
    ...links.map(({ url }) => url),
  ]);
  return urls.find((url) => url.startsWith('https://')) ?? null;
}
