import { reason, saying } from '../words/saying.js';
import type { Saying } from '../ground/errors.js';
import type { Database } from '../database/database.js';
import { isDatabaseFault, unlessAway } from '../database/database-errors.js';
import type { LapsePart } from '../database/lapses.js';
import type { Listening } from '../database/listening.js';
import type { Sealing } from '../database/sealing.js';
import { byItself } from '../ground/faults.js';
import { Listeners } from '../ground/listeners.js';
import { oneAtATime } from '../ground/one-at-a-time.js';
import type { SharedClients } from '../settings/kept-clients.js';
import {
  apiKeyIsFree,
  checkGivenClient,
  type GivenClient,
  type Settings,
  settingsLayers,
} from '../settings/settings.js';
import { SettingsError } from '../settings/settings-error.js';
import type { SharedValues } from '../settings/shared-values.js';
import { API_KEY, CLIENT } from './setting-cells.js';
import {
  ensureApiKey,
  readSharedValues,
  saveSharedSetting,
  type SealedSettings,
  writeBackSettings,
} from './shared-settings.js';

export interface SharedClientsParts {
  readonly database: Pick<Database, 'rows' | 'run' | 'transaction' | 'channel'>;
  readonly listening: Pick<Listening, 'onTold' | 'onSecond' | 'onWhole' | 'lapses'>;
  readonly sealing: Sealing;
  /** Name of this box. */
  readonly box: string;
  /** Path of settings.json, where everything else of the settings is. */
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The OAuth clients and the API key in the database, sealed. A change is in the database before it counts, and then on
 * every box.
 */
export class ClientsInDatabase implements SharedClients {
  values: SharedValues = { oauth: { clients: {} }, proxy: { apiKey: '' } };
  /** Keys of rows that do not open, or say nothing that can be used: they count as missing, and are left as they are. */
  unreadable: readonly string[] = [];
  private sealed: SealedSettings = new Map();
  private readonly lapse: LapsePart;
  private readonly changes = new Listeners();
  private readonly inTurn = oneAtATime();

  private constructor(private readonly parts: SharedClientsParts) {
    this.lapse = parts.listening.lapses.part('setting');
  }

  /** Reads them, makes the API key where there is none, and follows the other boxes. @throws {DatabaseAway | StatementFailed} */
  static async open(parts: SharedClientsParts): Promise<ClientsInDatabase> {
    const clients = new ClientsInDatabase(parts);
    const { listening, database, sealing } = parts;
    await ensureApiKey(database, sealing);
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
    await this.save(`${CLIENT}${name}`, { id, secret }, saying('the OAuth client is not saved'));
    return settingsLayers(file, env, this.values).settings.oauth;
  }

  async addClient({ name, id, secret }: GivenClient): Promise<void> {
    await this.save(
      `${CLIENT}${name}`,
      { id, secret },
      saying('the OAuth client that came with a token has to be kept there'),
    );
  }

  async saveApiKey(key: string): Promise<void> {
    apiKeyIsFree(this.parts.env);
    await this.save(API_KEY, key, saying('the new API key is not kept'));
  }

  private async save(key: string, value: unknown, lost: Saying): Promise<void> {
    try {
      await saveSharedSetting(this.parts, this.parts.sealing, key, value);
      await this.inTurn(() => this.take());
    } catch (error) {
      if (!isDatabaseFault(error)) throw error;
      throw new SettingsError(saying('{why}; {lost}', { why: reason(error), lost }));
    }
  }

  private look(): Promise<void> {
    // it is looked again at the next second, or reconnect
    return unlessAway(this.inTurn(() => this.take()));
  }

  private async take(): Promise<void> {
    const { database, sealing } = this.parts;
    const { lapse } = this;
    // no client is ever removed: what memory knows was there
    if (lapse.isDue) lapse.mended(await writeBackSettings(this.parts, this.sealed));
    const read = await readSharedValues(database, sealing);
    await lapse.look();
    if (lapse.isDue) return this.take();
    const isNews = JSON.stringify(read.values) !== JSON.stringify(this.values);
    [this.values, this.unreadable, this.sealed] = [read.values, read.unreadable, read.sealed];
    if (isNews) this.changes.tell();
  }
}
