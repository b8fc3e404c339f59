/** The Gemini API of the simulated Google. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../store/ground/clock.js';
import {
  invalidArgument,
  modelNotFound,
  pathNotFound,
  quotaProjectMissing,
  scopeInsufficient,
  unauthenticated,
  unregisteredCaller,
} from './refusals.js';
import { type GoogleAnswer, jsonReply } from './reply.js';
import type { AccessGrant } from './tokens.js';

/** One request to the API, as it came in. */
export interface GeminiCall {
  /** ms since 1970. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** The query with its `?`; empty where there is none. */
  readonly search: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly verb: GeminiMethod;
  readonly model: string | null;
  /** The user of its access token; null where the token is unknown or expired. */
  readonly email: string | null;
  /** The grant that the access token came from. */
  readonly refreshToken: string | null;
  /** `x-goog-user-project`. */
  readonly project: string | null;
}

export type GeminiMethod =
  'generateContent' | 'streamGenerateContent' | 'countTokens' | 'listModels' | 'getModel' | 'other';

/** How long answers take, in ms. Without a pace everything is answered at once. */
export interface Pace {
  readonly firstByteMs: number;
  readonly chunkMs: number;
}

export interface GeminiRules {
  readonly clock: Clock;
  readonly pace: ((call: GeminiCall) => Pace) | undefined;
  /**
   * `required`: 403 without `x-goog-user-project`. `client`: where none is named, the quota of the OAuth client's own
   * project is used.
   */
  readonly quotaProject: 'required' | 'client';
  /** The answer to a request for a stored resource; null: the request is for something else. */
  readonly stored?: () => GoogleAnswer | null;
}

export const demoModels = [
  'gemini-2.5-pro',
  'gemini-2.5-flash',
  'gemini-2.5-flash-lite',
  'gemini-3-flash',
  'gemini-3-pro',
];

/** The scopes of which a call needs one; cloud-platform alone is not enough. */
const geminiScopes = [
  'https://www.googleapis.com/auth/generative-language',
  'https://www.googleapis.com/auth/generative-language.retriever',
  'https://www.googleapis.com/auth/generative-language.tuning',
];

const rpcService = 'google.ai.generativelanguage.v1beta.';
const rpcNames: Record<GeminiMethod, string> = {
  generateContent: 'GenerativeService.GenerateContent',
  streamGenerateContent: 'GenerativeService.StreamGenerateContent',
  countTokens: 'GenerativeService.CountTokens',
  listModels: 'ModelService.ListModels',
  getModel: 'ModelService.GetModel',
  other: 'GenerativeService.Unknown',
};

/** What a path asks for: the method and the model. */
export function route(method: string, path: string): { verb: GeminiMethod; model: string | null } {
  const found = /^\/v1(?:beta)?\/models(?:\/([^/:]+)(?::(\w+))?)?$/.exec(path);
  if (!found) return { verb: 'other', model: null };
  const [, model, verb] = found;
  if (method === 'GET') return { verb: model === undefined ? 'listModels' : 'getModel', model: model ?? null };
  const known = verb === 'generateContent' || verb === 'streamGenerateContent' || verb === 'countTokens';
  return { verb: known && method === 'POST' ? verb : 'other', model: model ?? null };
}

/** Answers as Google does: credentials first, then scope, then the quota project, then the request itself. */
export async function answerGemini(
  call: GeminiCall,
  access: AccessGrant | undefined,
  rules: GeminiRules,
): Promise<GoogleAnswer> {
  const rpc = rpcService + rpcNames[call.verb];
  if (call.headers.authorization === undefined) return unregisteredCaller();
  if (access === undefined) return unauthenticated(rpc);
  if (!access.scopes.some((scope) => geminiScopes.includes(scope))) return scopeInsufficient(rpc);
  if (call.project === null && rules.quotaProject === 'required') return quotaProjectMissing();
  return rules.stored?.() ?? serve(call, await paceOf(call, rules), rules.clock);
}

