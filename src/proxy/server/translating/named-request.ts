import { isPlain } from '../../http/content-encoding.js';
import { headerIn, withoutHeader } from '../../http/headers.js';
import type { OwnError } from '../../http/own-answer.js';
import type { ClientRequest } from '../../protocols/client-request.js';
import type { ModelCall } from '../../protocols/protocol.js';
import {
  type CarriedModels,
  carriedModels,
  namedOnceMore,
  sessionModels,
} from '../../protocols/gemini/carried-models.js';
import type { ModelSettings } from '../../protocols/translation/models/model-names.js';
import { BodyModels } from './body-models.js';
import { hiddenModel, renamed } from './renamed-model.js';

/** A request that came in, as far as its models matter. */
export interface NamingRequest {
  readonly method: string;
  readonly line: ModelCall;
  readonly headers: { readonly hasBody: boolean };
  /** The headers for the upstream. */
  readonly forwardedHeaders: readonly string[];
  readonly key: { readonly name: string } | null;
  /** Whether its key may use some models only. */
  readonly isOfFewModels: boolean;
  /** Why its key may not use a model; null: it may. */
  refusalOf(model: string): OwnError | null;
  /** Notes the model that will be asked, and the client's name for it. */
  names(model: string, asked: string): void;
  /** Notes a model that the body names, unless the path names one. */
  namesInBody(model: string, asked: string): void;
  /** Has the body decoded if it is compressed. */
  unpack(): void;
}

/** A Gemini API request whose models are those that the settings mean. */
export interface NamedRequest {
  readonly request: ClientRequest;
  /** null: its body names none, or nothing is said about any. */
  readonly models: BodyModels | null;
}

/** Puts the models that the settings mean in the place of the client's names, in the path and in the body. */
export function namedRequest(
  incoming: NamingRequest,
  target: string,
  kind: 'gemini' | 'cloudcode',
  settings: ModelSettings,
): NamedRequest | OwnError {
  if (kind === 'cloudcode') {
    incoming.unpack();
    // it goes into an envelope, which cannot be put around packed bytes
    const coding = incoming.headers.hasBody ? codingOf(incoming) : '';
    if (!isPlain(coding)) return unreadable(coding);
  }
  const { method, line } = incoming;
  const { model, call } = line;
  const named = { method, target, headers: incoming.forwardedHeaders, model, call, client: incoming.key?.name };
  const isSaid = saysSomething(settings);
  // a name without a prefix means itself then
  const request = model === '' || (!isSaid && !model.includes('/')) ? named : renamed(named, settings);
  if (request === null) return hiddenModel(model);
  const isRenamed = request !== named;
  if (isRenamed) incoming.names(request.model, model);
  if (!incoming.headers.hasBody || !(isRenamed || isSaid || incoming.isOfFewModels)) return { request, models: null };
  const carried = carriedModels(request) ?? (isRenamed ? namedOnceMore : null);
  if (carried === null) return { request, models: null };
  incoming.unpack();
  const headers = incoming.forwardedHeaders;
  const coding = codingOf(incoming);
  // what cannot be read might name a model that is hidden, or not for this key
  if (!isPlain(coding)) return unreadable(coding);
  const models = bodyModels(incoming, carried, settings);
  if (isRenamed) models.inPath(request.model, model);
  // an answer in which names are given back must not come compressed
  return {
    request: { ...request, headers: carried.isEchoed ? withoutHeader(headers, 'accept-encoding') : headers },
    models,
  };
}

const codingOf = ({ forwardedHeaders }: NamingRequest): string =>
  headerIn(forwardedHeaders, 'content-encoding')?.trim().toLowerCase() ?? '';

const unreadable = (coding: string): OwnError => ({
  status: 400,
  message: `content-encoding ${coding.slice(0, 40)} is not known here: send the body as it is`,
});

/** The models of a Live session, which its first message names; null: nothing is said about any. */
export const modelsOfSession = (incoming: NamingRequest, settings: ModelSettings): BodyModels | null =>
  incoming.isOfFewModels || saysSomething(settings) ? bodyModels(incoming, sessionModels, settings) : null;

const bodyModels = (incoming: NamingRequest, { places }: CarriedModels, settings: ModelSettings): BodyModels =>
  new BodyModels(places, {
    settings,
    refusalOf: (served) => incoming.refusalOf(served),
    onModel: (served, asked) => incoming.namesInBody(served, asked),
  });

/** Whether the settings change or hide any model. */
function saysSomething({ aliases, hidden }: ModelSettings): boolean {
  if (hidden.length > 0) return true;
  // not by a list of its keys, since this is asked for every request
  for (const alias in aliases) if (Object.hasOwn(aliases, alias)) return true;
  return false;
}
