import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { defaultSettings, SettingsSchema } from '../../src/store/settings/schema.js';
import { settingKind } from '../../src/store/settings/setting-kinds.js';

type Json = Record<string, unknown>;
interface Part {
  readonly properties?: Record<string, Part>;
  readonly description?: string;
  readonly default?: unknown;
}

const root = path.dirname(path.dirname(import.meta.dirname));
const { settingsJsonSchema } = (await import(path.join(root, 'scripts/settings-schema.mjs'))) as {
  settingsJsonSchema: (schema: unknown, defaults: unknown, reference: string) => object;
};
const made = settingsJsonSchema(
  SettingsSchema,
  defaultSettings,
  readFileSync(path.join(root, 'docs/reference.md'), 'utf8'),
) as Part;
const says = new Ajv({ strict: true, allowUnionTypes: true }).compile(made);

const sections = Object.entries(defaultSettings as Json);
const keys = sections.flatMap(([section, names]) => Object.keys(names as Json).map((name) => [section, name] as const));
const withKey = (section: string, name: string, value: unknown): Json => ({ [section]: { [name]: value } });
const isTaken = (section: string, name: string, value: unknown): boolean =>
  v.safeParse(SettingsSchema, {
    ...defaultSettings,
    [section]: { ...((defaultSettings as Json)[section] as Json), [name]: value },
  }).success;

test('every setting is in the schema, with its default and what the reference says of it', () => {
  for (const [section, name] of keys) {
    const part = made.properties?.[section]?.properties?.[name];
    assert.equal(part?.default, ((defaultSettings as Json)[section] as Json)[name], `${section}.${name}`);
    assert.ok((part?.description ?? '').length > 3, `${section}.${name} has no row in the table of settings`);
  }
  assert.ok((made.properties?.accounts?.description ?? '') !== '');
});

test('a file need not have every key, may name its schema, and keeps keys that nobody knows', () => {
  for (const good of [
    {},
    { $schema: './settings.schema.json', proxy: { port: 1 }, mine: { kept: true } },
    { accounts: { 'a@b.c': { priority: 3 } }, oauth: { clients: { work: { id: 'i' } } } },
    defaultSettings,
  ])
    assert.ok(says(good), JSON.stringify(says.errors));
  for (const wrong of [
    [],
    { proxy: [] },
    { proxy: { port: '1' } },
    { pool: { strategy: 'wish' } },
    { accounts: { a: 1 } },
  ])
    assert.not(says(wrong), JSON.stringify(wrong));
});

/** Values near and beyond what settings take. */
const values = fc.oneof(
  ...[fc.integer({ min: -2, max: 2 ** 31 }), fc.double(), fc.boolean(), fc.string(), fc.constant(null)],
  ...[fc.constant('off'), fc.constant('fill-first'), fc.constant('http://127.0.0.1:1/x'), fc.constant([])],
  ...[fc.array(fc.string(), { maxLength: 3 }), fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 })],
);

test('the schema refuses nothing that the program takes, and of switches, choices and numbers takes nothing else', () => {
  fc.assert(
    fc.property(fc.constantFrom(...keys), values, ([section, name], value) => {
      const taken = isTaken(section, name, value);
      const said = says(withKey(section, name, value));
      if (taken) assert.ok(said, `${section}.${name} = ${JSON.stringify(value)}: ${JSON.stringify(says.errors)}`);
      else if (settingKind([section, name]).kind !== 'other')
        assert.not(said, `${section}.${name} = ${JSON.stringify(value)}`);
    }),
    { numRuns: 3_000 },
  );
});

test.run();
