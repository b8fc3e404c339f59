import { FileGone } from './settings-error.js';
import { isDeepStrictEqual } from 'node:util';
import { existsSync } from 'node:fs';
import { FileWatch } from '../disk/file-watch.js';
import type { Clock } from '../ground/clock.js';
import { isJsonObject, type JsonObject, ownValue, setOwn } from '../ground/json.js';
import { Listeners } from '../ground/listeners.js';
import type { SharedClients } from './kept-clients.js';
import { SettingsError, settingsLayers, type Settings, type SettingsLayers } from './settings.js';

export interface LiveSettingsParts {
  /** Path of settings.json. */
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** What boxes share; absent: the settings are this box's. */
  readonly shared?: Pick<SharedClients, 'values' | 'onChange'>;
}

/** The result of reading the settings again. */
export interface SettingsRead {
  /** Why the former settings stay in effect; null: those that were read are in effect. */
  readonly fault: string | null;
  /** Keys whose new values are in effect from now on. */
  readonly changed: readonly string[];
  /** Keys with another value in the file, which takes effect at the next start. */
  readonly forNextStart: readonly string[];
}

/** A fault is read once more after this time before it counts: an editor may be in the middle of its write. */
const AGAIN_AFTER_MS = 100;

/** Whether a setting takes effect only at the next start, since something was bound to it. */
export const holdsFromNextStart = (key: string): boolean =>
  key === 'proxy.host' || key === 'proxy.port' || key.startsWith('database.');

/**
 * The settings while the program runs: read again whenever the file changes, and taken over as a whole or not at all.
 * `values` and each of its sections are the same objects all the time, so code that holds one sees the present values.
 */
export class LiveSettings {
  /** Why the present file is not in effect; null: it is. */
  trouble: string | null = null;
  private readonly changes = new Listeners<[changed: ReadonlySet<string>]>();
  private readonly readings = new Listeners<[read: SettingsRead]>();
  private readonly watch: FileWatch;
  private cancelAgain: () => void = () => undefined;
  private stopSharing: () => void = () => undefined;
  /** Whether the file existed once: from then on a missing file is a fault. */
  private wasThere: boolean;

  /** @param values - the settings at the start; changed in place from then on */
  constructor(
    private readonly parts: LiveSettingsParts,
    readonly values: Settings,
  ) {
    this.wasThere = existsSync(parts.file);
    this.watch = new FileWatch(parts.file, parts.clock, () => this.look());
  }

  start(): void {
    this.watch.start();
    this.stopSharing = this.parts.shared?.onChange(() => void this.reload()) ?? this.stopSharing;
  }

  stop(): void {
    this.watch.stop();
    this.stopSharing();
    this.cancelAgain();
  }

  /** Calls `listener` after settings changed, with their keys. */
  onChange(listener: (changed: ReadonlySet<string>) => void): () => void {
    return this.changes.add(listener);
  }

  /** Calls `listener` after a reading that changed something: settings, or a fault in them. */
  onRead(listener: (read: SettingsRead) => void): () => void {
    return this.readings.add(listener);
  }

  /** What is in the file, and elsewhere, now. @throws {SettingsError} it cannot be used */
  layers(): SettingsLayers {
    const { file, env, shared } = this.parts;
    return settingsLayers(file, env, shared?.values);
  }

  /** Reads the file and the environment again. */
  reload(): SettingsRead {
    return this.take(this.read());
  }

  /** @param next - what was read: the settings, or what is wrong with them */
  private take(next: Settings | string): SettingsRead {
    this.cancelAgain();
    if (typeof next === 'string') return this.refuse(next);
    const before = this.trouble;
    this.trouble = null;
    const differing = differences(this.values, next);
    const forNextStart = differing.filter(holdsFromNextStart);
    const changed = differing.filter((key) => !holdsFromNextStart(key));
    takeOver(this.values, next, changed);
    const read = { fault: null, changed, forNextStart };
    if (changed.length > 0) this.changes.tell(new Set(changed));
    if (differing.length > 0 || before !== null) this.readings.tell(read);
    return read;
  }

  private look(): void {
    const next = this.read();
    if (typeof next !== 'string') this.take(next);
    else {
      this.cancelAgain();
      this.cancelAgain = this.parts.clock.after(AGAIN_AFTER_MS, () => void this.reload());
    }
  }

  private refuse(fault: string): SettingsRead {
    const read = { fault, changed: [], forNextStart: [] };
    const isNew = fault !== this.trouble;
    this.trouble = fault;
    if (isNew) this.readings.tell(read);
    return read;
  }

  /** @returns the settings, or what is wrong with them */
  private read(): Settings | string {
    const { file } = this.parts;
    const isThere = existsSync(file);
    if (!isThere && this.wasThere) return new FileGone(file).message;
    this.wasThere = isThere;
    try {
      const { settings } = this.layers();
      // if the key is removed from the file, the next start makes another one: until then clients keep theirs
      if (settings.proxy.apiKey === '') settings.proxy.apiKey = this.values.proxy.apiKey;
      return settings;
    } catch (error) {
      if (error instanceof SettingsError) return error.message;
      throw error;
    }
  }
}

const sectionsOf = (settings: Settings): readonly (readonly [name: string, keys: JsonObject])[] =>
  Object.entries(settings as JsonObject).flatMap(([name, keys]) => (isJsonObject(keys) ? [[name, keys] as const] : []));

/** The keys whose values differ. */
function differences(before: Settings, after: Settings): readonly string[] {
  const was = new Map(sectionsOf(before));
  return sectionsOf(after).flatMap(([name, keys]) => {
    const old = was.get(name) ?? {};
    const names = new Set([...Object.keys(old), ...Object.keys(keys)]);
    return [...names]
      .filter((key) => !isDeepStrictEqual(ownValue(old, key), ownValue(keys, key)))
      .map((key) => `${name}.${key}`);
  });
}

/** Copies what `changed` names from `next` to `values`, each section in place. */
function takeOver(values: Settings, next: Settings, changed: readonly string[]): void {
  const [into, from] = [values as JsonObject, next as JsonObject];
  for (const path of changed) {
    const dot = path.indexOf('.');
    const [name, key] = [path.slice(0, dot), path.slice(dot + 1)];
    const [target, source] = [ownValue(into, name), ownValue(from, name)];
    if (!isJsonObject(target) || !isJsonObject(source)) setOwn(into, name, source);
    else if (Object.hasOwn(source, key)) setOwn(target, key, source[key]);
    else Reflect.deleteProperty(target, key);
  }
}
