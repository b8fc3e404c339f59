/** How far an act on many accounts is: the same words in the title of the pane and at the foot. */
import { spoken } from '../../proxy/contract/durations.js';
import type { Acting, Testing } from '../../proxy/contract/snapshot.js';
import { tell, type PlainWord } from '../../store/words/tongue.js';
import { grouped } from '../../store/words/counted.js';

/** Before that a rate says nothing. */
const FIRST_RATE_MS = 1_000;

/** What is being done to accounts. */
const doing = {
  off: 'taking out',
  on: 'putting back',
  clear: 'clearing',
  remove: 'removing',
  bring_back: 'bringing back',
} as const satisfies Record<Acting['what'], PlainWord>;

/** `4.8/s, 6m12s left`: how fast something goes, and how long the rest of it takes. Empty: not known yet. */
export function paceText(done: number, of: number, tookMs: number): string {
  if (done === 0 || tookMs < FIRST_RATE_MS) return '';
  const rate = (done * 1_000) / tookMs;
  const shown = rate < 10 ? rate.toFixed(1) : grouped(Math.round(rate));
  return of > done
    ? tell('{rate}/s, {left} left', { rate: shown, left: spoken((of - done) / rate) })
    : tell('{rate}/s', { rate: shown });
}

/** Empty: nothing is under way, or it is about one account. */
export function testingText(testing: Testing | null, now: number): string {
  if (testing === null || testing.of === 1) return '';
  const { done, of, refused, unanswered, since } = testing;
  const bad = [
    refused > 0 ? tell('{refused} refused', { refused }) : '',
    unanswered > 0 ? tell('{unanswered} unanswered', { unanswered }) : '',
  ];
  return joined([
    tell('testing {done} of {of}', { done: grouped(done), of: grouped(of) }),
    ...bad,
    paceText(done, of, now - since),
  ]);
}

/** Empty: nothing is under way. */
export function actingText(acting: Acting | null, now: number): string {
  if (acting === null) return '';
  const { what, done, failed, of, since } = acting;
  const ended = done + failed;
  return joined([
    tell('{doing} {done} of {of}', { doing: tell(doing[what]), done: grouped(ended), of: grouped(of) }),
    failed > 0 ? tell('{n} not', { n: failed }) : '',
    paceText(ended, of, now - since),
  ]);
}

const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ');
