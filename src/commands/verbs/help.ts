import { usageOf, verbGroups, type Verb } from './verb.js';

/** Exit statuses, in the words of help and manual. */
export const exitStatuses: readonly (readonly [status: number, means: string])[] = [
  [0, 'done'],
  [1, 'refused or failed'],
  [2, 'wrong usage or settings'],
  [3, 'it cannot run: the address is in use, another regrant holds the directory, or nothing runs that could be asked'],
  [70, 'a bug'],
];

export const about = 'Supervises a pool of Google OAuth accounts behind a local HTTP proxy.';

/** The options of `regrant` without a verb. */
export const modes: readonly (readonly [usage: string, about: string])[] = [
  ['regrant', 'the screen, with the proxy in the same process; where one runs already, its screen'],
  ['regrant --headless', 'the proxy without a screen: JSON log lines on standard output'],
  ['regrant --detach', 'the same in the background: returns once the proxy listens'],
  ['regrant --demo', 'everything against a simulated Google, with traffic and a revoked account'],
  ['regrant --version', 'the version'],
];

export const dataDirOption = ['--data-dir DIR', 'the data directory (else REGRANT_DATA_DIR, else ~/.regrant)'] as const;

const WIDTH = 34;

/** A line with its explanation beside it, or below it where it is too long. */
const row = (left: string, right: string): string =>
  left.length < WIDTH ? `${left.padEnd(WIDTH)}${right}` : `${left}\n${' '.repeat(WIDTH)}${right}`;

/** What `regrant --help` prints: each verb at the start of a line of its own. */
export function mainHelp(verbs: readonly Verb[]): string {
  const groups = verbGroups.flatMap((group) => [
    '',
    `${group}:`,
    ...verbs.filter((verb) => verb.group === group).map((verb) => row(usageWithoutOptions(verb), verb.about)),
  ]);
  return [
    'Usage: regrant [verb] [words] [options]',
    '',
    about,
    '',
    ...modes.map(([usage, text]) => row(usage, text)),
    row(...dataDirOption),
    ...groups,
    '',
    '`regrant VERB --help` tells its options and gives examples.',
    '',
  ].join('\n');
}

/** What `regrant VERB --help` prints. */
export function verbHelp(verb: Verb): string {
  const options = verb.options.map(({ flag, value, about: text }) =>
    row(`  ${flag}${value === null ? '' : ` ${value}`}`, text),
  );
  return [
    `Usage: regrant ${usageOf(verb)} [--data-dir DIR]`,
    '',
    `${verb.about[0]?.toUpperCase() ?? ''}${verb.about.slice(1)}.`,
    '',
    'Options:',
    ...options,
    row(`  ${dataDirOption[0]}`, dataDirOption[1]),
    '',
    'Examples:',
    ...verb.examples.map((example) => `  ${example}`),
    '',
    'Exit status:',
    ...exitStatuses.map(([status, means]) => row(`  ${status}`, means)),
    '',
  ].join('\n');
}

const usageWithoutOptions = (verb: Verb): string => usageOf({ ...verb, options: [] });

/** What `regrant key --help` prints, where `key` alone is no verb. */
export const familyHelp = (family: string, verbs: readonly Verb[]): string =>
  [`Usage: regrant ${family} VERB`, '', ...verbs.map((verb) => row(usageWithoutOptions(verb), verb.about)), ''].join(
    '\n',
  );
