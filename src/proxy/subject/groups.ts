/**
 * What kind of work a method asks for. A quota that is used up for one kind says nothing about another of the same model:
 * Google counts batches, embeddings and counting apart from generating (ai.google.dev/gemini-api/docs/rate-limits).
 * `other` is whatever names no such method: files, uploads, caches, lists.
 */
export type Group = 'generate' | 'count' | 'embed' | 'batch' | 'predict' | 'other';

/** Methods behind the colon of a path, of the Gemini API, of Code Assist and of Vertex alike. */
const byMethod: Readonly<Partial<Record<string, Group>>> = {
  generateContent: 'generate',
  streamGenerateContent: 'generate',
  bidiGenerateContent: 'generate',
  generateAnswer: 'generate',
  generateText: 'generate',
  generateMessage: 'generate',
  countTokens: 'count',
  countTextTokens: 'count',
  countMessageTokens: 'count',
  computeTokens: 'count',
  embedContent: 'embed',
  batchEmbedContents: 'embed',
  embedText: 'embed',
  batchEmbedText: 'embed',
  batchGenerateContent: 'batch',
  asyncBatchEmbedContent: 'batch',
  predict: 'predict',
  predictLongRunning: 'predict',
  generateImages: 'predict',
  generateVideos: 'predict',
};

/** A path that names no method of a model itself, but whose body names the model. */
interface Road {
  /** The path, decoded, without slashes that repeat and without what stands before the version. */
  readonly path: RegExp;
  readonly group: Group;
}

/** The first that fits is it. */
const roads: readonly Road[] = [
  { path: /^\/v[^/]+\/(?:openai\/)?chat\/completions$/, group: 'generate' },
  { path: /^\/v[^/]+\/(?:openai\/)?(?:responses|completions)$/, group: 'generate' },
  { path: /^\/v[^/]+\/messages$/, group: 'generate' },
  { path: /^\/v[^/]+\/messages\/count_tokens$/, group: 'count' },
  { path: /^\/v[^/]+\/(?:openai\/)?embeddings$/, group: 'embed' },
  { path: /^\/v[^/]+\/(?:openai\/)?images\/\w+$/, group: 'predict' },
  { path: /^\/v[^/]+\/openai\//, group: 'other' },
  { path: /^\/v[^/]+\/interactions$/, group: 'generate' },
  { path: /^\/v[^/]+\/batches$/, group: 'batch' },
  { path: /^\/v[^/]+\/cachedContents$/, group: 'other' },
];

const LIVE = /^\/ws\/.*\.BidiGenerateContent/;

export const groupOfMethod = (method: string): Group => byMethod[method] ?? 'other';

/** The group of a path whose body names the model; null: its body is not looked at. */
export const groupByBody = (path: string): Group | null => roads.find((road) => road.path.test(path))?.group ?? null;

/** A session of the Live API: its model is named within the session only. */
export const isLive = (path: string): boolean => LIVE.test(path);
