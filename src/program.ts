import { said, saying } from './store/words/saying.js';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { CommanderError } from 'commander';
import { answered } from './commands/answered.js';
import { exit, say, type Context } from './commands/context.js';
import { languageOfWords } from './commands/settings/language.js';
import { isOutOfDescriptors, OUT_OF_DESCRIPTORS } from './commands/out-of-descriptors.js';
import { systemClock } from './store/ground/clock.js';
import { dataDirectoryPath, layout } from './store/disk/directory.js';
import { CannotRun, RegrantError, UsageError, type Saying } from './store/ground/errors.js';
import { SettingsError, SettingsNotWritten } from './store/settings/settings-error.js';
import { placedStack } from './store/stacks/placed-stack.js';
import { byItself } from './store/ground/faults.js';
import { redact } from './store/ground/redact.js';
import { speak, sideBySide, tell } from './store/words/tongue.js';
import { version } from './store/ground/version.js';
import { commandLine, type Modes } from './commands/verbs/command-line.js';

/** How long the last lines may take to get through a slow pipe. */
const LAST_WORDS_MS = 1_000;

type Act = (context: Context) => Promise<number>;

async function mainVerb({ headless, detach, demo, successor }: Modes): Promise<Act> {
  if (successor === true) return (await import('./commands/start/take-over.js')).takeOver;
  const modes = Object.entries({ headless, detach, demo }).filter(([, isOn]) => isOn === true);
  if (modes.length > 1) {
    const flags = modes.map(([name]) => `--${name}`).join(' and ');
    throw new UsageError(saying('{flags} do not go together', { flags }));
  }
  if (headless === true) return (await import('./commands/start/headless.js')).headless;
  if (detach === true) return (await import('./commands/start/detach.js')).detach;
  const commands = await import('./commands/start/screen.js');
  if (demo === true) return onTerminal(commands.demo, saying('run it in a terminal'));
  return onTerminal(commands.screen, saying('use `regrant --headless`'));
}

/** The verb if a screen can be drawn on the terminal; else a verb that says why not. */
async function onTerminal(verb: Act, instead: Saying): Promise<Act> {
  const { terminalFault } = await import('./commands/supervisor/terminal-fault.js');
  return (context) => {
    const fault = terminalFault(context, process.stdout.isTTY);
    if (fault !== null) throw new UsageError(saying('{fault}: {instead}', { fault, instead }));
    return verb(context);
  };
}

/** Reports an error on standard error, in one line if an operator can mend it. @returns the exit status */
function complain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.usage;
  if (isOutOfDescriptors(error)) {
    say(process.stderr, sideBySide`regrant: ${tell(OUT_OF_DESCRIPTORS)}`);
    return exit.cannotRun;
  }
  if (!(error instanceof RegrantError)) return crashed(error);
  say(process.stderr, sideBySide`regrant: ${said(error)}`);
  if (error instanceof SettingsNotWritten) return exit.failed;
  if (error instanceof UsageError || error instanceof SettingsError) return exit.usage;
  return error instanceof CannotRun ? exit.cannotRun : exit.failed;
}

/** Handles a bug: the stack goes to standard error and into `logs/crash.log`, and the process ends. */
function crashed(error: unknown): number {
  const stack = redact(error instanceof Error ? placedStack(error.stack ?? error.message) : String(error));
  say(process.stderr, sideBySide`regrant: ${tell('this is a bug, please report it')}:\n${stack}`);
  try {
    const places = layout(dataDirectoryPath(dataDirOption(), process.env), process.env);
    const entry = `${new Date(systemClock.now()).toISOString()} regrant ${version}\n${stack}\n`;
    appendFileSync(path.join(places.logs, 'crash.log'), entry, { mode: 0o600 });
  } catch {
    // standard error has the stack
  }
  return exit.bug;
}

/**
 * The option `--data-dir` as given; if it was given more than once, the last one, since a user may add it to an alias
 * that has one.
 */
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
  const language = languageOfWords(context.env, context.dataDir);
  if (language !== 'en') await speak(language);
  const run = async (verb: Act): Promise<void> => {
    // an unset variable in a script would otherwise put secrets into the working directory
    if (context.dataDir === '') {
      throw new UsageError(
        saying('--data-dir names no directory; name one, or leave it out for REGRANT_DATA_DIR or ~/.regrant'),
      );
    }
    status = await verb(context);
  };
  await commandLine({
    main: async (modes) => run(await mainVerb(modes)),
    verb: async ({ load, draws }, given) => {
      const code = await load();
      const act: Act = (around) => code(around, given);
      await run(draws === true ? act : answered(act));
    },
  }).parseAsync();
  return status;
}

// a terminal or a pipe that goes away must not end the process: the proxy goes on serving
for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on('error', () => undefined);
// the exit handlers give the terminal back before the stack is printed
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    process.once('exit', () => crashed(error));
    process.exit(exit.bug);
  });
}
process.title = 'regrant';
byItself(
  'the program',
  main()
    .catch(complain)
    .then((status) => {
      process.exitCode = status;
      // an open connection or timer must not keep a program alive that has ended
      setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
    }),
);
