/**
 * The text in an account file about the death of its grant: written by `disabledReason`, read by `readDisabledReason`.
 * Other programs write the same key, often with the token endpoint's whole answer inside words of their own, cut at any
 * place.
 */

/** How much of a reason is read: no cause is found in what comes after. */
const LONGEST_READ = 4_000;

const NO_WORDS = 'Google gave no further words';

/** `invalid_grant: words [subtype]`, as in `disabled_reason`. */
export const disabledReason = (words: string, subtype: string): string =>
  `invalid_grant: ${words === '' ? NO_WORDS : words}${subtype === '' ? '' : ` [${subtype}]`}`;

/** What Google said, as far as a stored reason has it; empty where it does not. */
export interface ToldReason {
  readonly words: string;
  readonly subtype: string;
}

/** The parts of a stored reason; one that another program wrote may say anything. */
export function readDisabledReason(whole: string): ToldReason {
  const reason = whole.slice(0, LONGEST_READ);
  return answerWithin(reason) ?? ownReason(reason) ?? decisiveWords(reason);
}

/** A stored reason for people: JSON that another program stored is put as we would have written it. */
export function plainReason(reason: string): string {
  const { words, subtype } = readDisabledReason(reason);
  return words === '' && subtype === '' ? reason : disabledReason(words, subtype);
}

/** Reads `invalid_grant: words [subtype]`; null: it is not written so. */
function ownReason(reason: string): ToldReason | null {
  const found = /^invalid_grant: (.*?)(?: \[(\w+)\])?$/s.exec(reason);
  if (found === null) return null;
  const [, words = '', subtype = ''] = found;
  return { words: words === NO_WORDS ? '' : words, subtype: subtype === '' ? raptIn(words) : subtype };
}

/**
 * Reads the members of an answer of the token endpoint (RFC 6749 §5.2) from anywhere in the text; null: there are none.
 */
function answerWithin(reason: string): ToldReason | null {
  const form = /(?:^|[\s?&:])(error=invalid_grant\S*)/.exec(reason)?.[1];
  if (form !== undefined) {
    const parameters = new URLSearchParams(form);
    return told(parameters.get('error_description') ?? '', parameters.get('error_subtype') ?? '');
  }
  const member = memberReader(reason);
  const description = member('error_description');
  const subtype = member('error_subtype');
  if (description === null && subtype === null && member('error') === null) return null;
  return told(description ?? member('message') ?? '', subtype ?? '');
}

const told = (words: string, subtype: string): ToldReason => ({
  words,
  subtype: raptIn(subtype) || raptIn(words) || subtype,
});

/**
 * Finds members of JSON that are texts without parsing: the text may be cut, be inside another, or be JSON within a
 * JSON string, in which one or three backslashes are before each quotation mark.
 */
function memberReader(text: string): (name: string) => string | null {
  const plain = text.replace(/\\+(?=")/g, '').replace(/\\+[nrt]/g, ' ');
  return (name) => new RegExp(String.raw`"${name}"\s*:\s*"([^"]*)`).exec(plain)?.[1]?.trim() ?? null;
}

const raptIn = (words: string): string => /\b(invalid_rapt|rapt_required)\b/.exec(words)?.[1] ?? '';

/** The words of another program, as far as they decide about the cause. */
function decisiveWords(reason: string): ToldReason {
  const subtype = raptIn(reason);
  const isDecisive = subtype !== '' || /\b(account|user)\b.*\b(deleted|suspended|disabled)\b/i.test(reason);
  return { words: isDecisive ? reason : '', subtype };
}
