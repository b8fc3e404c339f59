/** Clients of the translated protocols in front of a proxy of one test, and what its upstream answers them. */
import type { ServerResponse } from 'node:http';
import type { GeminiAnswerPart, GeminiEvent } from '../../src/proxy/protocols/translation/gemini/gemini.js';
import { API_KEY, ask, type Asked, type Got, type Proxied, reply, type UpstreamCall } from './proxy.js';

export const answerOf = (parts: readonly GeminiAnswerPart[], finishReason = 'STOP'): GeminiEvent => ({
  candidates: [{ index: 0, content: { parts }, finishReason }],
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 2, totalTokenCount: 12 },
});
export const HELLO = answerOf([{ text: 'hello' }]);
export const EMPTY = answerOf([{ text: '' }]);

export const line = (event: object): string => `data: ${JSON.stringify(event)}\r\n\r\n`;

/** Answers a call as Gemini does: as a stream where one was asked for. */
export function says(call: UpstreamCall, response: ServerResponse, ...events: readonly object[]): void {
  if (!call.url.includes('streamGenerateContent')) {
    reply(response, 200, events[0]);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(events.map(line).join(''));
}

const json = { 'content-type': 'application/json' };
export const anthropicHeaders = { ...json, 'x-api-key': API_KEY, 'anthropic-version': '2023-06-01' };
export const openAiHeaders = { ...json, authorization: `Bearer ${API_KEY}` };

/** Sends a request of the Messages API. */
export const message = (proxied: Proxied, more: object = {}, asked: Asked = {}): Promise<Got> =>
  ask(proxied, {
    ...{ path: '/v1/messages', headers: anthropicHeaders },
    body: JSON.stringify({
      model: 'gemini-3-pro',
      max_tokens: 99,
      messages: [{ role: 'user', content: 'hi' }],
      ...more,
    }),
    ...asked,
  });

/** Sends a request of Chat Completions. */
export const chat = (proxied: Proxied, more: object = {}, asked: Asked = {}): Promise<Got> =>
  ask(proxied, {
    ...{ path: '/v1/chat/completions', headers: openAiHeaders },
    body: JSON.stringify({ model: 'gemini-3-pro', messages: [{ role: 'user', content: 'hi' }], ...more }),
    ...asked,
  });

export const jsonIn = ({ text }: Got): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
/** The type of an error of the Messages API. */
export const errorTypeIn = (got: Got): unknown => (jsonIn(got).error as Record<string, unknown> | undefined)?.type;
export const errorTextIn = (got: Got): string =>
  String((jsonIn(got).error as Record<string, unknown> | undefined)?.message);
