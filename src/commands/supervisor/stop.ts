import { exit, isGiven, say, sayJson, type Context, type Given } from '../context.js';
import { runningSupervisor } from './running.js';

/** `regrant stop`: drains and stops the running supervisor, and returns when it is gone. */
export async function stop(context: Context, given?: Given): Promise<number> {
  const asJson = given !== undefined && isGiven(given, 'json');
  const tell = (text: string): void => say(asJson ? context.stderr : context.stdout, text);
  const client = await runningSupervisor(context);
  if (client === null) {
    tell('nothing to stop: no regrant runs on this data directory');
    if (asJson) sayJson(context.stdout, { ok: true, pid: null, unsaved: [] });
    return exit.done;
  }
  const { inFlight, unsaved } = await client.request('stop', []);
  for (const loss of unsaved) say(context.stderr, `not saved, and lost if the last try fails too: ${loss}`);
  if (inFlight > 0) tell(`waiting for ${inFlight} request${inFlight === 1 ? '' : 's'} (10 s at most)`);
  await client.closed();
  tell(`stopped (pid ${client.pid})`);
  if (asJson) sayJson(context.stdout, { ok: true, pid: client.pid, unsaved });
  return exit.done;
}
