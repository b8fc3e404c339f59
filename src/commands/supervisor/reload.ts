import { sayReply, type Context, type CommandArguments } from '../context.js';
import { withRunning } from './supervised.js';

/** `regrant reload`: the running supervisor reads its files again. */
export const reload = (context: Context, given: CommandArguments): Promise<number> =>
  withRunning(context, async (client) => sayReply(context, given, await client.request('reload', [])));
