import { openAiError } from '../openai-chat/answer/errors.js';
import { answeredBy, openAiPath } from '../openai-chat/protocol.js';
import { type TranslatedProtocol, notServedHere, wrongMethod } from '../translation/route.js';
import { responsesRequest } from './request.js';

const RESPONSES = '/responses';
const translate = answeredBy(responsesRequest);

/** OpenAI's Responses; they are not stored. */
export const openAiResponses: TranslatedProtocol = {
  name: 'openai-responses',
  setting: 'openai',
  requestIdHeader: 'x-request-id',
  routes: ['/v1/responses'],
  route(method, path) {
    const asked = openAiPath(path);
    if (asked === RESPONSES) return method === 'POST' ? { kind: 'call', translate } : wrongMethod(path, 'POST');
    return asked?.startsWith(`${RESPONSES}/`) === true
      ? notServedHere(path, 'responses are not kept; send the whole conversation to POST /v1/responses')
      : null;
  },
  error: openAiError,
};
