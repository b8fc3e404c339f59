/**
 * What the Gemini API stores for a caller and calls by a name: `files/abc`, `cachedContents/abc`, … Such a thing belongs
 * to the quota project of the account that made it; nobody else can see it.
 */
const COLLECTIONS = ['files', 'cachedContents', 'batches', 'operations', 'fileSearchStores', 'auth_tokens'] as const;

const inPath = new RegExp(`/(${COLLECTIONS.join('|')})(?:/([^/:?]+))?`, 'g');
const inAnswer = new RegExp(`\\b(${COLLECTIONS.join('|')})/([\\w.~-]+)`, 'g');

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

/** The stored resources that a path names, outermost first. */
export const namesInPath = (target: string): readonly string[] =>
  [...pathOf(target).matchAll(inPath)].flatMap(([, kind, id]) => (id === undefined ? [] : [`${kind ?? ''}/${id}`]));

/** Whether the answer to such a request may name stored resources. */
export function mayStore({ method, target, call }: { method: string; target: string; call: string }): boolean {
  if (call !== '') return method === 'POST' && !PASSING.has(call);
  return pathOf(target).search(inPath) >= 0;
}

/** The stored resources that an answer names. */
export const namesInAnswer = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(inAnswer)].map(([name]) => name));

export const collectionOf = (name: string): string => name.slice(0, name.indexOf('/'));

const bytes = (...texts: readonly string[]): readonly Buffer[] => texts.map((text) => Buffer.from(text));

/**
 * How a string begins that may name one: no text in base64 has any of it, so that megabytes of that are passed over fast.
 * A file is named by its address too. Batches and operations are named in no body.
 */
const openings: Readonly<Partial<Record<string, readonly Buffer[]>>> = {
  files: bytes('"files', '://', ':\\/\\/'),
  cachedContents: bytes('"cachedContents'),
  fileSearchStores: bytes('"fileSearchStores'),
};
const LONGEST_STRING = 400;
/** A name that begins in what was looked at may end behind it. */
const LOOKED_AT_TWICE = 150;

/** What is known of stored resources, as far as a body is looked through for them. */
export interface KnownNames {
  has(name: string): boolean;
  /** Of each collection that any is known of. */
  readonly collections: Iterable<string>;
}

/**
 * The first stored resource in a body that is known: `"cachedContent": "cachedContents/abc"`, or a `fileUri` that ends
 * with `files/abc`. Looked for in the bytes: a body of megabytes is not parsed for this, and is gone through for those
 * collections only that something is known of.
 */
export function nameInBody(body: Buffer, known: KnownNames): string | null {
  for (const collection of known.collections) {
    for (const opening of openings[collection] ?? []) {
      const name = nameBehind(opening, body, known);
      if (name !== null) return name;
    }
  }
  return null;
}

/** Whether a body names anything stored, known or not. */
export const namesAny = (body: Buffer): boolean =>
  nameInBody(body, { has: () => true, collections: Object.keys(openings) }) !== null;

function nameBehind(opening: Buffer, body: Buffer, known: KnownNames): string | null {
  let at = body.indexOf(opening);
  while (at >= 0) {
    const string = /^.[^"]*/.exec(body.toString('latin1', at, at + LONGEST_STRING))?.[0] ?? '';
    // JSON may write a slash as `\/`.
    for (const name of namesInAnswer(string.replaceAll('\\/', '/'))) if (known.has(name)) return name;
    // behind what was looked at: a body may be nothing but openings
    const seen = string.length < LONGEST_STRING ? string.length : LONGEST_STRING - LOOKED_AT_TWICE;
    at = body.indexOf(opening, at + Math.max(opening.length, seen));
  }
  return null;
}

/**
 * What tells a resumable upload that a target goes on with: its path and its id, so that the one without the other opens
 * nothing. null: it is none.
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
