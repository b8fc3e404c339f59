import { createInterface } from 'node:readline/promises';
import { exit, isGiven, say, type Context, type CommandArguments } from './context.js';

/**
 * Asks the operator to confirm, unless `--yes` was given.
 *
 * @returns null where he agrees, else the exit status: he does not, or there is nobody to ask
 */
export async function refusedByOperator(
  context: Context,
  given: CommandArguments,
  question: string,
): Promise<number | null> {
  if (isGiven(given, 'yes')) return null;
  if (context.stdin.isTTY !== true) {
    say(context.stderr, `${question}: nothing was done, since there is no terminal to ask on; \`--yes\` says yes`);
    return exit.failed;
  }
  const asking = createInterface({ input: context.stdin, output: context.stderr });
  try {
    const answer = await asking.question(`${question}? [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return null;
    say(context.stderr, 'nothing was done');
    return exit.failed;
  } finally {
    asking.close();
  }
}
