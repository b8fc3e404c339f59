import { sayReply, type Context, type CommandArguments } from '../context.js';
import { withOperations } from '../supervisor/supervised.js';

/** `regrant notify test`: sends a test notice to the receiver in the settings. */
export const notifyTest = (context: Context, given: CommandArguments): Promise<number> =>
  withOperations(context, async (operations) => sayReply(context, given, await operations.testNotice()));
