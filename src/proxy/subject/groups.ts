import { ownValue } from '../../store/ground/json.js';
/**
 * The kind of work that a method asks for. That a quota is used up for one kind says nothing about another kind with
 * the same model: Google counts batches, embeddings and token counting apart from generating
 * (ai.google.dev/gemini-api/docs/rate-limits). `other` is everything without such a method: files, uploads, caches,
 * lists.
 */
export type Group = 'generate' | 'count' | 'embed' | 'batch' | 'predict' | 'other';

/** Groups of the methods after the colon of a path, for the Gemini API, Code Assist and Vertex alike. */
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

/** A path without a model, where the body names it. */
interface BodyPath {
  /** Matches the path, decoded, without repeated slashes and without what comes before the version. */
  readonly path: RegExp;
  readonly group: Group;
}

/** The first that fits applies. */
const bodyPaths: readonly BodyPath[] = [
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

export const groupOfMethod = (method: string): Group => ownValue(byMethod, method) ?? 'other';

/** The group of a path whose body names the model; null: the body of such a path is not looked at. */
export const groupByBody = (path: string): Group | null => bodyPaths.find((one) => one.path.test(path))?.group ?? null;

/** Whether a path is a session of the Live API, where the model is named only within the session. */
export const isLive = (path: string): boolean => LIVE.test(path);
