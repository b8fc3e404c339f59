/** Why no account can serve, as the client is told it. */
export type Refusal =
  /** All accounts that could serve rest. */
  | { readonly kind: 'resting'; readonly text: string; readonly readyInMs: number; readonly isDaily: boolean }
  /** The accounts are out for a reason that passes: a pause or trouble of the token endpoint, a back-off. */
  | { readonly kind: 'passing'; readonly text: string; readonly readyInMs: number }
  /** Somebody has to do something first. */
  | { readonly kind: 'out'; readonly text: string };

/** An error answer of the proxy's own, in the form that Google's clients read. */
export interface RefusalAnswer {
  readonly status: 429 | 503;
  readonly message: string;
  /** Details of types of google.rpc: https://google.aip.dev/193. */
  readonly details: readonly object[];
  /** Names and values alternating. */
  readonly headers: readonly string[];
}

/** A retry delay so long that Google's CLI gives up, which it does from five minutes on. */
const NOT_WORTH_SECONDS = 3_600;
/** A quota id that makes Google's CLI give up, as it does where the id has `PerDay`. */
const DAILY_QUOTA = 'PoolRequestsPerDayPerModel';

const typeOf = (name: string): string => `type.googleapis.com/google.rpc.${name}`;

/** The answer to a request that no account can serve. */
export function refusalAnswer(refusal: Refusal): RefusalAnswer {
  if (refusal.kind === 'out') {
    return {
      ...{ status: 503, message: refusal.text, details: [retryInfo(NOT_WORTH_SECONDS)] },
      headers: ['x-should-retry', 'false'],
    };
  }
  const seconds = Math.max(0.1, Math.ceil(refusal.readyInMs / 100) / 10);
  const isDaily = refusal.kind === 'resting' && refusal.isDaily;
  return {
    status: refusal.kind === 'resting' ? 429 : 503,
    message: `${refusal.text}. Please retry in ${seconds}s.`,
    details: [...(isDaily ? [quotaFailure(refusal.text)] : []), retryInfo(seconds)],
    headers: ['Retry-After', String(Math.max(1, Math.ceil(seconds)))],
  };
}

const retryInfo = (seconds: number): object => ({ '@type': typeOf('RetryInfo'), retryDelay: `${seconds}s` });

const quotaFailure = (description: string): object => ({
  '@type': typeOf('QuotaFailure'),
  violations: [{ subject: 'pool', quotaId: DAILY_QUOTA, description }],
});
