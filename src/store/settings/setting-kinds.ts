import { isJsonObject, ownValue } from '../ground/json.js';
import { SettingsSchema } from './schema.js';

/** What a setting can be set to, as far as a form can offer it. */
export type SettingKind =
  | { readonly kind: 'switch' }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly kind: 'number'; readonly least: number; readonly most: number }
  /** Text, a list, names with values: for an editor. */
  | { readonly kind: 'other' };

const OTHER: SettingKind = { kind: 'other' };

/** What may stand in a setting, by the schema that the settings are read by. @param names - its path */
export function settingKind(names: readonly string[]): SettingKind {
  const steps = stepsOf(schemaAt(names));
  const [first] = steps;
  if (first?.type === 'boolean') return { kind: 'switch' };
  if (first?.type === 'picklist') return { kind: 'choice', options: [...(first.options ?? [])] };
  if (first?.type !== 'number') return OTHER;
  const bound = (type: string): number => Number(steps.find((step) => step.type === type)?.requirement);
  const [least, most] = [bound('min_value'), bound('max_value')];
  return Number.isNaN(least) || Number.isNaN(most) ? OTHER : { kind: 'number', least, most };
}

/** Whether the settings have such a key; a section alone is none. @param names - its path */
export function isSetting(names: readonly string[]): boolean {
  const found = schemaAt(names);
  const isSection = names.length === 1 && stepsOf(found).some(({ entries }) => entries !== undefined);
  return found !== undefined && !isSection && !names.includes('');
}

/** Whether a setting is a text. @param names - its path */
export const isTextSetting = (names: readonly string[]): boolean => stepsOf(schemaAt(names))[0]?.type === 'string';

const schemaAt = (names: readonly string[]): unknown =>
  names.reduce<unknown>((schema, name) => below(schema, name), SettingsSchema);

/** What is looked at of valibot's schemas and actions. */
interface Step {
  readonly type: string;
  readonly requirement?: unknown;
  readonly options?: readonly string[];
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly value?: unknown;
}

/** A schema's own steps: those of its pipe, else itself alone; of an optional value those of the value. */
function stepsOf(schema: unknown): readonly Step[] {
  if (!isJsonObject(schema)) return [];
  if (schema.type === 'optional') return stepsOf(schema.wrapped);
  return (Array.isArray(schema.pipe) ? schema.pipe : [schema]) as readonly Step[];
}

/** The schema of a key in the schema of an object; undefined: there is none. */
function below(schema: unknown, name: string): unknown {
  for (const step of stepsOf(schema)) {
    if (step.entries !== undefined) return ownValue(step.entries, name);
    if (step.value !== undefined) return step.value;
  }
  return undefined;
}
