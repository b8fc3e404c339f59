import { PAGE_BYTES } from './protocol.js';

/** A page holds so many items at most. */
const MOST_ITEMS = 500;

/** The texts of a list's items as JSON, page by page, each text made when its page is asked for. */
export function* pagesOf<T>(items: Iterable<T>, textOf: (item: T) => string = JSON.stringify): Generator<string[]> {
  let page: string[] = [];
  let bytes = 0;
  for (const item of items) {
    const text = textOf(item);
    page.push(text);
    bytes += Buffer.byteLength(text);
    if (bytes < PAGE_BYTES && page.length < MOST_ITEMS) continue;
    yield page;
    page = [];
    bytes = 0;
  }
  if (page.length > 0) yield page;
}
