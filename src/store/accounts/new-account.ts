import { isAccount } from './account.js';
import { isJsonObject, type JsonObject } from '../ground/json.js';
import { upsert, type Credential } from './patches.js';

/** The file of a new account. */
export const newAccount = (id: string, credential: Credential, at: number): JsonObject => ({
  id,
  email: credential.email,
  name: credential.name,
  token: {
    access_token: credential.answer.accessToken,
    refresh_token: credential.refreshToken,
    expires_in: credential.answer.expiresIn,
    expiry_timestamp: credential.answer.expiresAt,
    token_type: credential.answer.tokenType,
    email: credential.email,
    ...(credential.answer.idToken === null ? {} : { id_token: credential.answer.idToken }),
    oauth_client_key: credential.clientKey,
  },
  quota: null,
  disabled: false,
  proxy_disabled: false,
  created_at: at,
  last_used: at,
});

/**
 * The file of a new account that is imported from another program's file: everything in that file, with a verified
 * credential in place of its own and without the old credential's verdict. Null where the result would be no account
 * file.
 */
export function importedAccount(id: string, from: JsonObject, credential: Credential, at: number): JsonObject | null {
  const fresh = newAccount(id, credential, at);
  const { disabled_at: _at, disabled_reason: _reason, ...rest } = from;
  const json: JsonObject = { ...fresh, ...structuredClone(rest), id, email: credential.email, disabled: false };
  json.token = { ...(fresh.token as JsonObject), ...(isJsonObject(from.token) ? structuredClone(from.token) : {}) };
  upsert(credential).apply(json);
  return isAccount(json, id) ? json : null;
}
