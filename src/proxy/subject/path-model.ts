import { decoded } from '../http/request-target.js';

/** A model and the method called on it, as a path names them. */
export interface PathModel {
  /** `gemini-3-flash`; in a collection other than `models` with that: `tunedModels/mine`. Empty: none is named. */
  readonly model: string;
  /** `generateContent`, …; empty where the path is only the model's. */
  readonly method: string;
}

/** A path as Google reads it: decoded, and without the doubled slashes that Google's own SDK sends. */
export const plainPath = (path: string): string =>
  path.includes('%') || path.includes('//') ? decoded(path).replace(/\/{2,}/g, '/') : path;

/** The collections that have models; a project and a location may come before, as Vertex writes them. */
const MODEL_PATH =
  /^\/v[^/]+\/(?:projects\/[^/]+\/)?(?:locations\/[^/]+\/)?(models|tunedModels|dynamic|publishers\/[^/]+\/models)\/([^/].*)$/;
/** Resources below a model (`tunedModels/mine/permissions`): a request for one is no call of the model. */
const BENEATH = /\/(?:permissions|operations)(?:\/|$)/;

/** The model that a path names; null: the path names none. @param path - as {@link plainPath} makes it */
export function modelOfPath(path: string): PathModel | null {
  const [, collection, rest] = MODEL_PATH.exec(path) ?? [];
  if (collection === undefined || rest === undefined || BENEATH.test(rest)) return null;
  const colon = rest.lastIndexOf(':');
  const name = colon < 0 ? rest : rest.slice(0, colon);
  return { model: inCollection(collection, name), method: colon < 0 ? '' : rest.slice(colon + 1) };
}

const inCollection = (collection: string, name: string): string =>
  name === '' || collection.endsWith('models') ? name : `${collection}/${name}`;

/** A model that a body names, in the form that paths use: prefixes that only say where the model is are taken off. */
export const plainModel = (name: string): string => name.replace(/^(?:publishers\/[^/]+\/)?models\//, '');
