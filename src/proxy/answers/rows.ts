import type { RestCause } from './causes.js';
import type { Case } from './google-answer.js';
import { quotaOwnerOf } from './rate-limit.js';

/**
 * Whom an answer may be about. If another account gets the same answer it is not about the account, so some rows wait
 * for the answers of others.
 */
export type About = 'request' | 'path' | 'account' | 'project' | 'upstream' | 'stored';

/** What must be seen before an account rests for an answer. */
export type Proof =
  /** Nothing more: the answer is proof enough. */
  | 'none'
  /** That another account then serves this request. */
  | 'another_serves'
  /** That no second account is refused in the same way, since that would be about the path. */
  | 'not_the_path'
  /** That another account then serves this path, or that the path has served this account before. */
  | 'path_serves';

export interface Row {
  readonly name: string;
  /** Where the answer was observed, or is documented. */
  readonly source: string;
  readonly when: (answer: Case) => boolean;
  readonly about: About;
  readonly proof: Proof;
  /**
   * What happens next: the client gets the answer · another account is asked · one other account is asked and no more ·
   * the same account is asked again, after its project was looked up again.
   */
  readonly next: 'client' | 'another' | 'one_other' | 'project_anew';
  /** Whether the answer counts against `proxy.maxTries`, because it may be about the request or the upstream. */
  readonly usesTry: boolean;
  /** Why the account rests for it; null: it does not rest. */
  readonly cause: RestCause | null;
}

const errorInfo = 'https://cloud.google.com/apis/design/errors#error_info';
const geminiErrors = 'https://ai.google.dev/gemini-api/docs/troubleshooting';
const geminiCli = 'https://github.com/google-gemini/gemini-cli';

/** Reasons that have a row below: if an answer has one of these, its words are not looked at. */
const REASONS: ReadonlySet<string> = new Set([
  ...['VALIDATION_REQUIRED', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'USER_PROJECT_DENIED', 'SUBSCRIPTION_REQUIRED'],
  ...['TOS_VIOLATION', 'SERVICE_DISABLED', 'BILLING_DISABLED'],
  ...['MODEL_CAPACITY_EXHAUSTED', 'QUOTA_EXHAUSTED', 'RATE_LIMIT_EXCEEDED'],
]);
const isConsumer = (reason: string): boolean => reason.startsWith('CONSUMER_');
const hasReason = ({ reasons }: Case): boolean => reasons.some((reason) => REASONS.has(reason) || isConsumer(reason));

const says =
  (reason: string) =>
  ({ reasons }: Case): boolean =>
    reasons.includes(reason);
const inWords =
  (pattern: RegExp) =>
  (answer: Case): boolean =>
    !hasReason(answer) && pattern.test(answer.words);
const status = (...all: readonly number[]) => {
  const wanted = new Set(all);
  return (answer: Case): boolean => wanted.has(answer.status);
};

const own: Readonly<Record<Case['upstream'], RegExp>> = {
  gemini: /^generativelanguage\./,
  cloudcode: /(?:^|-)cloudcode-pa\.|^cloudaicompanion\./,
};

/** Whether the service that is switched off is the upstream's own; also true if none is named. */
function ownServiceIsOff(answer: Case): boolean {
  const services = answer.error.details
    .filter(({ reason }) => reason === 'SERVICE_DISABLED')
    .map(({ metadata }) => metadata.service ?? '');
  return services.some((service) => service === '' || own[answer.upstream].test(service));
}

/** The name of a project, `projects/lost-1`, or its full resource name, with nothing after it. */
const PROJECT = /^(?:\/\/[^/]+\/)?projects\/[^/]+$/;
const PROJECT_TYPE = /(?:^|[./])projects?$/i;
/** The same name in a sentence; what lies in a project goes on with a slash. */
const PROJECT_NAMED = /\bprojects\/[a-z0-9:_-]+(?:\.[a-z0-9:_-]+)*(?![a-z0-9:_/-])/;
const GONE = String.raw`(?:(?:could|can) ?not be found|(?:was |is )?not found|(?:does not|doesn't) exist|(?:was|is|has been) deleted)`;
const ID = String.raw`["'\`]?[a-z0-9][a-z0-9:._-]*["'\`]?`;
const PROJECT_WORDS = new RegExp(
  String.raw`\bprojects?(?: id| number)?[ /:]+(?:${ID} )?(?:\(or .*\) )?${GONE}|(?:not find|unknown|no such) (?:the )?(?:cloud )?project\b`,
);

