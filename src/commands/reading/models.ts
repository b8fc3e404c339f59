import type { Spoken } from '../../store/ground/errors.js';
import { sideBySide, tell } from '../../store/words/tongue.js';
import { once } from 'node:events';
import http from 'node:http';
import { wholeText } from '../../proxy/transport/whole-text.js';
import { type JsonObject, jsonOf } from '../../store/ground/json.js';
import { exit, say, sayJson, type Context } from '../context.js';
import { layersNow } from '../pool/pool-settings.js';
import { withReader } from '../supervisor/supervised.js';
import { reachable } from '../supervisor/reachable.js';
import { type ServedModel, modelsIn, servedModels } from './served-models.js';

interface Known {
  readonly accounts: readonly JsonObject[];
  /** The address that the proxy listens on; null: none runs. */
  readonly address: string | null;
}

/**
 * `regrant models`: the names that clients can ask for, the accounts that serve them, and the models that aliases stand
 * for.
 */
export async function models(context: Context, { json }: { readonly json: boolean }): Promise<number> {
  const { settings } = await layersNow(context);
  const { accounts, address } = await withReader<Known>(
    context,
    async (client) => ({
      accounts: await client.request('accounts', []),
      address: (await client.request('status', [])).address,
    }),
    (supervisor) => Promise.resolve({ accounts: [...supervisor.listing()], address: null }),
  );
  const list = address === null ? null : await modelsAt(reachable(address), settings.proxy.apiKey);
  if (list === null)
    say(context.stderr, tell('note: the proxy gave no list: these are the models that quota was read for'));
  const served = servedModels(list ?? remembered(accounts), accounts, settings.models);
  if (json) sayJson(context.stdout, { models: served });
  else if (served.length === 0)
    say(context.stdout, tell('no model is known: start the proxy with `regrant`, then ask again'));
  else for (const line of linesOf(served)) say(context.stdout, line);
  return exit.done;
}

/** The models that the account files remember, where no proxy can be asked. */
const remembered = (accounts: readonly JsonObject[]): JsonObject => {
  const names = new Set(accounts.flatMap(({ quota }) => modelsIn(quota)));
  return { models: [...names].map((name) => ({ name: `models/${name}` })) };
};

/** How long the proxy may take for its list: it asks an upstream, and tries another account. */
const LIST_MS = 30_000;

/**
 * The list of models that the proxy serves; null: it does not answer with one, or not in time.
 *
 * @param mostMs - for the whole answer
 */
export async function modelsAt(address: string, key: string, mostMs = LIST_MS): Promise<unknown> {
  const signal = AbortSignal.timeout(mostMs);
  const url = `http://${address}/v1beta/models?pageSize=1000`;
  try {
    const request = http.get(url, { agent: false, headers: { 'x-goog-api-key': key }, signal });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const text = await wholeText(response);
    return response.statusCode === 200 ? jsonOf(text) : null;
  } catch {
    return null;
  }
}

function linesOf(served: readonly ServedModel[]): Spoken[] {
  const names = served.map(({ id, aliasOf }) => (aliasOf === null ? id : `${id} → ${aliasOf}`));
  const width = Math.max(...names.map((name) => name.length));
  return served.map(
    ({ accounts }, i) => sideBySide`${(names[i] ?? '').padEnd(width)}  ${accounts.join(', ') || tell('no account')}`,
  );
}
