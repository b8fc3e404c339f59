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

/** A request as lines: all pages but the last of its first list go ahead of it. */
export function requestLines(id: number, request: string, given: readonly unknown[]): readonly string[] {
  const at = given.findIndex((one) => Array.isArray(one));
  const pages = at < 0 ? [] : [...pagesOf(given[at] as readonly unknown[])];
  if (pages.length <= 1) return [JSON.stringify({ id, request, arguments: given })];
  const last = given.map((one, place) =>
    place === at ? `[${pages.at(-1)?.join(',') ?? ''}]` : JSON.stringify(one ?? null),
  );
  return [
    ...pages.slice(0, -1).map((page) => `{"id":${id},"items":[${page.join(',')}]}`),
    `{"id":${id},"request":${JSON.stringify(request)},"arguments":[${last.join(',')}]}`,
  ];
}
