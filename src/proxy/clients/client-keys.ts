import { createHash, timingSafeEqual } from 'node:crypto';
import { DEFAULT_KEY, type StoredKey, type StoredKeys } from '../../store/keys/key-file.js';

/** Who a key belongs to, and what it may. */
export interface ClientKey {
  readonly name: string;
  /** What `keys.json` says of it; null: nothing, as of a `default` without limits. */
  readonly rules: StoredKey | null;
  /** Whether the same key would still be let in. @param now - ms since 1970 */
  isLive(now: number): boolean;
}

/** The keys that clients show. */
export interface ClientKeys {
  /** Whose key this is; null: nobody's, or that of one who is out. */
  find(offered: string): ClientKey | null;
}

/** The shortest key that `keys.json` may hold: shorter words are not worth a hash. */
const SHORTEST = 32;

/** `proxy.apiKey` as the key `default`, and those of `keys.json`. */
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

  /** These are the keys from now on. @param apiKey - empty: there is no `default` */
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
   * Looked up by its hash: the time of that says nothing of any key, and is the same for one key as for ten thousand. The
   * one of the settings is compared in a time that tells its length and no more.
   */
  find(offered: string): ClientKey | null {
    const key = this.isOwn(offered) ? this.own : this.named(offered);
    return key?.isLive(this.now()) === true ? key : null;
  }

  /** The key that takes the place of this one, which was let in before; null: its holder is out. */
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
    return this.byHash.get(createHash('sha256').update(offered).digest('hex')) ?? null;
  }
}

class LiveKey implements ClientKey {
  /** It is one of the keys that hold now. */
  isCurrent = true;

  constructor(
    readonly name: string,
    readonly rules: StoredKey | null,
    /** Unix seconds at which a rotation's grace ends; null: it is the newest key of its name. */
    private readonly until: number | null,
  ) {}

  /** What it is found by; null for the key of the settings. */
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
