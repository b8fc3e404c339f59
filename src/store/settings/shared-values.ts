import { isJsonObject, type JsonObject, ownValue } from '../ground/json.js';

/** What several boxes share of the settings, in the place of what is in each one's file. */
export interface SharedValues {
  readonly oauth: {
    readonly clients: Readonly<Record<string, { readonly id: string; readonly secret: string }>>;
    readonly defaultClient?: string;
  };
  readonly proxy: { readonly apiKey: string };
}

/** Whether boxes that share a pool share this setting. @param key - its path */
export const isSharedSetting = (key: string): boolean =>
  key === 'proxy.apiKey' || key === 'oauth.defaultClient' || /^oauth\.clients(?:\.|$)/.test(key);

const sectionOf = (json: JsonObject, name: string): JsonObject => {
  const section = ownValue(json, name);
  return isJsonObject(section) ? section : {};
};

/** A file's settings with what boxes share in the place of its own. @param shared - null: the settings are this box's */
export function withShared(fromFile: JsonObject, shared: SharedValues | null): JsonObject {
  if (shared === null) return fromFile;
  const { clients: _clients, defaultClient: _default, ...oauth } = sectionOf(fromFile, 'oauth');
  const { apiKey: _key, ...proxy } = sectionOf(fromFile, 'proxy');
  return { ...fromFile, oauth: { ...oauth, ...shared.oauth }, proxy: { ...proxy, ...shared.proxy } };
}
