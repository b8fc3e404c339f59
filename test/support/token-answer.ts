import type { TokenAnswer } from '../../src/store/accounts/patches.js';

/** A token endpoint's answer as patches take it. */
export const tokenAnswer = (accessToken: string, idToken: string | null = null): TokenAnswer => ({
  accessToken,
  expiresIn: 3599,
  expiresAt: 1_800_000_000,
  tokenType: 'Bearer',
  idToken,
});
