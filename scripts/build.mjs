// Builds src/ into dist/, which is emptied first, so that nothing of an earlier build stays in the package. Types are
// checked only by `npm run typecheck`: nearly every test run builds, and most of the compiler's time would be that check.
// Arguments are what a benchmark wants to be shown: `src/….ts#Name`.
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';
import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { besides, modules, program } from './bundling.mjs';
import { layProgram } from './lay-program.mjs';
import { settingsJsonSchema } from './settings-schema.mjs';

// as deep as dist/, where the program finds its package.json
const tools = '.build';
for (const old of ['dist', '.code-cache']) rmSync(old, { recursive: true, force: true });
rmSync(tools, { recursive: true, force: true });
await layProgram(program('dist/program.js', process.argv.slice(2)), besides('dist'));
await build(modules(['src/commands/verbs/write-shell-files.ts', 'src/store/settings/schema.ts'], tools));
chmodSync('dist/app.js', 0o755);
// what blessed knows of terminals that the system does not know
for (const name of ['linux', 'windows-ansi', 'xterm', 'xterm-256color', 'xterm.termcap'])
  cpSync(join('node_modules', 'blessed', 'usr', name), join('dist', 'usr', name));
// the manual page and the completions are made from the table of verbs
execFileSync(process.execPath, [join(tools, 'commands/verbs/write-shell-files.js'), '.']);
// so is the schema of the settings, for editors
const { SettingsSchema, defaultSettings } = await import(`../${tools}/store/settings/schema.js`);
const schema = settingsJsonSchema(SettingsSchema, defaultSettings, readFileSync('docs/reference.md', 'utf8'));
writeFileSync('dist/settings.schema.json', `${JSON.stringify(schema, null, 2)}\n`);
rmSync(tools, { recursive: true });
