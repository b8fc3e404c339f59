import { choiceOf } from '../../store/words/saying.js';
import { accountNames, oauthClientNames, keyNames, modelNames, settingNames, trashedNames } from './names.js';
import { UsageError } from '../../store/ground/errors.js';
import { exit, type Context, type CommandArguments, sayExactly } from '../context.js';
import { shellScripts } from './shell-scripts.js';
import type { Naming, Verb } from './verb.js';
import { ownValue } from '../../store/ground/json.js';

/** `regrant completion bash|zsh|fish`: prints the script, for `eval` or a file. */
export function completion(context: Context, { words: [shell = ''] }: CommandArguments): Promise<number> {
  const script = ownValue(shellScripts, shell);
  if (script === undefined) throw new UsageError(choiceOf(`completion ${shell}`, Object.keys(shellScripts)));
  context.stdout.write(script);
  return Promise.resolve(exit.done);
}

/**
 * The verb that the scripts call: prints the possible last words of a line, one on each line. It never fails, since the
 * shell would show that.
 */
export const completingOf =
  (verbs: readonly Verb[]) =>
  async (context: Context, { words: [line = ''] }: CommandArguments): Promise<number> => {
    const words = await new LineCompletion(context, verbs).after(line.split(/\s+/));
    for (const word of words) sayExactly(context.stdout, word);
    return exit.done;
  };

/** Finds the words that can be at the end of a line. */
export class LineCompletion {
  constructor(
    private readonly context: Context,
    private readonly verbs: readonly Verb[],
  ) {}

  /** @param typed - the line without `regrant`; its last word may be incomplete, or empty */
  async after(typed: readonly string[]): Promise<readonly string[]> {
    const last = typed.at(-1) ?? '';
    const before = typed.slice(0, -1).filter((word) => word !== '');
    const found = before.at(-1) === '--data-dir' ? [] : await this.found(withoutDataDir(before), last);
    return [...new Set(found)].filter((word) => word.startsWith(last)).sort();
  }

  private async found(words: readonly string[], last: string): Promise<readonly string[]> {
    const verb = this.verbOf(words);
    const members = this.secondWords(words);
    if (verb === null) return words.length > 0 ? members : last.startsWith('-') ? mainFlags : this.firstWords();
    const rest = words.slice(verb.name.split(' ').length);
    const open = verb.options.find(({ flag, value }) => value !== null && flag === rest.at(-1));
    if (open !== undefined) return this.namesOf(open.names);
    if (last.startsWith('-')) return [...verb.options.map(({ flag }) => flag), '--data-dir', '--help'];
    const argument = argumentAt(verb, rest);
    return [...(rest.length === 0 ? members : []), ...(argument === undefined ? [] : await this.namesOf(argument))];
  }

  /** The verb that the line begins with; the longer one where two fit (`trash` and `trash restore`). */
  private verbOf([first = '', second = '']: readonly string[]): Verb | null {
    const named = (name: string): Verb | undefined => this.verbs.find((verb) => verb.name === name);
    return named(`${first} ${second}`) ?? named(first) ?? null;
  }

  private firstWords(): readonly string[] {
    return this.verbs.map(({ name }) => name.split(' ')[0] ?? '');
  }

  /** The second words of verbs that have two, after the first one. */
  private secondWords(words: readonly string[]): readonly string[] {
    if (words.length !== 1) return [];
    const start = `${words[0] ?? ''} `;
    return this.verbs.flatMap(({ name }) => (name.startsWith(start) ? [name.slice(start.length)] : []));
  }

  private async namesOf(names: Naming): Promise<readonly string[]> {
    return typeof names === 'string' ? byNaming[names](this.context) : names;
  }
}

const mainFlags = ['--headless', '--detach', '--demo', '--version', '--help', '--data-dir'];

function withoutDataDir(words: readonly string[]): readonly string[] {
  const at = words.indexOf('--data-dir');
  return at < 0 ? words : [...words.slice(0, at), ...words.slice(at + 2)];
}

function argumentAt({ takes, options }: Verb, rest: readonly string[]): Naming | undefined {
  const valued = new Set(options.filter(({ value }) => value !== null).map(({ flag }) => flag));
  const typed = rest.filter((word, at) => !word.startsWith('-') && !valued.has(rest[at - 1] ?? '')).length;
  const many = takes.at(-1);
  const argument = takes[typed] ?? (many?.count === 'some' || many?.count === 'any' ? many : undefined);
  return argument?.names;
}

const none = (): readonly string[] => [];

const byNaming: Record<
  Extract<Naming, string>,
  (context: Context) => readonly string[] | Promise<readonly string[]>
> = {
  account: accountNames,
  client: oauthClientNames,
  key: keyNames,
  model: modelNames,
  setting: settingNames,
  trashed: trashedNames,
  // files are completed by the shell itself
  file: none,
  nothing: none,
};
