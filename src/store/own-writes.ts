import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject } from './json.js';
import type { Patch } from './patches.js';

/** Keys of an account file that mean one thing together. */
type Group = 'grant' | 'access' | 'disabled' | 'proxy' | 'client' | 'project';

const keysOf: Record<Group, readonly (readonly string[])[]> = {
  grant: [['token', 'refresh_token']],
  access: [['token', 'access_token']],
  disabled: [['disabled'], ['disabled_at'], ['disabled_reason']],
  proxy: [['proxy_disabled'], ['proxy_disabled_at'], ['proxy_disabled_reason']],
  client: [['token', 'oauth_client_key']],
  project: [['token', 'project_id']],
};

/** What each patch is about: if another program's save puts that back to what it was, the patch is undone. */
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
  touch: [],
  create: [],
  merge: [],
};

/** One of our patches as it went into the file. */
export interface OwnWrite {
  readonly patch: Patch;
  /** Monotonic ms. */
  readonly at: number;
  readonly changed: ReadonlyMap<Group, { readonly before: string; readonly after: string }>;
}

/**
 * How long a program may hold a copy of the file before it saves it: Antigravity Tools reads an account, asks Google for
 * its quota (60 s at most, several calls one after the other), and saves the whole of what it read.
 */
const MEMORY_MS = 300_000;
/** More than this many changes of one file ago nobody's copy is. */
const MOST = 64;

/** Applies a patch to `json` itself. @returns what to remember of it if it lands; null: nothing that could be undone */
export function applyOwn(patch: Patch, json: JsonObject, at: number): OwnWrite | null {
  const before = decides[patch.name].map((group) => [group, valueOf(json, group)] as const);
  patch.apply(json);
  const changed = new Map(
    before
      .map(([group, value]) => [group, { before: value, after: valueOf(json, group) }] as const)
      .filter(([, value]) => value.before !== value.after),
  );
  return changed.size === 0 ? null : { patch, at, changed };
}

/**
 * What we changed in one account's file lately, to tell the save of a stale copy from an edit that is meant.
 *
 * A save is stale if it puts something we changed back to a value that it had before, and brings another change along:
 * the program read the file before we wrote it, and saves what it had read. An edit that does nothing but undo us is
 * meant, and so is one that clears `disabled` and brings an access token that nobody here has seen (somebody renewed it).
 * Only a refresh token that we replaced never comes back by either: it is of no use to anybody.
 */
export class OwnWrites {
  private writes: OwnWrite[] = [];

  add(writes: readonly OwnWrite[]): void {
    this.writes = [...this.writes, ...writes].slice(-MOST);
  }

  forget(writes: readonly OwnWrite[]): void {
    this.writes = this.writes.filter((write) => !writes.includes(write));
  }

  /**
   * The writes that a save of another program undid, in the order to apply them again.
   *
   * @param found - what it saved
   * @param known - what we knew the file to say before
   */
  undoneBy(found: JsonObject, known: JsonObject, now: number): readonly OwnWrite[] {
    this.writes = this.writes.filter(({ at }) => now - at < MEMORY_MS);
    const undone = this.putBack(found, known);
    if (undone.length === 0) return [];
    const groups = new Set(undone.flatMap(({ changed }) => [...changed.keys()]));
    // the order of keys is no change: editors sort them
    const brought = !isDeepStrictEqual(without(found, groups), without(known, groups));
    const token = valueOf(found, 'access');
    const tokenIsNew = token !== valueOf(known, 'access') && !this.everHeld('access', token);
    return undone.filter(({ changed }) => {
      if (changed.has('grant') || changed.has('access')) return true;
      return brought && !(changed.has('disabled') && tokenIsNew);
    });
  }

  private putBack(found: JsonObject, known: JsonObject): OwnWrite[] {
    const earlier = new Map<Group, Set<string>>();
    return this.writes.filter(({ changed }) => {
      let isUndone = false;
      for (const [group, { before }] of changed) {
        const values = earlier.get(group) ?? new Set();
        earlier.set(group, values.add(before));
        const value = valueOf(found, group);
        if (value !== valueOf(known, group) && values.has(value)) isUndone = true;
      }
      return isUndone;
    });
  }

  private everHeld(group: Group, value: string): boolean {
    return this.writes.some(({ changed }) => {
      const change = changed.get(group);
      return change?.before === value || change?.after === value;
    });
  }
}

/** A group's values as one text; a flag that is missing is a flag that is not set. */
const valueOf = (json: JsonObject, group: Group): string =>
  JSON.stringify(keysOf[group].map((key) => at(json, key)).map((value) => (value === false ? null : value)));

function at(json: JsonObject, [first = '', second]: readonly string[]): unknown {
  const value = json[first];
  if (second === undefined) return value ?? null;
  return isJsonObject(value) ? (value[second] ?? null) : null;
}

function without(json: JsonObject, groups: ReadonlySet<Group>): JsonObject {
  const rest = structuredClone(json);
  for (const [first = '', second] of [...groups].flatMap((group) => keysOf[group])) {
    const holder = second === undefined ? rest : rest[first];
    if (isJsonObject(holder)) Reflect.deleteProperty(holder, second ?? first);
  }
  return rest;
}
