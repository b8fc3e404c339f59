import { type ErrorAnswer, type Trouble, type TroubleKind, retryHeaders } from '../translation/answer/trouble.js';

type Row = readonly [status: number | 'as it came', type: string];

/** The Messages API's word for each trouble: https://docs.anthropic.com/en/api/errors. */
const ROWS: Readonly<Record<TroubleKind, Row>> = {
  bad_request: ['as it came', 'invalid_request_error'],
  too_many_tokens: [400, 'invalid_request_error'],
  unauthorized: [401, 'authentication_error'],
  accounts_refused: [503, 'api_error'],
  forbidden: [403, 'permission_error'],
  no_model: [404, 'not_found_error'],
  not_found: [404, 'not_found_error'],
  too_large: [413, 'request_too_large'],
  rate_limited: [429, 'rate_limit_error'],
  no_capacity: [529, 'overloaded_error'],
  unavailable: [529, 'overloaded_error'],
  failed: ['as it came', 'api_error'],
  none_serves: [503, 'api_error'],
};

/** The body of an error, and of the event that ends a stream. */
export const errorBody = ({ kind, message }: Trouble, requestId?: string): Record<string, unknown> => ({
  type: 'error',
  error: { type: ROWS[kind][1], message },
  ...(requestId !== undefined && { request_id: requestId }),
});

/** An error as the Messages API answers it. */
export function messagesError(trouble: Trouble, requestId: string): ErrorAnswer {
  const [status] = ROWS[trouble.kind];
  return {
    status: status === 'as it came' ? trouble.status : status,
    headers: retryHeaders(trouble),
    body: errorBody(trouble, requestId),
  };
}
