import { choiceOf, saying } from '../../store/words/saying.js';
import { told } from '../../store/words/told.js';
import { sideBySide, tell } from '../../store/words/tongue.js';
import type { KeyRow, KeyRules, KeyShown, Operations, OperationReply } from '../../proxy/contract/operations.js';
import { KEY_NAMES, mayNameKey, stopWords } from '../../proxy/contract/key-shapes.js';
import { UsageError, type Spoken } from '../../store/ground/errors.js';
import { refusedByOperator } from '../asked.js';
import {
  exit,
  isGiven,
  say,
  sayJson,
  sayReply,
  optionValue,
  type Context,
  type CommandArguments,
  sayExactly,
} from '../context.js';
import { withOperations, withOperationsToRead } from '../supervisor/supervised.js';
import { moment, spanMs } from '../times.js';
import { clientLines, clientNames } from './client-variables.js';
import { entranceOf } from './env.js';

const numbers = [
  ['tokens-per-day', 'tokensPerDay'],
  ['tokens-per-month', 'tokensPerMonth'],
  ['requests-per-minute', 'requestsPerMinute'],
  ['max-in-flight', 'maxInFlight'],
] as const;

/** The rules of a key in the options. @throws {UsageError} */
function rulesIn({ clock }: Context, given: CommandArguments): KeyRules {
  const rules: Record<string, unknown> = {};
  const expires = optionValue(given, 'expires');
  if (expires === 'never') rules.expires = null;
  else if (expires !== undefined) rules.expires = endAfter(expires, clock.now());
  const models = optionValue(given, 'models');
  if (models !== undefined)
    rules.models = models
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean);
  for (const [option, name] of numbers) {
    const value = optionValue(given, option);
    if (value === undefined) continue;
    if (!/^\d{1,15}$/.test(value))
      throw new UsageError(saying('{given}: a whole number, 0 for no limit', { given: `--${option} ${value}` }));
    rules[name] = Number(value);
  }
  if (isGiven(given, 'pin')) rules.pin = true;
  if (isGiven(given, 'no-pin')) rules.pin = false;
  const note = optionValue(given, 'note');
  if (note !== undefined) rules.note = note;
  return rules;
}

/** @returns unix seconds @throws {UsageError} no time, or one of no length: `key off` is for that */
function endAfter(expires: string, now: number): number {
  const ms = spanMs(expires, '--expires');
  if (ms === 0)
    throw new UsageError(saying('--expires {span} is at once; `regrant key off` stops a key', { span: expires }));
  return Math.floor((now + ms) / 1000);
}

/** `regrant key add`: makes a key, and prints it, only this once. */
export function addKey(context: Context, given: CommandArguments): Promise<number> {
  const [name = ''] = given.words;
  if (!mayNameKey(name)) throw new UsageError(saying(KEY_NAMES));
  const rules = rulesIn(context, given);
  return showing(context, given, (operations) => operations.addKey(name, rules));
}

/** `regrant key rotate`: makes another key of the same name. */
export function rotateKey(context: Context, given: CommandArguments): Promise<number> {
  const [name = ''] = given.words;
  const grace = optionValue(given, 'grace');
  const seconds = grace === undefined ? 0 : Math.round(spanMs(grace, '--grace') / 1000);
  return showing(context, given, (operations) => operations.rotateKey(name, seconds));
}

/** `regrant key set`: changes the rules of a key. */
export function setKey(context: Context, given: CommandArguments): Promise<number> {
  const rules = rulesIn(context, given);
  if (Object.keys(rules).length === 0)
    throw new UsageError(saying('nothing is to be changed; `regrant key set --help` tells what can be'));
  return changing(context, given, (operations, name) => operations.setKey(name, rules));
}

export const keyOff = (context: Context, given: CommandArguments): Promise<number> =>
  changing(context, given, (operations, name) => operations.setKey(name, { off: true }));

export const keyOn = (context: Context, given: CommandArguments): Promise<number> =>
  changing(context, given, (operations, name) => operations.setKey(name, { off: false }));

/** `regrant key revoke`: removes the key, and ends the requests that run with it. */
export async function revokeKey(context: Context, given: CommandArguments): Promise<number> {
  const question = tell('revoke the key {name} for good', { name: given.words[0] ?? '' });
  const refused = await refusedByOperator(context, given, question);
  return refused ?? changing(context, given, (operations, name) => operations.revokeKey(name));
}

/** `regrant key list`: the keys, what each used today, and what stops it. */
export const listKeys = (context: Context, given: CommandArguments): Promise<number> =>
  withOperationsToRead(context, async (operations) => {
    const keys = await operations.keys();
    if (isGiven(given, 'json')) sayJson(context.stdout, { keys });
    else for (const key of keys) say(context.stdout, line(key));
    return exit.done;
  });

function line({ name, requestsToday, tokensToday, inFlight, stoppedBy, expires, models, note }: KeyRow): Spoken {
  const parts = [
    tell('{requests} requests and {tokens} tokens today', { requests: requestsToday, tokens: tokensToday }),
    inFlight > 0 ? tell('{n} in flight', { n: inFlight }) : '',
    stoppedBy === null ? '' : tell(stopWords[stoppedBy]),
    expires === null || stoppedBy === 'expired' ? '' : tell('until {date}', { date: moment(expires * 1000) }),
    models.length === 0 ? '' : tell('only {what}', { what: models.join(', ') }),
    note,
  ];
  return sideBySide`${name.padEnd(16)}  ${parts.filter(Boolean).join(', ')}`;
}

function changing(
  context: Context,
  given: CommandArguments,
  change: (operations: Operations, name: string) => Promise<OperationReply>,
): Promise<number> {
  const [name = ''] = given.words;
  return withOperations(context, async (operations) => sayReply(context, given, await change(operations, name)));
}

/** Prints the key on standard output, and nothing else there, so that a script can take it. */
async function showing(
  context: Context,
  given: CommandArguments,
  make: (operations: Operations) => Promise<KeyShown>,
): Promise<number> {
  const client = clientNames.find((name) => name === optionValue(given, 'for'));
  if (isGiven(given, 'for') && client === undefined) {
    throw new UsageError(choiceOf(`--for ${optionValue(given, 'for') ?? ''}`, clientNames));
  }
  const { ok, text, key } = await withOperations(context, make);
  if (isGiven(given, 'json')) sayJson(context.stdout, { ok, text, key });
  else {
    say(context.stderr, ok ? tell('{done}; it is shown this once', { done: told(text) }) : told(text));
    if (key !== null && client === undefined) sayExactly(context.stdout, key);
    else if (key !== null && client !== undefined) {
      for (const line of clientLines(client, { ...(await entranceOf(context)), key })) sayExactly(context.stdout, line);
    }
  }
  return ok ? exit.done : exit.failed;
}
