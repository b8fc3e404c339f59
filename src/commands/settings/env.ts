import { saying } from '../../store/words/saying.js';
import { tell } from '../../store/words/tongue.js';
import { hostAndPort } from '../../proxy/server/listener/listen-errors.js';
import { dataDirectoryPath, prepareDirectory } from '../../store/disk/directory.js';
import { CannotRun, type Spoken } from '../../store/ground/errors.js';
import { exit, say, type Context, sayExactly } from '../context.js';
import { settingsNow } from '../pool/pool-settings.js';
import { addressesOutside, isEverywhere, reachable } from '../supervisor/reachable.js';
import { runningSupervisor, unreachableSupervisor } from '../supervisor/running.js';
import { type ClientName, type Entrance, clientLines } from './client-variables.js';

export interface EnvOptions {
  /** The client whose variables are wanted; Gemini clients where it is left out. */
  readonly for?: ClientName;
}

/**
 * `regrant env`: shell exports that set a client up for the proxy. Only this verb prints the API key.
 *
 * @throws {CannotRun} the address of the proxy is known only once it listens
 */
export async function env(context: Context, { for: client = 'gemini' }: EnvOptions = {}): Promise<number> {
  const { url, key, isRunning, elsewhere } = await entranceOf(context);
  for (const line of clientLines(client, { url, key })) sayExactly(context.stdout, line);
  if (elsewhere !== null) say(context.stderr, elsewhere);
  if (!isRunning) say(context.stderr, tell('note: no regrant runs on this data directory yet'));
  return exit.done;
}

interface RunningEntrance extends Entrance {
  readonly isRunning: boolean;
  /** What clients on other machines need to know; null: they cannot reach it. */
  readonly elsewhere: Spoken | null;
}

/**
 * The proxy's URL and its own key.
 *
 * @throws {CannotRun} the address of the proxy is known only once it listens
 */
export async function entranceOf(context: Context): Promise<RunningEntrance> {
  prepareDirectory(dataDirectoryPath(context.dataDir, context.env), context.env);
  const { proxy } = await settingsNow(context);
  const supervisor = await runningSupervisor(context);
  const address =
    supervisor === null
      ? (unreachableSupervisor(context)?.owner.address ?? null)
      : (await supervisor.request('status', [])).address;
  supervisor?.close();
  if (address === null && proxy.port === 0) {
    throw new CannotRun(
      'NO_ADDRESS_YET',
      saying(
        'the proxy takes any free port (proxy.port is 0), and nothing runs yet: start it with `regrant`, then ask again',
      ),
    );
  }
  const listens = address ?? hostAndPort(proxy.host, proxy.port);
  const url = `http://${reachable(listens)}`;
  return { url, key: proxy.apiKey, isRunning: address !== null, elsewhere: elsewhereNote(listens) };
}

function elsewhereNote(listens: string): Spoken | null {
  if (!isEverywhere(listens)) return null;
  const port = listens.slice(listens.lastIndexOf(':') + 1);
  const [address = tell("this machine's address")] = addressesOutside().map((address) =>
    hostAndPort(address, Number(port)),
  );
  return tell(
    'note: that address is for clients on this machine; those on others use http://{address}, or a name that stands in proxy.allowedHosts',
    { address },
  );
}
