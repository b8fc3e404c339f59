import { englishText, saying } from '../../store/words/saying.js';
import { sideBySide } from '../../store/words/tongue.js';
import { keysAsVerbs, toldInShell } from '../keys-as-verbs.js';
import { UsageError, type Saying } from '../../store/ground/errors.js';
import { exit, isGiven, say, sayJson, type Context, type CommandArguments } from '../context.js';
import { withHandle, type SupervisorHandle, type Listing } from '../supervisor/supervised.js';

/** An account that a command line named. */
export interface Chosen {
  readonly id: string;
  /** Its e-mail; the file's name where it cannot be read. */
  readonly name: string;
  readonly state: string;
}

/** The result for one account, as `--json` prints it. */
export interface AccountResult {
  readonly email: string;
  readonly ok: boolean;
  /** As a supervisor says it, or in words of the command. */
  readonly text: string | Saying;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const chosenOf = (account: Listing[number]): Chosen => ({
  id: text(account.id),
  name: text(account.email) || text(account.file),
  state: text(account.state),
});

/**
 * The accounts with these e-mails, in upper or lower case; if several files have the same e-mail, all are meant. A word
 * may also name a file.
 */
function named(listing: Listing, words: readonly string[]): { chosen: Chosen[]; unknown: string[] } {
  const chosen = new Map<string, Chosen>();
  const unknown: string[] = [];
  for (const word of words) {
    const wanted = word.toLowerCase();
    const found = listing.filter(
      ({ email, file }) => text(email).toLowerCase() === wanted || text(file).toLowerCase() === wanted,
    );
    if (found.length === 0) unknown.push(word);
    for (const account of found) chosen.set(text(account.id), chosenOf(account));
  }
  return { chosen: [...chosen.values()], unknown };
}

/** All accounts, or those that the words name; a word that names none gets a result too. */
export async function choose(
  desk: SupervisorHandle,
  given: CommandArguments,
): Promise<{ chosen: readonly Chosen[]; unknown: AccountResult[] }> {
  const all = isGiven(given, 'all');
  if (all && given.words.length > 0) throw new UsageError(saying('either e-mails or --all, not both'));
  if (!all && given.words.length === 0)
    throw new UsageError(saying('name an account by its e-mail, or all of them with --all'));
  const listing = await desk.listing();
  if (all) {
    return { chosen: listing.filter(({ state }) => state !== 'unreadable').map(chosenOf), unknown: [] };
  }
  const { chosen, unknown } = named(listing, given.words);
  return {
    chosen,
    unknown: unknown.map((email) => ({
      ...{ email, ok: false, text: saying('there is no such account; `regrant accounts` lists them') },
    })),
  };
}

/** Prints the result of each. @returns the exit status: 0 where all went well */
export function tellResults(context: Context, given: CommandArguments, known: readonly AccountResult[]): number {
  if (isGiven(given, 'json')) {
    sayJson(context.stdout, {
      results: known.map((result) => ({ ...result, text: keysAsVerbs(englishText(result.text)) })),
    });
  } else {
    for (const { email, ok, text: words } of known) {
      say(ok ? context.stdout : context.stderr, sideBySide`${ok ? '✔' : '✖'} ${email}: ${toldInShell(words)}`);
    }
  }
  return known.every(({ ok }) => ok) ? exit.done : exit.failed;
}

/** Does something to the accounts that were named, and prints the result of each. */
export const onAccounts = (
  context: Context,
  given: CommandArguments,
  act: (desk: SupervisorHandle, chosen: readonly Chosen[]) => Promise<readonly AccountResult[]>,
): Promise<number> =>
  withHandle(context, async (desk) => {
    const { chosen, unknown } = await choose(desk, given);
    const results = chosen.length === 0 ? [] : await act(desk, chosen);
    return tellResults(context, given, [...results, ...unknown]);
  });
