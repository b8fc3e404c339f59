import { randomBytes } from 'node:crypto';
import { setImmediate as breath } from 'node:timers/promises';
import { requestFault } from '../forward/delivery.js';
import { type ForwardingDeps, RequestContext } from '../forward/request-context.js';
import { TranslatedReply } from '../forward/translated/translated-reply.js';
import { ClientLeft, type RequestBody } from '../http/body.js';
import { headerIn } from '../http/headers.js';
import { MadeBody } from '../http/made-body.js';
import { INTERNAL_ERROR } from '../http/own-answer.js';
import { decoded } from '../http/request-target.js';
import type { ClientRequest } from '../protocols/client-request.js';
import { conversationOf } from '../protocols/gemini/conversation.js';
import { ownTrouble } from '../protocols/translation/answer/own-trouble.js';
import { type Trouble, noModel, refusedField } from '../protocols/translation/answer/trouble.js';
import { conversationKey } from '../protocols/translation/conversation-key.js';
import { answeringModel } from '../protocols/translation/models/answering-model.js';
import {
  geminiModelList,
  listedModels,
  sharedModel,
  sharedModelList,
} from '../protocols/translation/models/model-list.js';
import { servedModel, withoutPrefix } from '../protocols/translation/models/model-names.js';
import { BadRequest } from '../protocols/translation/request/bad-request.js';
import { nameAt } from '../protocols/translation/request/fields.js';
import { SignatureMemory } from '../protocols/translation/request/signatures.js';
import { type Route, type TranslatedCall, notServedHere } from '../protocols/translation/route.js';
import { SpokenProtocol } from '../protocols/translation/spoken.js';
import { groupOfMethod } from '../subject/groups.js';
import { type JsonObject, isJsonObject } from '../../store/ground/json.js';
import type { Settings } from '../../store/settings/settings.js';
import { clientJson, LARGE_BYTES } from './translating/client-json.js';
import { Gate } from './translating/gate.js';
import type { IncomingRequest } from './incoming-request.js';
import { sharedRoute } from './translating/shared-paths.js';
import { byItself } from '../../store/ground/faults.js';

export interface TranslationsDeps {
  /** What forwarding needs for requests that begin now. */
  readonly forwarding: ForwardingDeps;
  /** Returns the current settings. */
  readonly settings: () => Pick<Settings, 'models' | 'protocols'> & {
    readonly proxy: Pick<Settings['proxy'], 'maxRequestBytes'>;
  };
  /** Called when a request has a field that no translation knows, the first time for each. */
  readonly onUnknownField: (protocol: string, field: string) => void;
}

/** If a client wants the tokens of each part of a conversation counted, so many counts are asked for at a time. */
const COUNTS_AT_A_TIME = 4;
/** How many names of unknown fields are kept, so that each is reported once. */
const MOST_UNKNOWN = 1_000;
const MODELS = { method: 'GET', target: '/v1beta/models?pageSize=1000', headers: [], model: '', call: '' };
const NOT_KEPT: Trouble = {
  ...{ kind: 'none_serves', status: 503, retryAfterSeconds: 1 },
  message: 'too many large requests at once: try again in a moment',
};

/**
 * Serves requests of the translated protocols: each is translated into a Gemini request and forwarded like any other.
 */
export class Translations {
  private readonly signatures = new SignatureMemory();
  private readonly counting = new Gate(COUNTS_AT_A_TIME);
  private readonly unknown = new Set<string>();

  constructor(private readonly deps: TranslationsDeps) {}

  /** @param body - gives the client's body; not called where none is needed */
  serve(incoming: IncomingRequest, spoken: SpokenProtocol, body: () => RequestBody): void {
    const { method, path } = incoming;
    const route =
      sharedRoute(method, path) ?? spoken.speaks.route(method, path) ?? notServedHere(path, 'see GET / for what is');
    if (route.kind === 'refused') incoming.answer(spoken.troubleAnswer(route.trouble, incoming.id));
    else if (route.kind === 'models') this.models(incoming, spoken, route.model);
    else this.call(incoming, spoken, route.translate, body());
  }

  private call(
    incoming: IncomingRequest,
    spoken: SpokenProtocol,
    translate: Extract<Route, { kind: 'call' }>['translate'],
    body: RequestBody,
  ): void {
    incoming.body = body;
    body.gather((error) =>
      byItself('the translating of a request', this.translated(incoming, spoken, translate, error)),
    );
  }

