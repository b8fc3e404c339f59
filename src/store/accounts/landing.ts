import type { Account } from './account.js';
import { enable, refreshed, rotate, setClient, type Patch, type TokenAnswer } from './patches.js';

/** What a token endpoint answered to a refresh token that is good. */
export interface TokenReply {
  readonly sent: string;
  /** The new refresh token; null: the old one stays. */
  readonly rotated: string | null;
  readonly answer: TokenAnswer;
  /** The client that turned out to have issued the token; null: as the account says. */
  readonly issuer: string | null;
}

/**
 * Everything that a good answer changes in an account, for one write, so that a crash leaves all of it or nothing.
 *
 * @param account - as it was when the answer came
 */
export const landingPatches = (
  { clientKey, disabled, accessToken }: Account,
  { sent, rotated, answer, issuer }: TokenReply,
): readonly Patch[] =>
  [
    issuer !== null && clientKey === null ? setClient(sent, issuer) : null,
    rotated === null ? refreshed(sent, answer, accessToken) : rotate(sent, rotated, answer),
    disabled === null ? null : enable(rotated ?? sent),
  ].filter((patch) => patch !== null);
