import { plainPath } from '../subject/path-model.js';

/** Collections of the API and of the protocols beside it: the path segment after one of them is a name. */
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
/** Segments after a collection that are no names. */
const NO_NAMES: ReadonlySet<string> = new Set(['batches', 'count_tokens']);
/** A segment that looks like a name: no word of an API is this long and has a digit. */
const LIKE_A_NAME = /^(?=.*\d)[\w.~-]{16,}$/;
const VERSION = /^v\d/;

/** A method and a path with the names replaced: `POST /v1beta/models/*:generateContent`. */
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
/**
 * The most paths and accounts that are remembered, since clients can ask for any path: the ones that served longest ago
 * are forgotten.
 */
const MOST_PATHS = 500;
const MOST_ACCOUNTS = 2_000;

interface Path {
  /** Monotonic ms, like the fields after it. */
  servedAt: number;
  refusedAt: number;
  readonly accounts: Set<string>;
}

/** Which paths have served which accounts, and which paths accept no access token at all. Times are monotonic ms. */
export class Paths {
  /** In the order of their last use. */
  private readonly byShape = new Map<string, Path>();

  /** The path has served an account. */
  served(shape: string, account: string, now: number): void {
    const known = this.byShape.get(shape);
    // within a second its present place in the order is good enough
    const path = known !== undefined && now - known.servedAt < 1_000 ? known : this.of(shape);
    path.servedAt = now;
    path.refusedAt = Number.NEGATIVE_INFINITY;
    if (path.accounts.has(account)) return;
    path.accounts.add(account);
    if (path.accounts.size > MOST_ACCOUNTS) for (const first of path.accounts) return void path.accounts.delete(first);
  }

  /**
   * A path has refused fresh tokens of two accounts, or of the only account. This does not count for a path that has
   * served within the last hour.
   */
  refused(shape: string, now: number): void {
    if (!this.hasServed(shape, now)) this.of(shape).refusedAt = now;
  }

  /** Whether a path has served any account within the last hour. */
  hasServed(shape: string, now: number): boolean {
    return now - (this.byShape.get(shape)?.servedAt ?? Number.NEGATIVE_INFINITY) < HOUR_MS;
  }

  hasServedAccount(shape: string, account: string): boolean {
    return this.byShape.get(shape)?.accounts.has(account) === true;
  }

  /**
   * Whether a 401 of this path is about the path: then it causes no refresh, for ten minutes or until the path serves.
   */
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
