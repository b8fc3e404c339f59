import { byItself } from '../../store/ground/faults.js';
import type { Context } from '../context.js';
import { restartable } from './restart.js';
import { serveWithoutScreen } from './serve.js';
import { ServiceManager } from './service-manager.js';
import { startService } from './service.js';
import { Signals } from '../signals.js';

/** `regrant --headless`: the proxy without a screen, JSON log lines on standard output. */
export async function headless(context: Context): Promise<number> {
  const { env, clock, stdout } = context;
  const signals = new Signals();
  const service = await startService(context, { copyLog: stdout });
  const manager = new ServiceManager(env, clock, (text) => service.note(text));
  const { address } = service.supervisor;
  byItself('the word to the service manager', manager.ready(`serves on ${address}`));
  tellParent(address);
  return serveWithoutScreen(context, service, {
    signals,
    manager,
    restarts: restartable(context, service, { manager, output: 'inherit' }),
  });
}

/** Tells the process that started this one in the background that the proxy listens. */
function tellParent(address: string): void {
  if (process.send === undefined) return;
  process.send({ address }, () => process.disconnect());
}
