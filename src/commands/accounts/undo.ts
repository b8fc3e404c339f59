import { told } from '../../store/words/told.js';
import { refusedByOperator } from '../asked.js';
import { sayReply, type Context, type CommandArguments } from '../context.js';
import { withRunning } from '../supervisor/supervised.js';

const stepping =
  (step: 'undo' | 'redo') =>
  (context: Context, given: CommandArguments): Promise<number> =>
    withRunning(context, async (client) => {
      const question = (await client.request('stepQuestions', []))[step];
      const refused = question === null ? null : await refusedByOperator(context, given, told(question));
      if (refused !== null) return refused;
      return sayReply(context, given, await client.request(step, []));
    });

/** `regrant undo`: undoes the last removal or re-add of the running supervisor. */
export const undo = stepping('undo');

/** `regrant redo`: redoes what was undone last. */
export const redo = stepping('redo');