  /** Never rejects. */
  private async translated(
    incoming: IncomingRequest,
    spoken: SpokenProtocol,
    translate: Extract<Route, { kind: 'call' }>['translate'],
    bodyFailure: Error | null,
  ): Promise<void> {
    try {
      if (bodyFailure !== null) throw bodyFailure;
      const trouble = await this.begin(incoming, spoken, translate);
      if (trouble !== null) incoming.answer(spoken.troubleAnswer(trouble, incoming.id));
    } catch (error) {
      if (error instanceof ClientLeft || incoming.hasLeft) return;
      incoming.answer(spoken.troubleAnswer(this.troubleOf(error), incoming.id));
    } finally {
      incoming.body?.abandon();
    }
  }

  /** @returns why no account is asked; null: one is asked @throws {BadRequest | BodyTooLarge} */
  private async begin(
    incoming: IncomingRequest,
    spoken: SpokenProtocol,
    translate: Extract<Route, { kind: 'call' }>['translate'],
  ): Promise<Trouble | null> {
    const { body, headers } = incoming;
    if (body?.replayable !== true) return NOT_KEPT;
    const encoding = headerIn(headers.forwarded, 'content-encoding')?.trim().toLowerCase() ?? '';
    const json = await clientJson(body.front(), encoding, this.deps.settings().proxy.maxRequestBytes);
    const asked = nameAt(json.model, 'model');
    const { models, protocols } = this.deps.settings();
    const name = servedModel(asked, models);
    incoming.names(name ?? withoutPrefix(asked), asked);
    if (name === null) return noModel(asked);
    const barred = incoming.enter(name);
    if (barred !== null) return ownTrouble(barred);
    const call = translate(json, {
      model: answeringModel(asked, name, this.deps.forwarding.upstream.kind),
      signatures: this.signatures,
      searchBesideTools: protocols.searchBesideTools,
      newId: () => randomBytes(9).toString('hex'),
      now: Math.floor(this.deps.forwarding.clock.now() / 1_000),
    });
    this.tellUnknown(spoken.name, call.unknown);
    if ((body.contentLength ?? 0) > LARGE_BYTES) await breath();
    const bytes = Buffer.from(JSON.stringify(call.body));
    if (!incoming.hasLeft) this.forward(incoming, spoken, { call, bytes, name, asked, json });
    return null;
  }

  private forward(incoming: IncomingRequest, spoken: SpokenProtocol, translation: Translation): void {
    const { call, bytes, name, asked, json } = translation;
    const isStream = call.answer.kind === 'stream';
    const method = isStream ? 'streamGenerateContent' : call.call;
    const request = {
      ...{ method: 'POST', model: name, call: method, headers: ['Content-Type', 'application/json'] },
      target: `/v1beta/${pathOfModel(name)}:${method}${isStream ? '?alt=sse' : ''}`,
    };
    const { forwarded } = incoming.headers;
    const conversation = (): string | null => conversationKey(forwarded, json) ?? conversationOf(bytes, name);
    const known = new SpokenProtocol(spoken.speaks, conversation);
    const reply = this.replyFor(incoming, spoken, { call, asked });
    this.run(
      incoming,
      new RequestContext(
        this.deps.forwarding,
        known,
        request,
        new MadeBody(bytes),
        incoming.response,
        incoming.startedAt,
        reply,
      ),
      call,
    );
  }

  private run(incoming: IncomingRequest, context: RequestContext, call: TranslatedCall): void {
    const forwarding = incoming.forwarded(context);
    if (call.call !== 'countTokens') {
      forwarding.run();
      return;
    }
    this.counting.enter(() => {
      if (incoming.hasLeft) this.counting.leave();
      else {
        incoming.response.once('close', () => this.counting.leave());
        forwarding.run();
      }
    });
  }

  private replyFor(
    { response, id, model }: IncomingRequest,
    spoken: SpokenProtocol,
    { call, asked }: { readonly call: Replied; readonly asked: string | null },
  ): TranslatedReply {
    const { upstream, clock, onFault } = this.deps.forwarding;
    const { answer, troubleOf } = call;
    return new TranslatedReply({
      ...{ response, answer, asked, upstream, clock, onFault, refusals: 'translated' },
      subject: { model, group: call.call === undefined ? 'other' : groupOfMethod(call.call) },
      errorAnswer: (trouble) => spoken.troubleAnswer(troubleOf?.(trouble) ?? trouble, id),
      headers: [spoken.speaks.requestIdHeader, id],
    });
  }

