import { ControlServer } from '../control/server.js';
import { startSupervisor, type RunningSupervisor } from '../proxy/start.js';
import { closeStore, openStore } from '../store/house.js';
import { exit, say, type Context } from './context.js';

/** What a supervisor at work needs to be ended with. */
export interface Service {
  readonly supervisor: RunningSupervisor;
  /** Drains, saves and lets go; returns what could not be saved. */
  close(): Promise<readonly string[]>;
}

/** Opens the store, the proxy and the control socket, in this order; gives all of it back if one fails. */
export async function startService(context: Context, copyLog?: (line: string) => void): Promise<Service> {
  const { dataDir, env, clock } = context;
  const store = await openStore({ dataDir, env, clock, copyLog });
  let supervisor: RunningSupervisor | null = null;
  try {
    supervisor = await startSupervisor(store, clock);
    const control = await ControlServer.open(store.places.socket, supervisor);
    return serviceOf(supervisor, control);
  } catch (error) {
    await (supervisor === null ? closeStore(store) : supervisor.close());
    throw error;
  }
}

function serviceOf(supervisor: RunningSupervisor, control: ControlServer): Service {
  let closing: Promise<readonly string[]> | null = null;
  return {
    supervisor,
    // the socket goes last, so that whoever waits for the end learns it when all is saved
    close: () => (closing ??= supervisor.close().finally(() => control.close())),
  };
}

/** `regrant --headless`: the proxy without a screen, JSON log lines on standard output. */
export async function headless(context: Context): Promise<number> {
  const service = await startService(context, (line) => context.stdout.write(line));
  const { promise, release } = stopSignals();
  const signal = await Promise.race([promise, service.supervisor.stopAsked.then(() => null)]);
  const unsaved = await service.close();
  release();
  for (const text of unsaved) say(context.stderr, `not saved: ${text}`);
  if (unsaved.length > 0) return exit.failed;
  return signal === 'SIGHUP' ? 129 : signal === 'SIGINT' ? 130 : exit.done;
}

export type StopSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP';

/** Resolves with the first signal that asks this process to end. */
export function stopSignals(): { readonly promise: Promise<StopSignal>; readonly release: () => void } {
  const signals: readonly StopSignal[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];
  let heard: (signal: StopSignal) => void = () => undefined;
  const promise = new Promise<StopSignal>((resolve) => (heard = resolve));
  const listener = (signal: NodeJS.Signals): void => heard(signal as StopSignal);
  for (const signal of signals) process.on(signal, listener);
  return {
    promise,
    release: () => {
      for (const signal of signals) process.off(signal, listener);
    },
  };
}
