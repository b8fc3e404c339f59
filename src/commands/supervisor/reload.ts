import { exit, isGiven, say, sayJson, type Context, type CommandArguments } from '../context.js';
import { withRunning } from './supervised.js';

/** `regrant reload`: the running supervisor reads its files again. */
export const reload = (context: Context, given: CommandArguments): Promise<number> =>
  withRunning(context, async (client) => {
    const said = await client.request('reload', []);
    if (isGiven(given, 'json')) sayJson(context.stdout, { ...said });
    else say(said.ok ? context.stdout : context.stderr, said.text);
    return said.ok ? exit.done : exit.failed;
  });
