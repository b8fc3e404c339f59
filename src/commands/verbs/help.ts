import { tell, type PlainWord } from '../../store/words/tongue.js';
import { usageOf, verbGroups, type Verb, type VerbGroup } from './verb.js';

/** Exit statuses, in the words of help and manual. */
export const exitStatuses: readonly (readonly [status: number, means: PlainWord])[] = [
  [0, 'done'],
  [1, 'refused or failed'],
  [2, 'wrong usage or settings'],
  [3, 'it cannot run: the address is in use, another regrant holds the directory, or nothing runs that could be asked'],
  [70, 'a bug'],
];

export const about: PlainWord = 'Supervises a pool of Google OAuth accounts behind a local HTTP proxy.';

/** The options of `regrant` without a verb. */
export const modes: readonly (readonly [usage: string, about: PlainWord])[] = [
  ['regrant', 'the screen, with the proxy in the same process; where one runs already, its screen'],
  ['regrant --headless', 'the proxy without a screen: JSON log lines on standard output'],
  ['regrant --detach', 'the same in the background: returns once the proxy listens'],
  ['regrant --demo', 'everything against a simulated Google, with traffic and a revoked account'],
  ['regrant --version', 'the version'],
];

export const dataDirOption = [
  '--data-dir DIR',
  'the data directory (else REGRANT_DATA_DIR, else ~/.regrant)',
] as const satisfies readonly [usage: string, about: PlainWord];

/** What the groups are called in the operator's tongue. */
const groupWords: Record<VerbGroup, PlainWord> = {
  'the running supervisor': 'the running supervisor ¦ verbs',
  accounts: 'accounts ¦ verbs',
  reading: 'reading ¦ verbs',
  'settings and keys': 'settings and keys ¦ verbs',
  'several machines': 'several machines ¦ verbs',
};

const WIDTH = 34;

/** A line with its explanation beside it, or below it where it is too long. */
const row = (left: string, explanation: PlainWord): string =>
  left.length < WIDTH
    ? `${left.padEnd(WIDTH)}${tell(explanation)}`
    : `${left}\n${' '.repeat(WIDTH)}${tell(explanation)}`;

/** What `regrant --help` prints: each verb at the start of a line of its own. */
export function mainHelp(verbs: readonly Verb[]): string {
  const groups = verbGroups.flatMap((group) => [
    '',
    `${tell(groupWords[group])}:`,
    ...verbs.filter((verb) => verb.group === group).map((verb) => row(usageWithoutOptions(verb), verb.about)),
  ]);
  return [
    tell('Usage: regrant [verb] [words] [options]'),
    '',
    tell(about),
    '',
    ...modes.map(([usage, text]) => row(usage, text)),
    row(...dataDirOption),
    ...groups,
    '',
    tell('`regrant VERB --help` tells its options and gives examples.'),
    '',
  ].join('\n');
}

/** What `regrant VERB --help` prints. */
export function verbHelp(verb: Verb): string {
  const words = tell(verb.about);
  const options = verb.options.map(({ flag, value, about: text }) =>
    row(`  ${flag}${value === null ? '' : ` ${value}`}`, text),
  );
  return [
    tell('Usage: regrant {usage} [--data-dir DIR]', { usage: usageOf(verb) }),
    '',
    `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}.`,
    '',
    tell('Options:'),
    ...options,
    row(`  ${dataDirOption[0]}`, dataDirOption[1]),
    '',
    tell('Examples:'),
    ...verb.examples.map((example) => `  ${example}`),
    '',
    tell('Exit status:'),
    ...exitStatuses.map(([status, means]) => row(`  ${status}`, means)),
    '',
  ].join('\n');
}

const usageWithoutOptions = (verb: Verb): string => usageOf({ ...verb, options: [] });

/** What `regrant key --help` prints, where `key` alone is no verb. */
export const familyHelp = (family: string, verbs: readonly Verb[]): string =>
  [
    tell('Usage: regrant {family} VERB', { family }),
    '',
    ...verbs.map((verb) => row(usageWithoutOptions(verb), verb.about)),
    '',
  ].join('\n');
