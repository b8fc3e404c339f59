import { openScreen } from '../panes/screen.js';
import { prepareDemo } from '../demo/demo.js';
import { version } from '../store/version.js';
import { exit, say, type Context } from './context.js';
import { startService, stopSignals, type Service } from './headless.js';

/** Whether a full-screen program can be drawn here; else why not. */
export function terminalFault({ env, stdin }: Context, stdoutIsTerminal: boolean): string | null {
  if (stdin.isTTY !== true || !stdoutIsTerminal) return 'there is no terminal to draw on';
  const term = env.TERM ?? '';
  return term === '' || term === 'dumb' ? `the terminal (TERM=${term}) cannot place a cursor` : null;
}

/** `regrant`: the screen, with the proxy in this process. */
export async function screen(context: Context): Promise<number> {
  const service = await startService(context);
  return show(context, service);
}

/** `regrant --demo`: the same against a simulated Google, with traffic and a grant that dies. */
export async function demo(context: Context): Promise<number> {
  const { clock, env } = context;
  const play = await prepareDemo({ clock, env });
  try {
    const service = await startService({ ...context, dataDir: play.dataDir, env: play.env });
    const { supervisor } = service;
    play.run({
      proxyUrl: `http://${supervisor.address}`,
      apiKey: supervisor.apiKey,
      setHint: (hint) => supervisor.setHint(hint),
      onEvent: (listener) => supervisor.onEvent(listener),
    });
    return await show(context, { supervisor, close: () => play.hush().then(() => service.close()) });
  } finally {
    await play.close();
  }
}

/** Shows the screen until somebody ends it, then drains, saves and says what has to be said. */
async function show(context: Context, service: Service): Promise<number> {
  const { clock, env, stderr } = context;
  const { supervisor } = service;
  const signals = stopSignals();
  const opened = openScreen(supervisor, {
    clock,
    env,
    attached: false,
    version,
    onQuit: () => void supervisor.operations.stop(),
  });
  const ended = await Promise.race([
    signals.promise,
    supervisor.stopAsked.then(() => null),
    opened.lost.then(() => 'SIGHUP' as const),
  ]);
  opened.close();
  const inFlight = supervisor.inFlight();
  if (ended !== 'SIGHUP') {
    say(
      stderr,
      inFlight > 0 ? `regrant: stopping; waiting for ${inFlight} requests (10 s at most)` : 'regrant: stopping',
    );
  }
  const unsaved = await service.close();
  signals.release();
  if (ended === 'SIGHUP') return 129;
  for (const text of unsaved) say(stderr, `regrant: not saved: ${text}`);
  return unsaved.length > 0 ? exit.failed : exit.done;
}
