import { saying } from '../../store/words/saying.js';
import * as v from 'valibot';
import { screenMemory } from '../screen-memory.js';
import { holdNodeWarnings } from '../node-warnings.js';
import { tmuxClipboard } from '../clipboard.js';
import type { ControlClient } from '../../control/client.js';
import { partedError, RemoteSupervisor } from '../../control/remote.js';
import { openScreen } from '../../panes/screen/screen.js';
import type { Snapshot } from '../../proxy/contract/snapshot.js';
import { environmentSettings } from '../../store/settings/environment.js';
import { languages, sideBySide } from '../../store/words/tongue.js';
import { UsageError } from '../../store/ground/errors.js';
import { version } from '../../store/ground/version.js';
import { exit, isGiven, say, type Context, type CommandArguments } from '../context.js';
import { terminalFault } from './terminal-fault.js';
import { noSupervisor, runningSupervisor, successorOf } from './running.js';
import { Signals, exitAfter, type StopSignal } from '../signals.js';

/**
 * `regrant attach`: the screen of the supervisor that runs on the data directory.
 *
 * @throws {CannotRun} none runs, which is told before what the terminal lacks
 * @throws {UsageError} there is no terminal to draw on
 */
export async function attach(context: Context, given?: CommandArguments): Promise<number> {
  const client = await runningSupervisor(context);
  if (client === null) {
    throw noSupervisor(
      context,
      saying('there is nothing to attach to: no regrant runs on this data directory; start it with `regrant`'),
    );
  }
  const fault = terminalFault(context, 'isTTY' in context.stdout && context.stdout.isTTY === true);
  if (fault !== null) {
    client.close();
    const instead = saying('run it in one, or ask with `regrant status`');
    throw new UsageError(saying('{fault}: {instead}', { fault, instead }));
  }
  const isReadOnly = given !== undefined && isGiven(given, 'read-only');
  return showAttached(context, client, isReadOnly ? 'looks' : 'works');
}

/**
 * Shows another process's supervisor until the screen is closed; that process goes on as it was.
 *
 * @throws {ControlError} it went away
 */
export async function showAttached(
  context: Context,
  client: ControlClient,
  how: 'works' | 'looks' = 'works',
): Promise<number> {
  const signals = new Signals();
  const hungUp = new Promise<'hung up'>((resolve) => signals.onTerminalGone(() => resolve('hung up')));
  const ended = Promise.race([signals.stop, hungUp]);
  try {
    const following = RemoteSupervisor.follow(client, context.clock, {
      how,
      reconnect: () => successorOf(context),
    });
    // a caller that does not wait for the first snapshot does not ask for the failure either
    following.catch(() => undefined);
    const supervisor = await Promise.race([following, ended]);
    const end = typeof supervisor === 'string' ? supervisor : await shown(context, supervisor, ended);
    return end === 'SIGINT' ? exitAfter.SIGINT : exit.done;
  } finally {
    client.close();
    signals.release();
  }
}

type Ended = StopSignal | 'hung up';

/** One screen, until it is closed, the terminal or the supervisor is gone, or `ended` resolves. */
async function shown(
  { clock, env, stderr }: Context,
  supervisor: RemoteSupervisor,
  ended: Promise<Ended>,
): Promise<Ended | 'closed'> {
  let leave: () => void = () => undefined;
  const left = new Promise<'closed'>((resolve) => (leave = () => resolve('closed')));
  const onDetach = (): Promise<null> => {
    leave();
    return Promise.resolve(null);
  };
  const warnings = holdNodeWarnings();
  const screen = openScreen(supervisor, {
    ...{
      clock,
      env,
      attached: true,
      version,
      onQuit: leave,
      onDetach,
    },
    ...tmuxClipboard(env),
    ...screenMemory(supervisor.snapshot().dataDir, env),
    ui: ownUi(env),
  });
  const lost = screen.lost.then(() => 'hung up' as const);
  const how = await Promise.race([left, lost, ended, supervisor.parted.then((parting) => ({ parting }))]);
  screen.close();
  for (const warning of warnings) say(stderr, sideBySide`regrant: ${warning}`);
  if (typeof how === 'object') throw partedError(how.parting, supervisor.pid);
  return how;
}

const OwnUiSchema = v.partial(
  v.object({
    theme: v.picklist(['auto', 'dark', 'light']),
    glyphs: v.picklist(['auto', 'unicode', 'ascii']),
    language: v.picklist(['auto', ...languages]),
    flash: v.boolean(),
    bell: v.boolean(),
    mouse: v.boolean(),
  }),
);

/** The `ui` settings in the environment of this screen's process; if one of them is wrong, none is used. */
function ownUi(env: NodeJS.ProcessEnv): Partial<Snapshot['ui']> {
  const given = v.safeParse(OwnUiSchema, environmentSettings(env, {}).values.ui ?? {});
  if (!given.success) return {};
  const { theme, glyphs, language, flash, bell, mouse } = given.output;
  return {
    ...(theme !== undefined && { theme }),
    ...(glyphs !== undefined && { glyphs }),
    ...(language !== undefined && { language }),
    ...(flash !== undefined && { flash }),
    ...(bell !== undefined && { bell }),
    ...(mouse !== undefined && { mouse }),
  };
}
