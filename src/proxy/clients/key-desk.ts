import { english } from '../../store/words/saying.js';
import { unixSeconds, type Clock } from '../../store/ground/clock.js';
import { DEFAULT_KEY, newKey, type StoredKey, type StoredKeys } from '../../store/keys/key-file.js';
import type { KeyStore } from '../../store/keys/key-store.js';
import { fingerprint } from '../../store/ground/fingerprint.js';
import { SettingsError } from '../../store/settings/settings.js';
import { KEY_NAMES, mayNameKey, type KeyRow, type KeyRules, type KeyShown } from '../contract/key-shapes.js';
import type { OperationReply } from '../contract/operations.js';
import type { KeyGate } from './key-gate.js';
import type { KeyLimits, KeyUsage } from './key-limits.js';

export interface KeyDeskParts {
  readonly store: KeyStore;
  readonly gate: KeyGate;
  readonly limits: KeyLimits;
  readonly usage: KeyUsage;
  readonly clock: Clock;
  /** Returns the present `proxy.apiKey`. */
  readonly apiKey: () => string;
  /** Saves another `proxy.apiKey`. @throws {SettingsError} it cannot be saved */
  readonly saveApiKey: (key: string) => Promise<void>;
  readonly log: (text: string) => void;
}

const noRules: Omit<StoredKey, 'sha256' | 'created' | 'old'> = {
  ...{ expires: null, models: [], tokensPerDay: 0, tokensPerMonth: 0, requestsPerMinute: 0, maxInFlight: 0 },
  ...{ pin: false, off: false, note: '' },
};

/** The operator's changes of client keys: each is saved before it takes effect. */
export class KeyDesk {
  private keys: StoredKeys;
  private changing: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: KeyDeskParts) {
    this.keys = parts.store.read();
    this.hold();
  }

  /** Reads the keys again. @throws {SettingsError} they cannot be read: the former ones stay in effect */
  reload(): void {
    this.keys = this.parts.store.read();
    this.hold();
  }

  list(): readonly KeyRow[] {
    const { usage } = this.parts;
    const today = usage.keysToday();
    const names = new Set([...(this.parts.apiKey() === '' ? [] : [DEFAULT_KEY]), ...this.keys.keys()]);
    return [...names].map((name) => this.row(name, this.keys.get(name) ?? null, today.get(name)?.requests ?? 0));
  }

  /** When each key ends, in unix seconds, of those that are let in. */
  ends(): readonly { readonly name: string; readonly expires: number }[] {
    return [...this.keys].flatMap(([name, { off, expires }]) => (off || expires === null ? [] : [{ name, expires }]));
  }

  add(name: string, rules: KeyRules): Promise<KeyShown> {
    if (!mayNameKey(name)) return shown(KEY_NAMES);
    if (name === DEFAULT_KEY || this.keys.has(name))
      return shown(`there is a key ${name} already; \`key rotate\` makes another one for it`);
    const key = newKey();
    const made = { sha256: fingerprint(key), created: unixSeconds(this.parts.clock), ...noRules, ...rules };
    return this.shownOnce(key, `key ${name} is made`, () => this.write(name, made));
  }

  set(name: string, rules: KeyRules): Promise<OperationReply> {
    if (!this.isKnown(name)) return Promise.resolve(unknown(name));
    return this.change(`key ${name} is changed`, () => this.write(name, rules));
  }

  /** Makes another key of the same name. @param graceSeconds - how long the former key is let in beside it */
  rotate(name: string, graceSeconds: number): Promise<KeyShown> {
    if (!this.isKnown(name)) return shown(unknown(name).text);
    const { clock, apiKey, saveApiKey } = this.parts;
    const key = newKey();
    const before = name === DEFAULT_KEY ? fingerprint(apiKey()) : (this.keys.get(name)?.sha256 ?? '');
    const old = graceSeconds > 0 ? { sha256: before, until: unixSeconds(clock) + graceSeconds } : null;
    const text =
      old === null
        ? english('key {name} is another one now', { name })
        : english('key {name} is another one now, and the one before is let in for a while', { name });
    return this.shownOnce(key, text, async () => {
      if (name !== DEFAULT_KEY) return this.write(name, { sha256: fingerprint(key), old });
      if (old !== null || this.keys.has(name)) await this.write(name, { old });
      await saveApiKey(key);
    });
  }

  revoke(name: string): Promise<OperationReply> {
    if (name === DEFAULT_KEY) {
      return Promise.resolve({
        ok: false,
        text: 'default is the key of the settings, which is turned off or rotated, never revoked',
      });
    }
    if (!this.keys.has(name)) return Promise.resolve(unknown(name));
    return this.change(`key ${name} is revoked`, () => this.write(name, null));
  }

  private write(name: string, key: Partial<StoredKey> | null): Promise<void> {
    return this.parts.store.write(new Map([[name, key]]));
  }

  private isKnown(name: string): boolean {
    return this.keys.has(name) || (name === DEFAULT_KEY && this.parts.apiKey() !== '');
  }

  private async shownOnce(key: string, text: string, write: () => Promise<void>): Promise<KeyShown> {
    const said = await this.change(text, write);
    return { ...said, key: said.ok ? key : null };
  }

  /** Makes one change after the other, each to the file as it is then. */
  private change(text: string, write: () => Promise<void>): Promise<OperationReply> {
    const done = this.changing.then(async () => {
      try {
        await write();
        this.reload();
        this.parts.log(`Client keys: ${text}`);
        return { ok: true, text };
      } catch (error) {
        if (error instanceof SettingsError) return { ok: false, text: error.message };
        throw error;
      }
    });
    this.changing = done.catch(() => undefined);
    return done;
  }

  private hold(): void {
    this.parts.gate.keys.replace(this.parts.apiKey(), this.keys);
    this.parts.gate.look();
  }

  private row(name: string, rules: StoredKey | null, requestsToday: number): KeyRow {
    const { usage, limits, clock } = this.parts;
    const { sha256: _hash, old, created, ...given } = { ...noRules, created: null, old: null, sha256: '', ...rules };
    const isExpired = given.expires !== null && clock.now() >= given.expires * 1000;
    return {
      ...given,
      name,
      created,
      graceUntil: old === null || clock.now() >= old.until * 1000 ? null : old.until,
      inFlight: limits.inFlight(name),
      requestsToday,
      tokensToday: usage.today(name),
      tokensThisMonth: usage.thisMonth(name),
      stoppedBy: given.off ? 'off' : isExpired ? 'expired' : (limits.stoppedBy({ name, rules })?.kind ?? null),
    };
  }
}

const unknown = (name: string): OperationReply => ({
  ok: false,
  text: `there is no key ${name}; \`regrant key list\` lists them`,
});
const shown = (text: string): Promise<KeyShown> => Promise.resolve({ ok: false, text, key: null });
