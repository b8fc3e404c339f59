import { isJsonObject } from '../store/ground/json.js';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** One account with its state and why: `disabled  bob@example.com  invalid_grant: …`. */
export function accountLine(account: Record<string, unknown>): string {
  const state = text(account.state);
  const why = {
    disabled: text(account.disabled_reason),
    proxy_disabled: text(account.proxy_disabled_reason) || 'by hand',
    blocked: text(account.validation_blocked_reason) || text(forbiddenReasonOf(account)),
    unreadable: text(account.reason),
  }[state];
  const who = text(account.email) || text(account.file);
  return `${state.padEnd(14)} ${who}${why === undefined || why === '' ? causeOf(account) : `  ${why.replace(/\s+/g, ' ')}`}`;
}

const forbiddenReasonOf = ({ quota }: Record<string, unknown>): unknown =>
  isJsonObject(quota) ? quota.forbidden_reason : undefined;

const causeOf = ({ cause }: Record<string, unknown>): string => (text(cause) === '' ? '' : `  ${text(cause)}`);
