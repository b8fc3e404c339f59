import { ownText } from '../../store/ground/text/own-text.js';
import { modelInBody } from './body-model.js';
import { type Group, groupByBody, groupOfMethod, isLive } from './groups.js';
import { modelOfPath, plainModel, plainPath } from './path-model.js';

/** What a request is about, as far as it matters for quotas and models. */
export interface Subject {
  /** `gemini-3-flash`, `tunedModels/mine`; empty where it cannot be told. */
  readonly model: string;
  readonly group: Group;
}

/** A request, as far as its subject depends on it. */
export interface SubjectSource {
  readonly method: string;
  /** As the client sent it, without the query. */
  readonly path: string;
  /** The buffered body, read only where the path names no model; null: it is not buffered. */
  readonly body: () => Buffer | null;
}

/** A call of Code Assist: its body names the model beside the request that it wraps. */
const OWN_CALL = /^\/v\d+internal:(\w+)$/;

/** Methods whose body may be a request with a `model`. */
const BODY_METHODS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** The model and the group that a request is about: by its path, else by the `model` of its body. */
export function subjectOf({ method, path, body }: SubjectSource): Subject {
  const plain = plainPath(path);
  const named = modelOfPath(plain);
  if (named !== null) return { model: nameFrom(path, named.model), group: groupOfMethod(named.method) };
  if (isLive(plain)) return { model: '', group: 'generate' };
  const call = OWN_CALL.exec(plain)?.[1];
  const group = call === undefined ? groupByBody(plain) : groupOfMethod(call);
  if (group === null) return { model: '', group: 'other' };
  return { model: BODY_METHODS.has(method) ? modelOfBody(body()) : '', group: method === 'GET' ? 'other' : group };
}

/** The longest name of a model: only a client that means to fill the memory asks for a longer one. */
const LONGEST_NAME = 512;

/** The name without its path where that is long: the name is kept in counts and rests long after the request. */
const nameFrom = (path: string, name: string): string =>
  path.length > LONGEST_NAME ? ownText(name.slice(0, LONGEST_NAME)) : name;

const modelOfBody = (body: Buffer | null): string => (body === null ? '' : plainModel(modelInBody(body)));
