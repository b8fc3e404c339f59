import { isJsonObject } from '../ground/json.js';
import type { Patch } from './patches.js';

/**
 * Clears every block that Google put on the account (validation, forbidden); Google's next answer tells whether there
 * still is one.
 */
export const liftBlock = (): Patch => ({
  name: 'liftBlock',
  apply(json) {
    if (json.validation_blocked === true) {
      json.validation_blocked = false;
      delete json.validation_blocked_until;
      delete json.validation_blocked_reason;
      delete json.validation_url;
    }
    if (!isJsonObject(json.quota) || json.quota.is_forbidden !== true) return;
    json.quota.is_forbidden = false;
    delete json.quota.forbidden_reason;
  },
});
