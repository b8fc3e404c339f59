/** A command line as a process: what it works with, what it speaks, and how what goes wrong is told. */
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { dataDirectoryPath, layout } from '../../store/disk/directory.js';
import { systemClock } from '../../store/ground/clock.js';
import { CannotRun, RegrantError, UsageError } from '../../store/ground/errors.js';
import { byItself } from '../../store/ground/faults.js';
import { redact } from '../../store/ground/redact.js';
import { version } from '../../store/ground/version.js';
import { SettingsError, SettingsNotWritten } from '../../store/settings/settings-error.js';
import { placedStack } from '../../store/stacks/placed-stack.js';
import { said, saying } from '../../store/words/saying.js';
import { speak, sideBySide, tell, type Language } from '../../store/words/tongue.js';
import { exit, say, type Context } from '../context.js';
import { isOutOfDescriptors, OUT_OF_DESCRIPTORS } from '../out-of-descriptors.js';

/** How long the last lines may take to get through a slow pipe. */
const LAST_WORDS_MS = 1_000;

export type Act = (context: Context) => Promise<number>;

interface Command {
  /** The language of its words. */
  readonly language: (env: NodeJS.ProcessEnv, dataDir: string | undefined) => Language;
  /** Reads the command line and runs what it asks for. @returns the exit status */
  readonly main: (run: (act: Act) => Promise<number>) => Promise<number>;
}

/** Runs the command of this process, which ends when it has ended. */
export function asProcess(command: Command): void {
  // a terminal or a pipe that goes away must not end the process: the proxy goes on serving
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
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
    run(command)
      .catch(complain)
      .then((status) => {
        process.exitCode = status;
        // an open connection or timer must not keep a program alive that has ended
        setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
      }),
  );
}

async function run({ language, main }: Command): Promise<number> {
  const context: Context = {
    dataDir: dataDirOption(),
    env: process.env,
    clock: systemClock,
    // made when it is first looked at, which few verbs do
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
  };
  const spoken = language(context.env, context.dataDir);
  if (spoken !== 'en') await speak(spoken);
  return main((act) => {
    // an unset variable in a script would otherwise put secrets into the working directory
    if (context.dataDir === '') {
      throw new UsageError(
        saying('--data-dir names no directory; name one, or leave it out for REGRANT_DATA_DIR or ~/.regrant'),
      );
    }
    return act(context);
  });
}

/** Reports an error on standard error, in one line if an operator can mend it. @returns the exit status */
function complain(error: unknown): number {
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
