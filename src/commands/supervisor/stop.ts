import { exit, say, type Context } from '../context.js';
import { runningSupervisor } from './running.js';

/** `regrant stop`: drains and stops the running supervisor, and returns when it is gone. */
export async function stop(context: Context): Promise<number> {
  const client = await runningSupervisor(context);
  if (client === null) {
    say(context.stdout, 'nothing to stop: no regrant runs on this data directory');
    return exit.done;
  }
  const { inFlight, unsaved } = await client.request('stop', []);
  for (const loss of unsaved) say(context.stderr, `not saved, and lost if the last try fails too: ${loss}`);
  if (inFlight > 0) say(context.stdout, `waiting for ${inFlight} request${inFlight === 1 ? '' : 's'} (10 s at most)`);
  await client.closed();
  say(context.stdout, `stopped (pid ${client.pid})`);
  return exit.done;
}
