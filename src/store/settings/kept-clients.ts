import { addOAuthClient, saveApiKey, saveOAuthClient, type GivenClient, type Settings } from './settings.js';
import type { SharedValues } from './shared-values.js';

/** Where OAuth clients and the proxy's API key are kept. */
export interface KeptClients {
  /**
   * Saves an OAuth client's id and secret.
   *
   * @returns the OAuth settings as they are from now on: the environment still overrides what is kept
   * @throws {SettingsError} what was given is not allowed, or it cannot be saved; nothing is changed then
   */
  saveClient(client: GivenClient): Promise<Settings['oauth']>;
  /** Adds an OAuth client that came along with a token. @throws {SettingsError} it cannot be saved */
  addClient(client: GivenClient): Promise<void>;
  /** Saves another API key. @throws {SettingsError} it cannot be saved, or the environment overrides it */
  saveApiKey(key: string): Promise<void>;
}

/** OAuth clients and an API key that several boxes share. */
export interface SharedClients extends KeptClients {
  readonly values: SharedValues;
  /** Calls `listener` when they have changed. */
  onChange(listener: () => void): () => void;
}

/** The clients and the key in `settings.json`. */
export const clientsInFile = (file: string, env: NodeJS.ProcessEnv): KeptClients => ({
  saveClient: (client) => atOnce(() => saveOAuthClient(file, env, client).oauth),
  addClient: ({ name, id, secret }) => atOnce(() => addOAuthClient(file, name, { id, secret })),
  saveApiKey: (key) => atOnce(() => saveApiKey(file, env, key)),
});

const atOnce = <T>(act: () => T): Promise<T> => new Promise((resolve) => resolve(act()));
