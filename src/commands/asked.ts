import { createInterface } from 'node:readline/promises';
import { inert } from '../panes/text/inert.js';
import type { Spoken } from '../store/ground/errors.js';
import { tell } from '../store/words/tongue.js';
import { exit, isGiven, say, type Context, type CommandArguments } from './context.js';

/**
 * Asks the operator to confirm, unless `--yes` was given.
 *
 * @returns null where he agrees, else the exit status: he does not, or there is nobody to ask
 */
export async function refusedByOperator(
  context: Context,
  given: CommandArguments,
  question: Spoken,
): Promise<number | null> {
  if (isGiven(given, 'yes')) return null;
  if (context.stdin.isTTY !== true) {
    say(
      context.stderr,
      tell('{question}: nothing was done, since there is no terminal to ask on; `--yes` says yes', { question }),
    );
    return exit.failed;
  }
  const asking = createInterface({ input: context.stdin, output: context.stderr });
  try {
    const answer = await asking.question(`${inert(question)}? [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return null;
    say(context.stderr, tell('nothing was done'));
    return exit.failed;
  } finally {
    asking.close();
  }
}
