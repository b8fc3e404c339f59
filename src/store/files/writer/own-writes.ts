import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, ownValue, type JsonObject } from '../../ground/json.js';
import { sameJson } from '../../ground/merge.js';
import type { Patch } from '../../accounts/patches.js';

/** The path of a key in the JSON, from the outermost key on. */
type KeyPath = readonly string[];

/** Groups of keys of an account file; the keys of a group mean one thing together. */
type Group = 'grant' | 'access' | 'disabled' | 'proxy' | 'client' | 'project';

const keysOf: Record<Group, readonly KeyPath[]> = {
  grant: [['token', 'refresh_token']],
  access: [['token', 'access_token']],
  disabled: [['disabled'], ['disabled_at'], ['disabled_reason']],
  proxy: [['proxy_disabled'], ['proxy_disabled_at'], ['proxy_disabled_reason']],
  client: [['token', 'oauth_client_key']],
  project: [['token', 'project_id']],
};

/**
 * The groups of keys that each patch is about: if another program's save sets one back to what it was, the patch is
 * undone.
 */
const decides: Record<Patch['name'], readonly Group[]> = {
  disable: ['disabled'],
  enable: ['disabled'],
  refreshed: ['access'],
  rotate: ['grant'],
  upsert: ['grant', 'disabled'],
  restore: ['grant', 'disabled'],
  setProxyDisabled: ['proxy'],
  setClient: ['client'],
  setProject: ['project'],
  blockValidation: [],
  setQuota: [],
  setForbidden: [],
  liftBlock: [],
  touch: [],
  create: [],
  /** A merge is about whatever the other program changed: see `changedKeys`. */
  merge: [],
};

interface Subject {
  readonly keys: readonly KeyPath[];
  readonly before: string;
  readonly after: string;
}

/** One of our patches as it went into the file. */
export interface OwnWrite {
  readonly patch: Patch;
  /** Monotonic ms. */
  readonly at: number;
  /** What it changed, by group; a merge's keys one by one. */
  readonly changed: ReadonlyMap<string, Subject>;
  /** The access tokens in the file before and after this write. */
  readonly accessTokens: readonly string[];
}

/**
 * How long a program may hold a copy of the file before it saves it: Antigravity Tools reads an account, asks Google for
 * its quota (60 s at most, several calls one after the other), and saves the whole of what it read.
 */
const MEMORY_MS = 300_000;
/**
 * How long a merge is remembered: the other program's own changes may be changed again by it, unless it saves a copy
 * that it read just before the merge.
 */
const MERGE_MEMORY_MS = 2_000;
/** Changes remembered for one file; no program holds a copy that is older than so many changes. */
const MOST = 64;

/** Applies a patch to `json` itself. @returns what to remember of it if it lands; null: nothing that could be undone */
export function applyOwn(patch: Patch, json: JsonObject, at: number): OwnWrite | null {
  const groups = decides[patch.name];
  if (groups.length === 0 && patch.name !== 'merge') {
    patch.apply(json);
    return null;
  }
  const was = structuredClone(json);
  patch.apply(json);
  const subjects: readonly (readonly [string, readonly KeyPath[]])[] =
    patch.name === 'merge' ? changedKeys(was, json) : groups.map((group) => [group, keysOf[group]]);
  const changed = new Map<string, Subject>();
  for (const [name, keys] of subjects) {
    const [before, after] = [valueOf(was, keys), valueOf(json, keys)];
    if (before !== after) changed.set(name, { keys, before, after });
  }
  const accessTokens = [was, json].map((file) => valueOf(file, keysOf.access));
  return changed.size === 0 ? null : { patch, at, changed, accessTokens };
}

/** Every key that differs, each by itself; a value that is no object is compared as a whole. */
function changedKeys(was: JsonObject, is: JsonObject, above: KeyPath = []): [string, KeyPath[]][] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) => {
    const [before, after] = [ownValue(was, key), ownValue(is, key)];
    if (sameJson(before, after)) return [];
    const path = [...above, key];
    if (isJsonObject(after)) return changedKeys(isJsonObject(before) ? before : {}, after, path);
    return [[JSON.stringify(path), [path]]];
  });
}

/**
 * What we changed in one account's file lately, to tell the save of a stale copy from an edit that is meant.
 *
 * A save is stale if it sets something we changed back to a value that it had before, and changes something else as
 * well: the program read the file before we wrote it, and saves what it had read. An edit that does nothing but undo
 * our change is meant, and so is one that clears `disabled` and brings an access token that we have never seen
 * (somebody renewed the grant). But a refresh token that we replaced is never accepted back: it is of no use to
 * anybody.
 *
 * An undone patch stays remembered until it is written again: it may turn out that the file has it already, and without
 * the memory of it the next stale save would go unnoticed.
 */
export class OwnWrites {
  private writes: OwnWrite[] = [];

  /** Remembers writes that are about to be made: another program may undo them before we hear that they succeeded. */
  add(writes: readonly OwnWrite[]): void {
    this.writes = [...this.writes, ...writes];
  }

