#!/usr/bin/env node
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { answered } from './commands/answered.js';
import { exit, say, type Context } from './commands/context.js';
import { clientNames } from './commands/settings/client-variables.js';
import type { EnvOptions } from './commands/settings/env.js';
import { systemClock } from './store/ground/clock.js';
import { dataDirectoryPath, layout } from './store/disk/directory.js';
import { CannotRun, RegrantError, UsageError } from './store/ground/errors.js';
import { SettingsError } from './store/settings/settings.js';
import { redact } from './store/ground/redact.js';
import { version } from './store/ground/version.js';

interface Globals {
  readonly dataDir?: string;
  readonly headless?: boolean;
  readonly detach?: boolean;
  readonly demo?: boolean;
}

/** Time for the last lines to leave through a slow pipe. */
const LAST_WORDS_MS = 1_000;

type Verb = (context: Context) => Promise<number>;

/** The command line as a table of verbs; each is loaded only when it is called. */
function commandLine(run: (verb: Verb) => Promise<void>): Command {
  const program = new Command('regrant')
    .description('Supervises a pool of Google OAuth accounts behind a local HTTP proxy.')
    .version(version, '--version')
    .option('--headless', 'the proxy without a screen: JSON log lines on standard output')
    .option('--detach', 'the same in the background: returns once the proxy listens')
    .option('--demo', 'everything against a simulated Google, with traffic and a revoked account')
    .addOption(new Option('--data-dir <dir>', 'the data directory (else REGRANT_DATA_DIR, else ~/.regrant)'))
    .enablePositionalOptions(false)
    .exitOverride()
    .showHelpAfterError('(see `regrant --help`)')
    .allowExcessArguments()
    .action(async (options: Globals, { args: [unknown] }: Command) => {
      if (unknown !== undefined)
        throw new UsageError(`there is no command "${unknown}"; \`regrant --help\` lists them`);
      await run(await mainVerb(options));
    });
  const answer = (verb: Verb): Promise<void> => run(answered(verb));
  const verb = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option('--data-dir <dir>', 'the data directory')
      .allowExcessArguments(false)
      .exitOverride();
  verb('status', 'whether it serves: one line; exit 0 ok, 1 degraded, 3 down')
    .option('--json', 'the body of /healthz with pid, address and start')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { status } = await import('./commands/supervisor/status.js');
      await answer((context) => status(context, { json }));
    });
  verb('accounts', 'the accounts and where each stands')
    .option('--json', 'as JSON, without tokens')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { accounts } = await import('./commands/accounts/accounts.js');
      await answer((context) => accounts(context, { json }));
    });
  verb('add', 'add or re-add the refresh token on standard input')
    .option('--client <name>', 'the OAuth client that issued it')
    .action(async ({ client }: { client?: string }) => {
      const { add } = await import('./commands/accounts/add.js');
      await answer((context) => add(context, { client }));
    });
  verb('import', 'take in accounts from files or the data directory of another program')
    .argument(
      '<path...>',
      "account files, a data directory, gcloud's credentials, or a file of refresh tokens one a line",
    )
    .option('--client <name>', 'the OAuth client that issued them, whatever the files name')
    .action(async (paths: string[], { client }: { client?: string }) => {
      const { importAccounts } = await import('./commands/accounts/import.js');
      await answer((context) => importAccounts(context, { paths, client }));
    });
  verb('login', 'log in with Google: a link to open anywhere, its answer pasted back')
    .argument('[email]', 'whom to suggest to the browser')
    .option('--client <name>', 'the OAuth client to log in with')
    .action(async (email: string | undefined, { client }: { client?: string }) => {
      const { login } = await import('./commands/accounts/login.js');
      await answer((context) => login(context, { client, email }));
    });
  verb('env', 'shell exports that point a client at the proxy: eval "$(regrant env)"')
    .addOption(new Option('--for <client>', 'whose variables and settings (default: gemini)').choices(clientNames))
    .action(async (options: EnvOptions) => {
      const { env } = await import('./commands/settings/env.js');
      await answer((context) => env(context, options));
    });
  verb('attach', 'the screen of the running supervisor').action(async () => {
    const { attach } = await import('./commands/supervisor/attach.js');
    await run(await onTerminal(attach, 'run it in one, or ask with `regrant status`'));
  });
  verb('stop', 'drain and stop the running supervisor').action(async () => {
    const { stop } = await import('./commands/supervisor/stop.js');
    await answer(stop);
  });
  verb('doctor', "check the settings, the clock, the reach of each endpoint and every account's grant").action(
    async () => {
      const { doctor } = await import('./commands/reading/doctor.js');
      await answer(doctor);
    },
  );
  return program;
}

