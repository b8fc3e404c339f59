/** Client keys as screens and commands see them; a key itself is only in the one answer that shows it. */
import * as v from 'valibot';
import { isKeyName, type StoredKey } from '../../store/keys/key-file.js';
import { NONE } from '../../store/usage/counted-line.js';
import type { PlainWord } from '../../store/words/tongue.js';

/** Whether a new key may have this name: in the usage `-` is who showed no key. */
export const mayNameKey = (name: string): boolean => isKeyName(name) && name !== NONE;

export const KEY_NAMES =
  'the name of a key has only letters, digits, and . _ @ - in it, 64 at most, and is not constructor or the like' satisfies PlainWord;

/** The rules of a key, all optional where they are set; times in unix seconds, and a limit of 0 means no limit. */
export type KeyRules = Partial<
  Pick<
    StoredKey,
    | 'expires'
    | 'models'
    | 'tokensPerDay'
    | 'tokensPerMonth'
    | 'requestsPerMinute'
    | 'maxInFlight'
    | 'pin'
    | 'off'
    | 'note'
  >
>;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

export const KeyRulesSchema: v.GenericSchema<unknown, KeyRules> = v.strictObject({
  expires: v.exactOptional(v.nullable(count)),
  models: v.exactOptional(v.array(v.string())),
  tokensPerDay: v.exactOptional(count),
  tokensPerMonth: v.exactOptional(count),
  requestsPerMinute: v.exactOptional(count),
  maxInFlight: v.exactOptional(count),
  pin: v.exactOptional(v.boolean()),
  off: v.exactOptional(v.boolean()),
  note: v.exactOptional(v.string()),
});

/** A key, its rules, and what it used today. */
export interface KeyRow extends Required<KeyRules> {
  readonly name: string;
  /** Unix seconds; null: not known. */
  readonly created: number | null;
  /** Until when the key before a rotation is let in, unix seconds; null: there is none. */
  readonly graceUntil: number | null;
  readonly inFlight: number;
  readonly requestsToday: number;
  readonly tokensToday: number;
  readonly tokensThisMonth: number;
  /** Why it is not let in now, as a code; null: it is let in. */
  readonly stoppedBy:
    'off' | 'expired' | 'requests_per_minute' | 'tokens_per_day' | 'tokens_per_month' | 'in_flight' | null;
}

/** What stops a key, in words. */
export const stopWords = {
  off: 'off',
  expired: 'expired',
  requests_per_minute: 'at its limit of requests a minute',
  tokens_per_day: 'at its limit of tokens a day',
  tokens_per_month: 'at its limit of tokens a month',
  in_flight: 'at its limit of requests at the same time',
} as const satisfies Readonly<Record<Exclude<KeyRow['stoppedBy'], null>, PlainWord>>;

export const KeyRowSchema: v.GenericSchema<unknown, KeyRow> = v.object({
  name: v.string(),
  created: v.nullable(v.number()),
  graceUntil: v.nullable(v.number()),
  inFlight: v.number(),
  requestsToday: v.number(),
  tokensToday: v.number(),
  tokensThisMonth: v.number(),
  stoppedBy: v.nullable(
    v.picklist(['off', 'expired', 'requests_per_minute', 'tokens_per_day', 'tokens_per_month', 'in_flight']),
  ),
  expires: v.nullable(v.number()),
  models: v.array(v.string()),
  tokensPerDay: v.number(),
  tokensPerMonth: v.number(),
  requestsPerMinute: v.number(),
  maxInFlight: v.number(),
  pin: v.boolean(),
  off: v.boolean(),
  note: v.string(),
});

/** The result of making a key; `key` is shown only in this answer and stored nowhere. */
export interface KeyShown {
  readonly ok: boolean;
  readonly text: string;
  readonly key: string | null;
}

export const KeyShownSchema: v.GenericSchema<unknown, KeyShown> = v.object({
  ok: v.boolean(),
  text: v.string(),
  key: v.nullable(v.string()),
});
