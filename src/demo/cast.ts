/** The accounts of the demo: six, each there to show one thing. */
import { randomUUID } from 'node:crypto';
import { newRefreshToken } from './tokens.js';

export interface Player {
  readonly id: string;
  readonly email: string;
  readonly projectId: string;
  /** The grant that the demo starts with. */
  readonly refreshToken: string;
  /** The token to paste when that grant is dead. It is no secret: it is good only in the simulated Google. */
  readonly newToken: string;
  /** Seconds until the first access token ends. */
  readonly accessEndsIn: number;
  /** Seconds until the grant itself ends, where Google says so. */
  readonly grantEndsIn?: number;
  readonly quotaPercent: number;
  readonly ageDays: number;
  readonly proxyDisabledDays?: number;
}

const player = (
  name: string,
  email: string,
  parts: Omit<Player, 'id' | 'email' | 'refreshToken' | 'newToken'>,
): Player => ({
  id: randomUUID(),
  email,
  refreshToken: newRefreshToken(),
  newToken: `demo-new-token-for-${name}`,
  ...parts,
});

/**
 * Makes the accounts, new ones at each start.
 *
 * @param refreshAheadSeconds - how long before the end of an access token regrant fetches the next one
 */
export function makeCast(refreshAheadSeconds: number) {
  return {
    anna: player('anna', 'anna@example.com', { projectId: 'p-101', accessEndsIn: 2472, quotaPercent: 82, ageDays: 61 }),
    ben: player('ben', 'ben.long.name@corp.example', {
      projectId: 'p-102',
      accessEndsIn: refreshAheadSeconds + 40,
      quotaPercent: 61,
      ageDays: 12,
    }),
    /** Due for a refresh a few seconds after the start; its grant will end by itself. */
    choi: player('choi', 'choi@example.com', {
      projectId: 'p-103',
      accessEndsIn: refreshAheadSeconds + 3,
      grantEndsIn: 162_000,
      quotaPercent: 40,
      ageDays: 5,
    }),
    /** Its project runs out of quota now and then. */
    dora: player('dora', 'dora@example.com', { projectId: 'p-118', accessEndsIn: 3310, quotaPercent: 9, ageDays: 30 }),
    finn: player('finn', 'finn@example.com', {
      projectId: 'p-105',
      accessEndsIn: 1339,
      quotaPercent: 99,
      ageDays: 90,
      proxyDisabledDays: 3,
    }),
    /** The first whose grant dies. */
    kim: player('kim', 'kim.ops@example.com', {
      projectId: 'p-106',
      accessEndsIn: 2213,
      quotaPercent: 70,
      ageDays: 43,
    }),
  };
}

export type Cast = ReturnType<typeof makeCast>;

/**
 * The player's account file.
 *
 * @param accessToken - one that the simulated Google knows
 * @param nowSeconds - unix seconds
 */
export function accountFile(player: Player, accessToken: string, nowSeconds: number): object {
  const day = 86_400;
  return {
    id: player.id,
    email: player.email,
    name: player.email.split('@')[0],
    token: {
      access_token: accessToken,
      refresh_token: player.refreshToken,
      expires_in: 3599,
      expiry_timestamp: nowSeconds + player.accessEndsIn,
      token_type: 'Bearer',
      email: player.email,
      project_id: player.projectId,
      oauth_client_key: 'default',
    },
    quota: {
      models: [
        {
          name: 'gemini-2.5-pro',
          percentage: player.quotaPercent,
          reset_time: new Date((nowSeconds + day / 2) * 1000).toISOString(),
        },
      ],
      last_updated: nowSeconds,
    },
    disabled: false,
    proxy_disabled: player.proxyDisabledDays !== undefined,
    ...(player.proxyDisabledDays !== undefined && {
      proxy_disabled_at: nowSeconds - player.proxyDisabledDays * day,
      proxy_disabled_reason: 'by hand',
    }),
    created_at: nowSeconds - player.ageDays * day,
    last_used: nowSeconds - (player.proxyDisabledDays ?? 0) * day - 60,
  };
}
