import { withoutTokens } from '../store/accounts/account.js';
import type { JsonObject } from '../store/ground/json.js';
import type { AccountRow } from './contract/snapshot.js';

/** An account as `regrant accounts --json` lists it: its file without tokens, with where it stands. */
export function listed(row: AccountRow, json: JsonObject | null): JsonObject {
  const standing = { state: row.state, cause: row.cause };
  if (row.state === 'unreadable')
    return { id: row.id, file: row.file, email: row.email || null, ...standing, reason: row.reason };
  return { ...withoutTokens(json ?? {}), ...standing };
}