const namesProject = ({ error, words }: Case): boolean =>
  error.details.some(
    ({ resourceName, resourceType }) =>
      PROJECT.test(resourceName) || (PROJECT_TYPE.test(resourceType) && resourceName !== ''),
  ) ||
  PROJECT_NAMED.test(words) ||
  PROJECT_WORDS.test(words);

/**
 * Whether a 403 or 404 is about a stored resource: Google answers for a missing file that one may not see it. An answer
 * about a model does not count.
 */
const isStored = ({ ofStored, words }: Case): boolean => ofStored && !/\bmodels\//.test(words);

const sure = { proof: 'none', next: 'another', usesTry: false } as const;
const toClient = { about: 'request', proof: 'none', next: 'client', usesTry: true, cause: null } as const;
const ofUpstream = { about: 'upstream', proof: 'none', next: 'another', usesTry: true, cause: null } as const;

/** The meaning of a 403, by its reason, else by its words. The first row that fits applies. */
const forbidden: readonly Row[] = [
  {
    name: 'a human has to verify the account',
    source: `${geminiCli} packages/core/src/utils/googleErrors.ts`,
    when: says('VALIDATION_REQUIRED'),
    ...{ ...sure, about: 'account', cause: 'validation' },
  },
  {
    name: 'the token lacks a scope',
    source: `${errorInfo}, reason ACCESS_TOKEN_SCOPE_INSUFFICIENT`,
    when: says('ACCESS_TOKEN_SCOPE_INSUFFICIENT'),
    ...{ about: 'account', proof: 'path_serves', next: 'another', usesTry: false, cause: 'scope' },
  },
  {
    name: 'the account may not use its project',
    source: `${errorInfo}, reason USER_PROJECT_DENIED`,
    when: says('USER_PROJECT_DENIED'),
    ...{ ...sure, about: 'account', cause: 'project_denied' },
  },
  {
    name: 'the account has no licence',
    source: `${geminiCli}/issues, SUBSCRIPTION_REQUIRED with (#3501)`,
    when: says('SUBSCRIPTION_REQUIRED'),
    ...{ ...sure, about: 'account', cause: 'subscription' },
  },
  {
    name: 'the account broke the terms',
    source: `${geminiCli}, TOS_VIOLATION with its appeal_url`,
    when: says('TOS_VIOLATION'),
    ...{ ...sure, about: 'account', cause: 'terms' },
  },
  {
    name: "the upstream's service is off in the project",
    source: `${errorInfo}, reason SERVICE_DISABLED`,
    when: ownServiceIsOff,
    ...{ ...sure, about: 'project', cause: 'service_disabled' },
  },
  {
    name: 'the project is shut or unknown',
    source: `${errorInfo}, reasons CONSUMER_INVALID and CONSUMER_SUSPENDED`,
    when: ({ reasons }) => reasons.some(isConsumer),
    ...{ ...sure, about: 'project', cause: 'project_denied' },
  },
  {
    name: 'nobody pays for the project',
    source: `${errorInfo}, reason BILLING_DISABLED`,
    when: says('BILLING_DISABLED'),
    ...{ ...sure, about: 'project', cause: 'billing_disabled' },
  },
  {
    name: 'the project has been denied, by words',
    source: `${geminiErrors}, "Your project has been denied access"`,
    when: inWords(/your project has been denied/),
    ...{ ...sure, about: 'project', cause: 'project_denied' },
  },
  {
    name: 'the account broke the terms, by words',
    source: `${geminiCli}/issues, "disabled in this account for violation of Terms of Service"`,
    when: inWords(/violat(?:ion|ed|es|ing)\b.*\bterms|terms of service violation|disabled in this account|suspended/),
    ...{ ...sure, about: 'account', cause: 'terms' },
  },
  {
    name: 'the account is not eligible, by words',
    source: `${geminiCli}/issues, "not eligible for Gemini Code Assist"`,
    when: inWords(/not eligible|ineligible/),
    ...{ ...sure, about: 'account', cause: 'subscription' },
  },
  {
    name: 'a stored thing is not to be seen',
    source: `${geminiErrors}, "You do not have permission to access the File … or it may not exist"`,
    // where it is known to be, others of the same project may be let in: an unknown 403 like any other
    when: (answer) => isStored(answer) && answer.atHome !== true && !hasReason(answer),
    ...{ about: 'stored', proof: 'none', next: 'another', usesTry: false, cause: null },
  },
  {
    name: 'forbidden, nobody knows why',
    source: `${geminiErrors}, 403 PERMISSION_DENIED`,
    when: () => true,
    ...{ about: 'account', proof: 'another_serves', next: 'another', usesTry: true, cause: 'forbidden' },
  },
];

