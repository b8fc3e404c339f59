/** Settings as screens see them: without secrets, and with what each can be set to. */
import * as v from 'valibot';
import type { SettingKind } from '../../store/settings/setting-kinds.js';

const SettingKindSchema: v.GenericSchema<unknown, SettingKind> = v.variant('kind', [
  v.object({ kind: v.literal('switch') }),
  v.object({ kind: v.literal('choice'), options: v.array(v.string()) }),
  v.object({ kind: v.literal('number'), least: v.number(), most: v.number() }),
  v.object({ kind: v.literal('other') }),
]);

const SettingRowSchema = v.object({
  /** Its path; a dot within a name is `\.`. */
  key: v.string(),
  /** What is in effect. */
  value: v.unknown(),
  from: v.picklist(['default', 'file', 'environment', 'database']),
  /** The variable, file or credential of the environment that set it; empty: none did. */
  source: v.string(),
  /** Whether a change takes effect only at the next start. */
  nextStart: v.boolean(),
  /** The value that waits for the next start, as JSON; null: none does. */
  waiting: v.nullable(v.string()),
  can: SettingKindSchema,
});

export type SettingRow = v.InferOutput<typeof SettingRowSchema>;

export const SettingsShownSchema = v.object({
  file: v.string(),
  rows: v.array(SettingRowSchema),
  /** Why the file is not in effect as it is; null: it is. */
  fault: v.nullable(v.string()),
  /** What `undoSetting` would do; null: nothing. */
  undo: v.nullable(v.string()),
});

export type SettingsShown = v.InferOutput<typeof SettingsShownSchema>;
