import { isJsonObject } from '../ground/json.js';
import type { Patch } from './patches.js';

/** Nothing that Google held against the account counts any more: its next answer says what does. */
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
