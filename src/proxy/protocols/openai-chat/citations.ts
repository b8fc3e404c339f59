import { type JsonObject, isJsonObject } from '../../../store/ground/json.js';

/** A place of an answer's text that rests on a page. Characters as JavaScript counts them. */
export interface Citation {
  readonly start: number;
  readonly end: number;
  readonly url: string;
  readonly title: string;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const indexOf = (value: unknown): number => (typeof value === 'number' && value > 0 ? value : 0);

/**
 * What of `text` rests on which page, as Google's `groundingMetadata` tells. It counts bytes of UTF-8. A page that stands
 * for nothing in particular is cited at the end.
 */
export function citationsOf(metadata: unknown, text: string): Citation[] {
  if (!isJsonObject(metadata)) return [];
  const pages = listOf(metadata.groundingChunks).map(pageOf);
  const bytes = Buffer.from(text);
  const characters = (index: unknown): number => bytes.toString('utf8', 0, indexOf(index)).length;
  const cited = listOf(metadata.groundingSupports)
    .filter(isJsonObject)
    .flatMap(({ segment, groundingChunkIndices }) => {
      const place = isJsonObject(segment) ? segment : {};
      const span = { start: characters(place.startIndex), end: characters(place.endIndex) };
      return listOf(groundingChunkIndices).flatMap((i) => citation(pages[indexOf(i)], span));
    });
  const named = new Set(cited.map(({ url }) => url));
  const rest = pages.filter((page) => page !== null && !named.has(page.url));
  return [...cited, ...rest.flatMap((page) => citation(page, { start: text.length, end: text.length }))];
}

type Page = Pick<Citation, 'url' | 'title'>;

const citation = (page: Page | null | undefined, span: { start: number; end: number }): Citation[] =>
  page ? [{ ...span, ...page }] : [];

function pageOf(chunk: unknown): Page | null {
  const web = isJsonObject(chunk) ? chunk.web : undefined;
  if (!isJsonObject(web) || typeof web.uri !== 'string') return null;
  return { url: web.uri, title: typeof web.title === 'string' ? web.title : web.uri };
}

/** A citation as Chat has it: what it is stands in an object of its own. */
export const chatAnnotation = ({ start, end, url, title }: Citation): JsonObject => ({
  type: 'url_citation',
  url_citation: { start_index: start, end_index: end, url, title },
});
