import { lifeOf } from '../../store/accounts/bounds.js';
import type { TokenAnswer } from '../../store/accounts/patches.js';
import type { Exchanged } from './google.js';

/** A good answer of the token endpoint as it goes into an account file. */
export function tokenAnswer({ body, at }: Exchanged): TokenAnswer {
  const expiresIn = lifeOf(Math.round(body.expires_in));
  return {
    accessToken: body.access_token,
    expiresIn,
    expiresAt: Math.floor(at / 1000) + expiresIn,
    tokenType: body.token_type,
    idToken: body.id_token,
  };
}

/** How long before its end a token is refreshed: what the settings say, but never more than half of its life. */
export const aheadSeconds = (wanted: number, life: number | null): number => Math.min(wanted, (life ?? Infinity) / 2);
