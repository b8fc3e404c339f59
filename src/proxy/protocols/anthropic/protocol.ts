import type { JsonObject } from '../../../store/ground/json.js';
import { type TranslatedCall, type TranslatedProtocol, notServedHere, wrongMethod } from '../translation/route.js';
import type { TranslationContext } from '../translation/translated.js';
import { countTokensBody, countTrouble, countedTokens } from './count-tokens.js';
import { messagesError } from './errors.js';
import { translatedMessages } from './request.js';

const MESSAGES = '/v1/messages';
const COUNT = '/v1/messages/count_tokens';

/** Anthropic's Messages API. */
export const anthropic: TranslatedProtocol = {
  name: 'anthropic',
  setting: 'anthropic',
  requestIdHeader: 'request-id',
  routes: [MESSAGES, COUNT],
  route(method, path) {
    if (path === MESSAGES) return method === 'POST' ? { kind: 'call', translate: answered } : wrongMethod(path, 'POST');
    if (path === COUNT) return method === 'POST' ? { kind: 'call', translate: counted } : wrongMethod(path, 'POST');
    return path.startsWith(`${MESSAGES}/`) ? notServedHere(path, `ask ${MESSAGES} or ${COUNT}`) : null;
  },
  error: messagesError,
};

function answered(body: JsonObject, context: TranslationContext): TranslatedCall {
  const { body: request, stream, thoughtsShown, unknown, writer, whole } = translatedMessages(body, context);
  const answer = stream
    ? ({ kind: 'stream', thoughtsShown, writer } as const)
    : ({ kind: 'whole', thoughtsShown, whole } as const);
  return { call: 'generateContent', body: request, unknown, answer };
}

function counted(body: JsonObject, context: TranslationContext): TranslatedCall {
  const { body: request, unknown } = translatedMessages(body, context, 'count');
  return {
    call: 'countTokens',
    body: countTokensBody(request, context.model.name),
    unknown,
    answer: { kind: 'made', made: countedTokens },
    troubleOf: countTrouble,
  };
}
