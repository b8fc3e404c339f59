/** A row of the table of verbs: what parsing, help, completion and the manual need to know. */
import type { PlainWord } from '../../store/words/tongue.js';
import type { Context, CommandArguments } from '../context.js';

/** What a word of the command line names, by which it is completed. */
export type Naming =
  'account' | 'key' | 'setting' | 'model' | 'client' | 'file' | 'trashed' | 'nothing' | readonly string[];

/** A word that comes after the verb. */
export interface Argument {
  /** Its name in the help: `EMAIL`. */
  readonly name: string;
  readonly names: Naming;
  readonly count: 'one' | 'maybe' | 'some' | 'any';
}

export interface VerbOption {
  /** `--json`, or `-f`. */
  readonly flag: string;
  /** The name of its value in the help; null: it takes none. */
  readonly value: string | null;
  readonly names: Naming;
  readonly about: PlainWord;
}

export type VerbCode = (context: Context, given: CommandArguments) => Promise<number>;

/** The groups of verbs by what they are about, in the order of the help. */
export const verbGroups = [
  'the running supervisor',
  'accounts',
  'reading',
  'settings and keys',
  'several machines',
] as const;
export type VerbGroup = (typeof verbGroups)[number];

export interface Verb {
  /** One word, or two: `key add`. */
  readonly name: string;
  readonly group: VerbGroup;
  readonly about: PlainWord;
  readonly takes: readonly Argument[];
  readonly options: readonly VerbOption[];
  /** Whole command lines. */
  readonly examples: readonly string[];
  /** The verb draws a screen on the terminal, so its output is not waited for. */
  readonly draws?: true;
  /** Loaded only when the verb is called. */
  readonly load: () => Promise<VerbCode>;
}

export const one = (name: string, names: Naming = 'nothing'): Argument => ({ name, names, count: 'one' });
export const maybe = (name: string, names: Naming = 'nothing'): Argument => ({ name, names, count: 'maybe' });
export const some = (name: string, names: Naming = 'nothing'): Argument => ({ name, names, count: 'some' });
export const any = (name: string, names: Naming = 'nothing'): Argument => ({ name, names, count: 'any' });

export const flag = (name: string, about: PlainWord): VerbOption => ({
  ...{ flag: name, value: null, names: 'nothing', about },
});
export const valued = (name: string, value: string, about: PlainWord, names: Naming = 'nothing'): VerbOption => ({
  ...{ flag: name, value, names, about },
});

export const jsonFlag = flag('--json', 'as JSON, for programs');
export const yes = flag('--yes', 'without asking');

/** A verb as a person types it, with its words and options. */
export function usageOf({ name, takes, options }: Verb): string {
  const words = takes.map((argument) => {
    const many = argument.count === 'some' || argument.count === 'any' ? `${argument.name}…` : argument.name;
    return argument.count === 'maybe' || argument.count === 'any' ? `[${many}]` : many;
  });
  const flags = options.map(({ flag, value }) => `[${flag}${value === null ? '' : ` ${value}`}]`);
  return [name, ...words, ...flags].join(' ');
}
