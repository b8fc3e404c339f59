import type { AnswerCause } from '../contract/answer-causes.js';

/** How one that rests is asked again. */
export interface RestRule {
  /** `blocked`: it is out, and somebody may have to do something · `rest`: it waits, and nobody has to do anything. */
  readonly kind: 'rest' | 'blocked';
  /** What rests by it: all of an account or project · what the request was about · that model. */
  readonly of: 'all' | 'subject';
  /** How long where nothing is said of it, doubling with each further one that no success came before. */
  readonly firstSeconds: number;
  readonly mostSeconds: number;
}

const QUARTER = 900;
const DAY = 86_400;
/** Somebody has to do something at Google; nobody knows when, so it is asked for now and then. */
const blocked = { kind: 'blocked', of: 'all', firstSeconds: QUARTER, mostSeconds: DAY } as const;

/**
 * Why an account, its project or a model of it rests, with how long. The codes are the same in rows, events, metrics,
 * log and JSON.
 */
export const restCauses = {
  /** Until midnight in California; what is said else is no longer than that. */
  quota_daily: { kind: 'rest', of: 'subject', firstSeconds: DAY, mostSeconds: DAY },
  /** Two seconds: it is the one rest that a request may earn for others by being bad itself. */
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
