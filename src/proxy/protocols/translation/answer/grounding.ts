import { isJsonObject } from '../../../../store/ground/json.js';
import type { GeminiEvent } from '../gemini/gemini.js';
import { candidatesOf } from './events.js';

/** A page that an answer is based on. */
export interface WebSource {
  readonly url: string;
  readonly title: string;
}

/** What Google searched for, and found. */
export interface Grounding {
  readonly queries: readonly string[];
  readonly sources: readonly WebSource[];
  readonly supports: readonly Support[];
}

/** A part of the answer's text that is based on a source; Google counts in bytes of UTF-8. */
interface Support {
  readonly startByte: number;
  readonly endByte: number;
  readonly source: WebSource;
}

/** A source, with the part of the text as places in a string. */
export interface Citation extends WebSource {
  readonly start: number;
  readonly end: number;
}

export const NO_GROUNDING: Grounding = { queries: [], sources: [], supports: [] };

/** What is known after `event`; Google sends it with the last events of a stream, and may repeat it. */
export function groundingAfter(before: Grounding, event: GeminiEvent): Grounding {
  const told = candidatesOf(event)[0]?.groundingMetadata;
  if (!isJsonObject(told)) return before;
  const queries = listOf(told.webSearchQueries).filter((query) => typeof query === 'string');
  const chunks = listOf(told.groundingChunks).map(sourceOf);
  const sources = chunks.filter((source) => source !== null);
  const supports = listOf(told.groundingSupports).flatMap((support) => supportsOf(support, chunks));
  return {
    queries: [...new Set([...before.queries, ...queries])],
    sources: [...new Map([...before.sources, ...sources].map((source) => [source.url, source])).values()],
    supports: supports.length > 0 ? supports : before.supports,
  };
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function sourceOf(chunk: unknown): WebSource | null {
  const web = isJsonObject(chunk) ? chunk.web : undefined;
  if (!isJsonObject(web) || typeof web.uri !== 'string') return null;
  return { url: web.uri, title: typeof web.title === 'string' && web.title !== '' ? web.title : web.uri };
}

function supportsOf(support: unknown, chunks: readonly (WebSource | null)[]): Support[] {
  const { segment, groundingChunkIndices } = isJsonObject(support) ? support : {};
  if (!isJsonObject(segment) || typeof segment.endIndex !== 'number') return [];
  const startByte = typeof segment.startIndex === 'number' ? segment.startIndex : 0;
  const { endIndex: endByte } = segment;
  return listOf(groundingChunkIndices).flatMap((index) => {
    const source = typeof index === 'number' ? (chunks[index] ?? null) : null;
    return source === null ? [] : [{ startByte, endByte, source }];
  });
}

/** The places in `text`, the answer's whole text, that are based on a source. */
export function citationsIn(text: string, { supports }: Grounding): Citation[] {
  if (supports.length === 0) return [];
  const bytes = Buffer.from(text);
  const characters = (end: number): number =>
    bytes.toString('utf8', 0, Math.min(Math.max(end, 0), bytes.length)).length;
  return supports.map(({ startByte, endByte, source }) => ({
    ...source,
    ...{ start: characters(startByte), end: characters(endByte) },
  }));
}

/** The sources as Markdown, for protocols and clients that show only an answer's text. */
export const linksOf = (sources: readonly WebSource[]): string =>
  ['', '', 'Sources:', ...sources.map(({ title, url }) => `- [${title.replace(/[[\]\n]/g, ' ')}](${url})`)].join('\n');
