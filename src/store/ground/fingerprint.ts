import type { hash } from 'node:crypto';

/** Loaded when it is first needed: that takes as long as all of `regrant status`. */
let digest: typeof hash | null = null;

/** SHA-256 of a token in hex: tells tokens apart where their bytes must not be kept. */
export const fingerprint = (token: string): string =>
  (digest ??= process.getBuiltinModule('node:crypto').hash)('sha256', token);

/** How a token is named to people: its length in characters and the first 8 hex digits of its SHA-256. */
export const tokenName = (token: string): { readonly length: number; readonly sha256: string } => ({
  length: token.length,
  sha256: fingerprint(token).slice(0, 8),
});

const known = new WeakMap<object, string>();

/** The fingerprint of an account's refresh token, computed once for each state of the account. */
export function grantKey(account: { readonly refreshToken: string }): string {
  let key = known.get(account);
  if (key === undefined) known.set(account, (key = fingerprint(account.refreshToken)));
  return key;
}