const notFound: readonly Row[] = [
  {
    name: 'the project is gone',
    source: `${geminiCli}/issues, "Resource projects/… could not be found"`,
    when: (answer) => namesProject(answer) && answer.upstream === 'cloudcode',
    ...{ about: 'account', proof: 'another_serves', next: 'project_anew', usesTry: false, cause: 'project_gone' },
  },
  {
    name: 'the project is gone, and nobody can be asked for another',
    source: `${errorInfo}, ResourceInfo`,
    when: namesProject,
    ...{ about: 'account', proof: 'another_serves', next: 'another', usesTry: false, cause: 'project_gone' },
  },
  {
    name: 'a stored thing is not there',
    source: `${geminiErrors}, 404 NOT_FOUND`,
    when: isStored,
    ...{ about: 'stored', proof: 'none', next: 'another', usesTry: false, cause: null },
  },
  {
    name: 'the version of the API has no such model',
    source: `${geminiErrors}, "is not found for API version v1beta"`,
    when: ({ words }) => words.includes('for api version'),
    ...toClient,
  },
  {
    name: 'the account has no such model',
    source: `${geminiErrors}, 404 NOT_FOUND`,
    when: ({ ofModel }) => ofModel,
    ...{ about: 'account', proof: 'another_serves', next: 'another', usesTry: true, cause: 'no_model' },
  },
  { name: 'no such path', source: `${geminiErrors}, 404 NOT_FOUND`, when: () => true, ...toClient },
];

const CAPACITY =
  /overloaded|(?:no|at|out of|over|insufficient|not enough) capacity|capacity (?:is )?(?:currently )?(?:not available|unavailable)/;

const tooMany: readonly Row[] = [
  {
    name: 'the model has no capacity',
    source: `${geminiCli}/issues, MODEL_CAPACITY_EXHAUSTED`,
    when: (answer) => says('MODEL_CAPACITY_EXHAUSTED')(answer) || inWords(CAPACITY)(answer),
    ...ofUpstream,
  },
  {
    name: "a project's quota is used up",
    source: 'https://ai.google.dev/gemini-api/docs/rate-limits, PerProject in the quota id',
    when: (answer) => quotaOwnerOf(answer) === 'project',
    ...{ ...sure, about: 'project', cause: 'quota' },
  },
  {
    name: "a user's quota is used up, or somebody's",
    source: `${geminiCli}/issues, "Individual quota reached"; ${geminiErrors}, 429 RESOURCE_EXHAUSTED without details`,
    when: () => true,
    ...{ ...sure, about: 'account', cause: 'quota' },
  },
];

const within = (status: (answer: Case) => boolean, rows: readonly Row[]): readonly Row[] =>
  rows.map((row) => ({ ...row, when: (answer) => status(answer) && row.when(answer) }));

/**
 * Every answer that is not good, and whom it may be about. The first row that fits applies; the last row fits every
 * answer.
 */
export const rows: readonly Row[] = [
  {
    name: 'the account is not served from here, or nobody pays',
    source: `${geminiErrors}, 400 FAILED_PRECONDITION`,
    when: (answer) => answer.status === 400 && answer.error.status === 'FAILED_PRECONDITION' && !answer.ofStored,
    ...{ about: 'account', proof: 'another_serves', next: 'one_other', usesTry: true, cause: 'precondition' },
  },
  {
    name: 'the access token is refused',
    source: 'RFC 6750 §3.1; https://github.com/googleapis/google-cloud-node/issues, 401 on paths that take keys only',
    when: status(401),
    ...{ about: 'account', proof: 'not_the_path', next: 'another', usesTry: false, cause: 'unauthorized' },
  },
  ...within(status(403), forbidden),
  ...within(status(404), notFound),
  ...within(status(429), tooMany),
  {
    name: 'the upstream fails',
    source: `${geminiErrors}, 500, 503, 504; 499 and 529 as gateways send them`,
    when: (answer) => answer.status >= 500 || answer.status === 499,
    ...ofUpstream,
  },
  { name: 'the request is bad', source: `${geminiErrors}, 400 INVALID_ARGUMENT`, when: () => true, ...toClient },
];
