import type { AskDeps } from './ask-origins.js';
import type { AccessTokens } from '../grants/access-tokens.js';
import type { Member } from '../pool/member.js';
import type { Metrics } from '../reports/metrics.js';
import type { Pool } from '../pool/pool.js';
import type { StoredResources } from '../protocols/gemini/stored-resources.js';

/** What a request asks of the pool. */
export type ServingPool = Pick<
  Pool,
  'pick' | 'pickOf' | 'isSticky' | 'hasOther' | 'begin' | 'end' | 'cool' | 'forbid' | 'permit' | 'shortage'
>;

/** Where a request gets an account's access token. */
export type ServingTokens = Pick<AccessTokens, 'forRequest' | 'isGood' | 'afterUnauthorized'>;

export interface ForwardingDeps extends AskDeps {
  readonly pool: ServingPool;
  readonly tokens: ServingTokens;
  readonly metrics: Metrics;
  /** Finds out and keeps the quota project of an account that has none yet; rejects where nobody says. */
  readonly projects: (member: Member, accessToken: string) => Promise<string>;
  readonly resources: StoredResources;
  /** `proxy.maxTries`: upstream answers asked for at most. */
  readonly maxTries: number;
  /** Called with what should never happen: an error of this program. */
  readonly onFault: (error: unknown) => void;
}
