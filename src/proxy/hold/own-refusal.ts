/** Why nobody can serve, as the client hears it. */
export type Refusal =
  /** All that could serve rest. */
  | { readonly kind: 'resting'; readonly text: string; readonly readyInMs: number; readonly isDaily: boolean }
  /** Whoever is out is so for a reason that passes: a pause or trouble of the token endpoint, a back-off. */
  | { readonly kind: 'passing'; readonly text: string; readonly readyInMs: number }
  /** Somebody has to do something first. */
  | { readonly kind: 'out'; readonly text: string };

/** An error of the proxy's own with what Google's clients go by. */
export interface RefusalAnswer {
  readonly status: 429 | 503;
  readonly message: string;
  /** Of google.rpc: https://google.aip.dev/193. */
  readonly details: readonly object[];
  /** Names and values in turn. */
  readonly headers: readonly string[];
}

/** So long that Google's CLI gives up on it alone, which it does from five minutes on. */
const NOT_WORTH_SECONDS = 3_600;
/** Google's CLI gives up on a quota whose id has `PerDay`. */
const DAILY_QUOTA = 'PoolRequestsPerDayPerModel';

const typeOf = (name: string): string => `type.googleapis.com/google.rpc.${name}`;

/** The answer of a request that nobody can serve. */
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
