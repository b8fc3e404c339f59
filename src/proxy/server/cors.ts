import { headerIn } from '../http/headers.js';
import type { OwnAnswer, OwnError } from '../http/own-answer.js';
import type { IncomingRequest } from './incoming-request.js';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
/** How long a browser may remember the answer to a preflight. */
const MAX_AGE_SECONDS = 7_200;

const NOT_LISTED: OwnError = {
  status: 403,
  message: 'pages of this origin may not ask here: put it into proxy.corsOrigins, whole, as the Origin header has it',
};

/** The web pages that may use the proxy from a browser, by their origins (`proxy.corsOrigins`). */
export class CorsOrigins {
  private listed: ReadonlySet<string> = new Set();

  constructor(origins: readonly string[]) {
    this.list(origins);
  }

  /** Lets in only these origins from now on. */
  list(origins: readonly string[]): void {
    this.listed = new Set(origins.map((origin) => origin.toLowerCase()));
  }

  has(origin: string): boolean {
    return this.listed.size > 0 && this.listed.has(origin.toLowerCase());
  }

  /** Headers of an answer, and the CORS headers where it goes to such a page. */
  with(headers: readonly string[], origin: string | null): readonly string[] {
    if (origin === null || !this.has(origin)) return headers;
    return [...headers, 'Access-Control-Allow-Origin', origin, 'Access-Control-Expose-Headers', '*', 'Vary', 'Origin'];
  }

  /** The answer to a browser's preflight, which it sends before a page's request, without a key; null: this is none. */
  preflight({ method, headers, request }: IncomingRequest): OwnAnswer | OwnError | null {
    const { origin } = headers;
    if (method !== 'OPTIONS' || origin === null) return null;
    if (headerIn(request.rawHeaders, 'access-control-request-method') === null) return null;
    if (!this.has(origin)) return NOT_LISTED;
    const wanted = headerIn(request.rawHeaders, 'access-control-request-headers');
    const isPrivate = headerIn(request.rawHeaders, 'access-control-request-private-network') !== null;
    return {
      ...{ status: 204, contentType: '', body: '' },
      headers: [
        ...['Access-Control-Allow-Methods', METHODS, 'Access-Control-Max-Age', String(MAX_AGE_SECONDS)],
        ...(wanted === null ? [] : ['Access-Control-Allow-Headers', wanted]),
        ...(isPrivate ? ['Access-Control-Allow-Private-Network', 'true'] : []),
      ],
    };
  }
}
