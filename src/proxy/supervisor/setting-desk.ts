import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, ownValue, type JsonObject } from '../../store/ground/json.js';
import { holdsFromNextStart, type LiveSettings } from '../../store/settings/live-settings.js';
import { isSecretSetting } from '../../store/settings/secret-settings.js';
import { settingKind } from '../../store/settings/setting-kinds.js';
import { settingPath } from '../../store/settings/setting-path.js';
import { SECRET_SHOWN, settingsInEffect, type SettingInEffect } from '../../store/settings/setting-rows.js';
import {
  saveSetting,
  SettingsError,
  unsetSetting,
  type Settings,
  type SettingsLayers,
} from '../../store/settings/settings.js';
import type { OperationReply } from '../contract/operations.js';
import type { SettingRow, SettingsShown } from '../contract/setting-shapes.js';

export interface SettingDeskParts {
  /** Path of settings.json. */
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
  readonly live: Pick<LiveSettings, 'values' | 'reload' | 'layers'>;
}

/** A change that can be undone. */
interface Change {
  readonly key: string;
  readonly to: unknown;
  /** What was in the file before; undefined: nothing was, so the default held. */
  readonly before: unknown;
}

/** Changes that can be undone, at most. */
const MOST_CHANGES = 100;

/** The settings as screens show and change them: switches, choices and numbers, in the file. */
export class SettingDesk {
  private readonly changes: Change[] = [];
  /** The last layers that could be used. */
  private good: SettingsLayers | null = null;

  constructor(private readonly parts: SettingDeskParts) {}

  shown(): SettingsShown {
    const { file, live } = this.parts;
    const last = this.changes.at(-1);
    const undo = last === undefined ? null : `${last.key} back to ${this.wordsOf(last.before)}`;
    try {
      this.good = this.layers();
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      return { file, rows: this.good === null ? [] : rowsOf(this.good, live), fault: error.message, undo };
    }
    return { file, rows: rowsOf(this.good, live), fault: null, undo };
  }

  /** Sets a switch, a choice or a number, in the file, and puts it into effect where that can be while it runs. */
  set(key: string, value: string | number | boolean): OperationReply {
    const can = settingKind(settingPath(key));
    if (can.kind === 'other') return refusal(`${key} is set with \`regrant config set\`, or in the file`);
    return this.changing(() => {
      const before = this.inFile(key);
      const over = this.layers().variables.get(settingPath(key).join('.'));
      if (over !== undefined) return refusal(`${key} is set by ${over}, which stands over the file`);
      saveSetting(this.parts.file, this.parts.env, key, value);
      this.changes.push({ key, to: value, before });
      if (this.changes.length > MOST_CHANGES) this.changes.shift();
      return this.settled(key, JSON.stringify(value));
    });
  }

  undo(): OperationReply {
    return this.changing(() => {
      const last = this.changes.at(-1);
      if (last === undefined) return refusal('no setting was changed here since the start');
      const { key, to, before } = last;
      if (!isDeepStrictEqual(this.inFile(key), to)) {
        this.changes.pop();
        return refusal(`${key} was changed by somebody else since, so it is left as it is`);
      }
      if (before === undefined) unsetSetting(this.parts.file, key);
      else saveSetting(this.parts.file, this.parts.env, key, before);
      this.changes.pop();
      return this.settled(key, this.wordsOf(before));
    });
  }

  private changing(change: () => OperationReply): OperationReply {
    try {
      return change();
    } catch (error) {
      if (error instanceof SettingsError) return refusal(error.message);
      throw error;
    }
  }

  private settled(key: string, value: string): OperationReply {
    const { fault } = this.parts.live.reload();
    if (fault !== null) return refusal(fault);
    const when = holdsFromNextStart(key) ? 'from the next start on' : 'now';
    return { ok: true, text: `${key} is ${value} ${when}` };
  }

  private layers = (): SettingsLayers => this.parts.live.layers();

  private inFile(key: string): unknown {
    return valueAt(this.layers().fromFile, settingPath(key));
  }

  private wordsOf = (value: unknown): string => (value === undefined ? 'its default' : JSON.stringify(value));
}

const refusal = (text: string): OperationReply => ({ ok: false, text });

const rowsOf = (layers: SettingsLayers, live: Pick<LiveSettings, 'values'>): SettingRow[] =>
  settingsInEffect(layers).map((row) => settingRow(row, layers.settings, live.values));

/** @param read - the settings as they are in the file now; @param held - those in effect */
function settingRow({ key, names, value, from, source }: SettingInEffect, read: Settings, held: Settings): SettingRow {
  const nextStart = holdsFromNextStart(key);
  const row = { key, from, source, nextStart, can: settingKind(names) };
  const [next, now] = [valueAt(read, names), valueAt(held, names)];
  if (!nextStart || isDeepStrictEqual(next, now)) return { ...row, value, waiting: null };
  if (isSecretSetting(key)) return { ...row, value: SECRET_SHOWN, waiting: SECRET_SHOWN };
  return { ...row, value: now, waiting: JSON.stringify(next) };
}

const valueAt = (settings: JsonObject, names: readonly string[]): unknown =>
  names.reduce<unknown>((at, name) => (isJsonObject(at) ? ownValue(at, name) : undefined), settings);
