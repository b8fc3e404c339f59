import type { Clock } from '../../store/ground/clock.js';
import type { Store } from '../../store/open.js';
import { NamedKeys } from '../clients/client-keys.js';
import { KeyDesk } from '../clients/key-desk.js';
import { KeyGate } from '../clients/key-gate.js';
import { KeyLimits, type LimitReached } from '../clients/key-limits.js';
import { UsageBook } from '../reports/usage.js';
import { messageOf } from '../../store/ground/errors.js';
import { Listeners } from '../../store/ground/listeners.js';
import type { Logger } from '../../store/records/log.js';

/** Everything about clients: their keys, the rules of each, and what each used. */
export interface ClientSide {
  readonly gate: KeyGate;
  readonly keys: KeyDesk;
  readonly limits: KeyLimits;
  readonly usage: UsageBook;
  /** Returns the present `proxy.apiKey`. */
  readonly apiKey: () => string;
  /** Takes another `proxy.apiKey` from the settings. */
  readonly takeApiKey: (key: string) => void;
  /** Reads the keys again. @returns why the former keys stay in effect; null: they do not */
  readonly reload: () => string | null;
  /** Why the keys that are saved now are not in effect; null: they are. */
  readonly trouble: () => string | null;
  /** Calls `listener` when there is another `trouble`, or none any more. */
  onTrouble(listener: (trouble: string | null) => void): void;
  /** Counts usage, and follows what others do to the keys. */
  start(): void;
  /** Calls `listener` once for each key, limit and period in which it is reached. */
  onLimit(listener: (reached: LimitReached) => void): () => void;
  /** Writes what was used, and then no more unless `usage` is started again. */
  pause(): Promise<void>;
  /** Does not follow the keys any more. */
  stopFollowing(): void;
}

/** The key desk reads the keys and gives them to the gate. @throws {SettingsError} they cannot be read */
export function createClientSide(store: Store, clock: Clock): ClientSide {
  const { logger } = store.log;
  const now = (): number => clock.now();
  let { apiKey } = store.settings.proxy;
  const usage = usageBook(store, clock);
  const limits = new KeyLimits({ tokens: usage, now, state: store.state });
  limits.onReached(({ key, kind, period, text }) =>
    logger.info({ key, limit: kind, period }, `Client keys: ${text}, and gets 429 until that is over`),
  );
  const gate = new KeyGate(new NamedKeys(apiKey, new Map(), now), limits, clock);
  const keys = new KeyDesk({
    ...{ store: store.keys, gate, limits, usage, clock, apiKey: () => apiKey },
    saveApiKey: async (key) => void (apiKey = await savedApiKey(store, key)),
    log: (text) => logger.info(text),
  });
  const { reload, trouble, onTrouble } = reloading(keys, logger);
  let stopFollowing = (): void => undefined;
  const pause = (): Promise<void> => {
    limits.save();
    return usage.close();
  };
  return {
    ...{ gate, keys, limits, usage, reload, pause, trouble, onTrouble },
    ...{ onLimit: (listener) => limits.onReached(listener), apiKey: () => apiKey },
    takeApiKey: (key) => {
      apiKey = key;
      reload();
    },
    start: () => {
      usage.start();
      stopFollowing = store.keys.follow(() => void reload());
    },
    stopFollowing: () => {
      stopFollowing();
      gate.close();
    },
  };
}

/** @returns the key, which is saved now. @throws {CannotRun} the directory is not this process's any more */
async function savedApiKey({ clients, lock }: Store, key: string): Promise<string> {
  await lock.prove();
  await clients.saveApiKey(key);
  return key;
}

const usageBook = ({ settings, usage: store, log: { logger } }: Store, clock: Clock): UsageBook =>
  new UsageBook({ store, clock, logger, keepDays: () => settings.usage.keepDays });

/** Reads the keys again; where the file is wrong or gone, the former keys stay in effect. */
function reloading(keys: KeyDesk, logger: Logger): Pick<ClientSide, 'reload' | 'trouble' | 'onTrouble'> {
  const changes = new Listeners<[trouble: string | null]>();
  let trouble: string | null = null;
  const reload = (): string | null => {
    const before = trouble;
    try {
      keys.reload();
      trouble = null;
    } catch (error) {
      trouble = `The client keys stay as they were: ${messageOf(error)}`;
      logger.error(trouble);
    }
    if (trouble !== before) changes.tell(trouble);
    return trouble;
  };
  return { reload, trouble: () => trouble, onTrouble: (listener) => void changes.add(listener) };
}
