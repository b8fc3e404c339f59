import type { AnswerCause } from '../contract/answer-causes.js';

/** How a cause makes an account rest, and for how long. */
export interface RestRule {
  /**
   * `blocked`: the account is out, and somebody may have to do something · `rest`: it only waits, and nobody has to do
   * anything.
   */
  readonly kind: 'rest' | 'blocked';
  /** What rests: everything of the account or project, or only the model and group that the request was about. */
  readonly of: 'all' | 'subject';
  /**
   * How long it rests where the answer does not say; doubled each time the cause comes again without a success in
   * between.
   */
  readonly firstSeconds: number;
  readonly mostSeconds: number;
}

const QUARTER = 900;
const DAY = 86_400;
/**
 * Somebody has to do something at Google, and it is not known when that will be, so the account is tried now and then.
 */
const blocked = { kind: 'blocked', of: 'all', firstSeconds: QUARTER, mostSeconds: DAY } as const;

/**
 * Why an account, its project or a model of it rests, and for how long. The codes are the same in rows, events,
 * metrics, log and JSON.
 */
export const restCauses = {
  /** Until midnight in California, and no longer, even if the answer says so. */
  quota_daily: { kind: 'rest', of: 'subject', firstSeconds: DAY, mostSeconds: DAY },
  /** Only two seconds: of all causes this is the one that a bad request may bring about for requests of others. */
  quota: { kind: 'rest', of: 'subject', firstSeconds: 2, mostSeconds: 60 },
  unauthorized: { kind: 'rest', of: 'all', firstSeconds: 60, mostSeconds: QUARTER },
  forbidden: { kind: 'rest', of: 'all', firstSeconds: 60, mostSeconds: 3_600 },
  no_model: { kind: 'rest', of: 'subject', firstSeconds: 3_600, mostSeconds: 3_600 },
  validation: { kind: 'blocked', of: 'all', firstSeconds: 600, mostSeconds: 600 },
  scope: blocked,
  project_denied: blocked,
  subscription: blocked,
  terms: blocked,
  precondition: blocked,
  service_disabled: blocked,
  billing_disabled: blocked,
  project_gone: blocked,
} as const satisfies Readonly<Record<AnswerCause, RestRule>>;

export type RestCause = keyof typeof restCauses;

export const isRestCause = (code: string): code is RestCause => Object.hasOwn(restCauses, code);
