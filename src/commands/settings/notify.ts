import { exit, isGiven, say, sayJson, type Context, type CommandArguments } from '../context.js';
import { withOperations } from '../supervisor/supervised.js';

/** `regrant notify test`: sends a test notice to the receiver in the settings. */
export const notifyTest = (context: Context, given: CommandArguments): Promise<number> =>
  withOperations(context, async (operations) => {
    const said = await operations.testNotice();
    if (isGiven(given, 'json')) sayJson(context.stdout, { ...said });
    else say(said.ok ? context.stdout : context.stderr, said.text);
    return said.ok ? exit.done : exit.failed;
  });
