import { timingSafeEqual } from 'node:crypto';
import { fingerprint } from '../../store/ground/fingerprint.js';
import { DEFAULT_KEY, type StoredKey, type StoredKeys } from '../../store/keys/key-file.js';

/** The owner of a key by name, and what the key may be used for. */
export interface ClientKey {
  readonly name: string;
  /** What `keys.json` says of the key; null: nothing, as for a `default` without limits. */
  readonly rules: StoredKey | null;
  /** Whether the same key would still be let in. @param now - ms since 1970 */
  isLive(now: number): boolean;
}

/** The keys that clients show. */
export interface ClientKeys {
  /** The key's owner; null: no such key, or one that is switched off, expired or revoked. */
  find(offered: string): ClientKey | null;
}

/** The shortest key that `keys.json` may hold: a shorter one could be guessed from its hash. */
const SHORTEST = 32;

/** The keys of clients: `proxy.apiKey`, named `default`, and those of `keys.json`. */
export class NamedKeys implements ClientKeys {
  private keyBytes = Buffer.alloc(0);
  /** The offered key's bytes, for the comparison. */
  private offered = Buffer.alloc(0);
  private own: LiveKey | null = null;
  private byHash = new Map<string, LiveKey>();

  /** @param now - ms since 1970 */
  constructor(
    apiKey: string,
    keys: StoredKeys,
    private readonly now: () => number,
  ) {
    this.replace(apiKey, keys);
  }

  /** Replaces all keys. @param apiKey - empty: there is no `default` */
  replace(apiKey: string, keys: StoredKeys): void {
    for (const key of this.all()) key.isCurrent = false;
    this.keyBytes = Buffer.from(apiKey);
    this.offered = Buffer.alloc(this.keyBytes.length);
    this.own = apiKey === '' ? null : new LiveKey(DEFAULT_KEY, keys.get(DEFAULT_KEY) ?? null, null);
    this.byHash = new Map();
    for (const [name, rules] of keys) {
      if (rules.sha256 !== '' && name !== DEFAULT_KEY) this.byHash.set(rules.sha256, new LiveKey(name, rules, null));
      if (rules.old !== null) this.byHash.set(rules.old.sha256, new LiveKey(name, rules, rules.old.until));
    }
  }

  /**
   * A key is looked up by its hash, so the time that takes reveals nothing about any key, and is the same for one key
   * as for ten thousand. The key of the settings is compared in a time that reveals only its length.
   */
  find(offered: string): ClientKey | null {
    const key = this.isOwn(offered) ? this.own : this.named(offered);
    return key?.isLive(this.now()) === true ? key : null;
  }

  /** The present key of the same owner as one that was let in before; null: the owner is not let in any more. */
  current(key: ClientKey): ClientKey | null {
    if (!(key instanceof LiveKey) || !key.isLive(this.now())) return null;
    if (key.isCurrent) return key;
    if (key.hash === null) return this.own?.isLive(this.now()) === true ? this.own : null;
    const found = this.byHash.get(key.hash);
    return found?.isLive(this.now()) === true ? found : null;
  }

  private all(): readonly LiveKey[] {
    return [...(this.own === null ? [] : [this.own]), ...this.byHash.values()];
  }

  private isOwn(offered: string): boolean {
    if (this.keyBytes.length === 0 || offered.length !== this.keyBytes.length) return false;
    return this.offered.write(offered) === this.keyBytes.length && timingSafeEqual(this.offered, this.keyBytes);
  }

  private named(offered: string): LiveKey | null {
    if (this.byHash.size === 0 || offered.length < SHORTEST) return null;
    return this.byHash.get(fingerprint(offered)) ?? null;
  }
}

class LiveKey implements ClientKey {
  /** Whether it is one of the present keys. */
  isCurrent = true;

  constructor(
    readonly name: string,
    readonly rules: StoredKey | null,
    /** Unix seconds at which a replaced key stops being let in; null: it is the newest key of its name. */
    private readonly until: number | null,
  ) {}

  /** The hash by which it is looked up; null for the key of the settings. */
  get hash(): string | null {
    return this.until === null ? (this.rules?.sha256 ?? '') || null : (this.rules?.old?.sha256 ?? null);
  }

  isLive(now: number): boolean {
    if (this.until !== null && now >= this.until * 1000) return false;
    if (this.rules === null) return true;
    const { off, expires } = this.rules;
    return !off && (expires === null || now < expires * 1000);
  }
}
