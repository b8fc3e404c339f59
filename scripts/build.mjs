// Builds src/ into dist/, which is emptied first, so that a file deleted from src/ does not stay in the package. Types
// are checked only by `npm run typecheck`: nearly every test run builds, and most of the compiler's time would be that
// check.
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';
import { chmodSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsJsonSchema } from './settings-schema.mjs';

const sources = readdirSync('src', { recursive: true })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
  .map((name) => join('src', name));
rmSync('dist', { recursive: true, force: true });
await build({
  ...{ entryPoints: sources, outbase: 'src', outdir: 'dist', logLevel: 'warning' },
  ...{ platform: 'node', format: 'esm', target: 'node20', charset: 'utf8', legalComments: 'none' },
  tsconfigRaw: { compilerOptions: { target: 'ES2023', verbatimModuleSyntax: true } },
});
chmodSync('dist/app.js', 0o755);
// the manual page is made from the table of verbs
execFileSync(process.execPath, ['dist/commands/verbs/write-man-page.js', 'man/regrant.1']);
rmSync('dist/commands/verbs/write-man-page.js');
// so is the schema of the settings, for editors
const { SettingsSchema, defaultSettings } = await import('../dist/store/settings/schema.js');
const schema = settingsJsonSchema(SettingsSchema, defaultSettings, readFileSync('docs/reference.md', 'utf8'));
writeFileSync('dist/settings.schema.json', `${JSON.stringify(schema, null, 2)}\n`);
