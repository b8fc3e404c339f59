import { type Citation, type Grounding, citationsIn } from '../../translation/answer/grounding.js';
import type { JsonObject } from '../../../../store/ground/json.js';

/** What of an answer's text rests on which page; a page that stands for nothing in particular is cited at the end. */
export function citationsOf(text: string, grounding: Grounding): Citation[] {
  const cited = citationsIn(text, grounding);
  const urls = new Set(cited.map(({ url }) => url));
  const rest = grounding.sources.filter(({ url }) => !urls.has(url));
  return [...cited, ...rest.map((source) => ({ ...source, start: text.length, end: text.length }))];
}

/** A citation as Chat has it: what it is stands in an object of its own. */
export const chatAnnotation = ({ start, end, url, title }: Citation): JsonObject => ({
  type: 'url_citation',
  url_citation: { start_index: start, end_index: end, url, title },
});
