import { sideBySide, tell } from '../../store/words/tongue.js';
import { english } from '../../store/words/saying.js';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openScreen } from '../../panes/screen/screen.js';
import { firstRowsFirst } from '../../proxy/reports/first-rows.js';
import { version } from '../../store/ground/version.js';
import { showAttached } from '../supervisor/attach.js';
import { screenMemory } from '../screen-memory.js';
import { tmuxClipboard } from '../clipboard.js';
import { say, type Context } from '../context.js';
import type { SuccessorProcess } from './handover/successor-process.js';
import { leave } from './leaving.js';
import { restartable, type Restarts } from './restart.js';
import { ServiceManager } from './service-manager.js';
import { terminalGone, withoutScreen } from './without-screen.js';
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
  const { prepareDemo } = await import('../../demo/demo.js');
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

type OnHangUp = 'serve on' | 'stop';

/** A screen in the process that serves. */
interface Shown {
  readonly context: Context;
  readonly service: Service;
  readonly signals: Signals;
  /** null: in the demo, which ends with its terminal. */
  readonly restarts: Restarts | null;
  /** Resolves when the program is to end, or somebody else has had a successor take over. */
  readonly ended: Promise<End>;
}

/** A successor has taken over. */
interface GivenAway {
  readonly successor: SuccessorProcess;
  /** Whether it was asked for on this screen, by `d`: else a screen is shown on. */
  readonly by: 'd' | 'others';
}

type End = StopSignal | 'asked' | GivenAway;

/** Shows screens until the operator ends the program or gives it away, then drains, saves and reports. */
async function show(context: Context, service: Service, onHangUp: OnHangUp): Promise<number> {
  const signals = new Signals();
  heedSignals(signals, service);
  // a service manager starts no screens
  const manager = new ServiceManager({}, context.clock, () => undefined);
  const restarts = onHangUp === 'stop' ? null : restartable(context, service, { manager, output: 'ignore' });
  const shown = { context, service, signals, restarts, ended: endOf(service, signals, restarts) };
  const ended = await screens(shown, onHangUp);
  if (typeof ended === 'object') return leave({ context, service, signals }, ended.successor, ended.by);
  if (ended !== 'hung up') {
    const { stderr } = context;
    const inFlight = service.supervisor.inFlight();
    const stopping =
      inFlight > 0
        ? tell('stopping; waiting for {n} requests (10 s at most)', { n: inFlight })
        : tell('stopping ¦ now');
    say(stderr, sideBySide`regrant: ${stopping}`);
  }
  const status = await closeService(context, service);
  signals.release();
  return status === 0 && ended === 'SIGINT' ? exitAfter.SIGINT : status;
}

function endOf({ supervisor }: Service, signals: Signals, restarts: Restarts | null): Promise<End> {
  const asked = supervisor.stopAsked.then(() => 'asked' as const);
  if (restarts === null) return Promise.race([signals.stop, asked]);
  // whoever asked for it on this screen is told first
  const given = restarts.handedOver.then(async (successor) => {
    await nextTurn();
    return { successor, by: 'others' } as const;
  });
  return Promise.race([signals.stop, asked, given]);
}

/** Shows one screen after the other; between them the proxy runs without one. */
async function screens(shown: Shown, onHangUp: OnHangUp): Promise<End | 'hung up'> {
  const { context, service, signals, ended } = shown;
  for (;;) {
    const left = await oneScreen(shown);
    if (left !== 'hung up' || onHangUp === 'stop') return left;
    const next = await withoutScreen(context, service, ended);
    if (next === 'hung up') {
      terminalGone(context, service, signals);
      return ended;
    }
    if (next !== 'screen') return next;
  }
}

async function oneScreen({ context, service, signals, restarts, ended }: Shown): Promise<End | 'hung up'> {
  const { clock, env } = context;
  const { supervisor } = service;
  let tellLeft: (how: GivenAway | 'hung up') => void = () => undefined;
  const left = new Promise<GivenAway | 'hung up'>((resolve) => (tellLeft = resolve));
  const forget = signals.onTerminalGone(() => tellLeft('hung up'));
  const opened = openScreen(firstRowsFirst(supervisor), {
    ...{ clock, env, attached: false, version },
    ...tmuxClipboard(env),
    ...screenMemory(supervisor.snapshot(0).dataDir, env),
    onQuit: () => byItself('the stop', supervisor.operations.stop()),
    onDetach: () => toBackground(restarts, tellLeft),
  });
  byItself(
    'the end of the terminal',
    opened.lost.then(() => tellLeft('hung up')),
  );
  try {
    return await Promise.race([left, ended]);
  } finally {
    opened.close();
    forget();
  }
}

/** Hands over to a successor in the background. @returns why that is not possible; null: the screen is left */
async function toBackground(restarts: Restarts | null, left: (how: GivenAway) => void): Promise<string | null> {
  if (restarts === null) return english('the demo ends with its terminal: q ends it');
  const { ok, text } = await restarts.begin();
  if (!ok) return text;
  left({ successor: await restarts.handedOver, by: 'd' });
  return null;
}
