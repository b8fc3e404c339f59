import type { Trouble } from '../translation/answer/trouble.js';

/** `error` of a response that failed. */
export interface ResponseError {
  readonly code: string;
  readonly message: string;
}

/**
 * The error of a failed response. Codex decides by the code whether to try again, and reads from a rate limit's message
 * when.
 */
export function responseError({ kind, message, retryAfterSeconds }: Trouble): ResponseError {
  switch (kind) {
    case 'rate_limited': {
      const when = retryAfterSeconds === undefined ? '' : ` Please try again in ${retryAfterSeconds}s.`;
      return { code: 'rate_limit_exceeded', message: message + when };
    }
    case 'too_many_tokens':
      return { code: 'context_length_exceeded', message };
    case 'bad_request':
      return { code: 'invalid_prompt', message };
    default:
      return { code: 'server_error', message };
  }
}