async function mainVerb({ headless, detach, demo }: Globals): Promise<Verb> {
  const modes = Object.entries({ headless, detach, demo }).filter(([, isOn]) => isOn === true);
  if (modes.length > 1) {
    throw new UsageError(`${modes.map(([name]) => `--${name}`).join(' and ')} do not go together`);
  }
  if (headless === true) return (await import('./commands/start/headless.js')).headless;
  if (detach === true) return (await import('./commands/start/detach.js')).detach;
  const commands = await import('./commands/start/screen.js');
  if (demo === true) return onTerminal(commands.demo, 'run it in a terminal');
  return onTerminal(commands.screen, 'use `regrant --headless`');
}

/** The verb, where there is a terminal that it can be drawn on. */
async function onTerminal(verb: Verb, instead: string): Promise<Verb> {
  const { terminalFault } = await import('./commands/start/terminal.js');
  return (context) => {
    const fault = terminalFault(context, process.stdout.isTTY);
    if (fault !== null) throw new UsageError(`${fault}: ${instead}`);
    return verb(context);
  };
}

/** The exit status for what was thrown; says it on standard error, one line for what an operator can mend. */
function complain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.usage;
  if (!(error instanceof RegrantError)) return crashed(error);
  say(process.stderr, `regrant: ${error.message}`);
  if (error instanceof UsageError || error instanceof SettingsError) return exit.usage;
  return error instanceof CannotRun ? exit.cannotRun : exit.failed;
}

/** A bug: the stack goes to standard error and into `logs/crash.log`, and the process ends. */
function crashed(error: unknown): number {
  const stack = redact(error instanceof Error ? (error.stack ?? error.message) : String(error));
  say(process.stderr, `regrant: this is a bug, please report it:\n${stack}`);
  try {
    const places = layout(dataDirectoryPath(dataDirOption(), process.env), process.env);
    const entry = `${new Date(systemClock.now()).toISOString()} regrant ${version}\n${stack}\n`;
    appendFileSync(path.join(places.logs, 'crash.log'), entry, { mode: 0o600 });
  } catch {
    // standard error has it
  }
  return exit.bug;
}

/** As it was given; of several the last one, which is the one that an alias before it did not know of. */
function dataDirOption(): string | undefined {
  const at = process.argv.findLastIndex((word) => word === '--data-dir' || word.startsWith('--data-dir='));
  const word = process.argv[at];
  return word?.includes('=') === true ? word.slice(word.indexOf('=') + 1) : at < 0 ? undefined : process.argv[at + 1];
}

async function main(): Promise<number> {
  let status: number = exit.done;
  const context: Context = {
    dataDir: dataDirOption(),
    env: process.env,
    clock: systemClock,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
  };
  await commandLine(async (verb) => {
    // a variable that a script forgot to set would otherwise put secrets into whatever folder it runs in
    if (context.dataDir === '') {
      throw new UsageError(
        '--data-dir names no directory; name one, or leave it out for REGRANT_DATA_DIR or ~/.regrant',
      );
    }
    status = await verb(context);
  }).parseAsync();
  return status;
}

// a terminal or a pipe that goes away takes nothing with it: the proxy goes on serving
for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on('error', () => undefined);
// exit handlers give the terminal back before the stack is printed
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    process.once('exit', () => crashed(error));
    process.exit(exit.bug);
  });
}
process.title = 'regrant';
process.exitCode = await main().catch(complain);
// whatever still holds the loop open (a client's idle connection, say) must not keep an ended program alive
setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
