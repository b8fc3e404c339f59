import { type ErrorAnswer, type Trouble, type TroubleKind, retryHeaders } from '../../translation/answer/trouble.js';

interface Said {
  /** null: the status of the trouble itself. */
  readonly status: number | null;
  readonly type: string;
  readonly code: string | null;
}

const SAID: Readonly<Record<TroubleKind, Said>> = {
  bad_request: { status: null, type: 'invalid_request_error', code: null },
  too_many_tokens: { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' },
  unauthorized: { status: 401, type: 'invalid_request_error', code: 'invalid_api_key' },
  accounts_refused: { status: 503, type: 'server_error', code: null },
  forbidden: { status: 403, type: 'permission_denied', code: null },
  no_model: { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
  not_found: { status: 404, type: 'invalid_request_error', code: null },
  too_large: { status: 413, type: 'invalid_request_error', code: null },
  rate_limited: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  no_capacity: { status: 503, type: 'server_error', code: null },
  unavailable: { status: 503, type: 'server_error', code: null },
  failed: { status: null, type: 'server_error', code: null },
  none_serves: { status: 503, type: 'server_error', code: null },
};

/** An error in the shape of OpenAI's APIs, for Chat Completions and Responses alike. */
export function openAiError(trouble: Trouble): ErrorAnswer {
  const { kind, status, message, field, protocolCode } = trouble;
  const said = SAID[kind];
  return {
    status: said.status ?? status,
    headers: retryHeaders(trouble),
    body: { error: { message, type: said.type, param: field ?? null, code: protocolCode ?? said.code } },
  };
}
