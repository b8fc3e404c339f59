/** Files for verbs that only read: whatever cannot be read is left out, as if it were not there. */
import { readdirSync, readFileSync } from 'node:fs';
import { isAccountFile } from '../store/accounts/accounts-folder.js';
import { isJsonObject, jsonOf, type JsonObject } from '../store/ground/json.js';

/** Names of the account files in a folder, in order. */
export function accountFilesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter(isAccountFile).sort();
  } catch {
    return [];
  }
}

/** Empty where the file holds no JSON object. */
export function objectIn(file: string): JsonObject {
  try {
    const json = jsonOf(readFileSync(file, 'utf8'));
    return isJsonObject(json) ? json : {};
  } catch {
    return {};
  }
}
