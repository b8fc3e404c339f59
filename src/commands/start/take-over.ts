import { dataDirectoryPath, layout } from '../../store/disk/directory.js';
import { byItself } from '../../store/ground/faults.js';
import { settingsLayers } from '../../store/settings/settings.js';
import { exit, type Context } from '../context.js';
import { Predecessor } from './handover/predecessor.js';
import { restartable } from './restart.js';
import { serveWithoutScreen } from './serve.js';
import { ServiceManager } from './service-manager.js';
import { startService, type Service } from './service.js';
import { Signals } from '../signals.js';

/** How this program is started by the one that it is to follow: like `--headless`, with what that hands over. */
export async function takeOver(context: Context): Promise<number> {
  const { dataDir, env, clock } = context;
  const signals = new Signals();
  const predecessor = new Predecessor();
  let service: Service;
  try {
    // a wrong setting is found while the predecessor still has everything
    settingsLayers(layout(dataDirectoryPath(dataDir, env), env).settings, env);
    service = await startService(context, { copyLog: context.stdout, inheritance: await predecessor.directory() });
  } catch (error) {
    await predecessor.failed(error);
    // closing would write, and that is the predecessor's by now
    process.exit(exit.cannotRun);
  }
  const { supervisor } = service;
  predecessor.serves(supervisor.address, (socket) => supervisor.succession.take(socket));
  const manager = new ServiceManager(env, clock, (text) => service.note(text));
  const told = manager.ready(`serves on ${supervisor.address}`);
  byItself(
    'the word to the service manager',
    told.then(() => predecessor.settled()),
  );
  return serveWithoutScreen(context, service, {
    signals,
    manager,
    restarts: restartable(context, service, { manager, output: 'inherit' }),
  });
}
