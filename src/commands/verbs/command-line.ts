import { told } from '../../store/words/told.js';
import { tell } from '../../store/words/tongue.js';
import { saying } from '../../store/words/saying.js';
import { Command, Option } from 'commander';
import { UsageError } from '../../store/ground/errors.js';
import { version } from '../../store/ground/version.js';
import type { CommandArguments } from '../context.js';
import { familyHelp, mainHelp, verbHelp } from './help.js';
import { completeVerb } from './settings.js';
import { verbs } from './verbs.js';
import type { Argument, Verb } from './verb.js';
import { ownValue, setOwn } from '../../store/ground/json.js';

/** The options of `regrant` without a verb. */
export interface Modes {
  readonly headless?: boolean;
  readonly detach?: boolean;
  readonly demo?: boolean;
  /** Started by the process that it is to follow. */
  readonly successor?: boolean;
}

export interface Runners {
  readonly verb: (verb: Verb, given: CommandArguments) => Promise<void>;
  readonly main: (modes: Modes) => Promise<void>;
}

const DATA_DIR = '--data-dir <dir>';

/**
 * The command line parser, made from the table of verbs.
 *
 * @param words - what it will be given: verbs that are not among them are left out, which saves most of its time
 */
export function commandLine({ verb: run, main }: Runners, words?: readonly string[]): Command {
  const program = new Command('regrant')
    .version(version, '--version')
    .option('--headless')
    .option('--detach')
    .option('--demo')
    .addOption(new Option('--successor').hideHelp())
    .addOption(new Option(DATA_DIR))
    .enablePositionalOptions(false)
    .exitOverride()
    .showHelpAfterError(tell('(see `regrant --help`)'))
    // the parser has its own words in English alone
    .configureOutput({ outputError: (text, write) => write(text.split('\n').map(told).join('\n')) })
    .configureHelp({ formatHelp: () => mainHelp(verbs) })
    .helpCommand(false)
    .allowExcessArguments()
    .action(async (modes: Modes, { args: [unknown] }: Command) => {
      if (unknown !== undefined)
        throw new UsageError(saying('there is no command "{name}"; `regrant --help` lists them', { name: unknown }));
      await main(modes);
    });
  const families = new Map<string, Command>();
  for (const verb of [completeVerb(() => verbs), ...verbs]) {
    const [first = '', second] = verb.name.split(' ');
    if (words?.includes(first) === false) continue;
    if (second === undefined) addVerb(program, first, verb, run);
    else addVerb(familyOf(program, first, families), second, verb, run);
  }
  return program;
}

/** The command above others: `key` of `key add`. */
function familyOf(program: Command, name: string, families: Map<string, Command>): Command {
  const known = families.get(name) ?? program.commands.find((command) => command.name() === name);
  if (known !== undefined) return known;
  const members = verbs.filter((verb) => verb.name.startsWith(`${name} `));
  const family = program
    .command(name)
    .exitOverride()
    .option(DATA_DIR)
    .configureHelp({ formatHelp: () => familyHelp(name, members) })
    .allowExcessArguments()
    .action((_options: unknown, { args: [unknown] }: Command) => {
      throw new UsageError(
        unknown === undefined
          ? saying('`regrant {family}` needs a verb; `regrant {family} --help` lists them', { family: name })
          : saying('`regrant {family}` knows no "{name}"; `regrant {family} --help` lists them', {
              ...{ family: name, name: unknown },
            }),
      );
    });
  families.set(name, family);
  return family;
}

function addVerb(parent: Command, word: string, verb: Verb, run: Runners['verb']): void {
  const command = parent
    .command(word)
    .option(DATA_DIR)
    .allowExcessArguments(false)
    .exitOverride()
    .configureHelp({ formatHelp: () => verbHelp(verb) });
  for (const argument of verb.takes) command.argument(wordOf(argument));
  for (const { flag, value } of verb.options) command.option(value === null ? flag : `${flag} <value>`);
  command.action(async (...all: unknown[]) => {
    const taken = all.slice(0, verb.takes.length).flat();
    const words = taken.filter((given): given is string => typeof given === 'string');
    // an option that the family has as well (`trash --json`, `trash restore NAME --json`) is taken by that one
    await run(verb, { words, options: optionsGiven(verb, command.optsWithGlobals<Record<string, unknown>>()) });
  });
}

function wordOf({ name, count }: Argument): string {
  const many = count === 'some' || count === 'any' ? '...' : '';
  return count === 'maybe' || count === 'any' ? `[${name}${many}]` : `<${name}${many}>`;
}

/**
 * The options as they were typed: Commander turns `--no-pin` into `pin: false` and `--tokens-per-day` into
 * `tokensPerDay`.
 */
function optionsGiven(verb: Verb, parsed: Readonly<Record<string, unknown>>): CommandArguments['options'] {
  const given: Record<string, string | true> = {};
  for (const { flag } of verb.options) {
    const name = flag.replace(/^-+/, '');
    const isNegated = name.startsWith('no-');
    const value = ownValue(parsed, camelCase(isNegated ? name.slice(3) : name));
    if (isNegated ? value === false : value === true) setOwn(given, name, true);
    else if (typeof value === 'string') setOwn(given, name, value);
  }
  return given;
}

const camelCase = (name: string): string => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
