import type { ControlClient } from '../../control/client.js';
import { told } from '../../store/words/told.js';
import { within } from '../../store/ground/within.js';
import { say, sayReply, type Context, type CommandArguments } from '../context.js';
import { ofAnyVersion } from './running.js';
import { withRunning } from './supervised.js';

/** How often a restart is asked what it waits for. */
const LOOK_EVERY_MS = 1_000;

/** `regrant restart`: the running supervisor is followed by a new process, on the same port; returns once that serves. */
export const restart = (context: Context, given: CommandArguments): Promise<number> =>
  withRunning(context, (client) => followed(client, context, given), ofAnyVersion);

async function followed(client: ControlClient, context: Context, given: CommandArguments): Promise<number> {
  const { clock, stderr } = context;
  const restarting = client.request('restart', []);
  let last = '';
  for (;;) {
    const done = await within(restarting, LOOK_EVERY_MS, clock, () => null);
    if (done !== null) return sayReply(context, given, done);
    // the connection ends with the restart, perhaps before this is answered
    const waits = await client.request('status', []).then(
      ({ restarting: words }) => words,
      () => undefined,
    );
    if (waits !== undefined && waits !== last) say(stderr, told(waits));
    last = waits ?? last;
  }
}
