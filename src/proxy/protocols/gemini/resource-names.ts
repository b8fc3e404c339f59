import { decoded } from '../../http/request-target.js';
import { plainPath } from '../../subject/path-model.js';

/**
 * What the Gemini API stores for a caller under a name: `files/abc`, `cachedContents/abc`, … It belongs to the quota
 * project of the account that made it; no other project can see it.
 */
const COLLECTIONS = [
  ...['files', 'generatedFiles', 'cachedContents', 'batches', 'operations', 'interactions', 'agents'],
  ...['fileSearchStores', 'corpora', 'auth_tokens', 'tunedModels'],
] as const;
const collections: ReadonlySet<string> = new Set(COLLECTIONS);

const inPath = new RegExp(`/(${COLLECTIONS.join('|')})(?=/([^/:?]+))`, 'g');
const anyInPath = new RegExp(`/(?:${COLLECTIONS.join('|')})(?:[/:]|$)`);

/** Calls of a model that store nothing. */
const PASSING: ReadonlySet<string> = new Set([
  'generateContent',
  'streamGenerateContent',
  'countTokens',
  'embedContent',
  'batchEmbedContents',
  'predict',
]);

export const pathOf = (target: string): string => target.split('?', 1)[0] ?? target;

/**
 * The stored resources that a path names, outermost first, decoded. A collection's name directly after itself is no
 * resource.
 */
export const namesInPath = (target: string): readonly string[] =>
  [...plainPath(pathOf(target)).matchAll(inPath)].flatMap(([, kind = '', id = '']) =>
    collections.has(id) ? [] : [`${kind}/${id}`],
  );

/** A request, as far as it shows what it stores. */
export interface StoringRequest {
  readonly method: string;
  readonly target: string;
  /** The method called on a model; empty: none. */
  readonly call: string;
}

/** Whether the answer to such a request may name stored resources. */
export function mayStore({ method, target, call }: StoringRequest): boolean {
  if (call !== '') return method === 'POST' && !PASSING.has(call);
  return anyInPath.test(plainPath(pathOf(target)));
}

/** Calls of a model that make a batch. */
const BATCHES: ReadonlySet<string> = new Set(['batchGenerateContent', 'asyncBatchEmbedContent']);
const MADE_AT =
  /^\/(?:(?:resumable\/)?upload\/)?v\d[^/]*\/(?:files|cachedContents|batches|interactions|fileSearchStores)(?::\w+)?$/;

/** Whether such a request makes what later requests may name: an upload, cache, interaction, batch, file search store. */
export function makesStored({ method, target, call }: StoringRequest): boolean {
  if (method !== 'POST' || (call !== '' && !BATCHES.has(call)) || uploadOf(target) !== null) return false;
  return call !== '' || MADE_AT.test(plainPath(pathOf(target)));
}

/** Matches a name as it may be written: in JSON the slash may be `\/`, in a path `%2F`. */
const NAME = String.raw`(?:${COLLECTIONS.join('|')})(?:\\?/|%2[Ff])[\w.~-]+`;
/** Matches a string without white space: a text that a model wrote may mention files, but names none. */
const naming = new RegExp(String.raw`"([^"\s]*(?<=["/])${NAME}[^"\s]*)"`, 'g');
const names = new RegExp(String.raw`(?<=^|/)${NAME}`, 'g');

/** The stored resources that a JSON answer names, decoded. */
export const namesInAnswer = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(naming)].flatMap(([, string = '']) => namesInString(string)));

/** The stored resources that a string without white space names, outermost first, decoded. */
export const namesInString = (string: string): readonly string[] =>
  [...string.matchAll(names)].map(([name]) => decoded(name.replace('\\/', '/'))).filter((name) => !isDoubled(name));

const isDoubled = (name: string): boolean => collections.has(name.slice(name.indexOf('/') + 1));

export const collectionOf = (name: string): string => name.slice(0, name.indexOf('/'));

/**
 * What identifies a resumable upload in a target: its path together with its id, so that one without the other gives no
 * access. null: it is none.
 */
export function uploadOf(target: string): string | null {
  const path = pathOf(target);
  const query = target.slice(path.length);
  if (!query.includes('upload_id=')) return null;
  const id = new URLSearchParams(query).get('upload_id');
  return id === null ? null : `${path}\n${id}`;
}

/** The ephemeral token that a Live session is opened with; null: it is none. */
export function authTokenOf(target: string): string | null {
  const path = pathOf(target);
  if (!path.startsWith('/ws/')) return null;
  const token = new URLSearchParams(target.slice(path.length)).get('access_token');
  return token?.startsWith('auth_tokens/') === true ? token : null;
}
