import type { Readable } from 'node:stream';
import { prepareDemo } from '../../demo/demo.js';
import { openScreen } from '../../panes/screen/screen.js';
import { version } from '../../store/ground/version.js';
import { showAttached } from '../supervisor/attach.js';
import { screenMemory } from '../screen-memory.js';
import { tmuxClipboard } from '../clipboard.js';
import { say, type Context } from '../context.js';
import { runningOr } from '../supervisor/running.js';
import { closeService, heedSignals, startService, type Service } from './service.js';
import { Signals, exitAfter, type StopSignal } from '../signals.js';
import { byItself } from '../../store/ground/faults.js';

/** `regrant`: the screen, with the proxy in this process; if a supervisor runs already, its screen. */
export const screen = (context: Context): Promise<number> =>
  runningOr(
    context,
    (running) => showAttached(context, running),
    async () => show(context, await startService(context), 'serve on'),
  );

/** `regrant --demo`: the same with a simulated Google, traffic and a grant that dies. */
export async function demo(context: Context): Promise<number> {
  const { clock, env } = context;
  const play = await prepareDemo({ clock, env });
  try {
    const service = await startService({ ...context, dataDir: play.dataDir, env: play.env });
    const { supervisor } = service;
    play.run({
      proxyUrl: `http://${supervisor.address}`,
      setHint: (hint) => supervisor.setHint(hint),
      onEvent: (listener) => supervisor.onEvent(listener),
    });
    const close = () => play.hush().then(() => service.close());
    // without a terminal nobody could end the demo
    return await show(context, { ...service, close }, 'stop');
  } finally {
    await play.close();
  }
}

/** Shows screens until the operator ends the program, then drains, saves and reports. */
async function show(context: Context, service: Service, onHangUp: 'serve on' | 'stop'): Promise<number> {
  const signals = new Signals();
  heedSignals(signals, service);
  const ended = await screens(context, service, signals, onHangUp);
  if (ended !== 'hung up') {
    const { stderr } = context;
    const inFlight = service.supervisor.inFlight();
    const waiting = inFlight > 0 ? `; waiting for ${inFlight} requests (10 s at most)` : '';
    say(stderr, `regrant: stopping${waiting}`);
  }
  const status = await closeService(context, service);
  signals.release();
  return status === 0 && ended === 'SIGINT' ? exitAfter.SIGINT : status;
}

type Ended = StopSignal | 'asked' | 'hung up';

/** Shows one screen after the other; between them the proxy runs without one. */
async function screens(
  context: Context,
  service: Service,
  signals: Signals,
  onHangUp: 'serve on' | 'stop',
): Promise<Ended> {
  for (;;) {
    const left = await oneScreen(context, service, signals);
    if (left !== 'detached' && left !== 'hung up') return left;
    if (left === 'hung up' && onHangUp === 'stop') return left;
    const next = await withoutScreen(context, service, signals);
    if (next === 'hung up' && onHangUp === 'serve on') return served(context, service, signals);
    if (next !== 'screen') return next;
  }
}

async function oneScreen(
  { clock, env }: Context,
  { supervisor }: Service,
  signals: Signals,
): Promise<Ended | 'detached'> {
  let leave: (how: 'detached' | 'hung up') => void = () => undefined;
  const left = new Promise<'detached' | 'hung up'>((resolve) => (leave = resolve));
  const forget = signals.onTerminalGone(() => leave('hung up'));
  const opened = openScreen(supervisor, {
    clock,
    env,
    attached: false,
    version,
    ...tmuxClipboard(env),
    ...screenMemory(supervisor.snapshot().dataDir, env),
    onQuit: () => byItself('the stop', supervisor.operations.stop()),
    onDetach: () => leave('detached'),
  });
  byItself(
    'the end of the terminal',
    opened.lost.then(() => leave('hung up')),
  );
  try {
    return await Promise.race([left, signals.stop, supervisor.stopAsked.then(() => 'asked' as const)]);
  } finally {
    opened.close();
    forget();
  }
}

/**
 * Serves on in the foreground without a screen, under one plain line, where Enter brings the screen back. So too after
 * a hang-up: if the terminal is still there (a SIGHUP by hand) Enter works, and if it is not, the input ends at once.
 * Therefore no signal is listened for here.
 */
async function withoutScreen(
  { stdin, stdout }: Context,
  { supervisor }: Service,
  signals: Signals,
): Promise<Ended | 'screen'> {
  say(
    stdout,
    `regrant (pid ${process.pid}) goes on serving on ${supervisor.address}: Enter brings the screen back, Ctrl-C stops it, closing this terminal leaves it serving`,
  );
  const line = nextLine(stdin);
  try {
    return await Promise.race([line.came, signals.stop, supervisor.stopAsked.then(() => 'asked' as const)]);
  } finally {
    line.stop();
  }
}

/** `screen` with the next line end that is typed, `hung up` where the input has ended. */
function nextLine(input: Readable): { readonly came: Promise<'screen' | 'hung up'>; readonly stop: () => void } {
  let tell: (what: 'screen' | 'hung up') => void = () => undefined;
  const came = new Promise<'screen' | 'hung up'>((resolve) => (tell = resolve));
  const onData = (chunk: Buffer | string): void => {
    if (/[\r\n]/.test(String(chunk))) tell('screen');
  };
  const onEnd = (): void => tell('hung up');
  input.on('data', onData);
  for (const event of ['end', 'close', 'error']) input.on(event, onEnd);
  if (input.readable) input.resume();
  else onEnd();
  return {
    came,
    stop: () => {
      input.off('data', onData);
      for (const event of ['end', 'close', 'error']) input.off(event, onEnd);
      input.pause();
    },
  };
}

/** Serves without a terminal and without a screen, until it is ended from outside. */
async function served({ stdin }: Context, service: Service, signals: Signals): Promise<Ended> {
  signals.on('SIGHUP', () => byItself('the reading anew after SIGHUP', service.reload()));
  service.note('The terminal is gone: serving on without a screen; `regrant attach` brings one');
  // nothing more will come from it, and a closed terminal would wake the program again and again
  stdin.destroy();
  return Promise.race([signals.stop, service.supervisor.stopAsked.then(() => 'asked' as const)]);
}
