import { isDeepStrictEqual } from 'node:util';
import { existsSync } from 'node:fs';
import { FileWatch } from '../disk/file-watch.js';
import type { Clock } from '../ground/clock.js';
import { isJsonObject, type JsonObject } from '../ground/json.js';
import { Listeners } from '../ground/listeners.js';
import { SettingsError, settingsLayers, type Settings } from './settings.js';

export interface LiveSettingsParts {
  /** Path of settings.json. */
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
}

/** What came of reading the settings anew. */
export interface SettingsRead {
  /** Why those before it hold on; null: what was read holds. */
  readonly fault: string | null;
  /** Keys that hold from now on as they were read. */
  readonly changed: readonly string[];
  /** Keys that are another value in the file, and hold from the next start on. */
  readonly forNextStart: readonly string[];
}

/** An editor may be in the middle of its write: what is wrong is read once more before it counts. */
const AGAIN_AFTER_MS = 100;

/** What is bound at a start stays as it is until the next. */
export const holdsFromNextStart = (key: string): boolean =>
  key === 'proxy.host' || key === 'proxy.port' || key.startsWith('database.');

/**
 * The settings while the program runs: read anew whenever the file changes, and taken over whole or not at all. `values` and
 * each section of it are the same objects from the start to the end, so whoever holds one sees what holds now.
 */
export class LiveSettings {
  /** Why what the file says now does not hold; null: it does. */
  trouble: string | null = null;
  private readonly changes = new Listeners<[changed: ReadonlySet<string>]>();
  private readonly readings = new Listeners<[read: SettingsRead]>();
  private readonly watch: FileWatch;
  private cancelAgain: () => void = () => undefined;
  /** It stood once: from then on one that is gone is a fault. */
  private wasThere: boolean;

  /** @param values - as they hold at the start; changed in place from then on */
  constructor(
    private readonly parts: LiveSettingsParts,
    readonly values: Settings,
  ) {
    this.wasThere = existsSync(parts.file);
    this.watch = new FileWatch(parts.file, parts.clock, () => this.look());
  }

  start(): void {
    this.watch.start();
  }

  stop(): void {
    this.watch.stop();
    this.cancelAgain();
  }

  /** Calls `listener` after settings changed, with their keys. */
  onChange(listener: (changed: ReadonlySet<string>) => void): () => void {
    return this.changes.add(listener);
  }

  /** Calls `listener` after a reading that changed something: settings, or what is wrong with them. */
  onRead(listener: (read: SettingsRead) => void): () => void {
    return this.readings.add(listener);
  }

  /** Reads the file and the environment anew. */
  reload(): SettingsRead {
    this.cancelAgain();
    const next = this.read();
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
    if (typeof this.read() !== 'string') this.reload();
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
    const { file, env } = this.parts;
    const isThere = existsSync(file);
    if (!isThere && this.wasThere) return `${file} is gone; write it again, or stop regrant to start anew`;
    this.wasThere = isThere;
    try {
      const { settings } = settingsLayers(file, env);
      // a key that is taken out of the file makes another one at the next start: until then clients keep the one they have
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

/** The keys that are not the same in both. */
function differences(before: Settings, after: Settings): readonly string[] {
  const was = new Map(sectionsOf(before));
  return sectionsOf(after).flatMap(([name, keys]) => {
    const old = was.get(name) ?? {};
    const names = new Set([...Object.keys(old), ...Object.keys(keys)]);
    return [...names].filter((key) => !isDeepStrictEqual(old[key], keys[key])).map((key) => `${name}.${key}`);
  });
}

/** Puts what `changed` names of `next` into `values`, each section in its place. */
function takeOver(values: Settings, next: Settings, changed: readonly string[]): void {
  const [into, from] = [values as JsonObject, next as JsonObject];
  for (const path of changed) {
    const dot = path.indexOf('.');
    const [name, key] = [path.slice(0, dot), path.slice(dot + 1)];
    const [target, source] = [into[name], from[name]];
    if (!isJsonObject(target) || !isJsonObject(source)) into[name] = source;
    else if (Object.hasOwn(source, key)) target[key] = source[key];
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a JSON object, as it was read
    else delete target[key];
  }
}
