import { ownValue } from '../../store/ground/json.js';
/** Google answers with long names for the scopes that were asked for by the short names of OpenID Connect. */
const longNames: Record<string, string> = {
  email: 'https://www.googleapis.com/auth/userinfo.email',
  profile: 'https://www.googleapis.com/auth/userinfo.profile',
};

/** The wanted scopes that an answer did not grant. An answer without `scope` granted what was asked (RFC 6749 §5.1). */
export function missingScopes(wanted: readonly string[], granted: string): readonly string[] {
  if (granted.trim() === '') return [];
  const has = new Set(granted.split(/\s+/));
  return wanted.filter((scope) => !has.has(scope) && !has.has(ownValue(longNames, scope) ?? scope));
}

/** A scope as people know it: the last part of its URL. */
export const shortScope = (scope: string): string => scope.replace(/^https:\/\/www\.googleapis\.com\/auth\//, '');
