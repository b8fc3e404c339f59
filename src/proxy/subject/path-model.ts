import { decoded } from '../http/request-target.js';

/** A model and what is asked of it, as a path names them. */
export interface PathModel {
  /** `gemini-3-flash`; of another collection than the plain one with it: `tunedModels/mine`. Empty: none is named. */
  readonly model: string;
  /** `generateContent`, …; empty for a look at the model itself. */
  readonly method: string;
}

/** A path as its meaning goes: decoded, and without the doubled slashes that Google's own SDK sends. */
export const plainPath = (path: string): string =>
  path.includes('%') || path.includes('//') ? decoded(path).replace(/\/{2,}/g, '/') : path;

/** The collections that models stand in; a project and a place may stand before, as Vertex writes it. */
const MODEL_PATH =
  /^\/v[^/]+\/(?:projects\/[^/]+\/)?(?:locations\/[^/]+\/)?(models|tunedModels|dynamic|publishers\/[^/]+\/models)\/([^/].*)$/;
/** What a model has beneath it (`tunedModels/mine/permissions`) is stored, and no call of the model. */
const BENEATH = /\/(?:permissions|operations)(?:\/|$)/;

/** The model that a path names; null: it is no path of a model. @param path - as {@link plainPath} makes it */
export function modelOfPath(path: string): PathModel | null {
  const [, collection, rest] = MODEL_PATH.exec(path) ?? [];
  if (collection === undefined || rest === undefined || BENEATH.test(rest)) return null;
  const colon = rest.lastIndexOf(':');
  const name = colon < 0 ? rest : rest.slice(0, colon);
  return { model: inCollection(collection, name), method: colon < 0 ? '' : rest.slice(colon + 1) };
}

const inCollection = (collection: string, name: string): string =>
  name === '' || collection.endsWith('models') ? name : `${collection}/${name}`;

/** A model as a body names it, called as a path's is: what only says where it stands is taken off. */
export const plainModel = (name: string): string => name.replace(/^(?:publishers\/[^/]+\/)?models\//, '');
