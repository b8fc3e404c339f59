import { tell } from '../../store/words/tongue.js';
import type { Readable } from 'node:stream';
import { inShell } from '../keys-as-verbs.js';
import { isGiven, say, sayReply, type Context, type CommandArguments } from '../context.js';
import { withOperations } from '../supervisor/supervised.js';

/** The longest input: longer than any id and secret together. */
const LONGEST_INPUT = 4_096;

/** `regrant client set NAME`: an OAuth client's id and secret, on two lines of standard input. */
export async function clientSet(context: Context, given: CommandArguments): Promise<number> {
  if (context.stdin.isTTY === true) {
    say(
      context.stderr,
      tell('the client id, Enter, its secret, Enter and Ctrl-D (echoed here; a pipe or `O` on the screen hides it)'),
    );
  }
  const [id = '', secret = ''] = (await readText(context.stdin)).split(/\r?\n/).map((line) => line.trim());
  const [client = 'default'] = given.words;
  const said = await withOperations(context, (operations) =>
    operations.setUpClient({ client, id, secret, withoutSecret: isGiven(given, 'no-secret') }),
  );
  const reply = { ...said, text: inShell(said.text) };
  return sayReply(context, given, reply, { results: [{ client, ...said }] });
}

async function readText(input: Readable): Promise<string> {
  let text = '';
  for await (const chunk of input) {
    text += String(chunk);
    if (text.length > LONGEST_INPUT) break;
  }
  return text;
}
