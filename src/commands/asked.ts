import { createInterface } from 'node:readline/promises';
import { exit, isGiven, say, type Context, type Given } from './context.js';

/**
 * Whether the operator wants it: he said `--yes`, or answers so on his terminal.
 *
 * @returns null where he does, else the exit status for his no, or for nobody being there to ask
 */
export async function refusedByOperator(context: Context, given: Given, question: string): Promise<number | null> {
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
