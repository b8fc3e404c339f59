import { plainPath } from '../subject/path-model.js';

/** Collections of the API and of what stands beside it: what follows one of them is a name. */
const COLLECTIONS: ReadonlySet<string> = new Set([
  ...[
    'models',
    'tunedModels',
    'dynamic',
    'publishers',
    'projects',
    'locations',
    'endpoints',
    'files',
    'generatedFiles',
  ],
  ...['cachedContents', 'batches', 'operations', 'interactions', 'agents', 'fileSearchStores', 'documents', 'corpora'],
  ...['chunks', 'permissions', 'auth_tokens', 'responses', 'upload', 'messages'],
]);
/** What stands behind a collection and is no name. */
const NO_NAMES: ReadonlySet<string> = new Set(['batches', 'count_tokens']);
/** No word of an API is this long and has a digit. */
const LIKE_A_NAME = /^(?=.*\d)[\w.~-]{16,}$/;
const VERSION = /^v\d/;

/** A method and a path with the names taken out: `POST /v1beta/models/*:generateContent`. */
export function pathShape(method: string, path: string): string {
  const segments = plainPath(path).split('/');
  const shape = segments.map((segment, index) => {
    const before = segments[index - 1] ?? '';
    const isName = COLLECTIONS.has(before) && !VERSION.test(segment) && !NO_NAMES.has(segment);
    if (!isName && !LIKE_A_NAME.test(segment)) return segment;
    const colon = segment.lastIndexOf(':');
    return colon < 0 ? '*' : `*${segment.slice(colon)}`;
  });
  return `${method} ${shape.join('/')}`;
}

const HOUR_MS = 3_600_000;
const REFUSED_MS = 600_000;
/** Clients can ask for any path, and there can be any number of accounts: the ones that served longest ago are forgotten. */
const MOST_PATHS = 500;
const MOST_ACCOUNTS = 2_000;

interface Path {
  /** Monotonic ms, as the next. */
  servedAt: number;
  refusedAt: number;
  readonly accounts: Set<string>;
}

/** Which paths have served whom, and which take no access token at all. Times are monotonic ms. */
export class Paths {
  /** In the order of their last use. */
  private readonly byShape = new Map<string, Path>();

  /** The path has served an account. */
  served(shape: string, account: string, now: number): void {
    const path = this.of(shape);
    path.servedAt = now;
    path.refusedAt = Number.NEGATIVE_INFINITY;
    if (path.accounts.has(account)) return;
    path.accounts.add(account);
    if (path.accounts.size > MOST_ACCOUNTS) for (const first of path.accounts) return void path.accounts.delete(first);
  }

  /** It has refused fresh tokens of two accounts, or of the only one. One that has served within the hour does not count as such. */
  refused(shape: string, now: number): void {
    if (!this.hasServed(shape, now)) this.of(shape).refusedAt = now;
  }

  /** Whether it has served anybody within the hour. */
  hasServed(shape: string, now: number): boolean {
    return now - (this.byShape.get(shape)?.servedAt ?? Number.NEGATIVE_INFINITY) < HOUR_MS;
  }

  hasServedAccount(shape: string, account: string): boolean {
    return this.byShape.get(shape)?.accounts.has(account) === true;
  }

  /** Whether a 401 there is the path's: it costs no refresh, for ten minutes or until the path serves. */
  refuses(shape: string, now: number): boolean {
    return now - (this.byShape.get(shape)?.refusedAt ?? Number.NEGATIVE_INFINITY) < REFUSED_MS;
  }

  private of(shape: string): Path {
    const known = this.byShape.get(shape);
    const path = known ?? {
      servedAt: Number.NEGATIVE_INFINITY,
      refusedAt: Number.NEGATIVE_INFINITY,
      accounts: new Set<string>(),
    };
    if (known !== undefined) this.byShape.delete(shape);
    this.byShape.set(shape, path);
    if (this.byShape.size > MOST_PATHS) for (const first of this.byShape.keys()) return this.forget(first, path);
    return path;
  }

  private forget(shape: string, path: Path): Path {
    this.byShape.delete(shape);
    return path;
  }
}