  /**
   * These writes, which were added before, succeeded. A patch that was applied again keeps its first place in the
   * order.
   */
  landed(writes: readonly OwnWrite[]): void {
    const earlier = this.writes.filter((write) => !writes.includes(write));
    const again = new Map(writes.map((write) => [write.patch, write]));
    const known = new Set(earlier.map(({ patch }) => patch));
    this.writes = [
      ...earlier.map((write) => renewed(write, again.get(write.patch))),
      ...writes.filter(({ patch }) => !known.has(patch)),
    ].slice(-MOST);
  }

  /** These writes, which were added before, failed. */
  forget(writes: readonly OwnWrite[]): void {
    this.writes = this.writes.filter((write) => !writes.includes(write));
  }

  /**
   * The patches that a save of another program undid, in the order to apply them again.
   *
   * @param found - what it saved
   * @param known - what we knew the file to say before
   */
  undoneBy(found: JsonObject, known: JsonObject, now: number): readonly Patch[] {
    this.writes = this.writes.filter(({ patch, at }) => now - at < memoryMs(patch));
    const back = this.putBack(found, known);
    if (back.length === 0) return [];
    const keys = back.flatMap(keysIn);
    // the order of keys is no change: editors sort them
    const brought = !isDeepStrictEqual(without(found, keys), without(known, keys));
    const token = valueOf(found, keysOf.access);
    const tokenIsNew =
      token !== valueOf(known, keysOf.access) && !this.writes.some(({ accessTokens }) => accessTokens.includes(token));
    const undone = back.filter(({ changed }) => {
      if (changed.has('grant') || changed.has('access')) return true;
      return brought && !(changed.has('disabled') && tokenIsNew);
    });
    // a refresh token that we never wrote: another program has dealt with the account's grant itself
    const isTheirs = !this.writes.some(({ changed }) => holds(changed.get('grant'), valueOf(found, keysOf.grant)));
    const again = this.withLater(undone).filter(({ changed }) => !(changed.has('grant') && isTheirs));
    const patches = new Set(again.map(({ patch }) => patch));
    // a patch that is about to be written again is in the list twice, and its first place counts
    return [...new Set(this.writes.map(({ patch }) => patch))].filter((patch) => patches.has(patch));
  }

  /**
   * The writes that were undone: for each group of keys that is back at an earlier value, the writes since it last had
   * that.
   */
  private putBack(found: JsonObject, known: JsonObject): OwnWrite[] {
    const since = new Map<string, number>();
    for (const [index, { changed, accessTokens }] of this.writes.entries()) {
      const hadBack = (keys: readonly KeyPath[], before: string | undefined): boolean =>
        valueOf(found, keys) === before && valueOf(known, keys) !== before;
      for (const [name, { keys, before }] of changed) if (hadBack(keys, before)) since.set(name, index);
      // most changes of another program bring a new access token along, whatever else they are about
      if (hadBack(keysOf.access, accessTokens[0])) since.set('access' satisfies Group, index);
    }
    return this.writes.filter(({ changed }, index) =>
      [...changed.keys()].some((name) => index >= (since.get(name) ?? Infinity)),
    );
  }

  /** These writes, and later ones of the same keys: applying only the older one again would undo the newer one. */
  private withLater(writes: readonly OwnWrite[]): OwnWrite[] {
    const touched = new Set<string>();
    return this.writes.filter((write) => {
      const keys = keysIn(write).map((path) => JSON.stringify(path));
      if (!writes.includes(write) && !keys.some((key) => touched.has(key))) return false;
      for (const key of keys) touched.add(key);
      return true;
    });
  }
}

const keysIn = ({ changed }: OwnWrite): KeyPath[] => [...changed.values()].flatMap(({ keys }) => keys);

const holds = (subject: Subject | undefined, value: string): boolean =>
  subject?.before === value || subject?.after === value;

/**
 * A remembered write, brought up to date where its patch was applied again. @param again - that second write;
 * undefined: there was none
 */
const renewed = (write: OwnWrite, again: OwnWrite | undefined): OwnWrite =>
  again === undefined
    ? write
    : {
        ...write,
        at: again.at,
        changed: new Map([...again.changed, ...write.changed]),
        accessTokens: [...new Set([...write.accessTokens, ...again.accessTokens])],
      };

const memoryMs = (patch: Patch): number => (patch.name === 'merge' ? MERGE_MEMORY_MS : MEMORY_MS);

/** The values of these keys as one text; a missing flag counts as a flag that is false. */
const valueOf = (json: JsonObject, keys: readonly KeyPath[]): string =>
  JSON.stringify(keys.map((path) => at(json, path)).map((value) => (value === false ? null : value)));

const at = (json: JsonObject, path: KeyPath): unknown =>
  path.reduce<unknown>((value, key) => (isJsonObject(value) ? ownValue(value, key) : null), json) ?? null;

/** The JSON without these keys, and without objects that hold nothing else. */
function without(json: JsonObject, keys: readonly KeyPath[]): JsonObject {
  const rest = structuredClone(json);
  for (const path of keys) takeOut(rest, path);
  return rest;
}

function takeOut(json: JsonObject, path: KeyPath): void {
  const above = path.slice(0, -1);
  const holder = at(json, above);
  if (!isJsonObject(holder)) return;
  Reflect.deleteProperty(holder, path.at(-1) ?? '');
  if (above.length > 0 && Object.keys(holder).length === 0) takeOut(json, above);
}
