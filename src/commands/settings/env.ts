import { hostAndPort } from '../../proxy/server/listen-errors.js';
import { dataDirectoryPath, prepareDirectory } from '../../store/disk/directory.js';
import { CannotRun } from '../../store/ground/errors.js';
import { loadSettings } from '../../store/settings/settings.js';
import { exit, say, type Context } from '../context.js';
import { runningSupervisor } from '../supervisor/running.js';

/**
 * `regrant env`: shell exports that point Gemini clients at the proxy. The one place that prints the API key.
 *
 * @throws {CannotRun} where the proxy will listen shows only once it does
 */
export async function env(context: Context): Promise<number> {
  const places = prepareDirectory(dataDirectoryPath(context.dataDir, context.env), context.env);
  const { proxy } = loadSettings(places.settings, context.env);
  const client = await runningSupervisor(context);
  const address = client === null ? null : (await client.request('status', [])).address;
  client?.close();
  if (address === null && proxy.port === 0) {
    throw new CannotRun(
      'NO_ADDRESS_YET',
      'the proxy takes any free port (proxy.port is 0), and nothing runs yet: start it with `regrant`, then ask again',
    );
  }
  const url = `http://${reachable(address ?? hostAndPort(proxy.host, proxy.port))}`;
  say(context.stdout, `export GEMINI_API_KEY=${quoted(proxy.apiKey)}`);
  say(context.stdout, `export GOOGLE_GEMINI_BASE_URL=${quoted(url)}`);
  if (client === null) say(context.stderr, 'note: no regrant runs on this data directory yet');
  return exit.done;
}

/** An address to listen on everywhere is none to connect to. */
const reachable = (address: string): string =>
  address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');

/** One word for any POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
