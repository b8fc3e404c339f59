import { type Citation, type Grounding, citationsIn } from '../../translation/answer/grounding.js';
import type { JsonObject } from '../../../../store/ground/json.js';

/** Which part of an answer's text is based on which page; a page that belongs to no part is cited at the end. */
export function citationsOf(text: string, grounding: Grounding): Citation[] {
  const cited = citationsIn(text, grounding);
  const urls = new Set(cited.map(({ url }) => url));
  const rest = grounding.sources.filter(({ url }) => !urls.has(url));
  return [...cited, ...rest.map((source) => ({ ...source, start: text.length, end: text.length }))];
}

/** A citation in the form of Chat Completions, with an inner object named by its type. */
export const chatAnnotation = ({ start, end, url, title }: Citation): JsonObject => ({
  type: 'url_citation',
  url_citation: { start_index: start, end_index: end, url, title },
});
