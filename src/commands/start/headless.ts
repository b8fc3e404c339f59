import { byItself } from '../../store/ground/faults.js';
import type { Context } from '../context.js';
import { ServiceManager } from './service-manager.js';
import { closeService, heedSignals, startService } from './service.js';
import { Signals, exitAfter } from '../signals.js';

/** `regrant --headless`: the proxy without a screen, JSON log lines on standard output. */
export async function headless(context: Context): Promise<number> {
  const { env, clock, stdout } = context;
  const signals = new Signals();
  const service = await startService(context, stdout);
  const { supervisor } = service;
  heedSignals(signals, service);
  signals.on('SIGHUP', () => byItself('the reading anew after SIGHUP', service.reload()));
  const manager = new ServiceManager(env, clock, (text) => service.note(text));
  manager.ready(`serves on ${supervisor.address}`);
  tellParent(supervisor.address);
  const signal = await Promise.race([signals.stop, supervisor.stopAsked.then(() => null)]);
  manager.stopping(`stopping; ${supervisor.inFlight()} requests under way`);
  const status = await closeService(context, service);
  manager.close();
  signals.release();
  return status === 0 && signal !== null ? exitAfter[signal] : status;
}

/** Tells the process that started this one in the background that the proxy listens. */
function tellParent(address: string): void {
  if (process.send === undefined) return;
  process.send({ address }, () => process.disconnect());
}