/** Waits until the first byte is due. */
export async function paceOf(call: GeminiCall, rules: GeminiRules): Promise<Pace> {
  const pace = rules.pace?.(call) ?? { firstByteMs: 0, chunkMs: 0 };
  if (pace.firstByteMs > 0) await rules.clock.wait(pace.firstByteMs);
  return pace;
}

/** Answers a call that has passed the checks. */
export function serve(call: GeminiCall, pace: Pace, clock: Clock): GoogleAnswer {
  const model = call.model ?? '';
  if (call.verb === 'other') return pathNotFound(call.path);
  if (call.verb === 'listModels') return jsonReply(200, { models: demoModels.map(describe) });
  if (!demoModels.includes(model))
    return modelNotFound(model, call.verb === 'getModel' ? 'generateContent' : call.verb);
  if (call.verb === 'getModel') return jsonReply(200, describe(model));
  const asked = promptTokens(call.body);
  if (typeof asked === 'string') return invalidArgument(asked);
  if (call.verb === 'countTokens') {
    return jsonReply(200, { totalTokens: asked, promptTokensDetails: [{ modality: 'TEXT', tokenCount: asked }] });
  }
  if (call.verb === 'generateContent') return jsonReply(200, generated(model, asked, phrases.join(''), 'last'));
  const sse = new URLSearchParams(call.search).get('alt') === 'sse';
  const parts = phrases.map((text, at) => generated(model, asked, text, at === phrases.length - 1 ? 'last' : 'more'));
  return {
    status: 200,
    headers: sse
      ? { 'content-type': 'text/event-stream', 'content-disposition': 'attachment' }
      : { 'content-type': 'application/json; charset=UTF-8' },
    chunks: paced(parts.map(sse ? asEvent : asElement), pace.chunkMs, clock),
  };
}

const asEvent = (part: unknown): string => `data: ${JSON.stringify(part)}\r\n\r\n`;
const asElement = (part: unknown, at: number, all: readonly unknown[]): string =>
  `${at === 0 ? '[' : ',\r\n'}${JSON.stringify(part)}${at === all.length - 1 ? ']' : ''}`;

async function* paced(chunks: readonly string[], gapMs: number, clock: Clock): AsyncGenerator<string> {
  for (const [at, chunk] of chunks.entries()) {
    if (at > 0 && gapMs > 0) await clock.wait(gapMs);
    yield chunk;
  }
}

const phrases = [
  'A refresh token',
  ' is a promise that',
  ' its owner can take back',
  ' at any time.',
  ' Until then it buys',
  ' an hour at a time.',
];

function generated(model: string, promptTokenCount: number, text: string, place: 'more' | 'last'): unknown {
  const candidatesTokenCount = Math.ceil(text.length / 4);
  return {
    candidates: [
      { content: { parts: [{ text }], role: 'model' }, ...(place === 'last' && { finishReason: 'STOP' }), index: 0 },
    ],
    usageMetadata: {
      promptTokenCount,
      candidatesTokenCount,
      totalTokenCount: promptTokenCount + candidatesTokenCount,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokenCount }],
    },
    modelVersion: model,
    responseId: 'c2ltdWxhdGVk',
  };
}

/** The number of tokens of a prompt, at about four characters a token; a text says why the body is no request. */
function promptTokens(body: string): number | string {
  let asked: unknown;
  try {
    asked = JSON.parse(body);
  } catch {
    return 'Invalid JSON payload received. Unexpected token.';
  }
  const contents = typeof asked === 'object' && asked !== null && 'contents' in asked ? asked.contents : undefined;
  if (!Array.isArray(contents) || contents.length === 0) {
    return '* GenerateContentRequest.contents: contents is not specified\n';
  }
  return Math.max(1, Math.ceil(JSON.stringify(contents).length / 8));
}

const describe = (model: string): unknown => ({
  name: `models/${model}`,
  version: '001',
  displayName: model.replaceAll('-', ' ').replace('gemini', 'Gemini'),
  description: 'A simulated model',
  inputTokenLimit: 1_048_576,
  outputTokenLimit: 65_536,
  supportedGenerationMethods: ['generateContent', 'countTokens'],
  temperature: 1,
  topP: 0.95,
  topK: 64,
  maxTemperature: 2,
});
