import { englishText, spokenText } from '../store/words/saying.js';
import type { Readable, Writable } from 'node:stream';
import type { OperationReply } from '../proxy/contract/operations.js';
import type { Clock } from '../store/ground/clock.js';
import { inert } from '../panes/text/inert.js';
import { ownValue } from '../store/ground/json.js';
import type { Saying, Spoken } from '../store/ground/errors.js';

/** What a verb of the command line works with. */
export interface Context {
  /** As given with `--data-dir`. */
  readonly dataDir: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** What was typed after a verb. */
export interface CommandArguments {
  readonly words: readonly string[];
  /** By the option's name without dashes: its value, or true where it takes none. */
  readonly options: Readonly<Record<string, string | true | undefined>>;
}

export const isGiven = ({ options }: CommandArguments, name: string): boolean => ownValue(options, name) !== undefined;

/** The value of an option; undefined: it was not given. */
export function optionValue({ options }: CommandArguments, name: string): string | undefined {
  const value = ownValue(options, name);
  return value === true ? undefined : value;
}

export const exit = { done: 0, failed: 1, usage: 2, cannotRun: 3, bug: 70 } as const;

/** Prints words for people on one line that cannot act on their terminal, whatever foreign words stand in it. */
export const say = (stream: Writable, text: Spoken): void => sayExactly(stream, inert(text));

/** Prints exactly this: a line for programs, or a text whose foreign words are inert already. */
export const sayExactly = (stream: Writable, line: string): void => void stream.write(`${line}\n`);

/** Prints the output of `--json`: an object with a version, on one line. */
export const sayJson = (stream: Writable, body: Readonly<Record<string, unknown>>): void =>
  sayExactly(stream, JSON.stringify({ schema: 1, ...body }));

/** How an act ended: as a supervisor says it, or in words of the command. */
interface Reply extends Omit<OperationReply, 'text'> {
  readonly text: string | Saying;
}

/** Prints how an act ended. @param body - what `--json` prints of it @returns the exit status */
export function sayReply(
  { stdout, stderr }: Context,
  given: CommandArguments,
  reply: Reply,
  body: Readonly<Record<string, unknown>> = { ...reply, text: englishText(reply.text) },
): number {
  const { ok, text } = reply;
  if (isGiven(given, 'json')) sayJson(stdout, body);
  else say(ok ? stdout : stderr, spokenText(text));
  return ok ? exit.done : exit.failed;
}
