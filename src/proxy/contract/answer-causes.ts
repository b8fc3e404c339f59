const VERIFY = 'do what Google asks for, then press t, or c to have it asked again at once';
const ASKED_AGAIN = 'it is asked again by itself, after 15 min at first and a day at most; c asks at once';

/**
 * Why the upstream, not the token endpoint, does not serve an account, its quota project or a model of it. Nothing is
 * wrong with the grant.
 */
export const answerCauses = {
  quota_daily: {
    class: 'upstream',
    short: "the day's quota is used up",
    sentence: "A quota that counts a day is used up; Google's days end at midnight in California.",
    next: 'nothing: it is asked again then; c asks at once',
  },
  quota: {
    class: 'upstream',
    short: 'a quota is used up',
    sentence: 'Google asks to be left alone for as long as it says, or for a moment where it says nothing.',
    next: 'nothing: it is asked again then; c asks at once',
  },
  unauthorized: {
    class: 'upstream',
    short: 'a fresh access token is refused',
    sentence: 'The upstream refuses an access token that was just made, where other accounts are served.',
    next: 'press t; if that goes well and it comes back, r with a token that has the right scopes',
  },
  forbidden: {
    class: 'upstream',
    short: 'Google forbids it what it lets others do',
    sentence: 'The upstream forbade this account a request that another account was then served.',
    next: 'nothing: it is asked again by itself; c asks at once',
  },
  no_model: {
    class: 'upstream',
    short: 'it lacks a model that others have',
    sentence: 'The upstream knows no such model for this account, and served it as another one.',
    next: 'nothing: other models are served; it is asked again in an hour',
  },
  validation: {
    class: 'upstream',
    short: 'Google asks a human to verify the account',
    sentence: 'Google serves this account again once a human has verified it.',
    next: `open the link in a browser as this account; ${VERIFY}`,
  },
  scope: {
    class: 'upstream',
    short: 'the token lacks a scope',
    sentence: 'The grant does not cover a path that others are served at.',
    next: 'log in again with o, or press r and paste a token that has the scope',
  },
  project_denied: {
    class: 'upstream',
    short: 'it may not use its quota project, or that is shut',
    sentence: 'Google denies the use of the quota project: it is unknown, shut, or not open to this account.',
    next: `set token.project_id, or grant the account Service Usage Consumer there; ${ASKED_AGAIN}`,
  },
  subscription: {
    class: 'upstream',
    short: 'it has no licence for the service',
    sentence: 'The account lacks the subscription or licence that the service asks for.',
    next: `get it the licence; ${ASKED_AGAIN}`,
  },
  terms: {
    class: 'upstream',
    short: 'Google has closed the service to this account over its terms of service',
    sentence: 'Google has closed the service to this account for a violation of its terms, or suspended it.',
    next: `appeal to Google; ${ASKED_AGAIN}`,
  },
  precondition: {
    class: 'upstream',
    short: 'it is not served from here, or nobody pays',
    sentence: "A precondition that is the account's own does not hold: its country, or its billing.",
    next: `see Google's words; ${ASKED_AGAIN}`,
  },
  service_disabled: {
    class: 'upstream',
    short: 'the API is off in its quota project',
    sentence: 'The API is not enabled in the quota project.',
    next: `enable it in the Google Cloud console; ${ASKED_AGAIN}`,
  },
  billing_disabled: {
    class: 'upstream',
    short: 'nobody pays for its quota project',
    sentence: 'Billing is off in the quota project.',
    next: `enable billing in the Google Cloud console; ${ASKED_AGAIN}`,
  },
  project_gone: {
    class: 'upstream',
    short: 'its quota project is gone',
    sentence: 'The upstream finds no such quota project.',
    next: `correct or remove token.project_id in its file; ${ASKED_AGAIN}`,
  },
} as const;

export type AnswerCause = keyof typeof answerCauses;
