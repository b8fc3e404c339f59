import { soundText } from '../ground/text/sound-text.js';
import type { AccessRecord, TokensUsed } from '../records/access-record.js';
import type { UsageLine } from './usage-line.js';

/** Stands for a name that is not known. */
export const NONE = '-';
/** Characters kept of a model's name. */
const LONGEST_MODEL = 256;

/** Requests are added to it in place: one of them costs no object. */
export type CountedLine = { -readonly [Name in keyof UsageLine]: UsageLine[Name] };
export type UsageNames = Pick<CountedLine, 'account' | 'model' | 'key' | 'protocol'>;

/** A client may make up any model. */
export const namesOf = ({ account, model, key, protocol }: AccessRecord): UsageNames => ({
  account: soundText(account ?? NONE),
  model: soundText(model?.slice(0, LONGEST_MODEL) ?? NONE),
  key: soundText(key ?? NONE),
  protocol: protocol ?? 'gemini',
});

export const idOf = ({ account, model, key, protocol }: UsageNames): string =>
  `${account}\n${model}\n${key}\n${protocol}`;

/** Adds what one request used. `unread` counts answers that should have said what they used, and did not. */
export function addRequest(line: CountedLine, { status, bytes, used, asksTokens, broken, held }: AccessRecord): void {
  const isGood = (status >= 200 && status < 300) || status === 101;
  line.requests += 1;
  line.bytes += bytes;
  if (status >= 400 || broken === true) line.failed += 1;
  if (held === true) line.held += 1;
  if (used === undefined || used === null) {
    if (isGood && asksTokens === true) line.unread += 1;
    return;
  }
  addUsed(line, used);
}

export function addUsed(line: CountedLine, used: TokensUsed): void {
  line.in += used.in;
  line.cached += used.cached;
  line.out += used.out;
  line.thoughts += used.thoughts;
}
