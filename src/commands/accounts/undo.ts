import { refusedByOperator } from '../asked.js';
import { exit, isGiven, say, sayJson, type Context, type CommandArguments } from '../context.js';
import { withRunning } from '../supervisor/supervised.js';

const stepping =
  (step: 'undo' | 'redo') =>
  (context: Context, given: CommandArguments): Promise<number> =>
    withRunning(context, async (client) => {
      const question = (await client.request('stepQuestions', []))[step];
      const refused = question === null ? null : await refusedByOperator(context, given, question);
      if (refused !== null) return refused;
      const said = await client.request(step, []);
      if (isGiven(given, 'json')) sayJson(context.stdout, { ...said });
      else say(said.ok ? context.stdout : context.stderr, said.text);
      return said.ok ? exit.done : exit.failed;
    });

/** `regrant undo`: undoes the last removal or re-add of the running supervisor. */
export const undo = stepping('undo');

/** `regrant redo`: redoes what was undone last. */
export const redo = stepping('redo');
