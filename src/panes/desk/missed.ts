/** Accounts that died while nobody looked, and the words that tell of them. */
import type { AccountRow } from '../../proxy/contract/snapshot.js';
import { tell } from '../../store/words/tongue.js';
import { age, clockTime } from '../text/text.js';
import { REPLAYED_MS, type FootWord } from './foot-word.js';

/** How many of them are named. */
const NAMED = 3;

/** The accounts that died since then and are still dead. @param since - ms since 1970; null: nobody ever looked before */
export const missedDeaths = (accounts: readonly AccountRow[], since: number | null): readonly AccountRow[] =>
  since === null ? [] : accounts.filter((row) => row.state === 'disabled' && (row.since ?? 0) > since);

/** @param lastLooked - ms since 1970 */
export function missedWord(missed: readonly AccountRow[], lastLooked: number, now: number): FootWord {
  const names = missed.slice(0, NAMED).map(({ email, since }) => `${email} ${clockTime(since ?? 0, now)}`);
  const more = missed.length > names.length ? ` ${tell('and {n} more', { n: missed.length - names.length })}` : '';
  return {
    text: tell('since the last look ({away}): {names} disabled; Enter says why', {
      away: age(now - lastLooked),
      names: `${names.join(', ')}${more}`,
    }),
    tone: 'warn',
    until: now + REPLAYED_MS,
  };
}
