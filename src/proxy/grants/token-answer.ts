import { unixSeconds, type Clock } from '../../store/clock.js';
import type { TokenAnswer } from '../../store/patches.js';
import type { Exchanged } from './google.js';

/** A good answer as it goes into an account file. */
export const tokenAnswer = ({ body }: Exchanged, clock: Clock): TokenAnswer => ({
  accessToken: body.access_token,
  expiresIn: Math.round(body.expires_in),
  expiresAt: unixSeconds(clock) + Math.round(body.expires_in),
  tokenType: body.token_type,
  idToken: body.id_token,
});

/** How long before its end a token is refreshed: what the settings say, but never more than half of its life. */
export const aheadSeconds = (wanted: number, life: number | null): number => Math.min(wanted, (life ?? Infinity) / 2);