  /** Serves the list of models, or one model: asked of the upstream like anything else. */
  private models(incoming: IncomingRequest, spoken: SpokenProtocol, path: string | null): void {
    const { models: settings } = this.deps.settings();
    const asked = path === null ? null : decoded(path);
    const made = (list: unknown): JsonObject | null => {
      const listed = listedModels(list, settings);
      if (asked === null) return sharedModelList(listed);
      const name = servedModel(asked, settings);
      const one = listed.find(({ id }) => id === withoutPrefix(asked)) ?? listed.find(({ id }) => id === name);
      return one === undefined ? null : sharedModel({ ...one, id: asked });
    };
    const otherwise = asked === null ? undefined : noModel(asked);
    const answer = { kind: 'made', made, ...(otherwise !== undefined && { otherwise }) } as const;
    const reply = this.replyFor(incoming, spoken, { call: { answer }, asked: null });
    const { response, startedAt } = incoming;
    const context = new RequestContext(
      this.deps.forwarding,
      spoken,
      MODELS,
      new MadeBody(null),
      response,
      startedAt,
      reply,
    );
    incoming.forwarded(context).run();
  }

  /**
   * Serves Google's list of models, or one model, as the settings change it; null: the request asks for neither, or the
   * settings say nothing about models, and the upstream's answer passes unchanged.
   */
  geminiModels(
    { response, protocol, asked, method, model }: IncomingRequest,
    { target, call }: ClientRequest,
  ): TranslatedReply | null {
    if (method !== 'GET' || call !== '') return null;
    const { models: settings } = this.deps.settings();
    const isList = /^\/v1[^/]*\/models(?:\?|$)/.test(target);
    const hasSettings = settings.hidden.length > 0 || Object.keys(settings.aliases).length > 0;
    if (!(isList ? hasSettings : asked !== null)) return null;
    const made = (answer: unknown): JsonObject | null => {
      if (!isJsonObject(answer)) return null;
      return isList ? geminiModelList(answer, settings) : { ...answer, name: `models/${asked ?? ''}` };
    };
    const { upstream, clock, onFault } = this.deps.forwarding;
    return new TranslatedReply({
      ...{ response, answer: { kind: 'made', made }, asked: null, upstream, clock, onFault, refusals: 'as they are' },
      subject: { model, group: 'other' },
      errorAnswer: ({ message }) => protocol.errorAnswer({ status: 502, message }),
      headers: [],
    });
  }

  private troubleOf(error: unknown): Trouble {
    if (error instanceof BadRequest) return refusedField(error.message, error.field, error.protocolCode);
    // A body that is nested too deeply for JavaScript's stack.
    if (error instanceof RangeError) return refusedField('the body is nested too deeply', 'body', null);
    const fault = requestFault(error);
    if (fault === null) this.deps.forwarding.onFault(error);
    return ownTrouble(fault ?? INTERNAL_ERROR);
  }

  private tellUnknown(protocol: string, fields: readonly string[]): void {
    for (const field of fields) {
      const key = `${protocol} ${field.slice(0, 100)}`;
      if (this.unknown.has(key) || this.unknown.size >= MOST_UNKNOWN) continue;
      this.unknown.add(key);
      this.deps.onUnknownField(protocol, field.slice(0, 100));
    }
  }
}

/** The part of a call that its answer depends on; reading the list of models is no call. */
type Replied = Pick<TranslatedCall, 'answer' | 'troubleOf'> & Partial<Pick<TranslatedCall, 'call'>>;

interface Translation {
  readonly call: TranslatedCall;
  readonly bytes: Buffer;
  readonly name: string;
  readonly asked: string;
  /** What the client sent. */
  readonly json: JsonObject;
}

/** The path of a model; a tuned model is in a collection of its own. */
function pathOfModel(name: string): string {
  const [, collection = 'models', id = name] = /^(tunedModels)\/(.+)$/s.exec(name) ?? [];
  return `${collection}/${encodeURIComponent(id)}`;
}
