/**
 * Google's Code Assist in the simulated Google: calls of the Gemini API in an envelope, and the remaining quota of each
 * model.
 */
import type { Clock } from '../store/ground/clock.js';
import { objectOf, objectOrEmpty } from './calls.js';
import { type GeminiCall, type GeminiRules, demoModels, paceOf, route, serve } from './gemini.js';
import { invalidArgument, pathNotFound, scopeInsufficient, unauthenticated, unregisteredCaller } from './refusals.js';
import { type GoogleAnswer, jsonReply } from './reply.js';
import type { AccessGrant } from './tokens.js';
import { ownValue } from '../store/ground/json.js';

export const CODE_ASSIST = '/v1internal:';
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const DAY_MS = 86_400_000;

/** The remaining quota of a model. */
export interface QuotaLeft {
  /** 0 to 100. */
  readonly percentage: number;
  /** ms since 1970. */
  readonly resetAt: number;
}

/** Quotas by user and model; those that are not named are full. */
export class Quotas {
  readonly #left = new Map<string, Map<string, QuotaLeft>>();

  set(email: string, model: string, left: QuotaLeft): void {
    const ofUser = this.#left.get(email) ?? new Map<string, QuotaLeft>();
    this.#left.set(email, ofUser.set(model, left));
  }

  of(email: string, model: string, clock: Clock): QuotaLeft {
    return this.#left.get(email)?.get(model) ?? { percentage: 100, resetAt: clock.now() + DAY_MS };
  }
}

/** The call inside an envelope; `body` is what the Gemini API itself would have been sent. */
export function opened(path: string, body: string): Pick<GeminiCall, 'verb' | 'model' | 'project'> & { body: string } {
  const method = path.slice(CODE_ASSIST.length);
  const envelope = objectOf(body);
  const model = modelOf(method, envelope);
  const project = typeof envelope.project === 'string' && envelope.project !== '' ? envelope.project : null;
  const { verb } = route('POST', `/v1beta/models/${model ?? ''}:${method}`);
  return { verb, model, project, body: JSON.stringify(envelope.request ?? null) };
}

/**
 * The keys that each method's envelope can have; any other is refused. When tokens are counted the model is named
 * within the request.
 */
const GENERATING = ['project', 'model', 'request', 'requestId', 'user_prompt_id', 'userAgent', 'requestType'];
const names: Readonly<Record<string, readonly string[]>> = {
  generateContent: GENERATING,
  streamGenerateContent: GENERATING,
  countTokens: ['request'],
};

function modelOf(method: string, envelope: Record<string, unknown>): string | null {
  if (method !== 'countTokens') return typeof envelope.model === 'string' ? envelope.model : null;
  const { model } = objectOrEmpty(envelope.request);
  return typeof model === 'string' && model.startsWith('models/') ? model.slice('models/'.length) : null;
}

function unknownName(method: string, envelope: Record<string, unknown>): string | null {
  const known = ownValue(names, method) ?? [];
  const unknown = Object.keys(envelope).find((name) => !known.includes(name));
  // `contents` and everything else has to be within the request; so does the model when tokens are counted.
  if (unknown !== undefined || method !== 'countTokens') return unknown ?? null;
  return 'generateContentRequest' in objectOrEmpty(envelope.request) ? 'generateContentRequest' : null;
}

/** Answers as Google does. `call` is what was inside the envelope. */
export async function answerCodeAssist(
  call: GeminiCall,
  access: AccessGrant | undefined,
  rules: GeminiRules & { readonly quotas: Quotas },
): Promise<GoogleAnswer> {
  const method = call.path.slice(CODE_ASSIST.length);
  const rpc = `google.internal.cloud.code.v1internal.PredictionService.${method}`;
  if (call.headers.authorization === undefined) return unregisteredCaller();
  if (access === undefined) return unauthenticated(rpc);
  if (!access.scopes.includes(SCOPE)) return scopeInsufficient(rpc);
  if (method === 'loadCodeAssist') return jsonReply(200, loaded(access.email));
  if (method === 'fetchAvailableModels') return jsonReply(200, available(access.email, rules));
  if (call.verb === 'other') return pathNotFound(call.path);
  const unknown = unknownName(method, objectOf(call.body));
  if (unknown !== null)
    return invalidArgument(`Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`);
  if (call.project === null && call.verb !== 'countTokens')
    return invalidArgument('Request contains an invalid argument: project.');
  const pace = await paceOf(call, rules);
  const inner = opened(call.path, call.body);
  const reply = serve({ ...call, ...inner }, pace, rules.clock);
  return call.verb === 'countTokens' ? reply : enveloped(reply);
}

const loaded = (email: string): unknown => ({
  currentTier: { id: 'standard-tier', name: 'Gemini Code Assist' },
  cloudaicompanionProject: `project-of-${email.split('@')[0] ?? ''}`,
});

const available = (email: string, { quotas, clock }: GeminiRules & { readonly quotas: Quotas }): unknown => ({
  models: Object.fromEntries(
    demoModels.map((model) => {
      const { percentage, resetAt } = quotas.of(email, model, clock);
      const quotaInfo = { remainingFraction: percentage / 100, resetTime: new Date(resetAt).toISOString() };
      return [model, { displayName: model, maxTokens: 1_048_576, maxOutputTokens: 65_536, quotaInfo }];
    }),
  ),
});

/** Puts a good answer into an envelope, each event of a stream into one of its own; refusals have none. */
function enveloped(reply: GoogleAnswer): GoogleAnswer {
  if (reply === 'reset') return reply;
  if ('chunks' in reply) return { ...reply, chunks: envelopedEvents(reply.chunks) };
  return reply.status === 200 ? { ...reply, body: { response: reply.body, traceId: 'c2ltdWxhdGVk' } } : reply;
}

async function* envelopedEvents(events: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  for await (const event of events) {
    yield event.replace(/\{.*\}/, (response) => `{"response": ${response},"traceId": "c2ltdWxhdGVk"}`);
  }
}
