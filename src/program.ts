import { saying } from './store/words/saying.js';
import { CommanderError } from 'commander';
import { asProcess, type Act } from './commands/first/as-process.js';
import { answered } from './commands/answered.js';
import { exit } from './commands/context.js';
import { languageOfWords } from './commands/settings/language.js';
import { UsageError, type Saying } from './store/ground/errors.js';
import { commandLine, type Modes } from './commands/verbs/command-line.js';

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

async function main(run: (act: Act) => Promise<number>): Promise<number> {
  let status: number = exit.done;
  try {
    const words = process.argv.slice(2);
    const parser = commandLine(
      {
        main: async (modes) => {
          status = await run(await mainVerb(modes));
        },
        verb: async ({ load, draws }, given) => {
          const code = await load();
          const act: Act = (around) => code(around, given);
          status = await run(draws === true ? act : answered(act));
        },
      },
      words,
    );
    await parser.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.usage;
    throw error;
  }
  return status;
}

// it may go away as any stream may
process.stdin.on('error', () => undefined);
asProcess({ language: languageOfWords, main });
