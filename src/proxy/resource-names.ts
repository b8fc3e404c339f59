/**
 * What the Gemini API stores for a caller and calls by a name: `files/abc`, `cachedContents/abc`, … Such a thing belongs
 * to the quota project of the account that made it; nobody else can see it.
 */
const COLLECTIONS = ['files', 'cachedContents', 'batches', 'operations', 'fileSearchStores'] as const;

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

const pathOf = (target: string): string => target.split('?', 1)[0] ?? target;

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

/** How a string begins that may name one: no text in base64 has any of it, so that megabytes of that are passed over fast. */
const openings = ['://', ':\\/\\/', ...COLLECTIONS.map((kind) => `"${kind}`)].map((text) => Buffer.from(text));
const LONGEST_STRING = 400;

/**
 * The first stored resource in a body that `isKnown`: `"cachedContent": "cachedContents/abc"`, or a `fileUri` that ends
 * with `files/abc`. Looked for in the bytes: a body of megabytes is not parsed for this.
 */
export function nameInBody(body: Buffer, isKnown: (name: string) => boolean): string | null {
  for (const opening of openings) {
    for (let at = body.indexOf(opening); at >= 0; at = body.indexOf(opening, at + opening.length)) {
      const string = /^.[^"]*/.exec(body.toString('latin1', at, at + LONGEST_STRING))?.[0] ?? '';
      // JSON may write a slash as `\/`.
      for (const name of namesInAnswer(string.replaceAll('\\/', '/'))) if (isKnown(name)) return name;
    }
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
