/** Why an account is out, how sure that is, and what to do now, as its detail says it. */
import { causes, type RankedCause } from '../../proxy/contract/causes.js';
import { plainReason } from '../../proxy/contract/disabled-reason.js';
import { wait } from '../../proxy/contract/durations.js';
import type { AccountRow } from '../../proxy/contract/snapshot.js';
import { tell } from '../../store/words/tongue.js';
import { phrase } from '../text/phrase.js';
import { sanitise, wrap } from '../text/text.js';
import { told } from '../../store/words/told.js';

/** The model that an account rests for while it serves others; empty where there is none. */
const restingModel = ({ state, coolingWhat }: AccountRow): string => (state === 'ready' ? coolingWhat : '');

const causeOf = (row: AccountRow): (typeof causes)[keyof typeof causes] | null =>
  row.cause !== null && Object.hasOwn(causes, row.cause) ? causes[row.cause] : null;

/** Why it is out, in sentences. */
export function whyTexts(row: AccountRow): string[] {
  if (row.state === 'ready' && row.reason === '' && row.trouble === null) return [tell('nothing is wrong')];
  const cause = causeOf(row);
  const reason =
    row.causes.length > 0
      ? tell('Google refused the refresh token. Its words: {words}', { words: plainReason(row.reason) })
      : told(row.reason);
  const model = restingModel(row);
  const resting = row.state === 'cooling' && row.coolingWhat !== '' ? ` (${told(row.coolingWhat)})` : '';
  const isSaid = row.trouble === null || row.reason.startsWith(row.trouble);
  const texts = [
    model === '' ? `${reason}${resting}` : `${model}: ${reason}`,
    isSaid ? '' : tell('lately: {what}', { what: told(row.trouble) }),
  ];
  if (cause !== null && row.causes.length === 0) texts.push(`${tell(cause.short)}. ${tell(cause.sentence)}`);
  return texts.filter((text) => text !== '');
}

/** Width of `1  ` before a cause. */
const LEAD = 3;

/** The least width for a reason beside a cause: it goes below where there is less. */
const LEAST_BESIDE = 32;

/** How sure a cause is, as a word; only the first of the likely ones is called the likeliest. */
const fitWord = ({ fit }: RankedCause, index: number): string =>
  phrase(fit === 'likely' && index === 0 ? 'likeliest' : fit);

/** The possible causes of a grant's death, the likeliest first with its number, then the causes that are ruled out. */
export function rankedTexts({ causes: ranked }: AccountRow, width: number): string[] {
  if (ranked.length === 0) return [];
  const open = ranked.filter(({ fit }) => fit !== 'ruled_out');
  const column = Math.max(...open.map(({ cause }) => phrase(causes[cause].short).length)) + LEAD + 3;
  const beside = width - column >= LEAST_BESIDE;
  const texts = open.flatMap((each, index) => {
    const short = phrase(causes[each.cause].short);
    const because = `${fitWord(each, index)}${each.because === '' ? '' : `: ${sanitise(told(each.because))}`}`;
    const at = beside ? column : LEAD;
    const [first = '', ...rest] = wrap(beside ? because : `${short}, ${because}`, width - at);
    const lead = `${index + 1}  ${beside ? short : ''}`.padEnd(at);
    return [`${lead}${first}`, ...rest.map((text) => `${' '.repeat(at)}${text}`)];
  });
  const not = ranked
    .filter(({ fit }) => fit === 'ruled_out')
    .map(
      ({ cause, because }) =>
        `${phrase('not: {cause}', { cause: phrase(causes[cause].word) })}${because === '' ? '' : ` (${sanitise(told(because))})`}`,
    );
  const out = not.length === 0 ? [] : wrap(not.join(' · '), width - 3);
  texts.push(...out.map((text, index) => `${index === 0 ? '-' : ' '}  ${text}`));
  if (ranked[0]?.fit !== 'certain')
    texts.push(...wrap(phrase("Nobody can tell these apart for sure from Google's answer."), width));
  return texts;
}

/** What to do now, one step each. */
export function nextTexts(row: AccountRow, now: number): string[] {
  const texts: string[] = [];
  const cause = causeOf(row);
  const model = restingModel(row);
  if (cause !== null && row.validationUrl === null) texts.push(tell(cause.next));
  const seen = new Set(texts);
  for (const [index, { cause: other, fit }] of row.causes.entries()) {
    const next = tell(causes[other].next);
    if (fit === 'ruled_out' || seen.has(next)) continue;
    seen.add(next);
    const first = cause === null ? '' : `${tell(cause.next)}; `;
    texts.push(
      tell('if it was {n}: {next}', {
        n: index + 1,
        next: first !== '' && next.startsWith(first) ? next.slice(first.length) : next,
      }),
    );
  }
  if (row.causes[0]?.fit === 'certain') return texts;
  if (cause === null && row.state === 'disabled') texts.push(tell('r  paste a new refresh token'));
  if (row.state === 'disabled')
    texts.push(tell('o  log in with Google instead: a link for any browser, its answer pasted back'));
  if (row.state === 'disabled' || row.state === 'refused')
    texts.push(tell('t  ask Google once more with the stored token'));
  if (row.state === 'proxy_disabled') texts.push(tell('e  put it back into the proxy'));
  if (row.state === 'no_client') texts.push(tell('O  set up the OAuth client "{client}"', { client: row.client }));
  if (row.validationUrl !== null)
    texts.push(tell('open this link in a browser (y copies it), then t:'), row.validationUrl);
  if (row.state === 'unreadable') texts.push(tell('mend the file: it is read again at once'));
  if (row.retryAt !== null)
    texts.push(tell('tried again by itself in {left}', { left: told(wait(row.retryAt - now)) }));
  // before the words of the cause, which say what is then
  if (row.coolingUntil !== null && row.coolingUntil > now)
    texts.unshift(
      model === ''
        ? tell('serves again in {left}', { left: told(wait(row.coolingUntil - now)) })
        : tell('{model} is asked again in {left}', { model, left: told(wait(row.coolingUntil - now)) }),
    );
  return texts.length === 0 ? [tell('nothing to do')] : texts;
}
