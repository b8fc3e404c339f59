import type { ControlClient } from '../control/client.js';
import { partedError, RemoteSupervisor } from '../control/remote.js';
import { openScreen } from '../panes/screen.js';
import { CannotRun } from '../store/errors.js';
import { version } from '../store/version.js';
import { exit, type Context } from './context.js';
import { runningSupervisor } from './running.js';
import { Signals, statusOf } from './signals.js';

/** `regrant attach`: the screen of the supervisor that runs on the data directory. */
export async function attach(context: Context): Promise<number> {
  const client = await runningSupervisor(context);
  if (client !== null) return showAttached(context, client);
  throw new CannotRun(
    'NOTHING_RUNS',
    'there is nothing to attach to: no regrant runs on this data directory; start it with `regrant`',
  );
}

/**
 * Shows another process's supervisor until the screen is closed, which leaves that one as it is.
 *
 * @throws {ControlError} it went away
 */
export async function showAttached({ clock, env }: Context, client: ControlClient): Promise<number> {
  const signals = new Signals();
  const supervisor = await RemoteSupervisor.follow(client);
  let leave: (how: 'closed' | 'hung up') => void = () => undefined;
  const left = new Promise<'closed' | 'hung up'>((resolve) => (leave = resolve));
  signals.onTerminalGone(() => leave('hung up'));
  const screen = openScreen(supervisor, {
    clock,
    env,
    attached: true,
    version,
    onQuit: () => leave('closed'),
    onDetach: () => leave('closed'),
  });
  void screen.lost.then(() => leave('hung up'));
  try {
    const how = await Promise.race([left, signals.stop, supervisor.parted.then((parting) => ({ parting }))]);
    screen.close();
    if (typeof how === 'object') throw partedError(how.parting, supervisor.pid);
    return how === 'SIGINT' ? statusOf.SIGINT : exit.done;
  } finally {
    supervisor.close();
    signals.release();
  }
}
