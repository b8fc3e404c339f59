import { byItself } from '../../store/ground/faults.js';
import type { Context } from '../context.js';
import { exitAfter, type Signals } from '../signals.js';
import { outlive } from './outlive.js';
import type { Restarts } from './restart.js';
import { closeService, heedSignals, type Service } from './service.js';
import type { ServiceManager } from './service-manager.js';

export interface ServeParts {
  readonly signals: Signals;
  readonly manager: ServiceManager;
  readonly restarts: Restarts;
}

/** Serves without a screen until it is asked to stop, or a successor has taken over. @returns the exit status */
export async function serveWithoutScreen(
  context: Context,
  service: Service,
  { signals, manager, restarts }: ServeParts,
): Promise<number> {
  const { supervisor } = service;
  heedSignals(signals, service);
  signals.on('SIGHUP', () => byItself('the reading anew after SIGHUP', service.reload()));
  const asked = supervisor.stopAsked.then(() => null);
  const end = await Promise.race([signals.stop, asked, restarts.handedOver]);
  const signal = typeof end === 'string' ? end : null;
  if (end !== null && typeof end !== 'string')
    await outlive(context, service, end, Promise.race([signals.stop, asked]));
  else manager.stopping(`stopping; ${supervisor.inFlight()} requests under way`);
  const status = await closeService(context, service);
  manager.close();
  signals.release();
  return status === 0 && signal !== null ? exitAfter[signal] : status;
}
