/** What a command line asks that is `regrant status` and nothing else. */
export interface ShortStatus {
  readonly json: boolean;
  readonly all: boolean;
}

const DATA_DIR = '--data-dir';

/**
 * Reads such a command line without the parser of all verbs, which takes longer to load than the verb takes to run. What
 * it reads, the parser reads as well, and the same; whatever is not beyond doubt is left to that one (null).
 *
 * @param words - without the executable and the script
 */
export function shortStatus(words: readonly string[]): ShortStatus | null {
  const asked: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === DATA_DIR) {
      const folder = words[++at] ?? '';
      if (folder === '' || folder.startsWith('-')) return null;
    } else if (!word.startsWith(`${DATA_DIR}=`) || word.length === DATA_DIR.length + 1) asked.push(word);
  }
  const [verb, ...flags] = asked;
  if (verb !== 'status' || flags.some((flag) => flag !== '--json' && flag !== '--all')) return null;
  return { json: flags.includes('--json'), all: flags.includes('--all') };
}
