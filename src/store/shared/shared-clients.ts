import * as v from 'valibot';
import type { Database } from '../database/database.js';
import { isDatabaseFault, unlessAway } from '../database/database-errors.js';
import type { Listening } from '../database/listening.js';
import type { Sealing } from '../database/sealing.js';
import { byItself } from '../ground/faults.js';
import { setOwn } from '../ground/json.js';
import { Listeners } from '../ground/listeners.js';
import { oneAtATime } from '../ground/one-at-a-time.js';
import type { SharedClients } from '../settings/kept-clients.js';
import {
  apiKeyIsFree,
  checkGivenClient,
  type GivenClient,
  newApiKey,
  type Settings,
  settingsLayers,
} from '../settings/settings.js';
import { SettingsError } from '../settings/settings-error.js';
import type { SharedValues } from '../settings/shared-values.js';
import { API_KEY, CLIENT, ClientSchema, DEFAULT_CLIENT, FILL, openedSetting, sealedSetting } from './setting-cells.js';

export interface SharedClientsParts {
  readonly database: Pick<Database, 'rows' | 'run' | 'transaction' | 'channel'>;
  readonly listening: Pick<Listening, 'onTold' | 'onSecond' | 'onWhole'>;
  readonly sealing: Sealing;
  /** Path of settings.json, where everything else of the settings is. */
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
}

const RowSchema = v.object({ key: v.string(), secret: v.instance(Buffer) });

const ALL = 'select key, secret from {setting} order by key';
const SAVE =
  'insert into {setting} (key, secret) values ($1, $2) on conflict (key) do update set secret = excluded.secret';

/**
 * The OAuth clients and the API key in the database, sealed. A change is in the database before it counts, and then on
 * every box.
 */
export class ClientsInDatabase implements SharedClients {
  values: SharedValues = { oauth: { clients: {} }, proxy: { apiKey: '' } };
  /** Keys of rows that do not open, or say nothing that can be used: they count as missing, and are left as they are. */
  unreadable: readonly string[] = [];
  private readonly changes = new Listeners();
  private readonly inTurn = oneAtATime();

  private constructor(private readonly parts: SharedClientsParts) {}

  /** Reads them, makes the API key where there is none, and follows the other boxes. @throws {DatabaseAway | StatementFailed} */
  static async open(parts: SharedClientsParts): Promise<ClientsInDatabase> {
    const clients = new ClientsInDatabase(parts);
    const { listening, database, sealing } = parts;
    await database.run(FILL, sealedSetting(sealing, API_KEY, newApiKey()));
    await clients.take();
    listening.onTold((what) => {
      if (what === 'setting') byItself('taking in settings', clients.look());
    });
    listening.onSecond(() => clients.look());
    listening.onWhole(() => clients.look());
    return clients;
  }

  onChange(listener: () => void): () => void {
    return this.changes.add(listener);
  }

  async saveClient(client: GivenClient): Promise<Settings['oauth']> {
    checkGivenClient(client);
    const { file, env } = this.parts;
    const { name, id, secret } = client;
    const { oauth, proxy } = this.values;
    // what would come of it has to be allowed
    settingsLayers(file, env, { oauth: { ...oauth, clients: { ...oauth.clients, [name]: { id, secret } } }, proxy });
    await this.save(`${CLIENT}${name}`, { id, secret }, 'the OAuth client is not saved');
    return settingsLayers(file, env, this.values).settings.oauth;
  }

  async addClient({ name, id, secret }: GivenClient): Promise<void> {
    await this.save(`${CLIENT}${name}`, { id, secret }, 'the OAuth client that came with a token has to be kept there');
  }

  async saveApiKey(key: string): Promise<void> {
    apiKeyIsFree(this.parts.env);
    await this.save(API_KEY, key, 'the new API key is not kept');
  }

  private async save(key: string, value: unknown, lost: string): Promise<void> {
    const { database, sealing } = this.parts;
    try {
      await database.transaction(async (statements) => {
        await statements.run(SAVE, sealedSetting(sealing, key, value));
        await statements.run('select pg_notify($1, $2)', [database.channel, 'setting:']);
      });
      await this.inTurn(() => this.take());
    } catch (error) {
      if (!isDatabaseFault(error)) throw error;
      throw new SettingsError(`${error.message}; ${lost}`);
    }
  }

  private look(): Promise<void> {
    // it is looked again at the next second, or reconnect
    return unlessAway(this.inTurn(() => this.take()));
  }

  private async take(): Promise<void> {
    const { database, sealing } = this.parts;
    const rows = await database.rows(RowSchema, ALL);
    const read = readValues(rows.map(({ key, secret }) => [key, openedSetting(sealing, key, secret)]));
    const isNews = JSON.stringify(read.values) !== JSON.stringify(this.values);
    [this.values, this.unreadable] = [read.values, read.unreadable];
    if (isNews) this.changes.tell();
  }
}

/** @param rows - each with its JSON, parsed; undefined where it does not open */
function readValues(rows: readonly (readonly [key: string, value: unknown])[]): {
  readonly values: SharedValues;
  readonly unreadable: readonly string[];
} {
  const clients: Record<string, { readonly id: string; readonly secret: string }> = {};
  const unreadable: string[] = [];
  let [defaultClient, apiKey]: [string | null, string] = [null, ''];
  for (const [key, value] of rows) {
    const client = v.safeParse(ClientSchema, value);
    if (key.startsWith(CLIENT) && client.success) setOwn(clients, key.slice(CLIENT.length), client.output);
    else if (key === DEFAULT_CLIENT && typeof value === 'string') defaultClient = value;
    else if (key === API_KEY && typeof value === 'string') apiKey = value;
    else unreadable.push(key);
  }
  // a default that is no client of these would end every start
  const isKnown = defaultClient !== null && (defaultClient === 'default' || Object.hasOwn(clients, defaultClient));
  const oauth = isKnown && defaultClient !== null ? { clients, defaultClient } : { clients };
  return { values: { oauth, proxy: { apiKey } }, unreadable };
}
